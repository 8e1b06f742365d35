#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "allocations.h"
#include "rockpool/error.h"
#include "rockpool/lif.h"
#include "rockpool/random.h"
#include "targets.h"

using namespace rockpool;

namespace {

using Vector = std::vector<double>;

Vector normals(std::size_t n, std::uint32_t stream, double scale = 1.0) {
  Vector v(n);
  fill_normal({77, stream}, 0, 0, v.data(), n);
  for (double& x : v) x *= scale;
  return v;
}

/// A net with all kinds of weights, and a state.
struct Net {
  std::size_t n, m, o;
  Vector w_in, w_rec, w_out, tau_mem, tau_syn, bias, v, i, s;
  LifParameters parameters;
  Net(std::size_t units, std::size_t inputs, std::size_t outputs)
      : n(units),
        m(inputs),
        o(outputs),
        w_in(normals(m * n, 1, 8.0)),
        w_rec(normals(n * n, 2, 0.4 / std::sqrt(static_cast<double>(n)))),
        w_out(normals(n * o, 3)),
        tau_mem(n),
        tau_syn(n),
        bias(normals(n, 4, 0.3)),
        v(n),
        i(n, 0.0),
        s(n, 0.0) {
    for (std::size_t j = 0; j < n; ++j) {
      tau_mem[j] = 0.01 + 0.002 * static_cast<double>(j % 5);
      tau_syn[j] = 0.02 + 0.003 * static_cast<double>(j % 7);
      bias[j] -= 1.0;
      v[j] = bias[j];
    }
    parameters.inputs = m, parameters.units = n, parameters.outputs = o;
    parameters.w_in = w_in, parameters.w_rec = w_rec, parameters.w_out = w_out;
    parameters.tau_mem = tau_mem, parameters.tau_syn = tau_syn, parameters.bias = bias;
    parameters.dt = 0.001;
  }
  LifState state() { return {v, i, s}; }
};

/// Some events a step on all channels, and one step with the same channel three times.
struct Events {
  Vector times;
  std::vector<std::int32_t> channels;
  EventSpan span;
  Events(std::size_t inputs, std::size_t steps) {
    const auto noise = normals(steps, 9);
    for (std::size_t k = 0; k < steps; ++k) {
      const auto c = static_cast<std::int32_t>((k * 7 + static_cast<std::size_t>(std::fabs(noise[k]) * 100)) % inputs);
      const std::size_t count = k % 10 == 3 ? 3 : k % 3 == 0 ? 1 : 0;
      for (std::size_t e = 0; e < count; ++e) {
        times.push_back((static_cast<double>(k) + 0.2 + 0.2 * static_cast<double>(e)) * 0.001);
        channels.push_back(e == 2 ? static_cast<std::int32_t>((static_cast<std::size_t>(c) + 1) % inputs) : c);
      }
    }
    span = {times, channels, 0.0, static_cast<double>(steps) * 0.001, false};
  }
};

struct Result {
  Vector out, v, i, rec, spikes, u;
  SpikeList list;
};

Result evolve(const LifPlan& plan, const LifState& state, LifRun run) {
  const std::size_t size = static_cast<std::size_t>(run.steps) * plan.units();
  Result r{Vector(static_cast<std::size_t>(run.steps) * plan.columns()),
           Vector(size),
           Vector(size),
           Vector(size),
           Vector(size),
           Vector(size),
           {}};
  run.seed = 5;
  run.out = r.out;
  run.spikes = &r.list;
  run.record = {r.v, r.i, r.rec, r.spikes, r.u};
  RunControl control;
  plan.run(state, run, control);
  return r;
}

/// The model as the head of lif.h says it, in plain loops. `input` is [steps x inputs]: numbers of events, or currents.
Result reference(const LifParameters& p, const LifState& state, const Vector& input, bool events, std::size_t steps) {
  const std::size_t n = p.units;
  Result r;
  for (std::size_t k = 0; k < steps; ++k) {
    Vector rec(n, 0.0), in(n, 0.0), u(n);
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t a = 0; a < n && !p.w_rec.empty(); ++a) rec[j] += state.spikes[a] * p.w_rec[a * n + j];
      for (std::size_t a = 0; a < p.inputs && !p.w_in.empty(); ++a) in[j] += input[k * p.inputs + a] * p.w_in[a * n + j];
      if (p.w_in.empty()) in[j] = input[k * n + j];
    }
    for (std::size_t j = 0; j < n; ++j) {
      double& v = state.v_mem[j];
      double& i = state.i_syn[j];
      i = std::exp(-p.dt / p.tau_syn[j]) * i + (events ? in[j] : 0.0) + rec[j];
      v -= state.spikes[j];
      v += p.dt / p.tau_mem[j] * (i + (events ? 0.0 : in[j]) + p.bias[j] - v);
      state.spikes[j] = std::max(0.0, std::floor(v + 1.0));
      const double z = p.surrogate_gain * v + p.surrogate_shift;
      u[j] = p.surrogate == LifSurrogate::kTanh ? 0.5 + 0.5 * std::tanh(z) : 1.0 / (1.0 + std::exp(-z));
    }
    r.v.insert(r.v.end(), state.v_mem.begin(), state.v_mem.end());
    r.i.insert(r.i.end(), state.i_syn.begin(), state.i_syn.end());
    r.spikes.insert(r.spikes.end(), state.spikes.begin(), state.spikes.end());
    r.rec.insert(r.rec.end(), rec.begin(), rec.end());
    r.u.insert(r.u.end(), u.begin(), u.end());
    for (std::size_t c = 0; c < p.outputs && !p.w_out.empty(); ++c) {
      double sum = 0;
      for (std::size_t j = 0; j < n; ++j) sum += u[j] * p.w_out[j * p.outputs + c];
      r.out.push_back(sum);
    }
    if (p.w_out.empty()) r.out.insert(r.out.end(), u.begin(), u.end());
    for (std::size_t j = 0; j < n; ++j)
      for (double s = 0; s < state.spikes[j]; ++s) r.list.steps.push_back(k), r.list.neurons.push_back(static_cast<int>(j));
  }
  return r;
}

