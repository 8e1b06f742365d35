#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <queue>
#include <stop_token>
#include <vector>

#include "rockpool/digital.h"
#include "rockpool/error.h"
#include "rockpool/random.h"
#include "sanitized.h"
#include "targets.h"

using namespace rockpool;

namespace {

struct Layer {
  std::size_t inputs, units;
  std::vector<double> weights_in, weights_rec, v_thresh, v_reset, v_rest, v_subtract, leak, refractory;
  double delay = 1e-8, tau_leak = 1e-3, t = 0.0;
  StateType type = StateType::kInt8;
  std::vector<double> v, ends;
  DigitalQueue queue;

  Layer(std::size_t m, std::size_t n)
      : inputs(m),
        units(n),
        weights_in(m * n),
        weights_rec(n * n),
        v_thresh(n, 100.0),
        v_reset(n),
        leak(n, 1.0),
        refractory(n, 1e-9),
        v(n),
        ends(n) {}

  std::shared_ptr<const DigitalPlan> plan() const {
    DigitalParameters p;
    p.inputs = inputs;
    p.units = units;
    p.weights_in = weights_in;
    p.weights_rec = weights_rec;
    p.v_thresh = v_thresh;
    p.v_reset = v_reset;
    p.v_rest = v_rest;
    p.v_subtract = v_subtract;
    p.leak = leak;
    p.refractory = refractory;
    p.delay = delay;
    p.tau_leak = tau_leak;
    p.state_type = type;
    return make_digital_plan(p);
  }

  DigitalOutput run(double until, const EventSpan* events = nullptr, std::span<const std::int32_t> monitor = {},
                    RunControl control = {}) {
    DigitalRun run;
    run.t_start = t;
    run.t_stop = until;
    run.events = events;
    run.monitor = monitor;
    DigitalOutput out;
    plan()->run({v, ends, &queue}, run, out, control);
    t = until;
    return out;
  }
};

struct Input {
  std::vector<double> times;
  std::vector<std::int32_t> channels;
  EventSpan span() const { return {times, channels, 0.0, 1e9, false}; }
};

// The reference, event by event.
void simulate(Layer& l, double until, const Input& input, std::vector<std::pair<double, std::int32_t>>& spikes) {
  struct Event {
    double time;
    int channel;
  };
  const StateCast cast(l.type);
  const int leak = static_cast<int>(l.inputs + l.units);
  const auto later = [](const Event& a, const Event& b) {
    return a.time > b.time || (a.time == b.time && a.channel > b.channel);
  };
  std::priority_queue<Event, std::vector<Event>, decltype(later)> events(later);
  for (std::size_t i = 0; i < input.times.size(); ++i)
    if (input.times[i] >= l.t && input.times[i] < until) events.push({input.times[i], input.channels[i]});
  for (int k = 1; k * l.tau_leak < until; ++k)
    if (k * l.tau_leak >= l.t) events.push({k * l.tau_leak, leak});
  for (;;) {
    if (events.empty() || events.top().time >= until) break;
    const auto [time, channel] = events.top();
    events.pop();
    std::vector<char> free(l.units);
    for (std::size_t j = 0; j < l.units; ++j) {
      free[j] = l.ends[j] <= time;
      double w = 0.0;
      if (channel == leak) {
        const double sign = l.v_rest.empty() ? 1.0 : l.v[j] > l.v_rest[j] ? 1.0 : l.v[j] < l.v_rest[j] ? -1.0 : 0.0;
        w = -l.leak[j] * sign;
      } else if (channel >= static_cast<int>(l.inputs)) {
        w = l.weights_rec[(static_cast<std::size_t>(channel) - l.inputs) * l.units + j];
      } else if (channel >= 0) {
        w = l.weights_in[static_cast<std::size_t>(channel) * l.units + j];
      }
      if (free[j]) l.v[j] = cast(l.v[j] + w);
    }
    for (std::size_t j = 0; j < l.units; ++j) {
      if (!free[j] || l.v[j] < l.v_thresh[j]) continue;
      l.v[j] = cast(l.v_subtract.empty() ? l.v_reset[j] : l.v[j] - l.v_subtract[j]);
      if (!l.v_subtract.empty() && l.v[j] >= l.v_thresh[j]) events.push({time + l.refractory[j] + 1e-10, -1});
      l.ends[j] = time + l.refractory[j];
      events.push({time + l.delay, static_cast<int>(l.inputs + j)});
      spikes.emplace_back(time, static_cast<std::int32_t>(j));
    }
  }
  l.t = until;
}

Layer random_layer(StateType type, bool fractional, std::uint64_t seed) {
  constexpr std::size_t kInputs = 5, kUnits = 70;
  Layer layer(kInputs, kUnits);
  layer.type = type;
  std::vector<double> u(kInputs * kUnits + kUnits * kUnits + 8 * kUnits);
  fill_uniform({seed, 1}, 0, 0, u.data(), u.size());
  std::size_t at = 0;
  const auto draw = [&](double low, double high) {
    const double x = low + (high - low) * u[at++];
    return fractional ? x : std::floor(x);
  };
  for (auto& w : layer.weights_in) w = draw(0, 60);
  for (auto& w : layer.weights_rec) w = draw(-20, 21);
  for (std::size_t j = 0; j < kUnits; ++j) {
    layer.v_thresh[j] = draw(60, 128);
    layer.v_reset[j] = draw(-10, 10);
    layer.leak[j] = draw(0, 4);
    layer.refractory[j] = u[at++] < 0.5 ? 1e-9 : 5e-4 * u[at - 1];
  }
  if (seed % 2 == 0)
    for (std::size_t j = 0; j < kUnits; ++j) layer.v_subtract.push_back(draw(20, 90) + 1);
  if (seed % 3 == 0)
    for (std::size_t j = 0; j < kUnits; ++j) layer.v_rest.push_back(draw(-5, 5));
  layer.delay = 2e-4;
  layer.tau_leak = 3.3e-4;
  return layer;
}

Input random_input(std::size_t n, std::size_t channels, double until, std::uint64_t seed) {
  std::vector<double> u(2 * n);
  fill_uniform({seed, 2}, 0, 0, u.data(), u.size());
  Input input;
  for (std::size_t i = 0; i < n; ++i) input.times.push_back(std::floor(u[i] * 2000.0) / 2000.0 * until);  // many at one time
  std::sort(input.times.begin(), input.times.end());
  for (std::size_t i = 0; i < n; ++i)
    input.channels.push_back(static_cast<std::int32_t>(u[n + i] * static_cast<double>(channels)));
  return input;
}

}  // namespace

