#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "allocations.h"
#include "rockpool/error.h"
#include "rockpool/exp_synapse.h"
#include "rockpool/random.h"
#include "rockpool/thread_pool.h"
#include "sanitized.h"
#include "targets.h"

using namespace rockpool;

namespace {

using Vector = std::vector<double>;

Vector normals(std::size_t n, std::uint32_t stream) {
  Vector v(n);
  fill_normal({99, stream}, 0, 0, v.data(), n);
  return v;
}

/// Sorted events away from the edges of the steps, several of them in many steps.
EventData random_events(std::size_t n, std::int32_t channels, double dt, std::size_t steps, std::uint32_t stream) {
  Vector u(2 * n);
  fill_uniform({7, stream}, 0, 0, u.data(), u.size());
  std::vector<std::size_t> bins(n);
  for (std::size_t i = 0; i < n; ++i) bins[i] = static_cast<std::size_t>(u[i] * static_cast<double>(steps));
  std::sort(bins.begin(), bins.end());
  EventData events;
  for (std::size_t i = 0; i < n; ++i) {
    events.times.push_back((static_cast<double>(bins[i]) + 0.5) * dt);
    events.channels.push_back(static_cast<std::int32_t>(u[n + i] * channels));
  }
  events.t_stop = static_cast<double>(steps) * dt;
  return events;
}

struct Synapses {
  std::size_t m, n, steps;
  Vector weights, bias;
  EventData events;
  ExpSynapseParameters p;
  Synapses(std::size_t inputs, std::size_t units, std::size_t steps_, std::size_t num_events)
      : m(inputs),
        n(units),
        steps(steps_),
        weights(normals(m * n, 1)),
        bias(normals(n, 2)),
        events(random_events(num_events, static_cast<std::int32_t>(m), 1e-3, steps, 3)) {
    p.inputs = m;
    p.units = n;
    p.weights = weights;
    p.bias = bias;
    p.dt = 1e-3;
    p.tau = tau_;
  }

 private:
  static constexpr double kTau = 7e-3;
  std::span<const double> tau_{&kTau, 1};
};

Vector evolve(const ExpSynapsePlan& plan, Vector& x, const EventDrive* events, std::uint64_t first, std::uint64_t steps,
              const InputSource* input = nullptr) {
  Vector out(static_cast<std::size_t>(plan.rows(steps)) * plan.columns());
  RunControl control;
  plan.run(x, {first, steps, 5, events, input, out}, control);
  return out;
}

/// The rows of a run in pieces, without the repeated ones.
Vector in_pieces(const ExpSynapsePlan& plan, Vector& x, const EventDrive* events, const std::vector<std::uint64_t>& pieces,
                 const InputSource* input = nullptr) {
  Vector all;
  std::uint64_t first = 0;
  for (const auto steps : pieces) {
    auto out = evolve(plan, x, events, first, steps, input);
    if (plan.rows(0) == 1 && !all.empty()) {
      for (std::size_t j = 0; j < plan.columns(); ++j) CHECK(out[j] == all[all.size() - plan.columns() + j]);
      out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(plan.columns()));
    }
    all.insert(all.end(), out.begin(), out.end());
    first += steps;
  }
  return all;
}

/// The closed form: a sum over all events.
Vector closed_form(const Synapses& s, const Vector& start, bool count) {
  Vector out((s.steps + 1) * s.n);
  std::vector<std::vector<std::uint8_t>> seen(s.steps, std::vector<std::uint8_t>(s.m));
  for (std::size_t k = 0; k <= s.steps; ++k)
    for (std::size_t j = 0; j < s.n; ++j)
      out[k * s.n + j] = s.bias[j] + start[j] * std::exp(-static_cast<double>(k) * s.p.dt / s.p.tau[0]);
  for (std::size_t e = 0; e < s.events.times.size(); ++e) {
    const auto step = static_cast<std::size_t>(s.events.times[e] / s.p.dt);
    const auto channel = static_cast<std::size_t>(s.events.channels[e]);
    if (!count && seen[step][channel]++) continue;
    for (std::size_t k = step + 1; k <= s.steps; ++k) {
      const double kernel = std::exp(-static_cast<double>(k - step - 1) * s.p.dt / s.p.tau[0]);
      for (std::size_t j = 0; j < s.n; ++j) out[k * s.n + j] += kernel * s.weights[channel * s.n + j];
    }
  }
  return out;
}

