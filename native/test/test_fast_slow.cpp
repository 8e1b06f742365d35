#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "allocations.h"
#include "rockpool/balanced.h"
#include "rockpool/error.h"
#include "rockpool/fast_slow.h"
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

struct State {
  Vector v, fast, slow, held, out, rate, pending;
  State(std::size_t n, std::size_t outputs, double rest)
      : v(n, rest), fast(n), slow(n), held(n), out(outputs), rate(outputs > 0 ? n : 0) {}
  FastSlowState span() { return {v, fast, slow, held, out, rate, &pending}; }
  bool operator==(const State&) const = default;
};

/// A net with its parameters in arrays of their own.
struct Net {
  std::size_t n, outputs;
  Vector fast, slow, bias, tau_mem, tau_fast, tau_slow, thresh, reset, rest, in, out, tau_out;
  FastSlowParameters p;
  explicit Net(std::size_t units, std::size_t outputs_ = 0)
      : n(units),
        outputs(outputs_),
        fast(normals(n * n, 1, 0.3)),
        slow(normals(n * n, 2, 0.05)),
        bias(normals(n, 3, 0.1)),
        tau_mem(n, 20e-3),
        tau_fast(n, 1e-3),
        tau_slow(n, 100e-3),
        thresh(n, 1.0),
        reset(n, 0.0),
        rest(n, 0.0),
        in(normals(outputs * n, 4)),
        out(normals(n * outputs, 5, 0.1)),
        tau_out(outputs, 70e-3) {
    for (std::size_t j = 0; j < n; ++j) tau_mem[j] += 1e-3 * static_cast<double>(j % 5);
  }
  const FastSlowParameters& parameters() {
    p.units = n, p.outputs = outputs;
    p.weights_fast = fast, p.weights_slow = slow, p.slow_by_pre = outputs > 0;
    p.bias = bias, p.tau_mem = tau_mem, p.tau_fast = tau_fast, p.tau_slow = tau_slow;
    p.v_thresh = thresh, p.v_reset = reset, p.v_rest = rest;
    p.weights_in = in, p.weights_out = out, p.tau_out = tau_out;
    p.tau_rate = 70e-3;
    return p;
  }
};

FastSlowRun steps_of(std::uint64_t first, std::uint64_t steps) {
  FastSlowRun run;
  run.first_step = first, run.steps = steps, run.seed = 5;
  return run;
}

}  // namespace

TEST_CASE("fast-slow: the reference vector") {
  for_each_target([] {
    Net net(2);
    net.fast = {0.0, -0.5, -0.5, 0.0};
    net.slow = {0.0, 0.1, 0.2, 0.0};
    net.bias = {0.0, 0.0};
    net.tau_mem = {20e-3, 20e-3};
    const auto plan = make_fast_slow_plan(net.parameters());
    State state(2, 0, 0.0);
    Vector input;
    for (int k = 0; k < 600; ++k) input.insert(input.end(), {2.0, 1.5});
    const MatrixSource source(input, 2, 0);
    auto run = steps_of(0, 600);
    run.current = &source;
    FastSlowSpikes spikes;
    RunControl control;
    plan->run(state.span(), run, spikes, control);
    const Vector times{0.0138283081, 0.0205205546, 0.0274624327, 0.0371144093, 0.0405833365, 0.0515752617, 0.0531421095};
    const std::vector<std::int32_t> units{0, 1, 0, 1, 0, 1, 0};
    CHECK(spikes.units == units);
    REQUIRE(spikes.times.size() == times.size());
    for (std::size_t i = 0; i < times.size(); ++i) CHECK(std::fabs(spikes.times[i] - times[i]) < 1e-10);
    const double expected[] = {0.65001354, 0.7101809, -7.7787e-05, -4.04874e-04, 0.23905941, 0.6224871};
    const double got[] = {state.v[0], state.v[1], state.fast[0], state.fast[1], state.slow[0], state.slow[1]};
    for (int i = 0; i < 6; ++i) CHECK(std::fabs(got[i] - expected[i]) < 1e-8);
  });
}

