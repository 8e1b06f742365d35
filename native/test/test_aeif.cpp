#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "allocations.h"
#include "rockpool/aeif.h"
#include "rockpool/error.h"
#include "rockpool/iaf.h"
#include "rockpool/random.h"
#include "rockpool/thread_pool.h"
#include "targets.h"

using namespace rockpool;

namespace {

using Vector = std::vector<double>;

Vector uniforms(std::size_t n, std::uint32_t stream, double low, double high) {
  Vector v(n);
  fill_uniform({11, stream}, 0, 0, v.data(), n);
  for (double& x : v) x = low + (high - low) * x;
  return v;
}

/// The default neuron, with one unit; vectors may be changed before the plan is made.
struct Model {
  std::size_t n = 1, m = 1;
  Vector capacity{20e-3}, conductance{1.0}, delta_t{2e-3}, thresh{-55e-3}, peak{-45e-3}, reset{-65e-3}, rest{-65e-3}, a{4.0},
      b{80.5e-3}, tau_adapt{144e-3}, bias{0.0}, refractory{10.0}, tau0{50e-3}, tau1{50e-3}, w_in, w_rec;
  double dt = 1e-4;
  Precision precision = Precision::kFloat64;
  std::vector<std::uint32_t> delay{2};
  unsigned threads = 1;

  AeifParameters parameters() const {
    AeifParameters p;
    p.inputs = m, p.units = n, p.dt = dt, p.precision = precision, p.threads = threads;
    p.capacity = capacity, p.conductance = conductance, p.delta_t = delta_t, p.v_thresh = thresh, p.v_peak = peak;
    p.v_reset = reset, p.v_rest = rest, p.subthresh_adapt = a, p.spike_adapt = b, p.tau_adapt = tau_adapt, p.bias = bias;
    p.refractory_steps = refractory;
    p.tau_syn = {tau0, tau1};
    if (!w_in.empty())
      for (const bool inhibits : {false, true})
        p.in_route[inhibits] =
            make_route(make_dense_synapses(m, n, w_in), inhibits ? WeightPart::kNegative : WeightPart::kPositive, {1});
    if (!w_rec.empty())
      for (const bool inhibits : {false, true})
        p.rec_route[inhibits] =
            make_route(make_dense_synapses(n, n, w_rec), inhibits ? WeightPart::kNegative : WeightPart::kPositive, delay);
    return p;
  }
  static double at(const Vector& v, std::size_t j) { return v.size() == 1 ? v[0] : v[j]; }
};

Model network(std::size_t units, std::size_t inputs) {
  Model net;
  net.n = units, net.m = inputs;
  net.conductance = uniforms(units, 1, 0.5, 2.0);
  net.capacity = uniforms(units, 2, 15e-3, 30e-3);
  net.delta_t = uniforms(units, 3, 0.5e-3, 3e-3);
  for (std::size_t j = 0; j < units; j += 5) net.delta_t[j] = 0.0;
  net.thresh = uniforms(units, 4, -56e-3, -54e-3);
  net.peak = net.thresh;
  for (std::size_t j = 0; j < units; ++j) net.peak[j] += net.delta_t[j] > 0.0 ? 10e-3 : 0.0;
  net.a = uniforms(units, 5, 0.0, 2.0);
  net.b = uniforms(units, 6, 0.0, 0.02);
  net.tau_adapt = uniforms(units, 7, 50e-3, 150e-3);
  net.bias = uniforms(units, 8, 0.0, 0.02);
  net.refractory = uniforms(units, 9, 0.0, 6.0);
  for (double& r : net.refractory) r = std::floor(r);
  net.tau0 = uniforms(units, 10, 2e-3, 20e-3);
  net.tau1 = uniforms(units, 11, 2e-3, 20e-3);
  net.w_in = uniforms(inputs * units, 12, -0.01, 0.03);
  net.w_rec = uniforms(units * units, 13, -4e-3, 4e-3);
  return net;
}

struct Population {
  std::shared_ptr<const SpikingPlan> plan;
  Vector v, w, i0, i1;
  std::vector<std::int32_t> refractory;
  std::vector<PendingSpike> spikes, events;
  SpikeList out;
  std::uint64_t at = 0;