double largest_difference(const Vector& a, const Vector& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::fabs(a[i] - b[i]));
  return largest;
}

double magnitude(const Vector& a) {
  double largest = 0;
  for (const double v : a) largest = std::max(largest, std::fabs(v));
  return largest;
}

}  // namespace

TEST_CASE("exp synapse: the recursion is the closed form, to the last digits over 1000 steps") {
  for_each_target([] {
    const Synapses s(5, 9, 1000, 1500);
    for (const bool count : {true, false}) {
      const EventDrive drive{s.events.span(), count};
      Vector x = normals(s.n, 4);
      const auto expected = closed_form(s, x, count);
      const auto out = evolve(*make_exp_synapse_plan(s.p), x, &drive, 0, s.steps);
      CHECK(largest_difference(out, expected) <= 1e-12 * magnitude(expected));
      for (std::size_t j = 0; j < s.n; ++j) CHECK(x[j] + s.bias[j] == out[s.steps * s.n + j]);
    }
  });
}

TEST_CASE("exp synapse: single precision is good to single precision") {
  for_each_target([] {
    Synapses s(5, 9, 1000, 1500);
    const EventDrive drive{s.events.span(), true};
    Vector x(s.n);
    const auto expected = closed_form(s, x, true);
    s.p.precision = Precision::kFloat32;
    const auto out = evolve(*make_exp_synapse_plan(s.p), x, &drive, 0, s.steps);
    const double error = largest_difference(out, expected);
    CHECK(error <= 1e-5 * magnitude(expected));
    CHECK(error > 0);
  });
}

TEST_CASE("exp synapse: pieces, threads and instruction sets change no bit") {
  for (const auto precision : {Precision::kFloat64, Precision::kFloat32})
    for (const std::size_t units : {3u, 700u, 1500u}) {
      Synapses s(6, units, 400, 900);
      s.p.precision = precision;
      s.p.noise_std = 0.3;
      const EventDrive drive{s.events.span(), true};
      auto& pool = ThreadPool::instance();
      const unsigned before = pool.concurrency();
      Vector first, first_state;
      for_each_target([&] {
        for (const unsigned threads : {1u, 3u}) {
          pool.set_concurrency(threads);
          for (const auto& pieces : std::vector<std::vector<std::uint64_t>>{{400}, {1, 7, 92, 0, 300}, {399, 1}}) {
            Vector x = normals(s.n, 4);
            const auto out = in_pieces(*make_exp_synapse_plan(s.p), x, &drive, pieces);
            if (first.empty()) first = out, first_state = x;
            CHECK(out == first);
            CHECK(x == first_state);
          }
        }
      });
      s.p.block_steps = 3;
      Vector x = normals(s.n, 4);
      CHECK(in_pieces(*make_exp_synapse_plan(s.p), x, &drive, {400}) == first);
      pool.set_concurrency(before);
    }
}

