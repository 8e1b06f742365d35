#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "allocations.h"
#include "rockpool/error.h"
#include "rockpool/iaf.h"
#include "rockpool/random.h"
#include "rockpool/simd.h"
#include "rockpool/thread_pool.h"
#include "sanitized.h"
#include "targets.h"

using namespace rockpool;

namespace {

using Vector = std::vector<double>;

Vector uniforms(std::size_t n, std::uint32_t stream, double low, double high) {
  Vector v(n);
  fill_uniform({7, stream}, 0, 0, v.data(), n);
  for (double& x : v) x = low + (high - low) * x;
  return v;
}

/// A network with everything: per-neuron parameters, input events, two currents, delays, noise.
struct Net {
  std::size_t n, m;
  Vector tau_mem, tau0, tau1, thresh, reset{-65e-3}, rest{-65e-3}, bias, refractory, w_in, w_rec;
  IafParameters p;

  Net(std::size_t units, std::size_t inputs, double density, std::vector<std::uint32_t> delays = {1}) : n(units), m(inputs) {
    tau_mem = uniforms(n, 1, 10e-3, 30e-3);
    tau0 = uniforms(n, 2, 2e-3, 20e-3);
    tau1 = uniforms(n, 3, 2e-3, 40e-3);
    thresh = uniforms(n, 4, -56e-3, -54e-3);
    bias = uniforms(n, 5, 5e-3, 11e-3);
    refractory = uniforms(n, 6, 0.0, 5.0);
    for (double& r : refractory) r = std::floor(r);
    w_in = uniforms(m * n, 7, -2e-3, 6e-3);
    w_rec = uniforms(n * n, 8, -4e-3, 4e-3);
    const Vector keep = uniforms(n * n, 9, 0.0, 1.0);
    for (std::size_t k = 0; k < n * n; ++k)
      if (keep[k] >= density) w_rec[k] = 0.0;
    p.inputs = m;
    p.units = n;
    p.dt = 1e-3;
    p.tau_mem = tau_mem;
    p.tau_syn = {tau0, tau1};
    p.v_thresh = thresh;
    p.v_reset = reset;
    p.v_rest = rest;
    p.bias = bias;
    p.refractory_steps = refractory;
    p.in_route[0] = make_route(make_dense_synapses(m, n, w_in), WeightPart::kAll, {0});
    auto matrix = make_dense_synapses(n, n, w_rec);
    if (delays.size() > 1) {
      std::vector<std::uint32_t> each(matrix->stored());
      for (std::size_t k = 0; k < each.size(); ++k) each[k] = delays[(k * 7) % delays.size()];
      delays = each;
    }
    p.rec_route[1] = make_route(matrix, WeightPart::kAll, delays);
  }
};

/// State and output of a population that is run piece by piece.
struct Population {
  std::shared_ptr<const SpikingPlan> plan;
  Vector v, i0, i1;
  std::vector<std::int32_t> refractory;
  std::vector<PendingSpike> spikes, events;
  SpikeList out;
  std::uint64_t at = 0;