TEST_CASE("fast-slow: one neuron without synapses crosses where two lines do") {
  Net net(1);
  net.fast = net.slow = {0.0};
  net.bias = {2.0};
  net.tau_mem = {20e-3};
  const auto plan = make_fast_slow_plan(net.parameters());
  State state(1, 0, 0.0);
  FastSlowSpikes spikes;
  RunControl control;
  plan->run(state.span(), steps_of(0, 1000), spikes, control);
  // V after k steps is 2 (1 - 0.995^k): 138 of them stay below 1.
  double before = 0.0;
  for (int k = 0; k < 138; ++k) before += 0.005 * (2.0 - before);
  const double after = before + 0.005 * (2.0 - before);
  REQUIRE(before < 1.0);
  REQUIRE(after > 1.0);
  const double period = (138.0 + (1.0 - before) / (after - before)) * 1e-4;
  REQUIRE(spikes.times.size() == 7);
  for (std::size_t i = 0; i < spikes.times.size(); ++i)
    CHECK(std::fabs(spikes.times[i] - period * static_cast<double>(i + 1)) < 1e-12);
}

TEST_CASE("fast-slow: in pieces, on every instruction set, the same bits") {
  std::vector<State> ends;
  std::vector<Vector> all;
  for (const std::size_t outputs : {std::size_t{0}, std::size_t{3}}) {
    ends.clear();
    all.clear();
    for_each_target([&] {
      Net net(37, outputs);
      for (double& b : net.bias) b += 4.0;
      net.p.noise_std = 0.1;
      net.p.refractory = 3e-4;
      const auto plan = make_fast_slow_plan(net.parameters());
      for (const auto& pieces : {std::vector<std::uint64_t>{500}, std::vector<std::uint64_t>{1, 1, 3, 0, 95, 400}}) {
        State state(37, outputs, 0.0);
        FastSlowSpikes spikes;
        RunControl control;
        std::uint64_t first = 0;
        for (const auto steps : pieces) {
          const std::size_t known = spikes.times.size();
          plan->run(state.span(), steps_of(first, steps), spikes, control);
          for (std::size_t i = known; i < spikes.times.size(); ++i) {
            CHECK(spikes.times[i] >= static_cast<double>(first) * 1e-4);
            CHECK(spikes.times[i] < static_cast<double>(first + steps) * 1e-4);
          }
          first += steps;
        }
        CHECK(spikes.times.size() > 100);
        CHECK(std::ranges::is_sorted(spikes.times));
        ends.push_back(state);
        all.push_back(spikes.times);
      }
    });
    for (std::size_t i = 1; i < ends.size(); ++i) {
      CHECK((ends[i] == ends[0]));
      CHECK(all[i] == all[0]);
    }
  }
}

TEST_CASE("fast-slow: a state that was written is where the next run starts") {
  Net net(5);
  for (double& b : net.bias) b += 1.3;
  const auto plan = make_fast_slow_plan(net.parameters());
  State state(5, 0, 0.0);
  FastSlowSpikes spikes;
  RunControl control;
  plan->run(state.span(), steps_of(0, 300), spikes, control);
  State fresh = state;
  fresh.pending.clear();
  state.v[2] = fresh.v[2] = 0.25;
  FastSlowSpikes a, b;
  plan->run(state.span(), steps_of(300, 200), a, control);
  plan->run(fresh.span(), steps_of(300, 200), b, control);
  CHECK(a.times == b.times);
  CHECK((state == fresh));
}

TEST_CASE("fast-slow: nothing is allocated for time steps") {
  for (const std::size_t outputs : {std::size_t{0}, std::size_t{2}}) {
    Net net(20, outputs);
    net.p.noise_std = 0.01;
    const auto plan = make_fast_slow_plan(net.parameters());
    const auto allocations = [&](std::uint64_t steps) {
      State state(20, outputs, 0.0);
      FastSlowSpikes spikes;
      RunControl control;
      const auto before = allocations_so_far();
      plan->run(state.span(), steps_of(0, steps), spikes, control);
      CHECK(spikes.times.empty());
      return allocations_so_far() - before;
    };
    CHECK(allocations(10000) == allocations(1000));
  }
}