double largest_difference(const Vector& a, const Vector& b) {
  REQUIRE(a.size() == b.size());
  double worst = 0, scale = 1e-300;
  for (std::size_t k = 0; k < a.size(); ++k) {
    worst = std::max(worst, std::fabs(a[k] - b[k]));
    scale = std::max(scale, std::fabs(b[k]));
  }
  return worst / scale;
}

void check_equal(const Result& a, const Result& b, double tolerance) {
  CHECK(a.list.steps == b.list.steps);
  CHECK(a.list.neurons == b.list.neurons);
  CHECK(a.spikes == b.spikes);
  CHECK(largest_difference(a.v, b.v) < tolerance);
  CHECK(largest_difference(a.i, b.i) < tolerance);
  CHECK(largest_difference(a.rec, b.rec) < tolerance);
  CHECK(largest_difference(a.u, b.u) < tolerance * 100);  // the surrogate is steep
  CHECK(largest_difference(a.out, b.out) < tolerance * 100);
}

Vector counts_of(const Events& events, std::size_t inputs, std::size_t steps, bool count) {
  Vector raster(steps * inputs, 0.0);
  for (std::size_t e = 0; e < events.times.size(); ++e) {
    double& cell =
        raster[static_cast<std::size_t>(events.times[e] / 0.001) * inputs + static_cast<std::size_t>(events.channels[e])];
    cell = count ? cell + 1.0 : 1.0;
  }
  return raster;
}

}  // namespace

