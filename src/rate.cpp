// Rate neurons and weighted copies: plans behind handles, runs on the calling thread or on a pool thread.
//
// The last arguments of a run are its input: nothing, or the time step and a series, which is sampled at k * dt block by block;
// then, for rate neurons, perhaps a second series, the forcing input. A series whose samples are null is none.
#include "rockpool/rate.h"

#include <optional>
#include <utility>
#include <vector>

#include "args.h"
#include "errors.h"
#include "modules.h"
#include "rockpool/pass_through.h"
#include "run_args.h"
#include "task.h"

namespace glue {

namespace {

constexpr napi_type_tag kRatePlanTag = {0x6d1c0f4be5a94c07, 0x9a33f2e0715bd821};
constexpr napi_type_tag kPassThroughPlanTag = {0x1f8a5dc34be2472c, 0xb74e90c2d3a1658f};

// The input arguments from `first` on: dt, the input, and perhaps a forcing input.
class ForcedInput {
 public:
  ForcedInput(const Args& args, std::size_t first, bool own)
      : input_(args, first, own), force_(args, first + 1 + kSamplerArgs, input_.dt(), own) {}
  void put(rockpool::RateRun& run) const {
    run.input = input_.source();
    run.force = force_.source();
  }

 private:
  ContinuousInput input_;
  SeriesInput force_;
};

// inputs, units, outputs, wIn, wRec, wOut, gain, bias, tau, dt, noiseStd, noiseScaling, activation, biasIn, record,
// finalRecord, precision, checkFinite
rockpool::RateParameters read_parameters(const Args& args) {
  rockpool::RateParameters p;
  p.inputs = static_cast<std::size_t>(args.size(0, "inputs"));
  p.units = static_cast<std::size_t>(args.size(1, "units"));
  p.outputs = static_cast<std::size_t>(args.size(2, "outputs"));
  p.w_in = optional_array(args, 3, "wIn");
  p.w_rec = optional_array(args, 4, "wRec");
  p.w_out = optional_array(args, 5, "wOut");
  p.gain = optional_array(args, 6, "gain");
  p.bias = optional_array(args, 7, "bias");
  p.tau = optional_array(args, 8, "tau");
  p.dt = args.number(9, "dt");
  p.noise_std = args.number(10, "noiseStd");
  p.noise_scaling = choose<rockpool::NoiseScaling>(args, 11, "noiseScaling", 3);
  p.activation = rockpool::rate_activation(args.string(12, "activation"));
  p.bias_in = choose<rockpool::RateBias>(args, 13, "biasIn", 2);
  p.record = choose<rockpool::RateRecord>(args, 14, "record", 2);
  p.final_record = args.boolean(15, "finalRecord");
  p.precision = choose<rockpool::Precision>(args, 16, "precision", 2);
  p.check_finite = args.boolean(17, "checkFinite");
  return p;
}

// ratePlan(...parameters)
Napi::Value rate_plan(const Napi::CallbackInfo& info) {
  const auto p = read_parameters(Args(info));
  return wrap_handle(info.Env(), std::const_pointer_cast<rockpool::RatePlan>(rockpool::make_rate_plan(p)), kRatePlanTag,
                     bytes_of({p.w_in, p.w_rec, p.w_out}));
}

std::shared_ptr<rockpool::RatePlan> plan_of(const Args& args, std::size_t i = 0) {
  return unwrap_handle<rockpool::RatePlan>(args, i, "plan", kRatePlanTag);
}

// ratePlanMatches(...parameters, plan)
Napi::Value rate_plan_matches(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Boolean::New(info.Env(), plan_of(args, 18)->matches(read_parameters(args)));
}

rockpool::RateRun read_run(const Args& args) {
  rockpool::RateRun run;
  run.first_step = args.size(1, "firstStep");
  run.steps = args.size(2, "steps");
  run.seed = args.size(3, "seed");
  return run;
}

std::span<double> optional_record(const Args& args, std::size_t i, const char* name) {
  return args.missing(i) ? std::span<double>() : args.output<double>(i, name);
}

// rateRun(plan, firstStep, steps, seed, state, out, weightedInput, recurrentInput, activities, ...input)
Napi::Value rate_run(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto plan = plan_of(args);
  auto run = read_run(args);
  const auto state = args.array<double>(4, "state");
  run.out = args.output<double>(5, "out");
  run.weighted_input = optional_record(args, 6, "weightedInput");
  run.recurrent_input = optional_record(args, 7, "recurrentInput");
  run.activities = optional_record(args, 8, "activities");
  const ForcedInput input(args, 9, false);
  input.put(run);
  rockpool::RunControl control;
  plan->run({state}, run, control);
  return info.Env().Undefined();
}

class RateJob final : public Job {
 public:
  // rateRunAsync(plan, firstStep, steps, seed, state, out, newState, onProgress, ...input): without further records
  explicit RateJob(const Args& args)
      : plan_(plan_of(args)),
        run_(read_run(args)),
        state_(args.copy<double>(4, "state")),
        out_(args, 5, "out"),
        new_state_(args, 6, "newState"),
        input_(args, 8, true) {
    if (new_state_.view().size() != state_.size())
      rockpool::throw_shape("newState", rockpool::to_text(state_.size()) + " elements long",
                            rockpool::to_text(new_state_.view().size()) + " elements");
    input_.put(run_);
    run_.out = out_.view();
  }
  void execute(rockpool::RunControl& control) override {
    plan_->run({state_}, run_, control);
    std::copy(state_.begin(), state_.end(), new_state_.view().begin());
  }
  Napi::Value settle(Napi::Env env) override { return env.Undefined(); }

