// Digital neurons: plans behind handles, runs on the calling thread or on a pool thread.
#include "rockpool/digital.h"

#include <memory>
#include <optional>
#include <vector>

#include "args.h"
#include "errors.h"
#include "event_args.h"
#include "modules.h"
#include "run_args.h"
#include "run_results.h"
#include "task.h"

namespace glue {

namespace {

using rockpool::DigitalPlan;

constexpr napi_type_tag kPlanTag = {0x1d94e3b87a26c50f, 0xe6f0a1537cb8924d};

rockpool::StateType state_type_of(const Args& args, std::size_t i) {
  return choose<rockpool::StateType>(args, i, "stateType", rockpool::kStateTypes);
}

// digitalPlan(inputs, units, weightsIn, weightsRec, vThresh, vReset, vRest, vSubtract, leak, refractory, delay, tauLeak,
// stateType)
Napi::Value plan(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::DigitalParameters p;
  p.inputs = static_cast<std::size_t>(args.size(0, "inputs"));
  p.units = static_cast<std::size_t>(args.size(1, "units"));
  p.weights_in = optional_array(args, 2, "weightsIn");
  p.weights_rec = optional_array(args, 3, "weightsRec");
  p.v_thresh = optional_array(args, 4, "vThresh");
  p.v_reset = optional_array(args, 5, "vReset");
  p.v_rest = optional_array(args, 6, "vRest");
  p.v_subtract = optional_array(args, 7, "vSubtract");
  p.leak = optional_array(args, 8, "leak");
  p.refractory = optional_array(args, 9, "refractory");
  p.delay = args.number(10, "delay");
  p.tau_leak = args.number(11, "tauLeak");
  p.state_type = state_type_of(args, 12);
  return wrap_handle(info.Env(), std::const_pointer_cast<DigitalPlan>(rockpool::make_digital_plan(p)), kPlanTag);
}

// digitalRun(plan, tStart, tStop, steps, v, refractory, pendingTimes, pendingChannels, monitor, onProgress, ...events |
// nothing)
//   -> [times, neurons, v, refractory, pendingTimes, pendingChannels, recordTimes, record]
constexpr std::size_t kOnProgress = 9;

class Run final : public Job {
 public:
  Run(const Args& args, bool own)
      : plan_(unwrap_handle<DigitalPlan>(args, 0, "plan", kPlanTag)),
        v_(args.copy<double>(4, "v")),
        refractory_(args.copy<double>(5, "refractory")),
        queue_{args.copy<double>(6, "pendingTimes"), args.copy<std::int32_t>(7, "pendingChannels")} {
    run_.t_start = args.number(1, "tStart");
    run_.t_stop = args.number(2, "tStop");
    run_.steps = args.size(3, "steps");
    if (!args.missing(8)) monitor_ = args.copy<std::int32_t>(8, "monitor");
    run_.monitor = monitor_;
    if (args.count() <= kOnProgress + 1) return;
    events_ = read_events(args, kOnProgress + 1);
    if (own) events_ = data_.emplace(*events_).span();
    run_.events = &*events_;
  }

  void execute(rockpool::RunControl& control) override { plan_->run({v_, refractory_, &queue_}, run_, out_, control); }

  Napi::Value settle(Napi::Env env) override {
    auto result = Napi::Array::New(env, 8);
    result.Set(0u, give(env, out_.times));
    result.Set(1u, give(env, out_.neurons));
    result.Set(2u, give(env, v_));
    result.Set(3u, give(env, refractory_));
    result.Set(4u, give(env, queue_.times));
    result.Set(5u, give(env, queue_.channels));
    result.Set(6u, give(env, out_.record_times));
    result.Set(7u, give(env, out_.record));
    return result;
  }

 private:
  std::shared_ptr<DigitalPlan> plan_;
  rockpool::DigitalRun run_;
  std::vector<double> v_, refractory_;
  rockpool::DigitalQueue queue_;
  std::vector<std::int32_t> monitor_;
  std::optional<rockpool::EventData> data_;
  std::optional<rockpool::EventSpan> events_;
  rockpool::DigitalOutput out_;
};

Napi::Value run(const Napi::CallbackInfo& info) {
  return run_job(info.Env(), Run(Args(info), false));
}

Napi::Value run_async(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<Run>(args, true), args.value(kOnProgress));
}

// castStates(stateType, state)
Napi::Value cast_states(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::cast_states(state_type_of(args, 0), args.array<double>(1, "state"));
  return info.Env().Undefined();
}

// allIntegers(values): boolean
Napi::Value all_integers(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), rockpool::all_integers(Args(info).array<double>(0, "values")));
}

}  // namespace

void init_digital(Napi::Object exports) {
  define<plan>(exports, "digitalPlan");
  define<run>(exports, "digitalRun");
  define<run_async>(exports, "digitalRunAsync");
  define<cast_states>(exports, "castStates");
  define<all_integers>(exports, "allIntegers");
}

}  // namespace glue