TEST_CASE("lif: the reference vector") {
  const Vector w{0, 1.5, -1, 0}, tau_mem{0.02}, tau_syn{0.01, 0.02}, bias{-1};
  LifParameters p;
  p.inputs = p.units = 2;
  p.w_rec = w, p.tau_mem = tau_mem, p.tau_syn = tau_syn, p.bias = bias, p.dt = 0.001;
  Vector times, v(2, -1.0), i(2, 0.0), s(2, 0.0);
  std::vector<std::int32_t> channels;
  const auto add = [&](double time, std::int32_t channel, int count) {
    for (; count > 0; --count) times.push_back(time), channels.push_back(channel);
  };
  add(0.0005, 0, 30), add(0.0015, 0, 10), add(0.0015, 1, 5);
  const EventSpan events{times, channels, 0, 1, false};
  for_each_target([&] {
    Vector v1 = v, i1 = i, s1 = s;
    LifRun run;
    run.steps = 6;
    run.events = &events;
    const auto r = evolve(*make_lif_plan(p), {v1, i1, s1}, run);
    CHECK(r.rec == Vector{0, 0, 0, 1.5, 0, 3, 0, 1.5, -1, 3, 0, 1.5});
    CHECK(r.spikes == Vector{1, 0, 2, 0, 1, 0, 2, 1, 1, 0, 1, 1});
    CHECK(largest_difference(r.i, {30, 0, 37.145122541, 6.5, 33.610296773, 9.182991259, 30.411854151, 10.235131491,
                                   26.517783588, 12.735958238, 23.994282834, 13.614818225}) < 1e-10);
    CHECK(largest_difference(r.v, {0.5, -1, 1.332256127, -0.675, 0.996158159, -0.232100437, 1.466942959, 0.241261159,
                                   0.76948499, -0.134003987, 0.930724883, 0.503437124}) < 1e-9);
    CHECK(std::fabs(r.u[5] - 0.000685951) < 1e-9);
    CHECK(std::fabs(r.u[9] - 0.03356405) < 1e-8);
    CHECK(r.list.steps == std::vector<std::uint64_t>{0, 1, 1, 2, 3, 3, 3, 4, 5, 5});
    CHECK(r.list.neurons == std::vector<std::int32_t>{0, 0, 0, 0, 0, 0, 1, 0, 0, 1});
  });
}

TEST_CASE("lif: every input, weight and size agrees with plain loops") {
  for_each_target([] {
    for (const std::size_t n : {1u, 3u, 17u, 130u})
      for (const bool by_events : {true, false})
        for (const int without : {0, 1, 2, 4, 7}) {
          CAPTURE(n);
          CAPTURE(by_events);
          CAPTURE(without);
          const std::size_t steps = 500;
          Net net(n, without & 1 ? n : 5, 3);
          auto& p = net.parameters;
          if (without & 1) p.w_in = {};
          if (without & 2) p.w_rec = {};
          if (without & 4) p.w_out = {};
          if (without == 2) p.surrogate = LifSurrogate::kLogistic, p.surrogate_gain = 10, p.surrogate_shift = 0;
          net.s[n / 2] = 2;  // spikes of the step before
          Net expected_net = net;
          const Events events(net.m, steps);
          Vector input = counts_of(events, net.m, steps, n != 17);
          if (!by_events) input = normals(steps * net.m, 6, without & 1 ? 3.0 : 0.5);
          const MatrixSource source(input, net.m, 0);
          LifRun run;
          run.steps = steps;
          run.count_events = n != 17;
          if (by_events)
            run.events = &events.span;
          else
            run.current = &source;
          const auto r = evolve(*make_lif_plan(p), net.state(), run);
          const auto expected = reference(p, expected_net.state(), input, by_events, steps);
          CHECK(expected.list.steps.size() > 5);
          check_equal(r, expected, 1e-12);
          CHECK(net.s == expected_net.s);
          CHECK(Vector(r.v.end() - static_cast<std::ptrdiff_t>(n), r.v.end()) == net.v);
          CHECK(Vector(r.i.end() - static_cast<std::ptrdiff_t>(n), r.i.end()) == net.i);
        }
  });
}

