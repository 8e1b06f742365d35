// Filter banks: design, plans behind handles, runs on the calling thread or on a pool thread.
#include "rockpool/filters.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "args.h"
#include "errors.h"
#include "modules.h"
#include "operation.h"
#include "rockpool/butterworth.h"
#include "rockpool/mel.h"
#include "run_args.h"
#include "task.h"

namespace glue {

namespace {

constexpr napi_type_tag kPlanTag = {0x5a8e1c7340d92bf6, 0xb06f3d9a71e5c824};
constexpr std::size_t kCoefficients = 6;

// butterBandpass(order, fs, low, high, out): out is filters x order x 6
Napi::Value butter_bandpass(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::butterworth_bank(args.size(0, "order"), args.number(1, "fs"), args.array<double>(2, "low"),
                             args.array<double>(3, "high"), args.array<double>(4, "out"));
  return info.Env().Undefined();
}

// butterLowpass(order, fs, cutoff, out): out is ceil(order / 2) x 6
Napi::Value butter_lowpass(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto sections =
      rockpool::butterworth_lowpass(args.size(0, "order"), args.number(2, "cutoff") / (args.number(1, "fs") / 2.0));
  double* out = args.array<double>(3, "out", sections.size() * kCoefficients).data();
  for (const auto& section : sections) out = std::copy(section.begin(), section.end(), out);
  return info.Env().Undefined();
}

// melBands(fs, cutoff, width, low, high)
Napi::Value mel_bands(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto low = args.array<double>(3, "low");
  rockpool::mel_bands(args.number(0, "fs"), args.number(1, "cutoff"), args.number(2, "width"), low,
                      args.array<double>(4, "high", low.size()));
  return info.Env().Undefined();
}

// centredBands(centre, width, low, high)
Napi::Value centred_bands(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto centre = args.array<double>(0, "centre");
  rockpool::centred_bands(centre, args.array<double>(1, "width", centre.size()), args.array<double>(2, "low", centre.size()),
                          args.array<double>(3, "high", centre.size()));
  return info.Env().Undefined();
}

// lowestEdge(centre, width)
Napi::Value lowest_edge(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto centre = args.array<double>(0, "centre");
  return Napi::Number::New(info.Env(), rockpool::lowest_edge(centre, args.array<double>(1, "width", centre.size())));
}

// hz2mel(hz, out), mel2hz(mel, out)
template <double (*Scale)(double)>
Napi::Value rescale(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto values = args.array<double>(0, "values");
  std::transform(values.begin(), values.end(), args.array<double>(1, "out", values.size()).begin(), Scale);
  return info.Env().Undefined();
}

// filterResponse(sections, filters, radians, out): out is filters x radians.length
Napi::Value filter_response(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto sections = args.array<double>(0, "sections");
  const std::size_t filters = args.size(1, "filters");
  const auto radians = args.array<double>(2, "radians");
  const auto out = args.array<double>(3, "out", filters * radians.size());
  const std::size_t each = filters == 0 ? 0 : sections.size() / filters;
  for (std::size_t k = 0; k < filters; ++k)
    for (std::size_t i = 0; i < radians.size(); ++i)
      out[k * radians.size() + i] = rockpool::filter_magnitude(sections.subspan(k * each, each), radians[i]);
  return info.Env().Undefined();
}

// filterBankPlan(filters, bandpass, lowpass | undefined, rectify)
Napi::Value plan(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::FilterBankParameters p;
  p.filters = args.size(0, "filters");
  p.bandpass = args.array<double>(1, "bandpass");
  p.lowpass = optional_array(args, 2, "lowpass");
  p.rectify = args.boolean(3, "rectify");
  return wrap_handle(info.Env(), std::make_shared<rockpool::FilterBankPlan>(p), kPlanTag);
}

std::shared_ptr<rockpool::FilterBankPlan> plan_of(const Args& args, std::size_t i) {
  return unwrap_handle<rockpool::FilterBankPlan>(args, i, "plan", kPlanTag);
}

// plan, firstStep, steps, downsample, normalize, subtractMean
rockpool::FilterBankRun read_run(const Args& args) {
  rockpool::FilterBankRun run;
  run.first_step = args.size(1, "firstStep");
  run.steps = args.size(2, "steps");
  run.every = args.size(3, "downsample");
  run.normalize = args.boolean(4, "normalize");
  run.subtract_mean = args.boolean(5, "subtractMean");
  return run;
}

// filterBankRun(plan, firstStep, steps, downsample, normalize, subtractMean, state, out, ...input); writes the state
Napi::Value run(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto plan = plan_of(args, 0);
  auto run = read_run(args);
  const auto state = args.array<double>(6, "state");
  run.out = args.output<double>(7, "out");
  const ContinuousInput input(args, 8, false);
  run.input = input.source();
  rockpool::RunControl control;
  plan->run(state, run, control);
  return info.Env().Undefined();
}

class RunJob final : public Job {
 public:
  // filterBankRunAsync(..., state, out, newState, onProgress, ...input)
  explicit RunJob(const Args& args)
      : plan_(plan_of(args, 0)),
        run_(read_run(args)),
        state_(args.copy<double>(6, "state")),
        out_(args, 7, "out"),
        new_state_(args, 8, "newState"),
        input_(args, 10, true) {
    if (new_state_.view().size() != state_.size())
      rockpool::throw_shape("newState", rockpool::to_text(state_.size()) + " elements long",
                            rockpool::to_text(new_state_.view().size()) + " elements");
    run_.input = input_.source();
    run_.out = out_.view();
  }
  void execute(rockpool::RunControl& control) override {
    plan_->run(state_, run_, control);
    std::ranges::copy(state_, new_state_.view().begin());
  }
  Napi::Value settle(Napi::Env env) override { return env.Undefined(); }

