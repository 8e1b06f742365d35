#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stop_token>
#include <vector>

#include "rockpool/constant_leak.h"
#include "rockpool/convolution.h"
#include "rockpool/error.h"

using namespace rockpool;

namespace {

struct Layer {
  std::size_t inputs, units;
  std::vector<double> weights_in, weights_rec, bias, v_thresh, v_reset, v_subtract, refractory;
  std::uint64_t delay = 1, bias_every = 1;
  StateType type = StateType::kFloat64;
  bool soft_max = false;
  std::shared_ptr<const Convolution> convolution;

  std::vector<double> v;
  std::vector<std::int32_t> countdown;
  std::vector<DelayedSpikes> pending;
  std::uint64_t step = 0;

  Layer(std::size_t m, std::size_t n)
      : inputs(m), units(n), bias(n), v_thresh(n, 8.0), v_reset(n), v_subtract(n, 8.0), v(n), countdown(n) {}

  ConstantLeakPlan plan() const {
    ConstantLeakParameters p;
    p.inputs = inputs;
    p.units = units;
    p.weights_in = weights_in;
    p.convolution = convolution;
    p.weights_rec = weights_rec;
    p.bias = bias;
    p.v_thresh = v_thresh;
    p.v_reset = v_reset;
    p.v_subtract = v_subtract;
    p.refractory = refractory;
    p.delay = delay;
    p.bias_every = bias_every;
    p.state_type = type;
    p.soft_max = soft_max;
    return ConstantLeakPlan(p);
  }

  SpikeList run(ConstantLeakRun run, RunControl control = {}) {
    run.first_step = step;
    SpikeList spikes;
    plan().run({v, countdown, &pending}, run, spikes, control);
    step += run.steps;
    return spikes;
  }
};

struct Input {
  std::vector<double> times;
  std::vector<std::int32_t> channels;
  EventSpan span() const { return {times, channels, 0.0, 1e9, false}; }
};

std::vector<double> column(const std::vector<double>& record, std::size_t width, std::size_t i) {
  std::vector<double> values;
  for (std::size_t k = i; k < record.size(); k += width) values.push_back(record[k]);
  return values;
}

}  // namespace

TEST_CASE("constant leak: the feed-forward numbers of the reference") {
  Layer layer(1, 1);
  layer.weights_in = {3.0};
  layer.bias = {-0.25};
  const Input input{{0.5, 1.5, 2.5, 3.5, 5.5, 6.5}, {0, 0, 0, 0, 0, 0}};
  const auto events = input.span();
  std::vector<std::int32_t> monitor{0};
  std::vector<double> record(15);
  ConstantLeakRun run;
  run.steps = 7;
  run.events = &events;
  run.monitor = monitor;
  run.record = record;
  const auto spikes = layer.run(run);
  CHECK(spikes.steps == std::vector<std::uint64_t>{2, 6});
  CHECK(spikes.neurons == std::vector<std::int32_t>{0, 0});
  CHECK(record == std::vector<double>{0, 2.75, 2.75, 5.5, 5.5, 8.25, 0.25, 3.0, 3.0, 2.75, 2.75, 5.5, 5.5, 8.25, 0.25});
}

TEST_CASE("constant leak: the recurrent numbers of the reference, in one run and in pieces") {
  for (const std::uint64_t piece : {10u, 1u, 3u}) {
    CAPTURE(piece);
    Layer layer(1, 2);
    layer.weights_in = {3, 5};
    layer.weights_rec = {0, 2, -4, 0};
    layer.bias = {-0.5, -0.5};
    layer.refractory = {2, 2};
    layer.delay = 2;
    layer.type = StateType::kInt8;
    Input input;
    for (int k = 0; k < 10; ++k) input.times.push_back(k + 0.5), input.channels.push_back(0);
    const auto events = input.span();
    const std::vector<std::int32_t> monitor{0, 1};
    std::vector<std::pair<std::uint64_t, std::int32_t>> all;
    std::vector<double> rows0, rows1;
    while (layer.step < 10) {
      const auto before = layer.step;
      ConstantLeakRun run;
      run.steps = std::min(piece, 10 - layer.step);
      run.events = &events;
      run.monitor = monitor;
      std::vector<double> record(2 * (2 * run.steps + 1));
      run.record = record;
      const auto spikes = layer.run(run);
      for (std::size_t i = 0; i < spikes.steps.size(); ++i) all.emplace_back(before + spikes.steps[i], spikes.neurons[i]);
      for (std::size_t j = 0; j < 2; ++j) {
        auto values = column(record, 2, j);
        auto& rows = j == 0 ? rows0 : rows1;
        rows.insert(rows.end(), values.begin() + (before == 0 ? 0 : 1), values.end());
      }
    }
    CHECK(all == std::vector<std::pair<std::uint64_t, std::int32_t>>{{1, 1}, {5, 0}, {5, 1}, {9, 1}});
    CHECK(layer.v == std::vector<double>{4, 0});
    CHECK(rows0 == std::vector<double>{0, 2, 2, 4, 4, 6, 6, 4, 4, 6, 6, 8, 0, 0, 0, 0, 0, 2, 2, 4, 4});
    CHECK(rows1 == std::vector<double>{0, 4, 4, 8, 0, 0, 0, 0, 0, 4, 4, 8, 0, 0, 0, 0, 0, 4, 4, 8, 0});
  }
}