TEST_CASE("lif: without records, and in single precision") {
  Net net(60, 5, 3);
  const Events events(5, 300);
  LifRun run;
  run.steps = 300;
  run.events = &events.span;
  Net other = net, single = net;
  const auto full = evolve(*make_lif_plan(net.parameters), net.state(), run);
  SpikeList spikes;
  run.seed = 5;
  run.spikes = &spikes;
  RunControl control;
  make_lif_plan(net.parameters)->run(other.state(), run, control);
  CHECK(spikes.steps == full.list.steps);
  CHECK(spikes.neurons == full.list.neurons);
  CHECK(other.v == net.v);
  CHECK(other.i == net.i);
  CHECK(other.s == net.s);

  single.parameters.precision = Precision::kFloat32;
  run.steps = 30;
  const auto f32 = evolve(*make_lif_plan(single.parameters), single.state(), run);
  const Vector first_v(full.v.begin(), full.v.begin() + 30 * 60), first_u(full.u.begin(), full.u.begin() + 30 * 60);
  CHECK(largest_difference(f32.v, first_v) < 1e-4);
  CHECK(largest_difference(f32.u, first_u) < 1e-3);
  for (const double x : f32.v) CHECK(x == static_cast<double>(static_cast<float>(x)));
}

TEST_CASE("lif: a run in pieces is bit for bit the run in one piece") {
  for_each_target([] {
    for (const auto precision : {Precision::kFloat64, Precision::kFloat32})
      for (const bool by_events : {true, false}) {
        Net net(70, 9, 2);
        net.parameters.noise_std = 2.0;
        net.parameters.precision = precision;
        Net whole_net = net;
        const auto plan = make_lif_plan(net.parameters);
        const Events events(9, 1000);
        const auto input = normals(1000 * 9, 8);
        const MatrixSource source(input, 9, 0);
        LifRun run;
        if (by_events) run.events = &events.span;
        if (!by_events) run.current = &source;
        run.steps = 1000;
        const auto whole = evolve(*plan, whole_net.state(), run);
        CHECK(whole.list.steps.size() > 100);
        Result joined;
        for (const std::uint64_t steps : {1u, 2u, 7u, 0u, 390u, 600u}) {
          run.steps = steps;
          const auto r = evolve(*plan, net.state(), run);
          for (const auto& [to, from] : {std::pair{&joined.out, &r.out},
                                         {&joined.v, &r.v},
                                         {&joined.i, &r.i},
                                         {&joined.rec, &r.rec},
                                         {&joined.spikes, &r.spikes},
                                         {&joined.u, &r.u}})
            to->insert(to->end(), from->begin(), from->end());
          for (const auto k : r.list.steps) joined.list.steps.push_back(k + run.first_step);
          joined.list.neurons.insert(joined.list.neurons.end(), r.list.neurons.begin(), r.list.neurons.end());
          run.first_step += steps;
        }
        CHECK(joined.out == whole.out);
        CHECK(joined.v == whole.v);
        CHECK(joined.i == whole.i);
        CHECK(joined.rec == whole.rec);
        CHECK(joined.spikes == whole.spikes);
        CHECK(joined.u == whole.u);
        CHECK(joined.list.steps == whole.list.steps);
        CHECK(joined.list.neurons == whole.list.neurons);
        CHECK(net.v == whole_net.v);
        CHECK(net.i == whole_net.i);
        CHECK(net.s == whole_net.s);
      }
  });
}

TEST_CASE("lif: many spikes in a step, more than the list of a block holds at once") {
  Net net(3000, 3000, 1);
  net.parameters.w_in = {};
  net.parameters.w_out = {};
  net.parameters.w_rec = {};
  const Vector drive(3000 * 40, 100.0);
  const MatrixSource source(drive, 3000, 0);
  LifRun run;
  run.steps = 40;
  run.current = &source;
  Net other = net;
  check_equal(evolve(*make_lif_plan(net.parameters), net.state(), run),
              reference(net.parameters, other.state(), drive, false, 40), 1e-12);
}