 private:
  std::shared_ptr<rockpool::RatePlan> plan_;
  rockpool::RateRun run_;
  std::vector<double> state_;
  OutputArray out_, new_state_;
  ForcedInput input_;
};

Napi::Value rate_run_async(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<RateJob>(args), args.value(7));
}

// rateStep(plan, step, 1, seed, state, activity, input row, forcing row, weightedInput, recurrentInput): the last four may be
// undefined
Napi::Value rate_step(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto plan = plan_of(args);
  auto run = read_run(args);
  const auto state = args.array<double>(4, "state");
  const auto activity = args.array<double>(5, "activity");
  const auto row = [&](std::size_t i, const char* name, std::size_t channels) {
    std::optional<rockpool::MatrixSource> source;
    if (!args.missing(i)) source.emplace(args.array<double>(i, name, channels), channels, run.first_step);
    return source;
  };
  const auto input = row(6, "input", plan->inputs());
  const auto force = row(7, "force", plan->units());
  if (input) run.input = &*input;
  if (force) run.force = &*force;
  run.weighted_input = optional_record(args, 8, "weightedInput");
  run.recurrent_input = optional_record(args, 9, "recurrentInput");
  plan->step({state}, run, activity);
  return info.Env().Undefined();
}

// rateProject(plan, activity, out): out = the activity, or its product with the output weights
Napi::Value rate_project(const Napi::CallbackInfo& info) {
  const Args args(info);
  plan_of(args)->project(args.array<double>(1, "activity"), args.array<double>(2, "out"));
  return info.Env().Undefined();
}

// rateActivity(plan, state, out): out = H(state + bias)
Napi::Value rate_activity(const Napi::CallbackInfo& info) {
  const Args args(info);
  plan_of(args)->activity(args.array<double>(1, "state"), args.array<double>(2, "out"));
  return info.Env().Undefined();
}

// applyActivation(name, x, out): out = H(x)
Napi::Value apply_activation(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::apply_activation(rockpool::rate_activation(args.string(0, "activation")), args.array<double>(1, "x"),
                             args.array<double>(2, "out"));
  return info.Env().Undefined();
}

// readBandwidth(bytes, seconds): bytes per second, for benchmarks
Napi::Value read_bandwidth(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Number::New(
      info.Env(), rockpool::read_bandwidth(static_cast<std::size_t>(args.size(0, "bytes")), args.number(1, "seconds")));
}

// passThroughPlan(inputs, units, weights, bias, noiseStd, precision)
Napi::Value pass_through_plan(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::PassThroughParameters p;
  p.inputs = static_cast<std::size_t>(args.size(0, "inputs"));
  p.units = static_cast<std::size_t>(args.size(1, "units"));
  p.weights = args.array<double>(2, "weights");
  p.bias = optional_array(args, 3, "bias");
  p.noise_std = args.number(4, "noiseStd");
  p.precision = choose<rockpool::Precision>(args, 5, "precision", 2);
  return wrap_handle(info.Env(), std::const_pointer_cast<rockpool::PassThroughPlan>(rockpool::make_pass_through_plan(p)),
                     kPassThroughPlanTag, bytes_of({p.weights}));
}

// passThroughRun(plan, firstStep, steps, seed, last, out, buffer, ...input)
Napi::Value pass_through_run(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto plan = unwrap_handle<rockpool::PassThroughPlan>(args, 0, "plan", kPassThroughPlanTag);
  auto run = read_run(args);
  const auto last = args.array<double>(4, "state");
  run.out = args.output<double>(5, "out");
  const auto buffer = args.array<double>(6, "buffer");
  const ContinuousInput input(args, 7, false);
  run.input = input.source();
  rockpool::RunControl control;
  plan->run({last, buffer}, run, control);
  return info.Env().Undefined();
}

class PassThroughJob final : public Job {
 public:
  // passThroughRunAsync(plan, firstStep, steps, seed, last, out, buffer, newLast, newBuffer, onProgress, ...input)
  explicit PassThroughJob(const Args& args)
      : plan_(unwrap_handle<rockpool::PassThroughPlan>(args, 0, "plan", kPassThroughPlanTag)),
        run_(read_run(args)),
        last_(args.copy<double>(4, "state")),
        buffer_(args.copy<double>(6, "buffer")),
        out_(args, 5, "out"),
        new_last_(args, 7, "newState"),
        new_buffer_(args, 8, "newBuffer"),
        input_(args, 10, true) {
    if (new_last_.view().size() != last_.size() || new_buffer_.view().size() != buffer_.size())
      rockpool::throw_shape("newState and newBuffer", "as long as the state and the buffer", "another length");
    run_.input = input_.source();
    run_.out = out_.view();
  }
  void execute(rockpool::RunControl& control) override {
    plan_->run({last_, buffer_}, run_, control);
    std::copy(last_.begin(), last_.end(), new_last_.view().begin());
    std::copy(buffer_.begin(), buffer_.end(), new_buffer_.view().begin());
  }
  Napi::Value settle(Napi::Env env) override { return env.Undefined(); }

 private:
  std::shared_ptr<rockpool::PassThroughPlan> plan_;
  rockpool::RateRun run_;
  std::vector<double> last_, buffer_;
  OutputArray out_, new_last_, new_buffer_;
  ContinuousInput input_;
};

Napi::Value pass_through_run_async(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<PassThroughJob>(args), args.value(9));
}

}  // namespace

void init_rate(Napi::Object exports) {
  define<rate_plan>(exports, "ratePlan");
  define<rate_plan_matches>(exports, "ratePlanMatches");
  define<rate_run>(exports, "rateRun");
  define<rate_run_async>(exports, "rateRunAsync");
  define<rate_step>(exports, "rateStep");
  define<rate_project>(exports, "rateProject");
  define<rate_activity>(exports, "rateActivity");
  define<apply_activation>(exports, "applyActivation");
  define<read_bandwidth>(exports, "readBandwidth");
  define<pass_through_plan>(exports, "passThroughPlan");
  define<pass_through_run>(exports, "passThroughRun");
  define<pass_through_run_async>(exports, "passThroughRunAsync");
}

}  // namespace glue