TEST_CASE("exp synapse: windows of binning and periods lose no event") {
  const std::size_t steps = 200000;  // several windows
  Synapses s(3, 2, steps, 5000);
  const auto plan = make_exp_synapse_plan(s.p);
  const EventDrive drive{s.events.span(), true};
  Vector x(s.n), y(s.n), z(s.n);
  evolve(*plan, x, &drive, 0, steps);
  in_pieces(*plan, y, &drive, {65536, 65535, 1, 68928});
  CHECK(x == y);
  // The same events four times over.
  auto events = random_events(50, 3, 1e-3, 1000, 8);
  events.periodic = true;
  EventData unrolled;
  for (int period = 0; period < 4; ++period)
    for (std::size_t i = 0; i < events.times.size(); ++i) {
      unrolled.times.push_back(events.times[i] + period);
      unrolled.channels.push_back(events.channels[i]);
    }
  unrolled.t_stop = 4;
  const EventDrive repeated{events.span(), true}, listed{unrolled.span(), true};
  Vector a(s.n), b(s.n);
  CHECK(evolve(*plan, a, &repeated, 0, 4000) == evolve(*plan, b, &listed, 0, 4000));
}

TEST_CASE("exp synapse: currents, time constants of their own and a readout") {
  for_each_target([] {
    const std::size_t n = 5, outputs = 3, steps = 120;
    const Vector u = normals(steps * n, 1), w_out = normals(n * outputs, 2);
    Vector tau(n);
    for (std::size_t j = 0; j < n; ++j) tau[j] = 0.01 * static_cast<double>(j + 1);
    ExpSynapseParameters p;
    p.inputs = p.units = n;
    p.outputs = outputs;
    p.w_out = w_out;
    p.tau = tau;
    p.dt = 2e-3;
    const auto plan = make_exp_synapse_plan(p);
    CHECK(plan->rows(steps) == steps);
    CHECK(plan->columns() == outputs);
    const MatrixSource source(u, n, 0);
    Vector x(n), expected(steps * outputs), y(n);
    for (std::size_t k = 0; k < steps; ++k) {
      for (std::size_t j = 0; j < n; ++j) x[j] = std::exp(-p.dt / tau[j]) * x[j] + u[k * n + j];
      for (std::size_t o = 0; o < outputs; ++o)
        for (std::size_t j = 0; j < n; ++j) expected[k * outputs + o] += x[j] * w_out[j * outputs + o];
    }
    const auto out = in_pieces(*plan, y, nullptr, {1, 50, 69}, &source);
    CHECK(largest_difference(out, expected) <= 1e-12 * magnitude(expected));
    CHECK(largest_difference(x, y) <= 1e-13 * magnitude(x));
  });
}

TEST_CASE("exp synapse: without weights channel c drives unit c") {
  ExpSynapseParameters p;
  p.inputs = p.units = 1000;
  const double tau = 1.0;
  p.tau = {&tau, 1};
  p.dt = 1.0;
  const std::vector<double> times{0.5, 0.6, 1.5};
  const std::vector<std::int32_t> channels{999, 999, 0};
  const EventDrive drive{{times, channels, 0.0, 2.0, false}, true};
  Vector x(1000);
  evolve(*make_exp_synapse_plan(p), x, &drive, 0, 2);
  CHECK(x[0] == 1.0);
  CHECK(x[999] == 2 * std::exp(-1.0));
  CHECK(magnitude(x) == 1.0);
}