TEST_CASE("digital: the numbers of the reference") {
  for_each_target([] {
    Layer layer(1, 2);
    layer.weights_in = {30, 50};
    layer.weights_rec = {0, 20, -40, 0};
    layer.delay = 0.5e-3;
    layer.tau_leak = 2e-3;
    layer.refractory = {1.5e-3, 1.5e-3};
    layer.leak = {3, 3};
    layer.v_subtract = {60, 60};
    Input input;
    for (int k = 0; k < 8; ++k) input.times.push_back((k + 0.5) * 1e-3), input.channels.push_back(0);
    const auto events = input.span();
    CHECK(layer.plan()->weight_bits() == 8);
    const auto out = layer.run(8e-3, &events);
    CHECK(out.times == std::vector<double>{input.times[1], input.times[4], input.times[4], input.times[6]});
    CHECK(out.neurons == std::vector<std::int32_t>{1, 0, 1, 1});
    CHECK(layer.v == std::vector<double>{61, 54});
    // The leak event at 8 ms belongs to the next evolution.
    layer.run(8.25e-3, &events);
    CHECK(layer.v == std::vector<double>{58, 51});
  });
}

TEST_CASE("digital: every number type gives what the reference gives, in one run and in pieces") {
  constexpr std::uint64_t kSeeds = kSanitized ? 3 : 6;
  std::size_t seen = 0;
  for (const auto type : {StateType::kInt8, StateType::kInt16, StateType::kInt32, StateType::kFloat32, StateType::kFloat64,
                          StateType::kUint8, StateType::kInt64, StateType::kFloat16})
    for (const bool fractional : {false, true})
      for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        CAPTURE(static_cast<int>(type));
        CAPTURE(fractional);
        CAPTURE(seed);
        constexpr double kUntil = 0.05;
        auto reference = random_layer(type, fractional, seed);
        const auto input = random_input(400, 5, kUntil, seed);
        const auto events = input.span();
        const auto start = reference;
        std::vector<std::pair<double, std::int32_t>> expected;
        simulate(reference, kUntil, input, expected);
        seen += expected.size();
        for_each_target([&] {
          for (const int pieces : {1, 7, 50}) {
            auto layer = start;
            std::vector<std::pair<double, std::int32_t>> spikes;
            for (int i = 1; i <= pieces; ++i) {
              const auto out = layer.run(i == pieces ? kUntil : kUntil * i / pieces, &events);
              for (std::size_t k = 0; k < out.times.size(); ++k) spikes.emplace_back(out.times[k], out.neurons[k]);
            }
            REQUIRE(spikes == expected);
            REQUIRE(layer.v == reference.v);
          }
        });
      }
  CHECK(seen > 1500 * kSeeds);
}

