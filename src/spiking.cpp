// Runs of spiking neurons, here and now or on a pool thread.
#include "rockpool/spiking.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "args.h"
#include "errors.h"
#include "event_args.h"
#include "modules.h"
#include "rockpool/thread_pool.h"
#include "rockpool/time_grid.h"
#include "run_args.h"
#include "spiking_args.h"
#include "task.h"
#include "typed_arrays.h"

namespace glue {

namespace {

using rockpool::PendingSpike;
using rockpool::SpikingPlan;

constexpr napi_type_tag kPlanTag = {0x9d35f02c6b814ae7, 0xa1f46c08d27b5e93};

std::shared_ptr<SpikingPlan> plan_of(const Args& args) {
  return unwrap_handle<SpikingPlan>(args, 0, "plan", kPlanTag);
}

std::vector<PendingSpike> read_pending(const Args& args, std::size_t i, const char* name) {
  std::vector<PendingSpike> pending;
  if (args.missing(i)) return pending;
  const auto pairs = args.array<double>(i, name);
  if (pairs.size() % 2 != 0)
    rockpool::throw_shape(name, "pairs of a step and a channel", rockpool::to_text(pairs.size()) + " numbers");
  for (std::size_t k = 0; k < pairs.size(); k += 2) {
    if (!(pairs[k] >= 0.0 && pairs[k] <= 9007199254740992.0 && pairs[k + 1] >= 0.0 && pairs[k + 1] < 4294967295.0))
      rockpool::throw_range(name, "steps and channels of 0 or more",
                            rockpool::to_text(pairs[k]) + ", " + rockpool::to_text(pairs[k + 1]));
    pending.push_back({static_cast<std::uint64_t>(pairs[k]), static_cast<std::uint32_t>(pairs[k + 1])});
  }
  return pending;
}

Napi::Value pending_array(Napi::Env env, const std::vector<PendingSpike>& pending) {
  auto array = new_array<double>(env, pending.size() * 2);
  for (std::size_t k = 0; k < pending.size(); ++k) {
    array[2 * k] = static_cast<double>(pending[k].step);
    array[2 * k + 1] = static_cast<double>(pending[k].channel);
  }
  return array;
}

// Arguments 1 to 3 and 11: firstStep, steps, seed, spikeOffset; dt comes last before the input.
rockpool::SpikingRun read_run(const Args& args) {
  rockpool::SpikingRun run;
  run.first_step = args.size(1, "firstStep");
  run.steps = args.size(2, "steps");
  run.seed = args.size(3, "seed");
  if (run.first_step + run.steps > 9007199254740992u)
    rockpool::throw_range("steps", "below 2^53 in all", rockpool::to_text(run.steps));
  run.dt = args.number(12, "dt");
  if (!(run.dt > 0)) rockpool::throw_range("dt", "greater than 0", rockpool::to_text(run.dt));
  return run;
}

constexpr std::size_t kRecordArgs = 13;  // every, channels, vPre, vPost, rec0, rec1, total
constexpr std::size_t kInputArgs = 20;
constexpr const char* kRecordNames[] = {"vPre", "vPost", "rec0", "rec1", "total"};

void read_record(const Args& args, rockpool::SpikingRecord& record, std::array<std::span<double>, 5> arrays) {
  record.every = args.size(kRecordArgs, "every");
  record.all_channels = args.missing(kRecordArgs + 1);
  record.v_before = arrays[0];
  record.v_after = arrays[1];
  record.currents = {arrays[2], arrays[3]};
  record.total = arrays[4];
}

std::span<double> optional_state(const Args& args, std::size_t i, const char* name) {
  return args.missing(i) ? std::span<double>() : args.array<double>(i, name);
}

// spikingRun(plan, firstStep, steps, seed, v, i0, i1, adaptation, refractory, pendingSpikes, pendingInput, spikeOffset, dt,
// recordEvery, recordChannels, vPre, vPost, rec0, rec1, total, ...input): [times, channels, pendingSpikes, pendingInput]
Napi::Value spiking_run(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto plan = plan_of(args);
  auto run = read_run(args);
  auto spikes = read_pending(args, 9, "pendingSpikes"), events = read_pending(args, 10, "pendingInput");
  const rockpool::SpikingState state{args.array<double>(4, "v"),
                                     {optional_state(args, 5, "i0"), optional_state(args, 6, "i1")},
                                     optional_state(args, 7, "adaptation"),
                                     args.array<std::int32_t>(8, "refractory"),
                                     &spikes,
                                     &events};
  std::array<std::span<double>, 5> arrays;
  for (std::size_t k = 0; k < 5; ++k) arrays[k] = optional_state(args, kRecordArgs + 2 + k, kRecordNames[k]);
  read_record(args, run.record, arrays);
  if (!run.record.all_channels) run.record.channels = args.array<std::int32_t>(kRecordArgs + 1, "recordChannels");
  const SpikingInput input(args, kInputArgs, false);
  input.put(run);
  rockpool::SpikeList out;
  rockpool::RunControl control;
  plan->run(state, run, out, control);
  auto result = Napi::Array::New(info.Env(), 4);
  give_spikes(info.Env(), out, run.first_step, args.number(11, "spikeOffset"), run.dt, result);
  result.Set(2u, pending_array(info.Env(), spikes));
  result.Set(3u, pending_array(info.Env(), events));
  return result;
}

class SpikingJob final : public Job {
 public:
  // The arguments of spikingRun, with onProgress before the input.
  explicit SpikingJob(const Args& args)
      : plan_(plan_of(args)),
        run_(read_run(args)),
        offset_(args.number(11, "spikeOffset")),
        v_(args.copy<double>(4, "v")),
        current_{copy(args, 5, "i0"), copy(args, 6, "i1")},
        adaptation_(copy(args, 7, "adaptation")),
        refractory_(args.copy<std::int32_t>(8, "refractory")),
        pending_spikes_(read_pending(args, 9, "pendingSpikes")),
        pending_events_(read_pending(args, 10, "pendingInput")),
        input_(args, kInputArgs + 1, true) {
    std::array<std::span<double>, 5> arrays;
    for (std::size_t k = 0; k < 5; ++k)
      if (!args.missing(kRecordArgs + 2 + k)) arrays[k] = record_[k].emplace(args, kRecordArgs + 2 + k, kRecordNames[k]).view();
    read_record(args, run_.record, arrays);
    if (!run_.record.all_channels) {
      record_channels_ = args.copy<std::int32_t>(kRecordArgs + 1, "recordChannels");
      run_.record.channels = record_channels_;
    }
    input_.put(run_);
  }