TEST_CASE("exp synapse: decay and stationary deviation of the noise") {
  const double tau = 5e-3;
  // 10^6 independent values: units that have forgotten where they began.
  const std::size_t units = samples(20000), rows = 50, apart = 40;
  for (const double dt : {5e-4, 5e-3})
    for (const auto noise : {SynapseNoise::kLegacy, SynapseNoise::kStationary}) {
      ExpSynapseParameters p;
      p.inputs = p.units = units;
      p.tau = {&tau, 1};
      p.dt = dt;
      p.noise_std = 0.4;
      p.noise = noise;
      const auto plan = make_exp_synapse_plan(p);
      Vector x(units), out(units * (apart + 1));
      RunControl control;
      double sum = 0, squares = 0;
      for (std::size_t r = 0; r < rows + 2; ++r) {
        plan->run(x, {r * apart, apart, 5, nullptr, nullptr, out}, control);
        if (r < 2) continue;
        for (const double v : x) sum += v, squares += v * v;
      }
      const double a = dt / tau, n = static_cast<double>(units * rows);
      // Samples `apart` steps apart correlate by r = exp(-40 a) <= 0.02 and their squares by r^2.
      const double expected = noise == SynapseNoise::kStationary ? 0.4 : 0.4 * std::sqrt(2 * a / (1 - std::exp(-2 * a)));
      const double deviation = std::sqrt(squares / n);
      CHECK(std::fabs(deviation - expected) < 4.9 * expected / std::sqrt(2 * n));  // alpha = 1e-6
      CHECK(std::fabs(sum / n) < 4.9 * expected * 1.03 / std::sqrt(n));
    }
  for (const auto& [decay, beta] : std::vector<std::pair<SynapseDecay, double>>{
           {SynapseDecay::kEuler, 0.8}, {SynapseDecay::kExact, std::exp(-0.2)}, {SynapseDecay::kRk4, 0.8187333333333333}}) {
    ExpSynapseParameters p;
    p.inputs = p.units = 1;
    p.tau = {&tau, 1};
    p.dt = 1e-3;
    p.decay = decay;
    Vector x{1.0};
    evolve(*make_exp_synapse_plan(p), x, nullptr, 0, 1);
    CHECK(x[0] == doctest::Approx(beta).epsilon(1e-15));
  }
}

TEST_CASE("exp synapse: a run that stops has changed nothing") {
  Synapses s(5, 40, 300000, 100);
  const auto plan = make_exp_synapse_plan(s.p);
  Vector x = normals(s.n, 4), before = x;
  Vector out((s.steps + 1) * s.n);
  std::stop_source source;
  RunControl control(source.get_token(), [&](std::uint64_t done, std::uint64_t total) {
    CHECK(total == 300000);
    if (done > 100000) source.request_stop();
  });
  CHECK_THROWS_AS(plan->run(x, {0, s.steps, 5, nullptr, nullptr, out}, control), Error);
  CHECK(x == before);
}

TEST_CASE("exp synapse: millions of events in one step do not keep it from stopping") {
  const std::size_t units = 400, events = 100000;
  ExpSynapseParameters p;
  const Vector weights(units, 1.0);
  const double tau = 1.0;
  p.inputs = 1;
  p.units = units;
  p.weights = weights;
  p.tau = {&tau, 1};
  const std::vector<double> times(events, 0.5);
  const std::vector<std::int32_t> channels(events, 0);
  const EventDrive drive{{times, channels, 0.0, 1.0, false}, true};
  Vector x(units), out(2 * units);
  std::stop_source source;
  source.request_stop();
  RunControl control(source.get_token(), nullptr);
  CHECK_THROWS_AS(make_exp_synapse_plan(p)->run(x, {0, 1, 5, &drive, nullptr, out}, control), Error);
  CHECK(x[0] == 0.0);
}

TEST_CASE("exp synapse: steps allocate nothing") {
  Synapses s(5, 40, 60000, 1000);
  s.p.noise_std = 0.1;
  const auto plan = make_exp_synapse_plan(s.p);
  const EventDrive drive{s.events.span(), true};
  Vector out((s.steps + 1) * s.n);
  const auto count = [&](std::uint64_t steps) {
    Vector x(s.n);
    RunControl control;
    const auto before = allocations_so_far();
    plan->run(x, {0, steps, 5, &drive, nullptr, std::span(out).first((steps + 1) * s.n)}, control);
    return allocations_so_far() - before;
  };
  count(60000);
  CHECK(count(60000) == count(59000));
}