  Population(std::shared_ptr<const SpikingPlan> p, double v0)
      : plan(std::move(p)), v(plan->units(), v0), w(v.size()), i0(v.size()), i1(v.size()), refractory(v.size()) {}
  void run(std::uint64_t steps, double dt, const EventSpan* input = nullptr, const SpikingRecord& record = {}) {
    SpikingRun r;
    r.first_step = at;
    r.steps = steps;
    r.dt = dt;
    r.events = input;
    r.record = record;
    RunControl control;
    SpikeList piece;
    plan->run({v, {i0, i1}, w, refractory, &spikes, &events}, r, piece, control);
    for (std::size_t k = 0; k < piece.steps.size(); ++k) {
      out.steps.push_back(piece.steps[k] + at);
      out.neurons.push_back(piece.neurons[k]);
    }
    at += steps;
  }
};

struct Train {
  Vector times;
  std::vector<std::int32_t> channels;
  double stop;
  Train(std::size_t events, std::size_t inputs, double duration) : stop(duration) {
    times = uniforms(events, 20, 0.0, duration);
    std::sort(times.begin(), times.end());
    for (const double u : uniforms(events, 21, 0.0, static_cast<double>(inputs)))
      channels.push_back(static_cast<std::int32_t>(u));
  }
  EventSpan span() const { return {times, channels, 0.0, stop, false}; }
};

/// Neuron j as the head of aeif.h says it: classical Runge-Kutta steps of dt / 500 over all four variables, the peak found by
/// bisection.
struct Reference {
  const Model* model;
  std::size_t j;
  double y[4];  // V, w, I_0, I_1
  int hold = 0;

  double p(const Vector& v) const { return Model::at(v, j); }
  void slope(const double* s, double* d, bool held) const {
    const Model& m = *model;
    const double slope_factor = p(m.delta_t), v = s[0];
    const double spike = slope_factor > 0
                             ? p(m.conductance) * slope_factor * std::exp((std::min(v, p(m.peak)) - p(m.thresh)) / slope_factor)
                             : 0;
    d[0] = held ? 0 : (-p(m.conductance) * (v - p(m.rest)) + spike - s[1] + s[2] + s[3] + p(m.bias)) / p(m.capacity);
    d[1] = (p(m.a) * (v - p(m.rest)) - s[1]) / p(m.tau_adapt);
    d[2] = -s[2] / p(m.tau0);
    d[3] = -s[3] / p(m.tau1);
  }
  void advance(double h, bool held) {
    double k[4][4], s[4];
    const double part[] = {0.0, 0.5, 0.5, 1.0};
    for (int stage = 0; stage < 4; ++stage) {
      for (int x = 0; x < 4; ++x) s[x] = y[x] + (stage > 0 ? h * part[stage] * k[stage - 1][x] : 0.0);
      slope(s, k[stage], held);
    }
    for (int x = 0; x < 4; ++x) y[x] += h / 6.0 * (k[0][x] + 2.0 * k[1][x] + 2.0 * k[2][x] + k[3][x]);
  }
  /// One time step; the number of spikes.
  int step() {
    const Model& m = *model;
    int spikes = 0;
    bool held = hold > 0;
    if (held) --hold;
    for (int k = 0; k < 500; ++k) {
      double left = m.dt / 500.0;
      for (bool done = false; !done;) {
        const Reference before = *this;
        advance(left, held);
        done = held || y[0] < p(m.peak);
        if (done) break;
        double low = 0.0, high = left;
        for (int b = 0; b < 50; ++b) {
          const double mid = 0.5 * (low + high);
          std::copy_n(before.y, 4, y);
          advance(mid, held);
          (y[0] < p(m.peak) ? low : high) = mid;
        }
        y[0] = p(m.reset);
        y[1] += p(m.b);
        ++spikes;
        left -= high;
        if (p(m.refractory) > 0) hold = static_cast<int>(p(m.refractory)), held = true;
      }
    }
    return spikes;
  }
};

}  // namespace

