// Leaky integrate-and-fire neurons with several spikes per step: plans behind handles, runs here and now or on a pool thread.
#include "rockpool/lif.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "args.h"
#include "errors.h"
#include "modules.h"
#include "run_args.h"
#include "spiking_args.h"
#include "task.h"
#include "typed_arrays.h"

namespace glue {

namespace {

constexpr napi_type_tag kLifPlanTag = {0x3c52f7a1d0984be6, 0x8e17b4c95d2f60a3};
constexpr double kSpikeOffset = 0.5;  // a spike of a step lies in its middle

// inputs, units, outputs, wIn, wRecurrent, wOut, tauMem, tauSyn, bias, dt, noiseStd, noiseScaling, surrogate, gain, shift,
// precision
rockpool::LifParameters read_parameters(const Args& args) {
  rockpool::LifParameters p;
  p.inputs = static_cast<std::size_t>(args.size(0, "inputs"));
  p.units = static_cast<std::size_t>(args.size(1, "units"));
  p.outputs = static_cast<std::size_t>(args.size(2, "outputs"));
  p.w_in = optional_array(args, 3, "wIn");
  p.w_rec = optional_array(args, 4, "wRecurrent");
  p.w_out = optional_array(args, 5, "wOut");
  p.tau_mem = optional_array(args, 6, "tauMem");
  p.tau_syn = optional_array(args, 7, "tauSyn");
  p.bias = optional_array(args, 8, "bias");
  p.dt = args.number(9, "dt");
  p.noise_std = args.number(10, "noiseStd");
  p.noise_scaling = choose<rockpool::NoiseScaling>(args, 11, "noiseScaling", 3);
  p.surrogate = choose<rockpool::LifSurrogate>(args, 12, "surrogate", 2);
  p.surrogate_gain = args.number(13, "gain");
  p.surrogate_shift = args.number(14, "shift");
  p.precision = choose<rockpool::Precision>(args, 15, "precision", 2);
  return p;
}

std::shared_ptr<rockpool::LifPlan> plan_of(const Args& args, std::size_t i = 0) {
  return unwrap_handle<rockpool::LifPlan>(args, i, "plan", kLifPlanTag);
}

// lifPlan(...parameters)
Napi::Value lif_plan(const Napi::CallbackInfo& info) {
  const auto p = read_parameters(Args(info));
  return wrap_handle(info.Env(), std::const_pointer_cast<rockpool::LifPlan>(rockpool::make_lif_plan(p)), kLifPlanTag,
                     bytes_of({p.w_in, p.w_rec, p.w_out}));
}

// lifPlanMatches(...parameters, plan)
Napi::Value lif_plan_matches(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Boolean::New(info.Env(), plan_of(args, 16)->matches(read_parameters(args)));
}

rockpool::LifRun read_run(const Args& args) {
  rockpool::LifRun run;
  run.first_step = args.size(1, "firstStep");
  run.steps = args.size(2, "steps");
  run.seed = args.size(3, "seed");
  if (run.first_step + run.steps > 9007199254740992u)
    rockpool::throw_range("steps", "below 2^53 in all", rockpool::to_text(run.steps));
  return run;
}

std::span<double> optional_output(const Args& args, std::size_t i, const char* name) {
  return args.missing(i) ? std::span<double>() : args.output<double>(i, name);
}

// lifRun(plan, firstStep, steps, seed, vMem, iSyn, spikes, listSpikes, out, vMemRecord, iSynRecord, iRecRecord,
// surrogateRecord,
// ...input): [times, channels], or nothing. Writes the state; the arrays from `out` on may be undefined.
Napi::Value lif_run(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto plan = plan_of(args);
  auto run = read_run(args);
  const rockpool::LifState state{args.array<double>(4, "vMem"), args.array<double>(5, "iSyn"), args.array<double>(6, "spikes")};
  rockpool::SpikeList spikes;
  if (args.boolean(7, "listSpikes")) run.spikes = &spikes;
  run.out = optional_output(args, 8, "out");
  run.record.v_mem = optional_output(args, 9, "vMemRecord");
  run.record.i_syn = optional_output(args, 10, "iSynRecord");
  run.record.i_rec = optional_output(args, 11, "iRecRecord");
  run.record.surrogate = optional_output(args, 12, "surrogateRecord");
  const SpikingInput input(args, 13, false);
  input.put(run);
  rockpool::RunControl control;
  plan->run(state, run, control);
  if (run.spikes == nullptr) return info.Env().Undefined();
  auto result = Napi::Array::New(info.Env(), 2);
  give_spikes(info.Env(), spikes, run.first_step, kSpikeOffset, plan->dt(), result);
  return result;
}

class LifJob final : public Job {
 public:
  // lifRunAsync(plan, firstStep, steps, seed, vMem, iSyn, spikes, listSpikes, out, newVMem, newISyn, newSpikes, onProgress,
  // ...input)
  explicit LifJob(const Args& args)
      : plan_(plan_of(args)),
        run_(read_run(args)),
        v_mem_(args.copy<double>(4, "vMem")),
        i_syn_(args.copy<double>(5, "iSyn")),
        spikes_(args.copy<double>(6, "spikes")),
        new_v_mem_(args, 9, "newVMem"),
        new_i_syn_(args, 10, "newISyn"),
        new_spikes_(args, 11, "newSpikes"),
        input_(args, 13, true) {
    const std::size_t n = plan_->units();
    for (const auto& after : {new_v_mem_.view(), new_i_syn_.view(), new_spikes_.view()})
      if (after.size() != n)
        rockpool::throw_shape("the new state", rockpool::to_text(n) + " elements long",
                              rockpool::to_text(after.size()) + " elements");
    if (args.boolean(7, "listSpikes")) run_.spikes = &list_;
    if (!args.missing(8)) run_.out = out_.emplace(args, 8, "out").view();
    input_.put(run_);
  }

  void execute(rockpool::RunControl& control) override {
    plan_->run({v_mem_, i_syn_, spikes_}, run_, control);
    std::ranges::copy(v_mem_, new_v_mem_.view().begin());
    std::ranges::copy(i_syn_, new_i_syn_.view().begin());
    std::ranges::copy(spikes_, new_spikes_.view().begin());
  }

  Napi::Value settle(Napi::Env env) override {
    if (run_.spikes == nullptr) return env.Undefined();
    auto result = Napi::Array::New(env, 2);
    give_spikes(env, list_, run_.first_step, kSpikeOffset, plan_->dt(), result);
    return result;
  }

 private:
  std::shared_ptr<rockpool::LifPlan> plan_;
  rockpool::LifRun run_;
  std::vector<double> v_mem_, i_syn_, spikes_;
  OutputArray new_v_mem_, new_i_syn_, new_spikes_;
  std::optional<OutputArray> out_;
  SpikingInput input_;
  rockpool::SpikeList list_;
};

Napi::Value lif_run_async(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<LifJob>(args), args.value(12));
}

}  // namespace

void init_lif(Napi::Object exports) {
  define<lif_plan>(exports, "lifPlan");
  define<lif_plan_matches>(exports, "lifPlanMatches");
  define<lif_run>(exports, "lifRun");
  define<lif_run_async>(exports, "lifRunAsync");
}

}  // namespace glue