TEST_CASE("exp synapse: bad parameters and input") {
  Synapses s(2, 3, 10, 5);
  const auto with = [&](auto change) {
    auto p = s.p;
    change(p);
    make_exp_synapse_plan(p);
  };
  const double nan = std::numeric_limits<double>::quiet_NaN(), zero = 0.0;
  Vector bad = s.weights;
  bad[4] = nan;
  CHECK_THROWS_WITH_AS(with([&](auto& p) { p.weights = bad; }), doctest::Contains("weights (element 4)"), Error);
  CHECK_THROWS_AS(with([&](auto& p) { p.units = 4; }), Error);
  CHECK_THROWS_AS(with([&](auto& p) { p.tau = {&zero, 1}; }), Error);
  CHECK_THROWS_AS(with([&](auto& p) { p.dt = nan; }), Error);
  const auto plan = make_exp_synapse_plan(s.p);
  CHECK(plan->matches(s.p));
  auto other = s.p;
  other.weights = bad;
  CHECK_THROWS_AS(plan->matches(other), Error);
  bad[4] = s.weights[4] + 1;
  CHECK_FALSE(plan->matches(other));
  other = s.p;
  other.dt = 2e-3;
  CHECK_FALSE(plan->matches(other));

  const std::vector<double> times{0.0005, 0.0015};
  const std::vector<std::int32_t> channels{0, 7};
  Vector x(3), out(33);
  RunControl control;
  const EventDrive drive{{times, channels, 0.0, 1.0, false}, true};
  CHECK_THROWS_WITH_AS(plan->run(x, {0, 10, 5, &drive, nullptr, out}, control), doctest::Contains("less than 2"), Error);
  CHECK_THROWS_AS(plan->run(x, {0, 9, 5, nullptr, nullptr, out}, control), Error);
  Vector two(2);
  CHECK_THROWS_AS(plan->run(two, {0, 10, 5, nullptr, nullptr, out}, control), Error);
}

TEST_CASE("filtered events: rows are those of the recursion, however they are read") {
  for_each_target([] {
    const std::size_t channels = 4, rows = 700;
    const double dt = 1e-3, tau = 6e-3, t0 = 0.25;
    auto events = random_events(900, 4, dt, 800, 5);
    for (double& t : events.times) t += t0;
    const Vector start = normals(channels, 9);
    for (const bool count : {true, false}) {
      FilteredEvents filtered({channels, rows, tau, t0, dt, count}, events.span(), start);
      RunControl control;
      filtered.prepare(control);
      // By a layer without weights.
      ExpSynapseParameters p;
      p.inputs = p.units = channels;
      p.tau = {&tau, 1};
      p.dt = dt;
      Vector x = start, expected((rows + 1) * channels);
      const EventDrive drive{events.span(), count};
      make_exp_synapse_plan(p)->run(x, {250, rows, 5, &drive, nullptr, expected}, control);
      Vector all(rows * channels);
      filtered.read(0, rows, all.data());
      CHECK(std::equal(all.begin(), all.end(), expected.begin()));
      for (std::size_t c = 0; c < channels; ++c) {
        CHECK(filtered.last()[c] == expected[(rows - 1) * channels + c]);
        CHECK(filtered.next()[c] == x[c]);
      }
      for (const auto& [first, n] : std::vector<std::pair<std::size_t, std::size_t>>{{0, 1}, {127, 2}, {128, 300}, {699, 1}}) {
        Vector part(n * channels);
        filtered.read(first, n, part.data());
        CHECK(std::equal(part.begin(), part.end(), all.begin() + static_cast<std::ptrdiff_t>(first * channels)));
      }
      const std::vector<std::uint32_t> some{0, 3, 5, 6, 127, 128, 400, 650, 651, 699};
      Vector gathered(some.size() * channels);
      filtered.gather(some, gathered.data());
      for (std::size_t i = 0; i < some.size(); ++i)
        for (std::size_t c = 0; c < channels; ++c) CHECK(gathered[i * channels + c] == all[some[i] * channels + c]);
    }
  });
}

