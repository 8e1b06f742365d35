// Constant-leak neurons and convolutions: plans behind handles, runs on the calling thread or on a pool thread.
#include "rockpool/constant_leak.h"

#include <memory>
#include <optional>
#include <vector>

#include "args.h"
#include "errors.h"
#include "event_args.h"
#include "modules.h"
#include "run_args.h"
#include "run_results.h"
#include "spiking_args.h"
#include "task.h"

namespace glue {

namespace {

using rockpool::ConstantLeakPlan;
using rockpool::Convolution;

constexpr napi_type_tag kPlanTag = {0x5a71c02be9d84f36, 0xb0c4d5e2178a9f63};
constexpr napi_type_tag kConvolutionTag = {0xc83e1f90a4576b2d, 0x94e7f2061bd3ca58};

std::shared_ptr<Convolution> convolution_of(const Args& args, std::size_t i) {
  return unwrap_handle<Convolution>(args, i, "convolution", kConvolutionTag);
}

// convolution(channels, rows, columns, kernels, kernelRows, kernelColumns, strideRows, strideColumns, padTop, padBottom,
// padLeft, padRight, channelsLast, weights)
Napi::Value convolution(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::ConvolutionShape s;
  std::size_t i = 0;
  for (auto* field : {&s.channels, &s.rows, &s.columns, &s.kernels, &s.kernel_rows, &s.kernel_columns, &s.stride_rows,
                      &s.stride_columns, &s.pad_top, &s.pad_bottom, &s.pad_left, &s.pad_right})
    *field = static_cast<std::size_t>(args.size(i++, "a size of the convolution"));
  s.channels_last = args.boolean(i++, "channelsLast");
  return wrap_handle(info.Env(), std::make_shared<Convolution>(s, args.array<double>(i, "weights")), kConvolutionTag);
}

// convolutionSize(convolution) -> [inputs, rows, columns, units] of the output
Napi::Value convolution_size(const Napi::CallbackInfo& info) {
  const auto c = convolution_of(Args(info), 0);
  return give(info.Env(), std::vector<double>{static_cast<double>(c->inputs()), static_cast<double>(c->out_rows()),
                                              static_cast<double>(c->out_columns()), static_cast<double>(c->units())});
}

// applyConvolution(convolution, row, out): adds the weighted row
Napi::Value apply_convolution(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto c = convolution_of(args, 0);
  const auto row = args.array<double>(1, "row", c->inputs());
  const auto out = args.array<double>(2, "out", c->units());
  for (std::size_t i = 0; i < row.size(); ++i)
    if (row[i] != 0) c->add(i, row[i], out.data());
  return info.Env().Undefined();
}

// constantLeakPlan(inputs, units, weightsIn, convolution, weightsRec, bias, vThresh, vReset, vSubtract, refractory, delay,
// biasEvery, stateType, softMax)
Napi::Value plan(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::ConstantLeakParameters p;
  p.inputs = static_cast<std::size_t>(args.size(0, "inputs"));
  p.units = static_cast<std::size_t>(args.size(1, "units"));
  p.weights_in = optional_array(args, 2, "weightsIn");
  if (!args.missing(3)) p.convolution = convolution_of(args, 3);
  p.weights_rec = optional_array(args, 4, "weightsRec");
  p.bias = optional_array(args, 5, "bias");
  p.v_thresh = optional_array(args, 6, "vThresh");
  p.v_reset = optional_array(args, 7, "vReset");
  p.v_subtract = optional_array(args, 8, "vSubtract");
  p.refractory = optional_array(args, 9, "refractory");
  p.delay = args.size(10, "delay");
  p.bias_every = args.size(11, "biasEvery");
  p.state_type = choose<rockpool::StateType>(args, 12, "stateType", rockpool::kStateTypes);
  p.soft_max = args.boolean(13, "softMax");
  return wrap_handle(info.Env(), std::make_shared<ConstantLeakPlan>(p), kPlanTag);
}

std::vector<rockpool::DelayedSpikes> read_pending(const Args& args, std::size_t i) {
  const auto numbers = args.array<double>(i, "pending");
  if (numbers.size() % 3 != 0)
    rockpool::throw_shape("pending", "triples of numbers", rockpool::to_text(numbers.size()) + " of them");
  std::vector<rockpool::DelayedSpikes> pending;
  for (std::size_t k = 0; k < numbers.size(); k += 3) {
    for (std::size_t j = k; j < k + 3; ++j)
      if (!(numbers[j] >= 0 && numbers[j] < 4294967296.0))
        rockpool::throw_range("pending", "numbers from 0 to 2^32", rockpool::to_text(numbers[j]));
    pending.push_back({static_cast<std::uint64_t>(numbers[k]), static_cast<std::uint32_t>(numbers[k + 1]),
                       static_cast<std::uint64_t>(numbers[k + 2])});
  }
  return pending;
}

Napi::Value give_pending(Napi::Env env, const std::vector<rockpool::DelayedSpikes>& pending) {
  std::vector<double> numbers;
  numbers.reserve(3 * pending.size());
  for (const auto& [steps, neuron, count] : pending)
    numbers.insert(numbers.end(), {static_cast<double>(steps), static_cast<double>(neuron), static_cast<double>(count)});
  return give(env, numbers);
}

// constantLeakShiftPending(pending, steps) -> [pending, lost]
Napi::Value shift_pending(const Napi::CallbackInfo& info) {
  const Args args(info);
  auto pending = read_pending(args, 0);
  const auto lost = rockpool::shift_pending(pending, args.integer(1, "steps"));
  auto result = Napi::Array::New(info.Env(), 2);
  result.Set(0u, give_pending(info.Env(), pending));
  result.Set(1u, Napi::Number::New(info.Env(), static_cast<double>(lost)));
  return result;
}

// constantLeakRun(plan, firstStep, steps, dt, spikeOffset, v, refractory, pending, drive, monitor, record, out, onProgress,
// countEvents, ...events | nothing) -> [times, channels, v, refractory, pending]
constexpr std::size_t kOnProgress = 12;

class Run final : public Job {
 public:
  Run(const Args& args, bool own)
      : plan_(unwrap_handle<ConstantLeakPlan>(args, 0, "plan", kPlanTag)),
        offset_(args.number(4, "spikeOffset")),
        v_(args.copy<double>(5, "v")),
        refractory_(args.missing(6) ? std::vector<std::int32_t>() : args.copy<std::int32_t>(6, "refractory")),
        pending_(read_pending(args, 7)) {
    run_.first_step = args.size(1, "firstStep");
    run_.steps = args.size(2, "steps");
    run_.dt = args.number(3, "dt");
    if (!(run_.dt > 0)) rockpool::throw_range("dt", "greater than 0", rockpool::to_text(run_.dt));
    if (run_.first_step + run_.steps > 9007199254740992u)
      rockpool::throw_range("steps", "below 2^53 in all", rockpool::to_text(run_.steps));
    if (!args.missing(8)) {
      if (own) drive_ = args.copy<double>(8, "drive");
      run_.drive = own ? std::span<const double>(drive_) : args.array<double>(8, "drive");
    }
    if (!args.missing(9)) monitor_ = args.copy<std::int32_t>(9, "monitor");
    run_.monitor = monitor_;
    if (!args.missing(10)) run_.record = record_.emplace(args, 10, "record").view();
    if (!args.missing(11)) run_.out = out_.emplace(args, 11, "out").view();
    if (args.count() <= kOnProgress + 1) return;
    run_.count_events = args.boolean(kOnProgress + 1, "countEvents");
    events_ = read_events(args, kOnProgress + 2);
    if (own) events_ = data_.emplace(*events_).span();
    run_.events = &*events_;
  }