TEST_CASE("lif: noise has the stated stationary deviation") {
  for (const auto scaling : {NoiseScaling::kUnscaled, NoiseScaling::kStationary}) {
    const std::size_t n = 60, steps = 6000;
    const Vector tau{0.01};
    const double s = 0.7, a = 0.001 / 0.01;
    LifParameters p;
    p.inputs = p.units = n;
    const Vector bias{-100};  // far from the threshold
    p.tau_mem = tau, p.tau_syn = tau, p.bias = bias, p.dt = 0.001, p.noise_std = s, p.noise_scaling = scaling;
    Vector v(n, -100.0), i(n, 0.0), spikes(n, 0.0), record(n * steps);
    LifRun run;
    run.steps = steps;
    run.record.v_mem = record;
    RunControl control;
    make_lif_plan(p)->run({v, i, spikes}, run, control);
    double square = 0;
    for (std::size_t k = 500 * n; k < record.size(); ++k) square += (record[k] + 100) * (record[k] + 100);
    const double deviation = std::sqrt(square / static_cast<double>(record.size() - 500 * n));
    const double expected = scaling == NoiseScaling::kStationary ? s : s * std::sqrt(a / (2 - a));
    CHECK(std::fabs(deviation / expected - 1) < 0.03);
  }
}

TEST_CASE("lif: steps allocate nothing") {
  Net net(40, 6, 2);
  net.parameters.noise_std = 0.1;
  const auto plan = make_lif_plan(net.parameters);
  const auto input = normals(8000 * 6, 1);
  const MatrixSource source(input, 6, 0);
  Vector out(8000 * 2);
  const auto allocations = [&](std::uint64_t steps) {
    Net fresh = net;
    LifRun run;
    run.steps = steps;
    run.current = &source;
    run.out = std::span(out).first(static_cast<std::size_t>(steps) * 2);
    RunControl control;
    const auto before = allocations_so_far();
    plan->run(fresh.state(), run, control);
    return allocations_so_far() - before;
  };
  CHECK(allocations(10) == allocations(8000));
  CHECK(allocations(10) > 0);
}

TEST_CASE("lif: a stopped run changes nothing") {
  Net net(50, 5, 2);
  std::stop_source stop;
  RunControl control(stop.get_token(), [&](std::uint64_t done, std::uint64_t total) {
    CHECK(total == 1000000);
    if (done > 1000) stop.request_stop();
  });
  const Net before = net;
  LifRun run;
  run.steps = 1000000;
  CHECK_THROWS_AS(make_lif_plan(net.parameters)->run(net.state(), run, control), Error);
  CHECK(net.v == before.v);
  CHECK(net.i == before.i);
  CHECK(net.s == before.s);
}

TEST_CASE("lif: what is not finite is named, whatever sign it has") {
  for_each_target([] {
    const double inf = std::numeric_limits<double>::infinity();
    for (const double bad : {inf, -inf}) {
      Net net(37, 4, 2);
      const auto plan = make_lif_plan(net.parameters);
      Vector input(600 * 4, 0.1);
      input[417 * 4 + 2] = bad;
      net.w_in[2 * 37 + 5] = 0.0;
      for (std::size_t j = 0; j < 37; ++j) net.w_in[2 * 37 + j] = j == 31 ? 1.0 : 0.0;
      net.parameters.w_in = net.w_in;
      net.parameters.w_rec = {};
      const MatrixSource source(input, 4, 0);
      LifRun run;
      run.steps = 600;
      run.current = &source;
      RunControl control;
      // 0 times infinity: all others become NaN, the first of them is named.
      CHECK_THROWS_WITH_AS(make_lif_plan(net.parameters)->run(net.state(), run, control),
                           "expected the membrane potential of neuron 0 to be finite, received NaN at time step 417", Error);
      net.parameters.w_in = {};
      net.parameters.inputs = 37;
      Vector wide(600 * 37, 0.1);
      wide[417 * 37 + 31] = bad;
      const MatrixSource direct(wide, 37, 0);
      run.current = &direct;
      const Vector before = net.v;
      CHECK_THROWS_WITH_AS(make_lif_plan(net.parameters)->run(net.state(), run, control),
                           ("expected the membrane potential of neuron 31 to be finite, received " +
                            std::string(bad > 0 ? "Infinity" : "-Infinity") + " at time step 417")
                               .c_str(),
                           Error);
      CHECK(net.v == before);
      net.i[3] = std::nan("");
      run.first_step = 12;
      CHECK_THROWS_WITH_AS(make_lif_plan(net.parameters)->run(net.state(), run, control),
                           "expected the synaptic current of neuron 3 to be finite, received NaN at time step 12", Error);
    }
  });
}