 private:
  std::shared_ptr<rockpool::FilterBankPlan> plan_;
  rockpool::FilterBankRun run_;
  std::vector<double> state_;
  OutputArray out_, new_state_;
  ContinuousInput input_;
};

Napi::Value run_async(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<RunJob>(args), args.value(9));
}

// filterBatch(precision, onProgress, plan, batch, steps, normalize, subtractMean, input, out, state, newState)
template <typename T>
class FilterBatch {
 public:
  FilterBatch(const Args& args, bool own)
      : plan_(plan_of(args, 2)),
        input_(args, 7, "input", own),
        out_(args, 8, "out", own),
        state_(args, 9, "state", own),
        new_state_(args, 10, "newState", own) {
    run_.batch = args.size(3, "batch");
    run_.steps = args.size(4, "steps");
    check_product({run_.batch, run_.steps, plan_->filters()});
    check_product({run_.batch, plan_->state_size()});
    run_.normalize = args.boolean(5, "normalize");
    run_.subtract_mean = args.boolean(6, "subtractMean");
    run_.input = input_.view(), run_.out = out_.view();
  }
  void run(rockpool::RunControl& control) { plan_->run_batch(state_.view(), new_state_.view(), run_, control); }

 private:
  std::shared_ptr<rockpool::FilterBankPlan> plan_;
  rockpool::FilterBatchRun<T> run_;
  In<T> input_;
  Out<T> out_;
  In<double> state_;
  Out<double> new_state_;
};

}  // namespace

void init_filters(Napi::Object exports) {
  define<butter_bandpass>(exports, "butterBandpass");
  define<butter_lowpass>(exports, "butterLowpass");
  define<mel_bands>(exports, "melBands");
  define<centred_bands>(exports, "centredBands");
  define<rescale<rockpool::mel_of_hz>>(exports, "hz2mel");
  define<rescale<rockpool::hz_of_mel>>(exports, "mel2hz");
  define<lowest_edge>(exports, "lowestEdge");
  define<filter_response>(exports, "filterResponse");
  define<plan>(exports, "filterBankPlan");
  define<run>(exports, "filterBankRun");
  define<run_async>(exports, "filterBankRunAsync");
  define<run_now<FilterBatch>>(exports, "filterBatch");
  define<run_later<FilterBatch>>(exports, "filterBatchAsync");
}

}  // namespace glue