TEST_CASE("constant leak: many spikes of one step, all counted, and what cannot end is an error") {
  Layer layer(1, 2);
  layer.weights_in = {100.0, 7.0};
  layer.v_subtract = {0.5, 8.0};
  const Input input{{0.5, 0.5}, {0, 0}};
  const auto events = input.span();
  ConstantLeakRun run;
  run.steps = 1;
  run.events = &events;
  auto spikes = layer.run(run);
  CHECK(spikes.steps.size() == 386);  // 200 - 385 x 0.5 = 7.5, and 14 - 8 = 6
  CHECK(layer.v == std::vector<double>{7.5, 6.0});

  run.count_events = false;
  layer = Layer(1, 1);
  layer.weights_in = {1e6};
  spikes = layer.run(run);
  CHECK(spikes.steps.size() == 124999 + 1 - 0);  // down to 0
  CHECK(layer.v[0] == 0.0);

  layer = Layer(1, 1);
  layer.weights_in = {120};
  layer.type = StateType::kInt8;
  layer.v_thresh = {-10};
  layer.v_subtract = {0.25};  // -5 - 0.25 is cut to -5
  CHECK_THROWS_WITH_AS(layer.run(run), "expected v_subtract[0] to be large enough to lower a state of 0, received 0.25", Error);
  layer = Layer(1, 1);
  layer.weights_in = {1e300};
  CHECK_THROWS(layer.run(run));
}

TEST_CASE("constant leak: states saturate and are rounded by their type") {
  struct Case {
    StateType type;
    double up, down, third;
  };
  const double largest = std::numeric_limits<double>::max();
  for (const auto& c : {Case{StateType::kInt8, 127, -128, 0}, Case{StateType::kUint8, 255, 0, 0},
                        Case{StateType::kInt16, 32767, -32768, 0}, Case{StateType::kFloat16, 65504, -65504, 0.333251953125},
                        Case{StateType::kFloat32, static_cast<double>(std::numeric_limits<float>::max()),
                             -static_cast<double>(std::numeric_limits<float>::max()), static_cast<double>(1.0f / 3.0f)},
                        Case{StateType::kFloat64, largest, -largest, 1.0 / 3.0}}) {
    CAPTURE(static_cast<int>(c.type));
    Layer layer(1, 3);
    layer.weights_in = {largest, -largest, 1.0 / 3.0};
    layer.v_thresh = {largest, 1e308, 1e308};
    layer.v_subtract.clear();
    layer.v_reset[0] = 1e308;
    layer.type = c.type;
    const Input input{{0.5}, {0}};
    const auto events = input.span();
    ConstantLeakRun run;
    run.steps = 1;
    run.events = &events;
    std::vector<double> record(9);
    const std::vector<std::int32_t> monitor{0, 1, 2};
    run.monitor = monitor;
    run.record = record;
    layer.run(run);
    CHECK(record[3] == c.up);
    CHECK(record[4] == c.down);
    CHECK(record[5] == c.third);
  }
  CHECK(StateCast(StateType::kInt8)(-2.9) == -2.0);
  CHECK(!std::signbit(StateCast(StateType::kInt8)(-0.5)));
  CHECK(StateCast(StateType::kFloat16)(6e-8) == std::ldexp(1.0, -24));
  CHECK(StateCast(StateType::kFloat16)(2049.0) == 2048.0);
}

TEST_CASE("constant leak: pending spikes move with the delay") {
  std::vector<DelayedSpikes> pending{{0, 1, 2}, {1, 0, 1}, {3, 2, 1}};
  CHECK(shift_pending(pending, 2) == 0);
  CHECK(pending.front().steps == 2);
  CHECK(shift_pending(pending, -3) == 2);
  REQUIRE(pending.size() == 2);
  CHECK(pending[0].steps == 0);
  CHECK(pending[1].steps == 2);
}