TEST_CASE("aeif: V, w and spikes are those of the equations, whatever the parameters") {
  for (int kind = 0; kind < 6; ++kind) {
    CAPTURE(kind);
    Model one;
    one.bias = {0.1};
    if (kind == 1) one.delta_t = {0.3e-3}, one.a = {0.5}, one.b = {5e-3};       // steep
    if (kind == 2) one.delta_t = {0.0}, one.peak = one.thresh, one.b = {5e-3};  // no exponential
    if (kind == 3) one.refractory = {0.0}, one.bias = {2.0}, one.dt = 1e-3;     // several spikes in a step
    if (kind == 4) one.dt = 1e-3, one.conductance = {3.0}, one.a = {-1.0}, one.tau_adapt = {20e-3};
    if (kind == 5) one.reset = {-50e-3}, one.a = {0.0}, one.b = {30e-3}, one.refractory = {1.0};  // bursts
    const std::size_t steps = kind == 3 || kind == 4 ? 100 : 1000;
    std::vector<Reference> expected{{&one, 0, {-65e-3, 0.0, 0.05, -0.02}}};
    std::vector<int> spikes;
    for (std::size_t k = 0; k < steps; ++k) {
      expected.push_back(expected.back());
      spikes.push_back(expected.back().step());
    }
    CHECK(std::ranges::count_if(spikes, [](int n) { return n > 0; }) >= 3);
    CHECK((kind == 3) == std::ranges::any_of(spikes, [](int n) { return n > 1; }));
    for_each_target([&] {
      Population population(make_aeif_plan(one.parameters()), -65e-3);
      population.i0[0] = 0.05;
      population.i1[0] = -0.02;
      double worst_v = 0.0, worst_w = 0.0;
      for (std::size_t k = 0; k < steps; ++k) {
        const std::size_t before = population.out.steps.size();
        population.run(1, one.dt);
        REQUIRE(population.out.steps.size() - before == static_cast<std::size_t>(spikes[k]));
        REQUIRE(population.refractory[0] == expected[k + 1].hold);
        worst_v = std::max(worst_v, std::fabs(population.v[0] - expected[k + 1].y[0]));
        worst_w = std::max(worst_w, std::fabs(population.w[0] - expected[k + 1].y[1]));
      }
      CHECK(worst_v < 1e-6);
      CHECK(worst_w < 1e-7);
      CHECK(population.i0[0] == doctest::Approx(0.05 * std::exp(-static_cast<double>(steps) * one.dt / 50e-3)).epsilon(1e-12));
    });
  }
}

TEST_CASE("aeif: without exponential and adaptation it is the leaky neuron") {
  Model net = network(40, 6);
  net.dt = 2e-4;
  net.delta_t = {0.0}, net.peak = net.thresh, net.a = {0.0}, net.b = {0.0};
  for (double& r : net.refractory) r += 1.0;  // otherwise the rest of the step with the spike counts
  const auto parameters = net.parameters();
  IafParameters leaky;
  leaky.inputs = net.m, leaky.units = net.n, leaky.dt = net.dt, leaky.inclusive = true;
  Vector tau(net.n), resistance(net.n);
  for (std::size_t j = 0; j < net.n; ++j) {
    resistance[j] = 1.0 / net.conductance[j];
    tau[j] = net.capacity[j] * resistance[j];
  }
  leaky.tau_mem = tau, leaky.resistance = resistance;
  leaky.v_thresh = net.thresh, leaky.v_reset = net.reset, leaky.v_rest = net.rest, leaky.bias = net.bias;
  leaky.refractory_steps = net.refractory, leaky.tau_syn = parameters.tau_syn;
  leaky.in_route = parameters.in_route, leaky.rec_route = parameters.rec_route;
  const Train train(600, net.m, 0.4);
  const auto events = train.span();
  Vector v(2000 * net.n), v_leaky(v.size());
  SpikingRecord record;
  record.every = 1;
  record.v_after = v;
  Population population(make_aeif_plan(parameters), -65e-3), other(make_iaf_plan(leaky), -65e-3);
  population.run(2000, net.dt, &events, record);
  record.v_after = v_leaky;
  other.w.clear();
  other.run(2000, net.dt, &events, record);
  CHECK(population.out.steps.size() > 300);
  CHECK(population.out.steps == other.out.steps);
  CHECK(population.out.neurons == other.out.neurons);
  for (std::size_t k = 0; k < v.size(); ++k) REQUIRE(std::fabs(v[k] - v_leaky[k]) < 1e-9);
}