TEST_CASE("fast-slow: a held neuron stays at reset, others do not wait for it") {
  Net net(1);
  net.fast = net.slow = {0.0};
  net.bias = {30.0};
  net.p.refractory = 5e-3;
  const auto plan = make_fast_slow_plan(net.parameters());
  State state(1, 0, 0.0);
  FastSlowSpikes spikes;
  RunControl control;
  plan->run(state.span(), steps_of(0, 1000), spikes, control);
  REQUIRE(spikes.times.size() > 10);
  for (std::size_t i = 1; i < spikes.times.size(); ++i) CHECK(spikes.times[i] - spikes.times[i - 1] > 5e-3 - 1.001e-4);
}

TEST_CASE("fast-slow: what goes wrong changes nothing") {
  Net net(3);
  const auto plan = make_fast_slow_plan(net.parameters());
  const State before(3, 0, 0.5);
  FastSlowSpikes spikes;
  RunControl control;
  State state = before;
  Vector input(30, 0.0);
  input[14] = std::numeric_limits<double>::infinity();
  const MatrixSource source(input, 3, 0);
  auto run = steps_of(0, 10);
  run.current = &source;
  CHECK_THROWS_WITH_AS(plan->run(state.span(), run, spikes, control),
                       "expected the membrane potential of neuron 2 to be finite, received Infinity at time step 4", Error);
  CHECK((state == before));
  run.current = nullptr;
  for (const double min_delta : {0.0, 1.0, 1e-10, std::numeric_limits<double>::quiet_NaN()}) {
    run.min_delta = min_delta;
    CHECK_THROWS_AS(plan->run(state.span(), run, spikes, control), Error);
  }
  net.thresh[1] = net.reset[1];
  CHECK_THROWS_AS(make_fast_slow_plan(net.parameters()), Error);
  std::stop_source stop;
  stop.request_stop();
  RunControl stopped(stop.get_token(), {});
  CHECK_THROWS_AS(plan->run(state.span(), steps_of(0, 1000000), spikes, stopped), Error);
  CHECK((state == before));
}

TEST_CASE("fast-slow: the adaptive layer learns along rates and errors") {
  Net net(4, 2);
  for (double& b : net.bias) b += 4.0;
  const auto plan = make_fast_slow_plan(net.parameters());
  State state(4, 2, 0.0);
  Vector target(2 * 300, 0.5);
  const MatrixSource source(target, 2, 0);
  auto run = steps_of(0, 300);
  run.target = &source;
  run.k = 0.1, run.eta = 1e-3;
  Vector learned = net.slow;
  run.learned = learned;
  FastSlowSpikes spikes;
  FastSlowRecord record;
  run.record = &record;
  RunControl control;
  plan->run(state.span(), run, spikes, control);
  CHECK(spikes.times.size() > 5);
  double sum = 0.0;
  for (std::size_t i = 0; i < 16; ++i) sum += std::fabs(learned[i] - net.slow[i]);
  CHECK(std::fabs(sum / 16 - 1e-3) < 1e-12);
  for (std::size_t i = 0; i < 4; ++i) CHECK(learned[5 * i] == net.slow[5 * i]);
  const std::size_t rows = record.times.size();
  CHECK(record.v.size() == rows * 4);
  CHECK(record.rate.size() == rows * 4);
  CHECK(record.out.size() == rows * 2);
  CHECK(record.dot_v.size() == rows * 4);
  CHECK(std::ranges::all_of(record.v, [](double v) { return v >= 0.0; }));
}

