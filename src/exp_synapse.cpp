// Exponential synapses and event routers: plans behind handles, runs on the calling thread or on a pool thread.
#include "rockpool/exp_synapse.h"

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "args.h"
#include "errors.h"
#include "event_args.h"
#include "modules.h"
#include "regressors.h"
#include "rockpool/event_router.h"
#include "run_args.h"
#include "task.h"
#include "typed_arrays.h"

namespace glue {

namespace {

constexpr napi_type_tag kPlanTag = {0x2f0b7cf19c3e48d2, 0x8e41a6b73d9f5c10};
constexpr napi_type_tag kRouterTag = {0x71d3e8a2640f4b9c, 0xa5c97e13f08b6d24};

// inputs, units, outputs, weights, wOut, tau, bias, dt, noiseStd, noiseScaling, decay, precision, blockSteps
rockpool::ExpSynapseParameters read_parameters(const Args& args) {
  rockpool::ExpSynapseParameters p;
  p.inputs = static_cast<std::size_t>(args.size(0, "inputs"));
  p.units = static_cast<std::size_t>(args.size(1, "units"));
  p.outputs = static_cast<std::size_t>(args.size(2, "outputs"));
  p.weights = optional_array(args, 3, "weights");
  p.w_out = optional_array(args, 4, "wOut");
  p.tau = optional_array(args, 5, "tau");
  p.bias = optional_array(args, 6, "bias");
  p.dt = args.number(7, "dt");
  p.noise_std = args.number(8, "noiseStd");
  p.noise = choose<rockpool::SynapseNoise>(args, 9, "noiseScaling", 3);
  p.decay = choose<rockpool::SynapseDecay>(args, 10, "decay", 3);
  p.precision = choose<rockpool::Precision>(args, 11, "precision", 2);
  p.block_steps = args.size(12, "blockSteps");
  return p;
}

// expSynPlan(...parameters)
Napi::Value plan(const Napi::CallbackInfo& info) {
  const auto p = read_parameters(Args(info));
  return wrap_handle(info.Env(), std::const_pointer_cast<rockpool::ExpSynapsePlan>(rockpool::make_exp_synapse_plan(p)),
                     kPlanTag, bytes_of({p.weights, p.w_out}));
}

std::shared_ptr<rockpool::ExpSynapsePlan> plan_of(const Args& args, std::size_t i) {
  return unwrap_handle<rockpool::ExpSynapsePlan>(args, i, "plan", kPlanTag);
}

// expSynPlanMatches(...parameters, plan)
Napi::Value plan_matches(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Boolean::New(info.Env(), plan_of(args, 13)->matches(read_parameters(args)));
}

rockpool::ExpSynapseRun read_run(const Args& args) {
  rockpool::ExpSynapseRun run;
  run.first_step = args.size(1, "firstStep");
  run.steps = args.size(2, "steps");
  run.seed = args.size(3, "seed");
  return run;
}

// The arguments from `first` on: countEvents and what eventArgs() gives, or nothing. Borrowed, or owned by a job.
class EventInput {
 public:
  EventInput(const Args& args, std::size_t first, bool own) {
    if (args.count() <= first) return;
    auto events = read_events(args, first + 1);
    if (own) {
      data_.emplace(events);
      events = data_->span();
    }
    drive_ = {events, args.boolean(first, "countEvents")};
  }
  const rockpool::EventDrive* drive() const { return drive_ ? &*drive_ : nullptr; }

 private:
  std::optional<rockpool::EventData> data_;
  std::optional<rockpool::EventDrive> drive_;
};

enum class Kind { kEvents, kSeries };

// The input of a run of either kind.
template <Kind kind>
class Input {
 public:
  Input(const Args& args, std::size_t first, bool own) : input_(args, first, own) {}
  void connect(rockpool::ExpSynapseRun& run) const {
    if constexpr (kind == Kind::kEvents)
      run.events = input_.drive();
    else
      run.input = input_.source();
  }

 private:
  std::conditional_t<kind == Kind::kEvents, EventInput, ContinuousInput> input_;
};

// expSynRun(plan, firstStep, steps, seed, state, out, countEvents, ...events)
// expSynRunSeries(plan, firstStep, steps, seed, state, out, dt, ...series)
template <Kind kind>
Napi::Value run(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto plan = plan_of(args, 0);
  auto run = read_run(args);
  const auto state = args.array<double>(4, "state");
  run.out = args.output<double>(5, "out");
  const Input<kind> input(args, 6, false);
  input.connect(run);
  rockpool::RunControl control;
  plan->run(state, run, control);
  return info.Env().Undefined();
}

template <Kind kind>
class RunJob final : public Job {
 public:
  // The same, with newState and onProgress after out.
  explicit RunJob(const Args& args)
      : plan_(plan_of(args, 0)),
        run_(read_run(args)),
        state_(args.copy<double>(4, "state")),
        out_(args, 5, "out"),
        new_state_(args, 6, "newState"),
        input_(args, 8, true) {
    if (new_state_.view().size() != state_.size())
      rockpool::throw_shape("newState", rockpool::to_text(state_.size()) + " elements long",
                            rockpool::to_text(new_state_.view().size()) + " elements");
    input_.connect(run_);
    run_.out = out_.view();
  }
  void execute(rockpool::RunControl& control) override {
    plan_->run(state_, run_, control);
    std::copy(state_.begin(), state_.end(), new_state_.view().begin());
  }
  Napi::Value settle(Napi::Env env) override { return env.Undefined(); }