  void execute(rockpool::RunControl& control) override {
    plan_->run({v_, {current_[0], current_[1]}, adaptation_, refractory_, &pending_spikes_, &pending_events_}, run_, spikes_,
               control);
  }

  // [times, channels, pendingSpikes, pendingInput, v, i0, i1, adaptation, refractory]
  Napi::Value settle(Napi::Env env) override {
    auto result = Napi::Array::New(env, 9);
    give_spikes(env, spikes_, run_.first_step, offset_, run_.dt, result);
    result.Set(2u, pending_array(env, pending_spikes_));
    result.Set(3u, pending_array(env, pending_events_));
    result.Set(4u, give(env, v_));
    result.Set(5u, current_[0].empty() ? env.Undefined() : give(env, current_[0]));
    result.Set(6u, current_[1].empty() ? env.Undefined() : give(env, current_[1]));
    result.Set(7u, adaptation_.empty() ? env.Undefined() : give(env, adaptation_));
    auto refractory = new_array<std::int32_t>(env, refractory_.size());
    std::copy(refractory_.begin(), refractory_.end(), refractory.Data());
    result.Set(8u, refractory);
    return result;
  }

 private:
  static std::vector<double> copy(const Args& args, std::size_t i, const char* name) {
    return args.missing(i) ? std::vector<double>() : args.copy<double>(i, name);
  }
  static Napi::Value give(Napi::Env env, const std::vector<double>& from) {
    auto to = new_array<double>(env, from.size());
    std::copy(from.begin(), from.end(), to.Data());
    return to;
  }