  void execute(rockpool::RunControl& control) override { plan_->run({v_, refractory_, &pending_}, run_, spikes_, control); }

  Napi::Value settle(Napi::Env env) override {
    auto result = Napi::Array::New(env, 5);
    give_spikes(env, spikes_, run_.first_step, offset_, run_.dt, result);
    result.Set(2u, give(env, v_));
    result.Set(3u, give(env, refractory_));
    result.Set(4u, give_pending(env, pending_));
    return result;
  }

 private:
  std::shared_ptr<ConstantLeakPlan> plan_;
  rockpool::ConstantLeakRun run_;
  double offset_;
  std::vector<double> v_, drive_;
  std::vector<std::int32_t> refractory_, monitor_;
  std::vector<rockpool::DelayedSpikes> pending_;
  std::optional<OutputArray> record_, out_;
  std::optional<rockpool::EventData> data_;
  std::optional<rockpool::EventSpan> events_;
  rockpool::SpikeList spikes_;
};

Napi::Value run(const Napi::CallbackInfo& info) {
  return run_job(info.Env(), Run(Args(info), false));
}

Napi::Value run_async(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<Run>(args, true), args.value(kOnProgress));
}

// constantLeakRecordTimes(firstStep, dt, out)
Napi::Value record_times(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::constant_leak_record_times(args.size(0, "firstStep"), args.number(1, "dt"), args.array<double>(2, "out"));
  return info.Env().Undefined();
}

// constantLeakRecordList(record, monitor, firstStep, dt, out)
Napi::Value record_list(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::list_constant_leak_record(args.array<double>(0, "record"), args.array<std::int32_t>(1, "monitor"),
                                      args.size(2, "firstStep"), args.number(3, "dt"), args.array<double>(4, "out"));
  return info.Env().Undefined();
}

}  // namespace

void init_constant_leak(Napi::Object exports) {
  define<convolution>(exports, "convolution");
  define<convolution_size>(exports, "convolutionSize");
  define<apply_convolution>(exports, "applyConvolution");
  define<plan>(exports, "constantLeakPlan");
  define<run>(exports, "constantLeakRun");
  define<run_async>(exports, "constantLeakRunAsync");
  define<shift_pending>(exports, "constantLeakShiftPending");
  define<record_times>(exports, "constantLeakRecordTimes");
  define<record_list>(exports, "constantLeakRecordList");
}

}  // namespace glue