  Population(std::shared_ptr<const SpikingPlan> p, double v0) : plan(std::move(p)), v(plan->units(), v0), refractory(v.size()) {
    if (plan->currents() > 0) i0.resize(v.size());
    if (plan->currents() > 1) i1.resize(v.size());
  }
  SpikingState state() { return {v, {i0, i1}, {}, refractory, &spikes, &events}; }
  void run(std::uint64_t steps, double dt, const EventSpan* input, const SpikingRecord& record = {}, std::uint64_t seed = 5) {
    SpikingRun r;
    r.first_step = at;
    r.steps = steps;
    r.seed = seed;
    r.dt = dt;
    r.events = input;
    r.record = record;
    RunControl control;
    SpikeList piece;
    plan->run(state(), r, piece, control);
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

/// The model as the head of spiking.h says it, in plain loops over a dense matrix; exact integration.
SpikeList reference(const Net& net, const Train& train, std::size_t steps, std::size_t delay) {
  const auto& p = net.p;
  const std::size_t n = net.n;
  Vector v(n, -65e-3), i0(n), i1(n);
  std::vector<int> hold(n);
  std::vector<std::vector<std::size_t>> fired(steps);
  SpikeList out;
  std::size_t e = 0;
  for (std::size_t k = 0; k < steps; ++k) {
    for (; e < train.times.size() && train.times[e] < static_cast<double>(k + 1) * p.dt; ++e)
      for (std::size_t j = 0; j < n; ++j) i0[j] += net.w_in[static_cast<std::size_t>(train.channels[e]) * n + j];
    for (std::size_t j = 0; j < n; ++j) {
      const double tm = net.tau_mem[j];
      const bool active = hold[j] == 0;
      if (active) {
        const double end = -65e-3 + net.bias[j], decay = std::exp(-p.dt / tm);
        const auto add = [&](double tau, double i) { return tau / (tau - tm) * (std::exp(-p.dt / tau) - decay) * i; };
        v[j] = end + (v[j] - end) * decay + add(net.tau0[j], i0[j]) + add(net.tau1[j], i1[j]);
      } else {
        --hold[j];
      }
      i0[j] *= std::exp(-p.dt / net.tau0[j]);
      i1[j] *= std::exp(-p.dt / net.tau1[j]);
      if (active && v[j] > net.thresh[j]) {
        v[j] = -65e-3;
        hold[j] = static_cast<int>(net.refractory[j]);
        fired[k].push_back(j);
        out.steps.push_back(k);
        out.neurons.push_back(static_cast<std::int32_t>(j));
      }
    }
    if (k + 1 >= delay)
      for (const auto i : fired[k + 1 - delay])
        for (std::size_t j = 0; j < n; ++j) i1[j] += net.w_rec[i * n + j];
  }
  return out;
}

}  // namespace

TEST_CASE("spiking: the step loop is the model, dense and sparse, with and without delay") {
  for_each_target([] {
    for (const double density : {0.9, 0.1})
      for (const std::uint32_t delay : {1u, 6u}) {
        CAPTURE(density);
        CAPTURE(delay);
        const Net net(37, 5, density, {delay});
        const Train train(300, 5, 0.4);
        Population population(make_iaf_plan(net.p), -65e-3);
        const auto events = train.span();
        population.run(400, 1e-3, &events);
        const auto expected = reference(net, train, 400, delay);
        CHECK(expected.steps.size() > 100);
        CHECK(population.out.steps == expected.steps);
        CHECK(population.out.neurons == expected.neurons);
      }
  });
}

TEST_CASE("spiking: cuts and threads change no bit, and every instruction set gives the same") {
  const auto concurrency = ThreadPool::instance().concurrency();
  SpikeList first;
  Vector first_v;
  for_each_target([&] {
    for (unsigned seed = 0; seed < 4; ++seed) {
      Net net(300, 9, seed % 2 ? 0.5 : 0.05,
              seed < 2 ? std::vector<std::uint32_t>{1 + seed} : std::vector<std::uint32_t>{1, 2, 9, 30});
      net.p.noise_std = 1e-3;
      net.p.precision = seed == 3 ? Precision::kFloat32 : Precision::kFloat64;
      const Train train(400, 9, 0.2);
      const auto events = train.span();
      const auto evolve = [&](unsigned threads, std::uint64_t chunk) {
        ThreadPool::instance().set_concurrency(threads);
        net.p.threads = threads;
        Population population(make_iaf_plan(net.p), -65e-3);
        for (std::uint64_t done = 0; done < 200; done += chunk)
          population.run(std::min<std::uint64_t>(chunk, 200 - done), 1e-3, &events);
        return population;
      };
      const auto whole = evolve(1, 200);
      CHECK(whole.out.steps.size() > 100);
      for (const unsigned threads : {1u, 2u, 3u})
        for (const std::uint64_t chunk : {1u, 7u, 100u, 200u}) {
          const auto pieces = evolve(threads, chunk);
          CHECK(pieces.out.steps == whole.out.steps);
          CHECK(pieces.out.neurons == whole.out.neurons);
          CHECK(pieces.v == whole.v);
          CHECK(pieces.i0 == whole.i0);
          CHECK(pieces.i1 == whole.i1);
          CHECK(pieces.refractory == whole.refractory);
        }
      if (seed != 0) continue;
      if (first_v.empty()) first = whole.out, first_v = whole.v;
      CHECK(first.neurons == whole.out.neurons);
      CHECK(first_v == whole.v);
    }
  });
  ThreadPool::instance().set_concurrency(concurrency);
}

TEST_CASE("spiking: the membrane follows its closed form for any ratio of the time constants") {
  const Vector tau_mem{20e-3}, high{1.0}, rest{-65e-3};
  for (const double ratio : {1e-1, -1e-1, 1e-3, 1e-6, -1e-6, 1e-9, 1e-12, 1e-14, 0.0}) {
    CAPTURE(ratio);
    const Vector tau{20e-3 * (1.0 + ratio)}, weight{0.03};
    IafParameters p;
    p.inputs = p.units = 1;
    p.dt = 1e-4;
    p.tau_mem = tau_mem;
    p.tau_syn[0] = tau;
    p.v_thresh = high;
    p.v_reset = p.v_rest = rest;
    p.in_route[0] = make_route(make_dense_synapses(1, 1, weight), WeightPart::kAll, {0});
    Population population(make_iaf_plan(p), -65e-3);
    const Train train(0, 1, 1.0);
    const Vector times{0.5e-4};
    const std::vector<std::int32_t> channels{0};
    const EventSpan events{times, channels, 0.0, 1.0, false};
    Vector v(1000);
    SpikingRecord record;
    record.every = 1;
    record.v_after = v;
    population.run(1000, 1e-4, &events, record);
    for (std::size_t k = 0; k < v.size(); ++k) {
      // 0.03 / tau_mem e^(-t / tau_mem) times the integral of e^(s (1 / tau_mem - 1 / tau)) over 0 < s < t
      const long double t = static_cast<long double>(k + 1) * 1e-4L, tm = 20e-3L, ts = static_cast<long double>(tau[0]);
      const long double z = t * (ts - tm) / (tm * ts), integral = std::fabs(z) < 1e-15L ? t : t * std::expm1(z) / z;
      const long double expected = 0.03L / tm * std::exp(-t / tm) * integral;
      REQUIRE(std::fabs(static_cast<long double>(v[k]) + 65e-3L - expected) <= 1e-12L * 65e-3L);
    }
  }
}

TEST_CASE("spiking: integrators agree to their order") {
  const auto potential = [](IafIntegrator integrator, double dt) {
    const Vector tau_mem{20e-3}, tau{5e-3}, high{1.0}, rest{0.0}, bias{0.01}, weight{0.02};
    IafParameters p;
    p.inputs = p.units = 1;
    p.dt = dt;
    p.integrator = integrator;
    p.tau_mem = tau_mem;
    p.tau_syn[0] = tau;
    p.v_thresh = high;
    p.v_reset = p.v_rest = rest;
    p.bias = bias;
    p.in_route[0] = make_route(make_dense_synapses(1, 1, weight), WeightPart::kAll, {0});
    Population population(make_iaf_plan(p), 0.0);
    const Vector times{dt / 2};
    const std::vector<std::int32_t> channels{0};
    const EventSpan events{times, channels, 0.0, 1.0, false};
    population.run(static_cast<std::uint64_t>(std::lround(0.016 / dt)), dt, &events);
    return population.v[0];
  };
  const double truth = potential(IafIntegrator::kExact, 1e-3);
  CHECK(std::fabs(potential(IafIntegrator::kExact, 2.5e-4) - truth) <= 1e-14);
  const auto slope = [&](IafIntegrator integrator, double dt) {
    return std::log2(std::fabs(potential(integrator, dt) - truth) / std::fabs(potential(integrator, dt / 2) - truth));
  };
  CHECK(slope(IafIntegrator::kEuler, 2.5e-4) == doctest::Approx(1.0).epsilon(0.05));
  CHECK(slope(IafIntegrator::kRk4, 2e-3) == doctest::Approx(4.0).epsilon(0.05));
}

TEST_CASE("spiking: constant drive gives the textbook rate, refractoriness included") {
  const Vector tau_mem{20e-3}, thresh{-55e-3}, rest{-65e-3}, bias{15e-3}, refractory{30.0};
  IafParameters p;
  p.inputs = p.units = 1;
  p.dt = 1e-4;
  p.tau_mem = tau_mem;
  p.v_thresh = thresh;
  p.v_reset = p.v_rest = rest;
  p.bias = bias;
  p.refractory_steps = refractory;
  Population population(make_iaf_plan(p), -65e-3);
  population.run(100000, 1e-4, nullptr);
  // 15 mV of drive reach 10 mV after tau ln 3; then the first step beyond it, and 30 steps of rest.
  const auto interval = static_cast<std::uint64_t>(std::floor(20e-3 * std::log(3.0) / 1e-4)) + 1 + 30;
  REQUIRE(population.out.steps.size() == (100000 + 30) / interval);
  for (std::size_t k = 1; k < population.out.steps.size(); ++k)
    REQUIRE(population.out.steps[k] - population.out.steps[k - 1] == interval);
}

TEST_CASE("spiking: noise has the stationary deviation that was asked for, whatever the time step") {
  for (const double dt : {1e-4, 1e-3, 5e-3})
    for (const auto integrator : {IafIntegrator::kExact, IafIntegrator::kEuler, IafIntegrator::kRk4}) {
      const std::size_t n = samples(2000);
      const Vector tau_mem{20e-3}, high{10.0}, rest{0.0};
      IafParameters p;
      p.inputs = p.units = n;
      p.dt = dt;
      p.integrator = integrator;
      p.tau_mem = tau_mem;
      p.v_thresh = high;
      p.v_reset = p.v_rest = rest;
      p.noise_std = 0.002;
      Population population(make_iaf_plan(p), 0.0);
      const auto steps = static_cast<std::uint64_t>(0.3 / dt);
      double sum = 0.0;
      for (int k = 0; k < 5; ++k) {
        population.run(steps, dt, nullptr);
        for (const double v : population.v) sum += v * v;
      }
      // 5 independent sets: the variance is good to sqrt(2 / 5n); 4.9 deviations are a chance of 10^-6.
      const double count = 5.0 * static_cast<double>(n);
      CHECK(std::fabs(sum / count / (0.002 * 0.002) - 1.0) < 4.9 * std::sqrt(2.0 / count));
    }
}

TEST_CASE("spiking: Poisson background has its mean and variance on every instruction set") {
  Vector first;
  for_each_target([&] {
    for (const bool each : {false, true}) {
      const std::size_t n = 4096;
      const Vector tau_mem{20e-3}, zero{0.0}, high{1e9}, rest{0.0};
      Vector rates(each ? n : 1, 2.5);
      if (each) rates[0] = 2.5000001;
      IafParameters p;
      p.inputs = p.units = n;
      p.dt = 1e-4;
      p.tau_mem = tau_mem;
      p.tau_syn[0] = zero;
      p.v_thresh = high;
      p.v_reset = p.v_rest = rest;
      p.background_rate = rates;
      p.background_weight = 1.0;
      Population population(make_iaf_plan(p), 0.0);
      double sum = 0.0, squares = 0.0;
      SpikingRecord record;
      Vector current(n);
      record.every = 1;
      record.currents[0] = current;
      for (int k = 0; k < 50; ++k) {
        population.run(1, 1e-4, nullptr, record);
        for (const double c : current) sum += c, squares += c * c;
      }
      const double count = 50.0 * static_cast<double>(n), mean = sum / count, variance = squares / count - mean * mean;
      CHECK(std::fabs(mean - 2.5) < 4.9 * std::sqrt(2.5 / count));
      CHECK(std::fabs(variance - 2.5) < 4.9 * std::sqrt((2.5 + 2.0 * 2.5 * 2.5) / count));
      if (first.empty()) first = current;
      CHECK(std::equal(current.begin() + 1, current.end(), first.begin() + 1));
    }
  });
}

TEST_CASE("spiking: a potential that is not a number is an error with neuron and step, and the state stays") {
  Net net(70, 3, 0.0);
  Population population(make_iaf_plan(net.p), -65e-3);
  population.run(10, 1e-3, nullptr);
  population.i1[41] = population.i1[65] = std::numeric_limits<double>::quiet_NaN();
  const auto v = population.v;
  try {
    population.run(10, 1e-3, nullptr);
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == "ERR_NOT_FINITE");
    CHECK(std::string(error.what()).find("neuron 41") != std::string::npos);
    CHECK(std::string(error.what()).find("step 10") != std::string::npos);
  }
  CHECK(population.v == v);
}

TEST_CASE("spiking: currents that have decayed away are 0, not numbers that slow the processor down") {
  for (const auto precision : {Precision::kFloat32, Precision::kFloat64}) {
    Net net(70, 3, 0.0);
    const Vector high{1.0};
    net.p.precision = precision;
    net.p.v_thresh = high;
    Population population(make_iaf_plan(net.p), -65e-3);
    std::fill(population.i0.begin(), population.i0.end(), 1e-3);
    bool zero = false;
    for (int k = 0; k < 200 && !zero; ++k) {
      population.run(100, 1e-3, nullptr);
      zero = true;
      for (const double i : population.i0) {
        REQUIRE((i == 0.0 || i >= (precision == Precision::kFloat32 ? 1.1e-38 : 2.2e-308)));
        zero = zero && i == 0.0;
      }
    }
    CHECK(zero);
  }
}

TEST_CASE("spiking: records are what happened, every k steps and of some channels") {
  const Net net(100, 5, 0.5);
  const Train train(300, 5, 0.2);
  const auto events = train.span();
  Population a(make_iaf_plan(net.p), -65e-3), b(make_iaf_plan(net.p), -65e-3);
  Vector v(200 * 100), before(200 * 100), i0(200 * 100), some(40 * 2);
  SpikingRecord all;
  all.every = 1;
  all.v_after = v;
  all.v_before = before;
  all.currents[0] = i0;
  a.run(200, 1e-3, &events, all);
  const std::vector<std::int32_t> channels{99, 3};
  SpikingRecord few;
  few.every = 5;
  few.all_channels = false;
  few.channels = channels;
  std::size_t rows = 0;
  for (const std::uint64_t steps : {3u, 7u, 190u}) {
    few.v_after = std::span(some).subspan(rows * 2, static_cast<std::size_t>(few.rows(b.at, steps)) * 2);
    rows += static_cast<std::size_t>(few.rows(b.at, steps));
    b.run(steps, 1e-3, &events, few);
  }
  CHECK(rows == 40);
  for (std::size_t k = 0; k < 40; ++k) {
    REQUIRE(some[k * 2] == v[k * 5 * 100 + 99]);
    REQUIRE(some[k * 2 + 1] == v[k * 5 * 100 + 3]);
  }
  for (std::size_t k = 0; k < a.out.steps.size(); ++k) {
    const std::size_t at = a.out.steps[k] * 100 + static_cast<std::size_t>(a.out.neurons[k]);
    REQUIRE(v[at] == -65e-3);
    REQUIRE(before[at] > net.thresh[at % 100]);
  }
  CHECK(std::equal(a.v.begin(), a.v.end(), v.end() - 100));
}

TEST_CASE("spiking: the step loop allocates nothing") {
  Net net(200, 5, 0.3);
  const Train train(2000, 5, 2.0);
  const auto events = train.span();
  for (const bool sparse : {false, true}) {
    if (sparse) net.p.rec_route[1] = Net(200, 5, 0.05, {1}).p.rec_route[1];
    const auto count = [&](std::uint64_t steps) {
      Population population(make_iaf_plan(net.p), -65e-3);
      SpikingRun r;
      r.steps = steps;
      r.dt = 1e-3;
      r.events = &events;
      RunControl control;
      SpikeList out;
      out.steps.reserve(100000);
      out.neurons.reserve(100000);
      const auto before = allocations_so_far();
      population.plan->run(population.state(), r, out, control);
      CHECK(out.steps.size() > steps / 10);
      return allocations_so_far() - before;
    };
    // More steps are more passes over the event list, whose buffers have their size after the first ones.
    CHECK(count(1000) == count(2000));
  }
}

TEST_CASE("spiking: what cannot be is refused") {
  Net net(10, 2, 0.5);
  const auto code = [&](auto change) {
    Net bad = net;
    change(bad.p);
    try {
      make_iaf_plan(bad.p);
    } catch (const Error& error) {
      return error.code();
    }
    return std::string("none");
  };
  const Vector negative{-1.0}, three(3, 1e-3), nan{std::numeric_limits<double>::quiet_NaN()};
  CHECK(code([](IafParameters&) {}) == "none");
  CHECK(code([&](IafParameters& p) { p.tau_mem = negative; }) == "ERR_VALUE");
  CHECK(code([&](IafParameters& p) { p.tau_mem = three; }) == "ERR_SHAPE");
  CHECK(code([&](IafParameters& p) { p.tau_syn[1] = negative; }) == "ERR_VALUE");
  CHECK(code([&](IafParameters& p) { p.v_thresh = nan; }) == "ERR_VALUE");
  CHECK(code([&](IafParameters& p) { p.dt = 0.0; }) == "ERR_VALUE");
  CHECK(code([&](IafParameters& p) { p.rec_route[1] = p.in_route[0]; }) == "ERR_SHAPE");
  CHECK(code([&](IafParameters& p) { p.rec_route[1] = make_route(p.rec_route[1]->matrix, WeightPart::kAll, {0}); }) ==
        "ERR_VALUE");
  CHECK_THROWS_AS(make_dense_synapses(1, 1, nan), Error);
  CHECK_THROWS_AS(make_dense_synapses(2, 2, three), Error);
  CHECK_THROWS_AS(make_route(net.p.rec_route[1]->matrix, WeightPart::kAll, {1, 2}), Error);
}