  std::shared_ptr<SpikingPlan> plan_;
  rockpool::SpikingRun run_;
  double offset_;
  std::vector<double> v_;
  std::array<std::vector<double>, 2> current_;
  std::vector<double> adaptation_;
  std::vector<std::int32_t> refractory_, record_channels_;
  std::vector<PendingSpike> pending_spikes_, pending_events_;
  std::array<std::optional<OutputArray>, 5> record_;
  SpikingInput input_;
  rockpool::SpikeList spikes_;
};

Napi::Value spiking_run_async(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<SpikingJob>(args), args.value(kInputArgs));
}

// spikingPlanInfo(plan): [inputs, units, synaptic currents, synapses, bytes of the synapses]
Napi::Value plan_info(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto plan = plan_of(args);
  const double numbers[] = {static_cast<double>(plan->inputs()), static_cast<double>(plan->units()),
                            static_cast<double>(plan->currents()), static_cast<double>(plan->synapses()),
                            static_cast<double>(plan->synapse_bytes())};
  auto result = Napi::Array::New(info.Env(), 5);
  for (std::uint32_t i = 0; i < 5; ++i) result.Set(i, numbers[i]);
  return result;
}

// spikingSynapticEvents(plan, channels: Int32Array, ofInput): number
Napi::Value synaptic_events(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Number::New(info.Env(), static_cast<double>(plan_of(args)->synaptic_events(
                                           args.array<std::int32_t>(1, "channels"), args.boolean(2, "ofInput"))));
}

}  // namespace

void give_spikes(Napi::Env env, const rockpool::SpikeList& list, std::uint64_t first_step, double offset, double dt,
                 Napi::Array& result) {
  auto times = new_array<double>(env, list.steps.size());
  auto channels = new_array<std::int32_t>(env, list.steps.size());
  const double first = static_cast<double>(first_step) + offset;
  double* t = times.Data();
  for (std::size_t k = 0; k < list.steps.size(); ++k)
    t[k] = rockpool::time_of(first + static_cast<double>(list.steps[k]), 0.0, dt);
  std::copy(list.neurons.begin(), list.neurons.end(), channels.Data());
  result.Set(0u, times);
  result.Set(1u, channels);
}

Napi::Value wrap_plan(Napi::Env env, std::shared_ptr<const SpikingPlan> plan) {
  const std::uint64_t bytes = plan->synapse_bytes();
  return wrap_handle(env, std::const_pointer_cast<SpikingPlan>(std::move(plan)), kPlanTag, bytes);
}

std::shared_ptr<const SpikingPlan> synapses_of(const Args& args, std::size_t i) {
  if (args.missing(i)) return nullptr;
  return unwrap_handle<SpikingPlan>(args, i, "synapsesOf", kPlanTag);
}

unsigned threads_for(std::size_t units, const std::array<std::shared_ptr<const rockpool::SynapseRoute>, 2>& in,
                     const std::array<std::shared_ptr<const rockpool::SynapseRoute>, 2>& rec) {
  constexpr double kWorthwhile = 16384.0;  // neuron updates, or a hundredth of the synapses: some microseconds a step
  double work = static_cast<double>(units);
  for (const auto& route : {in[0], in[1], rec[0], rec[1]})
    if (route) work = std::max(work, static_cast<double>(route->matrix->stored()) / 100.0);
  const double most = std::floor(work / (kWorthwhile / 2.0));
  return most < 2.0 ? 1u : static_cast<unsigned>(std::min<double>(most, rockpool::ThreadPool::instance().concurrency()));
}

void init_spiking(Napi::Object exports) {
  define<spiking_run>(exports, "spikingRun");
  define<spiking_run_async>(exports, "spikingRunAsync");
  define<plan_info>(exports, "spikingPlanInfo");
  define<synaptic_events>(exports, "spikingSynapticEvents");
}

}  // namespace glue