TEST_CASE("weights of few levels, and those of small cores") {
  Vector w{-1.0, -0.4, 0.1, 0.6, 1.0}, out(5);
  CHECK(discretize_weights(w, 3, out));
  CHECK(out == Vector{-1.0, 0.0, 0.0, 1.0, 1.0});
  const Vector same(5, 0.3);
  CHECK_FALSE(discretize_weights(same, 3, out));
  CHECK_THROWS_AS(discretize_weights(w, 1, out), Error);

  const std::size_t n = 1000;  // trunc(4 - 744 / 192) = 0 cores can give up neurons
  Vector big(n * n), quantized(n * n), available(n, 64.0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) big[i * n + j] = (i % 10 == 3 ? 2.0 : 1.0) * (1.0 + static_cast<double>(j));
  const auto kept = [&](std::size_t i) {
    return std::count_if(quantized.begin() + static_cast<std::ptrdiff_t>(i * n),
                         quantized.begin() + static_cast<std::ptrdiff_t>((i + 1) * n), [](double x) { return x != 0.0; });
  };
  quantize_weights_for_cores(big, n, available, true, quantized);
  CHECK(kept(3) == 64);
  const std::size_t m = 300;  // trunc(4 - 44 / 192) = 3 cores: 192 of 300 neurons
  Vector small(m * m), result(m * m), own(m, 64.0);
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < m; ++j) small[i * m + j] = (i < 192 ? 1.0 : 2.0) * (1.0 + static_cast<double>(j));
  quantize_weights_for_cores(small, m, own, true, result);
  std::size_t dense = 0;
  for (std::size_t i = 0; i < m; ++i) {
    const auto count =
        std::count_if(result.begin() + static_cast<std::ptrdiff_t>(i * m),
                      result.begin() + static_cast<std::ptrdiff_t>((i + 1) * m), [](double x) { return x != 0.0; });
    CHECK((count == 64 || count == 256));
    dense += count == 256 ? 1 : 0;
    if (i >= 192) CHECK(count == 256);  // those that lose most
    CHECK(result[i * m + m - 1] != 0.0);
  }
  CHECK(dense == 192);
  Vector most(1025 * 1025);
  CHECK_THROWS_AS(quantize_weights_for_cores(most, 1025, Vector(1025, 64.0), true, most), Error);
}

TEST_CASE("balanced networks: weights of one dimension") {
  const std::size_t n = 3;
  const Vector a{-2.0}, gamma{0.5, -0.25, 1.0}, thresh(n, -55e-3), rest(n, -65e-3);
  Vector fast(n * n), slow(n * n), in(n), out(n), reset(n);
  BalancedProblem problem;
  problem.dimensions = 1, problem.units = n;
  problem.a = a, problem.gamma = gamma, problem.v_thresh = thresh, problem.v_rest = rest;
  balanced_weights(problem, {fast, slow, in, out, reset});
  const double lambda = 10.0, mu = 1e-4, nu = 1e-3;
  for (std::size_t i = 0; i < n; ++i) {
    const double threshold = (nu * lambda + mu * lambda * lambda + gamma[i] * gamma[i]) / 2.0;
    const double scale = 10e-3 / threshold;
    CHECK(std::fabs(reset[i] - (-55e-3 - scale * (gamma[i] * gamma[i] + mu * lambda * lambda))) < 1e-15);
    CHECK(std::fabs(in[i] - scale * gamma[i] * 20e-3) < 1e-15);
    CHECK(out[i] == gamma[i]);
    for (std::size_t j = 0; j < n; ++j) {
      CHECK(std::fabs(fast[i * n + j] - (i == j ? 0.0 : -scale * gamma[i] * gamma[j] * 20.0)) < 1e-14);
      CHECK(std::fabs(slow[i * n + j] - scale * gamma[i] * (-2.0 + lambda) * gamma[j] * 20e-3) < 1e-14);
    }
  }
  Vector columns{1.0, 0.0, -2.0, 3.0, 0.0, 2.0};
  scale_columns(columns, 3, 2.0);
  CHECK(columns == Vector{0.5, 0.0, -1.0, 1.5, 0.0, 1.0});
}