 private:
  std::shared_ptr<rockpool::ExpSynapsePlan> plan_;
  rockpool::ExpSynapseRun run_;
  std::vector<double> state_;
  OutputArray out_, new_state_;
  Input<kind> input_;
};

template <Kind kind>
Napi::Value run_async(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<RunJob<kind>>(args), args.value(7));
}

// filteredEvents(channels, rows, tau, t0, dt, countEvents, initial | undefined, ...events | nothing) -> rows
Napi::Value filtered_events(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::FilterParameters p;
  p.channels = args.size(0, "channels");
  p.rows = args.size(1, "rows");
  p.tau = args.number(2, "tau");
  p.t0 = args.number(3, "t0");
  p.dt = args.number(4, "dt");
  p.count = args.boolean(5, "countEvents");
  const auto initial = optional_array(args, 6, "initial");
  const auto events = args.count() > 7 ? read_events(args, 7) : rockpool::EventSpan{};
  return wrap_handle(info.Env(), std::make_shared<rockpool::FilteredEvents>(p, events, initial), kRegressorRowsTag);
}

// filteredEventsEnd(rows, last: Float64Array, next: Float64Array): the last row, and the one that would follow
Napi::Value filtered_events_end(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto rows = unwrap_handle<rockpool::FilteredEvents>(args, 0, "rows", kRegressorRowsTag);
  rockpool::RunControl control;
  rows->prepare(control);
  std::ranges::copy(rows->last(), args.array<double>(1, "last", rows->channels()).begin());
  std::ranges::copy(rows->next(), args.array<double>(2, "next", rows->channels()).begin());
  return info.Env().Undefined();
}

// eventRouter(inputs, units, weights)
Napi::Value event_router(const Napi::CallbackInfo& info) {
  const Args args(info);
  return wrap_handle(
      info.Env(),
      std::make_shared<rockpool::EventRouter>(args.size(0, "inputs"), args.size(1, "units"), args.array<double>(2, "weights")),
      kRouterTag);
}

std::shared_ptr<rockpool::EventRouter> router_of(const Args& args) {
  return unwrap_handle<rockpool::EventRouter>(args, 0, "router", kRouterTag);
}

// routeEvents(router, tStart, tStop, ...events) -> [times, channels]
Napi::Value route_events(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto router = router_of(args);
  const rockpool::RoutedEvents routed(*router, read_events(args, 3), args.number(1, "tStart"), args.number(2, "tStop"));
  auto times = new_array<double>(info.Env(), routed.count());
  auto channels = new_array<std::int32_t>(info.Env(), routed.count());
  rockpool::RunControl control;
  routed.fill(times.Data(), channels.Data(), control);
  return event_list(info.Env(), times, channels);
}

class RouteJob final : public Job {
 public:
  // routeEventsAsync(router, tStart, tStop, onProgress, ...events)
  explicit RouteJob(const Args& args)
      : router_(router_of(args)),
        events_(read_events(args, 4)),
        t_start_(args.number(1, "tStart")),
        t_stop_(args.number(2, "tStop")) {}
  void execute(rockpool::RunControl& control) override {
    const rockpool::RoutedEvents routed(*router_, events_.span(), t_start_, t_stop_);
    events_ = {};
    count_ = routed.count();
    // Not zeroed first: that would take a while during which nobody asks whether to stop.
    times_ = std::make_unique_for_overwrite<double[]>(count_);
    channels_ = std::make_unique_for_overwrite<std::int32_t[]>(count_);
    routed.fill(times_.get(), channels_.get(), control);
  }
  Napi::Value settle(Napi::Env env) override {
    auto times = new_array<double>(env, count_);
    auto channels = new_array<std::int32_t>(env, count_);
    std::copy_n(times_.get(), count_, times.Data());
    std::copy_n(channels_.get(), count_, channels.Data());
    return event_list(env, times, channels);
  }

 private:
  std::shared_ptr<rockpool::EventRouter> router_;
  rockpool::EventData events_;
  double t_start_, t_stop_;
  std::size_t count_ = 0;
  std::unique_ptr<double[]> times_;
  std::unique_ptr<std::int32_t[]> channels_;
};

Napi::Value route_events_async(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<RouteJob>(args), args.value(3));
}

}  // namespace

void init_exp_synapse(Napi::Object exports) {
  define<plan>(exports, "expSynPlan");
  define<plan_matches>(exports, "expSynPlanMatches");
  define<run<Kind::kEvents>>(exports, "expSynRun");
  define<run<Kind::kSeries>>(exports, "expSynRunSeries");
  define<run_async<Kind::kEvents>>(exports, "expSynRunAsync");
  define<run_async<Kind::kSeries>>(exports, "expSynRunSeriesAsync");
  define<filtered_events>(exports, "filteredEvents");
  define<filtered_events_end>(exports, "filteredEventsEnd");
  define<event_router>(exports, "eventRouter");
  define<route_events>(exports, "routeEvents");
  define<route_events_async>(exports, "routeEventsAsync");
}

}  // namespace glue