TEST_CASE("aeif: cuts and threads change no bit, and every instruction set gives the same") {
  const auto concurrency = ThreadPool::instance().concurrency();
  for (const auto precision : {Precision::kFloat64, Precision::kFloat32}) {
    Model net = network(200, 7);
    net.dt = 5e-4;
    net.precision = precision;
    net.delay = {3};
    for (const std::size_t j : {7u, 71u, 199u}) net.refractory[j] = 0.0, net.bias[j] = 4.0;  // several spikes in a step
    const Train train(500, net.m, 0.1);
    const auto events = train.span();
    const auto evolve = [&](unsigned threads, std::uint64_t chunk) {
      ThreadPool::instance().set_concurrency(threads);
      net.threads = threads;
      Population population(make_aeif_plan(net.parameters()), -65e-3);
      for (std::uint64_t done = 0; done < 200; done += chunk)
        population.run(std::min<std::uint64_t>(chunk, 200 - done), net.dt, &events);
      return population;
    };
    const auto whole = evolve(1, 200);
    const auto& at = whole.out;
    std::size_t repeated = 0;
    for (std::size_t k = 1; k < at.steps.size(); ++k) {
      REQUIRE((at.steps[k - 1] < at.steps[k] || (at.steps[k - 1] == at.steps[k] && at.neurons[k - 1] <= at.neurons[k])));
      repeated += at.steps[k - 1] == at.steps[k] && at.neurons[k - 1] == at.neurons[k];
    }
    CHECK(repeated > 100);
    CHECK(at.steps.size() > repeated + 500);
    const auto same = [&](unsigned threads, std::uint64_t chunk) {
      const auto pieces = evolve(threads, chunk);
      CHECK(pieces.out.steps == whole.out.steps);
      CHECK(pieces.out.neurons == whole.out.neurons);
      CHECK(pieces.v == whole.v);
      CHECK(pieces.w == whole.w);
      CHECK(pieces.i0 == whole.i0);
      CHECK(pieces.i1 == whole.i1);
      CHECK(pieces.refractory == whole.refractory);
      CHECK(pieces.spikes.size() == whole.spikes.size());
    };
    for (const unsigned threads : {1u, 2u, 3u})
      for (const std::uint64_t chunk : {1u, 7u, 200u}) same(threads, chunk);
    for_each_target([&] { same(1, 200); });
  }
  ThreadPool::instance().set_concurrency(concurrency);
}

TEST_CASE("aeif: every spike of a step arrives") {
  for (const double share : {1.0, 0.1}) {  // dense and sparse rows
    Model net;
    net.n = 200;
    net.dt = 1e-3;
    net.refractory = {0.0};
    net.b = {0.0}, net.a = {0.0};
    net.bias.assign(net.n, 0.0);
    net.bias[150] = 10.0;
    net.delay = {1};
    net.w_rec.assign(net.n * net.n, 0.0);
    for (std::size_t j = 0; j < net.n; ++j)
      if (static_cast<double>(j % 10) < share * 10.0) net.w_rec[150 * net.n + j] = 1e-6;
    Population population(make_aeif_plan(net.parameters()), -65e-3);
    population.run(1, net.dt);
    const auto spikes = static_cast<double>(population.out.steps.size());
    CHECK(spikes > 20.0);
    for (std::size_t j = 0; j < net.n; ++j)
      REQUIRE(population.i0[j] == doctest::Approx(spikes * net.w_rec[150 * net.n + j]).epsilon(1e-12));
  }
}