TEST_CASE("digital: weights are packed where their type holds them") {
  Layer layer(1, 3);
  CHECK(layer.plan()->weight_bits() == 8);
  layer.weights_in[1] = 128;
  CHECK(layer.plan()->weight_bits() == 64);
  layer.type = StateType::kInt16;
  CHECK(layer.plan()->weight_bits() == 16);
  layer.weights_in[1] = 0.5;
  CHECK(layer.plan()->weight_bits() == 64);
  layer.type = StateType::kFloat32;
  CHECK(layer.plan()->weight_bits() == 32);
  layer.weights_in[1] = 0.1;
  CHECK(layer.plan()->weight_bits() == 64);
  layer.weights_in[1] = 1;
  layer.type = StateType::kInt32;
  CHECK(layer.plan()->weight_bits() == 32);
  layer.v_thresh[0] = -3e9;  // every state is above it
  CHECK(layer.plan()->weight_bits() == 64);
  layer.v_thresh[0] = 3e9;  // none is
  CHECK(layer.plan()->weight_bits() == 32);
}

TEST_CASE("digital: a refractory neuron neither changes nor spikes; it wakes up when it is free again") {
  Layer layer(1, 1);
  layer.weights_in = {100};
  layer.type = StateType::kInt16;
  layer.v_subtract = {40};
  layer.refractory = {1e-3};
  layer.tau_leak = 1.0;
  layer.v = {80};
  const Input input{{1e-3, 1.5e-3}, {0, 0}};
  const auto events = input.span();
  const std::vector<std::int32_t> monitor{0};
  const auto out = layer.run(5e-3, &events, monitor);
  // 180 - 40 = 140, refractory until 2 ms; the event at 1.5 ms is lost; 140 - 40 = 100, 100 - 40 = 60
  REQUIRE(out.times.size() == 3);
  CHECK(out.times[0] == 1e-3);
  CHECK(out.times[1] == doctest::Approx(2e-3));
  CHECK(out.times[2] == doctest::Approx(3e-3));
  CHECK(layer.v[0] == 60);
  std::vector<double> states, channels;
  for (std::size_t i = 0; i < out.record.size(); i += 2) states.push_back(out.record[i]), channels.push_back(out.record[i + 1]);
  // The neuron's own spikes come back: channel 1, without weight, a moment later.
  CHECK(states == std::vector<double>{80,  80,  180, 140, 140, 140, 140, 140, 140, 140, 140,
                                      140, 100, 100, 100, 100, 100, 100, 60,  60,  60,  60});
  CHECK(channels[1] == 0);
  CHECK(std::isnan(channels[2]));
  CHECK(channels[4] == 1);
  CHECK(channels[7] == 0);
  CHECK(channels[10] == -1);
  CHECK(out.record_times.size() == states.size());
}

TEST_CASE("digital: one recurrent neuron keeps a beat for a long time") {
  Layer layer(1, 1);
  layer.weights_in = {100};
  layer.weights_rec = {100};
  layer.delay = 1e-5;
  layer.tau_leak = 1e6;
  const Input input{{0.0}, {0}};
  const auto events = input.span();
  const auto out = layer.run(1.0, &events);
  CHECK(std::abs(static_cast<double>(out.times.size()) - 100000.0) <= 1);
  CHECK(layer.queue.times.size() == 1);
  CHECK(layer.queue.channels[0] == 1);
  CHECK(layer.queue.times[0] >= 1.0);
}

TEST_CASE("digital: what does not fit is refused, a run can be stopped") {
  Layer layer(2, 2);
  const auto refused = [&](auto change) {
    auto other = layer;
    change(other);
    CHECK_THROWS_AS(other.plan(), Error);
  };
  refused([](Layer& l) { l.weights_in.pop_back(); });
  refused([](Layer& l) { l.weights_rec[0] = NAN; });
  refused([](Layer& l) { l.v_subtract = {1, 0}; });
  refused([](Layer& l) { l.refractory[0] = -1; });
  refused([](Layer& l) { l.delay = 0; });
  refused([](Layer& l) { l.tau_leak = INFINITY; });
  const auto fails = [&](auto change, const Input& input = {}) {
    auto other = layer;
    change(other);
    const auto events = input.span();
    CHECK_THROWS_AS(other.run(other.t + 1, &events), Error);
  };
  fails([](Layer&) {}, {{0.5}, {2}});
  fails([](Layer&) {}, {{0.5, 0.4}, {0, 0}});
  fails([](Layer& l) { l.v[0] = NAN; });
  fails([](Layer& l) { l.queue = {{0.5}, {7}}; });
  fails([](Layer& l) { l.queue = {{0.5}, {1}}; });
  fails([](Layer& l) { l.queue = {{-0.5}, {2}}; });
  fails([](Layer& l) { l.queue = {{0.5}, {}}; });
  fails([](Layer& l) { l.t = 1e9; });  // 1e-8 s are nothing there
  fails([](Layer& l) {
    l.type = StateType::kFloat64;
    l.v = {1e30, 0};
    l.v_subtract = {1, 1};
  });
  std::stop_source source;
  source.request_stop();
  CHECK_THROWS_AS(layer.run(1.0, nullptr, {}, RunControl(source.get_token(), {})), Error);
}