TEST_CASE("constant leak: soft-max of large states, and its threshold") {
  Layer layer(2, 2);
  layer.weights_in = {1000, 0, 0, std::log(3.0)};
  layer.v_thresh = {1e10, 1e10};
  layer.soft_max = true;
  const Input input{{0.5, 1.5}, {1, 0}};
  const auto events = input.span();
  std::vector<double> out(4);
  ConstantLeakRun run;
  run.steps = 2;
  run.events = &events;
  run.out = out;
  CHECK(layer.run(run).steps.empty());
  CHECK(out[0] == doctest::Approx(0.25).epsilon(1e-15));
  CHECK(out[1] == doctest::Approx(0.75).epsilon(1e-15));
  CHECK(out[2] == 1.0);
  CHECK(out[3] == 0.0);
  layer.v_thresh = {1000, 1000};
  CHECK_THROWS_AS(layer.run(run), Error);
}

TEST_CASE("constant leak: what does not fit is refused, a run can be stopped") {
  Layer layer(1, 2);
  layer.weights_in = {1, 2, 3};
  CHECK_THROWS_AS(layer.plan(), Error);
  layer.weights_in = {1, NAN};
  CHECK_THROWS_AS(layer.plan(), Error);
  layer.weights_in = {1, 2};
  layer.v_subtract = {8, 0};
  CHECK_THROWS_AS(layer.plan(), Error);
  layer.v_subtract = {8, 8};
  layer.delay = 0;
  CHECK_THROWS_AS(layer.plan(), Error);
  layer.delay = 1;
  layer.weights_rec = {0, 0, 0, 0};
  layer.pending = {{0, 2, 1}};
  ConstantLeakRun run;
  run.steps = 1;
  CHECK_THROWS_AS(layer.run(run), Error);
  layer.pending.clear();
  const Input input{{0.5}, {1}};
  const auto events = input.span();
  run.events = &events;
  CHECK_THROWS_AS(layer.run(run), Error);
  std::stop_source source;
  source.request_stop();
  run.events = nullptr;
  CHECK_THROWS_AS(layer.run(run, RunControl(source.get_token(), {})), Error);
}

TEST_CASE("convolution: equal to its definition, in both formats") {
  for (const bool last : {false, true}) {
    ConvolutionShape s;
    s.channels = 2, s.rows = 5, s.columns = 4, s.kernels = 3, s.kernel_rows = 3, s.kernel_columns = 2;
    s.stride_rows = 2, s.stride_columns = 1, s.pad_top = 1, s.pad_bottom = 0, s.pad_left = 1, s.pad_right = 2;
    s.channels_last = last;
    std::vector<double> w(3 * 2 * 3 * 2);
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = std::sin(static_cast<double>(i) + 1.0);
    const Convolution convolution(s, w);
    REQUIRE(convolution.inputs() == 40);
    REQUIRE(convolution.out_rows() == 2);
    REQUIRE(convolution.out_columns() == 6);
    std::vector<double> x(40), y(convolution.units());
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] = static_cast<double>(i % 5) - 1.0;
      convolution.add(i, x[i], y.data());
    }
    const auto pixel = [&](std::size_t i, int r, int c) {
      if (r < 0 || c < 0 || r >= 5 || c >= 4) return 0.0;
      const auto at = static_cast<std::size_t>(r * 4 + c);
      return last ? x[at * 2 + i] : x[i * 20 + at];
    };
    for (std::size_t o = 0; o < 3; ++o)
      for (int r = 0; r < 2; ++r)
        for (int c = 0; c < 6; ++c) {
          double sum = 0.0;
          for (std::size_t i = 0; i < 2; ++i)
            for (int a = 0; a < 3; ++a)
              for (int b = 0; b < 2; ++b)
                sum += w[((o * 2 + i) * 3 + static_cast<std::size_t>(a)) * 2 + static_cast<std::size_t>(b)] *
                       pixel(i, 2 * r + a - 1, c + b - 1);
          const auto at = static_cast<std::size_t>(r * 6 + c);
          CHECK(y[last ? at * 3 + o : o * 12 + at] == doctest::Approx(sum).epsilon(1e-13));
        }
    s.kernel_rows = 7;
    CHECK_THROWS_AS(Convolution(s, std::vector<double>(3 * 2 * 7 * 2)), Error);
  }
}
