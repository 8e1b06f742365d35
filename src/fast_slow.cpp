// Neurons with fast and slow synapses and precise spike times: plans behind handles, runs here and now or on a pool thread.
#include "rockpool/fast_slow.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "args.h"
#include "errors.h"
#include "modules.h"
#include "run_args.h"
#include "task.h"
#include "typed_arrays.h"

namespace glue {

namespace {

constexpr napi_type_tag kFastSlowPlanTag = {0x71e3c40a95b2468d, 0x92d6f08b3a1c57e4};

// units, outputs, slowByPre, weightsFast, weightsSlow, bias, tauMem, tauFast, tauSlow, vThresh, vReset, vRest, refractory, dt,
// noiseStd, noiseScaling, weightsIn, weightsOut, tauOut, tauRate
rockpool::FastSlowParameters read_parameters(const Args& args) {
  rockpool::FastSlowParameters p;
  p.units = static_cast<std::size_t>(args.size(0, "units"));
  p.outputs = static_cast<std::size_t>(args.size(1, "outputs"));
  p.slow_by_pre = args.boolean(2, "slowByPre");
  p.weights_fast = args.array<double>(3, "weightsFast");
  p.weights_slow = args.array<double>(4, "weightsSlow");
  p.bias = args.array<double>(5, "bias");
  p.tau_mem = args.array<double>(6, "tauMem");
  p.tau_fast = args.array<double>(7, "tauSynRFast");
  p.tau_slow = args.array<double>(8, "tauSynRSlow");
  p.v_thresh = args.array<double>(9, "vThresh");
  p.v_reset = args.array<double>(10, "vReset");
  p.v_rest = args.array<double>(11, "vRest");
  p.refractory = args.number(12, "refractory");
  p.dt = args.number(13, "dt");
  p.noise_std = args.number(14, "noiseStd");
  p.noise_scaling = choose<rockpool::NoiseScaling>(args, 15, "noiseScaling", 3);
  p.weights_in = optional_array(args, 16, "weightsIn");
  p.weights_out = optional_array(args, 17, "weightsOut");
  p.tau_out = optional_array(args, 18, "tauSynROut");
  if (!args.missing(19)) p.tau_rate = args.number(19, "tauRate");
  return p;
}

std::shared_ptr<rockpool::FastSlowPlan> plan_of(const Args& args) {
  return unwrap_handle<rockpool::FastSlowPlan>(args, 0, "plan", kFastSlowPlanTag);
}

// fastSlowPlan(...parameters)
Napi::Value fast_slow_plan(const Napi::CallbackInfo& info) {
  auto plan = rockpool::make_fast_slow_plan(read_parameters(Args(info)));
  return wrap_handle(info.Env(), std::const_pointer_cast<rockpool::FastSlowPlan>(plan), kFastSlowPlanTag);
}

constexpr std::size_t kState = 4;     // v, fast, slow, held, out, rate, pending
constexpr std::size_t kOptions = 11;  // minDelta, k, eta, suppressed, suppressFrom, suppressTo
constexpr std::size_t kLearned = 17;
constexpr std::size_t kInput = 18;  // dt and a sampler
constexpr std::size_t kTarget = kInput + 1 + kSamplerArgs;
constexpr std::size_t kLast = kTarget + 1 + kSamplerArgs;  // staticInput or undefined, or onProgress

rockpool::FastSlowRun read_run(const Args& args) {
  rockpool::FastSlowRun run;
  run.first_step = args.size(1, "firstStep");
  run.steps = args.size(2, "steps");
  run.seed = args.size(3, "seed");
  if (run.first_step + run.steps > 9007199254740992u)
    rockpool::throw_range("steps", "below 2^53 in all", std::to_string(run.steps));
  run.min_delta = args.number(kOptions, "minDelta");
  run.k = args.number(kOptions + 1, "k");
  run.eta = args.number(kOptions + 2, "eta");
  run.suppressed = static_cast<std::size_t>(args.size(kOptions + 3, "suppressed"));
  run.suppress_from = args.number(kOptions + 4, "suppressFrom");
  run.suppress_to = args.number(kOptions + 5, "suppressTo");
  return run;
}

Napi::Value give(Napi::Env env, const std::vector<double>& from) {
  auto to = new_array<double>(env, from.size());
  std::ranges::copy(from, to.Data());
  return to;
}

/// Sets elements 0 to 2: times and channels of the spikes, and what the next run goes on from.
void give_outcome(Napi::Env env, const rockpool::FastSlowSpikes& spikes, const std::vector<double>& pending,
                  Napi::Array& result) {
  auto channels = new_array<std::int32_t>(env, spikes.units.size());
  std::ranges::copy(spikes.units, channels.Data());
  result.Set(0u, give(env, spikes.times));
  result.Set(1u, channels);
  result.Set(2u, give(env, pending));
}

// fastSlowRun(plan, firstStep, steps, seed, v, fast, slow, held, out, rate, pending, minDelta, k, eta, suppressed,
// suppressFrom, suppressTo, learned | undefined, ...input, ...target, staticInput | undefined): [times, channels, pending].
// With an array for the input a record too: [..., times, v, fast, slow, dotV, rate, out]. Writes the state and `learned`.
Napi::Value fast_slow_run(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto plan = plan_of(args);
  auto run = read_run(args);
  auto pending = args.copy<double>(kState + 6, "pending");
  const rockpool::FastSlowState state{args.array<double>(kState, "v"),
                                      args.array<double>(kState + 1, "fast"),
                                      args.array<double>(kState + 2, "slow"),
                                      args.array<double>(kState + 3, "held"),
                                      args.array<double>(kState + 4, "out"),
                                      args.array<double>(kState + 5, "rate"),
                                      &pending};
  if (!args.missing(kLearned)) run.learned = args.array<double>(kLearned, "learned");
  const ContinuousInput input(args, kInput, false), target(args, kTarget, false);
  run.current = input.source();
  run.target = target.source();
  rockpool::FastSlowRecord record;
  const bool recorded = !args.missing(kLast);
  if (recorded) {
    const auto steps = static_cast<std::size_t>(run.steps);
    record.static_input = args.array<double>(kLast, "staticInput", steps * plan->units());
    run.record = &record;
  }
  rockpool::FastSlowSpikes spikes;
  rockpool::RunControl control;
  plan->run(state, run, spikes, control);
  auto result = Napi::Array::New(info.Env(), recorded ? 10 : 3);
  give_outcome(info.Env(), spikes, pending, result);
  if (!recorded) return result;
  std::uint32_t at = 3;
  for (auto* rows : {&record.times, &record.v, &record.fast, &record.slow, &record.dot_v, &record.rate, &record.out}) {
    result.Set(at++, give(info.Env(), *rows));
    std::vector<double>().swap(*rows);  // not all twice
  }
  return result;
}

class FastSlowJob final : public Job {
 public:
  // The arguments of fastSlowRun, with onProgress as the last one.
  explicit FastSlowJob(const Args& args)
      : plan_(plan_of(args)),
        run_(read_run(args)),
        pending_(args.copy<double>(kState + 6, "pending")),
        input_(args, kInput, true),
        target_(args, kTarget, true) {
    constexpr const char* kNames[] = {"v", "fast", "slow", "held", "out", "rate"};
    for (std::size_t i = 0; i < state_.size(); ++i) state_[i] = args.copy<double>(kState + i, kNames[i]);
    if (!args.missing(kLearned)) learned_ = args.copy<double>(kLearned, "learned");
    run_.learned = learned_;
    run_.current = input_.source();
    run_.target = target_.source();
  }