TEST_CASE("filtered events: a list in two parts gives the rows of one") {
  const std::size_t channels = 3;
  const double dt = 1e-3, tau = 6e-3;
  const auto events = random_events(300, 3, dt, 300, 6);
  RunControl control;
  FilteredEvents whole({channels, 300, tau, 0.0, dt, true}, events.span(), {});
  FilteredEvents first({channels, 130, tau, 0.0, dt, true}, events.span(), {});
  whole.prepare(control);
  first.prepare(control);
  FilteredEvents second({channels, 170, tau, 0.13, dt, true}, events.span(), first.next());
  second.prepare(control);
  Vector a(300 * channels), b(300 * channels);
  whole.read(0, 300, a.data());
  first.read(0, 130, b.data());
  second.read(0, 170, b.data() + 130 * channels);
  CHECK(a == b);
}

TEST_CASE("filtered events: bad arguments") {
  EventData events;
  events.times = {0.5};
  events.channels = {3};
  RunControl control;
  CHECK_THROWS_AS(FilteredEvents({0, 5, 1, 0, 1, true}, events.span(), {}), Error);
  CHECK_THROWS_AS(FilteredEvents({3, 0, 1, 0, 1, true}, events.span(), {}), Error);
  CHECK_THROWS_AS(FilteredEvents({3, 5, -1, 0, 1, true}, events.span(), {}), Error);
  CHECK_THROWS_AS(FilteredEvents({3, 5, 1, 0, 0, true}, events.span(), {}), Error);
  CHECK_THROWS_AS(FilteredEvents({3, 5, 1, 0, 1, true}, events.span(), Vector(2)), Error);
  FilteredEvents filtered({3, 5, 1, 0, 1, true}, events.span(), {});
  CHECK_THROWS_WITH_AS(filtered.prepare(control), doctest::Contains("less than 3"), Error);
}

TEST_CASE("exp synapse: a state that stops being finite is an error with neuron and step") {
  Synapses s(2, 3, 40, 0);
  Vector weights(6, 1.0);
  weights[4] = 1.2e308;  // channel 1, unit 1
  s.p.weights = weights;
  s.p.bias = {};
  const std::vector<double> times{0.0005, 0.0175, 0.0176};
  const std::vector<std::int32_t> channels{0, 1, 1};
  const EventDrive drive{{times, channels, 0.0, 1.0, false}, true};
  for (const std::uint64_t block_steps : {0u, 1u, 7u}) {
    s.p.block_steps = block_steps;
    Vector x(3), before = x;
    try {
      evolve(*make_exp_synapse_plan(s.p), x, &drive, 0, s.steps);
      FAIL("no error");
    } catch (const Error& error) {
      CHECK(error.code() == "ERR_NOT_FINITE");
      CHECK(std::string(error.what()).find("neuron 1 to be finite, received Infinity at time step 17") != std::string::npos);
    }
    CHECK(x == before);
  }
  Vector x{0.0, 0.0, std::numeric_limits<double>::quiet_NaN()};
  CHECK_THROWS_WITH_AS(evolve(*make_exp_synapse_plan(s.p), x, nullptr, 5, 2), doctest::Contains("neuron 2"), Error);
}

TEST_CASE("exp synapse: what has decayed away is 0, and no number that is slow to compute with") {
  for_each_target([] {
    for (const auto precision : {Precision::kFloat64, Precision::kFloat32}) {
      ExpSynapseParameters p;
      p.inputs = p.units = 20;
      const double tau = 1.0, smallest = precision == Precision::kFloat32 ? 0x1p-100 : 0x1p-500;
      p.tau = {&tau, 1};
      p.dt = 0.5;
      p.precision = precision;
      const auto plan = make_exp_synapse_plan(p);
      Vector x(20, 1.0), expected = x;
      for (std::uint64_t k = 0; k < 800; ++k) {
        evolve(*plan, x, nullptr, k, 1);
        for (double& v : expected) v *= std::exp(-0.5);
        for (std::size_t j = 0; j < x.size(); ++j) {
          if (expected[j] > 1.01 * smallest) CHECK(x[j] == doctest::Approx(expected[j]).epsilon(1e-4));
          if (expected[j] < 0.99 * smallest) CHECK(x[j] == 0.0);
        }
      }
    }
  });
}