TEST_CASE("aeif: spikes that the buffers were not made for, and spikes without end") {
  Model net;
  net.n = 3;
  net.dt = 20e-3;
  net.refractory = {0.0};
  net.a = {0.0}, net.b = {0.0}, net.bias = {10.0};
  Population population(make_aeif_plan(net.parameters()), -65e-3);
  population.run(1, net.dt);
  REQUIRE(population.out.steps.size() > 1200);
  CHECK(population.out.steps.size() % 3 == 0);
  CHECK(std::is_sorted(population.out.neurons.begin(), population.out.neurons.end()));
  net.bias = {0.0, 1000.0, 1000.0};
  Population endless(make_aeif_plan(net.parameters()), -65e-3);
  endless.at = 17;
  try {
    endless.run(3, net.dt);
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == "ERR_STATE");
    CHECK(std::string(error.what()).find("neuron 1 ") != std::string::npos);
    CHECK(std::string(error.what()).find("step 17") != std::string::npos);
  }
  CHECK(endless.v == Vector(3, -65e-3));
}

TEST_CASE("aeif: a refractory neuron is held for the rest of the step and as many steps as were asked for") {
  for (const double steps : {1.0, 2.0, 25.0}) {
    Model one;
    one.refractory = {steps};
    one.bias = {0.1};
    one.b = {0.0}, one.a = {0.0};
    Vector v(3000), peak(3000);
    SpikingRecord record;
    record.every = 1;
    record.v_after = v;
    record.v_before = peak;
    Population population(make_aeif_plan(one.parameters()), -65e-3);
    population.run(3000, one.dt, nullptr, record);
    REQUIRE(population.out.steps.size() > 3);
    for (const auto k : population.out.steps) {
      if (k + 30 > v.size()) break;
      REQUIRE(peak[k] == doctest::Approx(-45e-3).epsilon(1e-7));
      for (std::size_t h = 0; h <= static_cast<std::size_t>(steps); ++h) REQUIRE(v[k + h] == -65e-3);
      REQUIRE(v[k + static_cast<std::size_t>(steps) + 1] > -65e-3);
    }
  }
}

TEST_CASE("aeif: a slope that diverges within no time, and potentials above the peak") {
  Model one;
  one.delta_t = {10e-3 / 590.0};
  one.bias = {0.1};
  Population steep(make_aeif_plan(one.parameters()), -65e-3);
  steep.run(3000, one.dt);
  CHECK(steep.out.steps.size() > 3);
  CHECK(std::isfinite(steep.v[0]));
  Model low = one;
  low.delta_t = {0.0}, low.peak = low.thresh;  // the limit
  Population limit(make_aeif_plan(low.parameters()), -65e-3);
  limit.run(3000, low.dt);
  REQUIRE(limit.out.steps.size() == steep.out.steps.size());
  for (std::size_t k = 0; k < limit.out.steps.size(); ++k)
    CHECK(std::llabs(static_cast<long long>(limit.out.steps[k] - steep.out.steps[k])) <= 10);

  Population above(make_aeif_plan(Model().parameters()), 0.0);
  above.run(1, 1e-4);
  CHECK(above.out.steps.size() == 1);
  CHECK(above.v[0] == -65e-3);
  CHECK(above.w[0] == doctest::Approx(80.5e-3).epsilon(1e-3));
}