  void execute(rockpool::RunControl& control) override {
    plan_->run({state_[0], state_[1], state_[2], state_[3], state_[4], state_[5], &pending_}, run_, spikes_, control);
  }

  // [times, channels, pending, v, fast, slow, held, out, rate, learned]
  Napi::Value settle(Napi::Env env) override {
    auto result = Napi::Array::New(env, 10);
    give_outcome(env, spikes_, pending_, result);
    for (std::uint32_t i = 0; i < state_.size(); ++i) result.Set(3 + i, give(env, state_[i]));
    result.Set(9u, give(env, learned_));
    return result;
  }

 private:
  std::shared_ptr<rockpool::FastSlowPlan> plan_;
  rockpool::FastSlowRun run_;
  std::vector<double> pending_, learned_;
  std::array<std::vector<double>, 6> state_;
  ContinuousInput input_, target_;
  rockpool::FastSlowSpikes spikes_;
};

Napi::Value fast_slow_run_async(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<FastSlowJob>(args), args.value(kLast));
}

// discretizeWeights(weights, levels, out): whether there is more than one value
Napi::Value discretize_weights(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Boolean::New(info.Env(), rockpool::discretize_weights(args.array<double>(0, "weights"), args.size(1, "levels"),
                                                                     args.array<double>(2, "out")));
}

// quantizeWeightsForCores(weights, neurons, available, useDense, out)
Napi::Value quantize_weights_for_cores(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::quantize_weights_for_cores(args.array<double>(0, "weights"), static_cast<std::size_t>(args.size(1, "neurons")),
                                       args.array<double>(2, "available"), args.boolean(3, "useDense"),
                                       args.array<double>(4, "out"));
  return info.Env().Undefined();
}

}  // namespace

void init_fast_slow(Napi::Object exports) {
  define<fast_slow_plan>(exports, "fastSlowPlan");
  define<fast_slow_run>(exports, "fastSlowRun");
  define<fast_slow_run_async>(exports, "fastSlowRunAsync");
  define<discretize_weights>(exports, "discretizeWeights");
  define<quantize_weights_for_cores>(exports, "quantizeWeightsForCores");
}

}  // namespace glue