TEST_CASE("lif: what does not fit is refused") {
  Net net(10, 3, 2);
  const auto plan = make_lif_plan(net.parameters);
  RunControl control;
  LifRun run;
  run.steps = 4;
  Vector short_state(9, 0.0), wrong(39, 0.0);
  CHECK_THROWS_AS(plan->run({short_state, net.i, net.s}, run, control), Error);
  run.out = wrong;
  CHECK_THROWS_AS(plan->run(net.state(), run, control), Error);
  run.out = {};
  run.record.i_rec = wrong;
  CHECK_THROWS_AS(plan->run(net.state(), run, control), Error);
  run.record.i_rec = {};
  const Vector times{0.0005};
  const std::vector<std::int32_t> channels{3};
  const EventSpan events{times, channels, 0, 1, false};
  run.events = &events;
  CHECK_THROWS_WITH_AS(plan->run(net.state(), run, control), "expected channels of the input to be below 3, received 3", Error);
  run.events = nullptr;
  net.v[4] = 1e12;
  SpikeList spikes;
  run.spikes = &spikes;
  CHECK_THROWS_AS(plan->run(net.state(), run, control), Error);
  for (const double bad : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    net.tau_syn[2] = bad;
    CHECK_THROWS_AS(make_lif_plan(net.parameters), Error);
  }
  net.tau_syn[2] = 0.02;
  net.parameters.w_out = std::span<const double>(net.w_out).first(19);
  CHECK_THROWS_AS(make_lif_plan(net.parameters), Error);
}

TEST_CASE("lif: a plan knows whether it still fits its parameters") {
  for (const auto precision : {Precision::kFloat64, Precision::kFloat32}) {
    Net net(33, 5, 2);
    net.parameters.precision = precision;
    const auto plan = make_lif_plan(net.parameters);
    CHECK(plan->matches(net.parameters));
    for (double* element :
         {&net.w_in[34], &net.w_rec[33 * 33 - 1], &net.w_out[7], &net.bias[0], &net.tau_mem[32], &net.tau_syn[3]}) {
      const double before = *element;
      *element += 1;
      CHECK_FALSE(plan->matches(net.parameters));
      *element = before;
    }
    CHECK(plan->matches(net.parameters));
    net.parameters.dt = 0.002;
    CHECK_FALSE(plan->matches(net.parameters));
  }
}

TEST_CASE("lif: the surrogate is accurate on both sides") {
  for_each_target([] {
    const std::size_t n = 4001;
    Vector v(n), i(n, 0.0), s(n, 0.0), u(n), tau{1e30};  // nothing moves
    for (std::size_t j = 0; j < n; ++j) v[j] = -40.0 + 0.02 * static_cast<double>(j);
    LifParameters p;
    p.inputs = p.units = n, p.tau_mem = tau, p.tau_syn = tau, p.dt = 1e-30;
    p.surrogate = LifSurrogate::kLogistic, p.surrogate_gain = 10, p.surrogate_shift = -1;
    const Vector before = v;
    LifRun run;
    run.steps = 1;
    run.record.surrogate = u;
    RunControl control;
    make_lif_plan(p)->run({v, i, s}, run, control);
    double worst = 0;
    for (std::size_t j = 0; j < n; ++j) {
      const double z = 10 * before[j] - 1;
      const double expected = z < 0 ? std::exp(z) / (1 + std::exp(z)) : 1 / (1 + std::exp(-z));
      worst = std::max(worst, std::fabs(u[j] - expected) / expected);
    }
    CHECK(worst < 4e-14);  // exp amplifies the rounding of its argument, up to 400
  });
}

TEST_CASE("lif: a current that has decayed away is 0") {
  for_each_target([] {
    Net net(8, 8, 1);
    net.parameters.w_in = net.parameters.w_rec = net.parameters.w_out = {};
    net.i.assign(8, -1.0);
    LifRun run;
    run.steps = 40000;
    RunControl control;
    make_lif_plan(net.parameters)->run(net.state(), run, control);
    CHECK(net.i == Vector(8, 0.0));
  });
}