TEST_CASE("aeif: what is not a number is an error with neuron and step, and the state stays") {
  const Model net = network(130, 3);
  Population population(make_aeif_plan(net.parameters()), -65e-3);
  population.run(10, net.dt);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (Vector* which : {&population.v, &population.w, &population.i0, &population.i1}) {
    const Vector before = *which;
    (*which)[129] = (*which)[66] = nan;
    const Vector w = population.w;
    try {
      population.run(5, net.dt);
      FAIL("no error");
    } catch (const Error& error) {
      CHECK(error.code() == "ERR_NOT_FINITE");
      CHECK(std::string(error.what()).find("neuron 66 ") != std::string::npos);
      CHECK(std::string(error.what()).find("step 10") != std::string::npos);
    }
    CHECK(std::equal(w.begin(), w.begin() + 66, population.w.begin()));
    *which = before;
  }
  // Also while it is refractory, and beyond what numbers hold.
  population.refractory[66] = 3;
  population.w[66] = nan;
  CHECK_THROWS_WITH_AS(population.run(5, net.dt), doctest::Contains("neuron 66 "), Error);
  population.refractory[66] = 0;
  population.w[66] = -1e306;
  CHECK_THROWS_WITH_AS(population.run(5, net.dt), doctest::Contains("neuron 66 "), Error);
}

TEST_CASE("aeif: the step loop allocates nothing") {
  const Model net = network(200, 5);
  const Train train(2000, 5, 0.4);
  const auto events = train.span();
  const auto plan = make_aeif_plan(net.parameters());
  const auto count = [&](std::uint64_t steps) {
    Population population(plan, -65e-3);
    SpikingRun r;
    r.steps = steps;
    r.dt = net.dt;
    r.events = &events;
    RunControl control;
    SpikeList out;
    out.steps.reserve(100000);
    out.neurons.reserve(100000);
    const auto before = allocations_so_far();
    plan->run({population.v,
               {population.i0, population.i1},
               population.w,
               population.refractory,
               &population.spikes,
               &population.events},
              r, out, control);
    CHECK(out.steps.size() > 200);
    return allocations_so_far() - before;
  };
  // More steps are more passes over the event list, whose buffers have their size after the first ones.
  CHECK(count(1000) == count(2000));
}

TEST_CASE("aeif: what cannot be is refused") {
  const Model net = network(10, 2);
  const auto code = [&](auto change) {
    Model bad = net;
    change(bad);
    try {
      make_aeif_plan(bad.parameters());
    } catch (const Error& error) {
      return error.code();
    }
    return std::string("none");
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(code([](Model&) {}) == "none");
  CHECK(code([](Model& m) { m.capacity = {0.0}; }) == "ERR_VALUE");
  CHECK(code([](Model& m) { m.conductance = {-1.0}; }) == "ERR_VALUE");
  CHECK(code([](Model& m) { m.delta_t = {-1e-3}; }) == "ERR_VALUE");
  CHECK(code([](Model& m) { m.delta_t = {1e-5}; }) == "ERR_VALUE");
  CHECK(code([](Model& m) { m.peak[3] = -66e-3; }) == "ERR_VALUE");
  CHECK(code([](Model& m) { m.reset = {-40e-3}; }) == "ERR_VALUE");
  CHECK(code([](Model& m) { m.tau_adapt = {0.0}; }) == "ERR_VALUE");
  CHECK(code([](Model& m) { m.tau1 = {0.0}; }) == "ERR_VALUE");
  CHECK(code([](Model& m) { m.tau0.clear(); }) == "ERR_SHAPE");
  CHECK(code([](Model& m) { m.tau0.pop_back(); }) == "ERR_SHAPE");
  CHECK(code([](Model& m) { m.a.clear(); }) == "ERR_SHAPE");
  CHECK(code([&](Model& m) { m.b = {nan}; }) == "ERR_VALUE");
  CHECK(code([&](Model& m) { m.bias = {nan}; }) == "ERR_VALUE");
  CHECK(code([](Model& m) { m.refractory = {2e6}; }) == "ERR_VALUE");
  CHECK(code([](Model& m) { m.dt = 0.0; }) == "ERR_VALUE");
}
