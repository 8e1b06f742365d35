// Delta modulation: signals to events on the calling thread or on a pool thread, and events to signals.
#include "rockpool/up_down.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "args.h"
#include "errors.h"
#include "event_args.h"
#include "modules.h"
#include "run_args.h"
#include "task.h"
#include "typed_arrays.h"

namespace glue {

namespace {

// Parameters with their arrays: borrowed, or copied for a job.
class Parameters {
 public:
  // thrUp, thrDown, tauDecay, dt, repeat, spread
  Parameters(const Args& args, bool own) {
    constexpr const char* names[] = {"thrUp", "thrDown", "tauDecay"};
    std::span<const double>* const arrays[] = {&p_.thr_up, &p_.thr_down, &p_.tau};
    for (std::size_t i = 0; i < 3; ++i) {
      *arrays[i] = args.array<double>(i, names[i]);
      if (!own) continue;
      data_[i].assign(arrays[i]->begin(), arrays[i]->end());
      *arrays[i] = data_[i];
    }
    p_.dt = args.number(3, "dt");
    p_.repeat = args.size(4, "repeat");
    const auto spread = args.size(5, "spread");
    if (spread > 0x7fffffffu) rockpool::throw_range("spread", "less than 2^31", std::to_string(spread));
    p_.spread = static_cast<std::uint32_t>(spread);
  }
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;

  rockpool::UpDownParameters& get() { return p_; }

 private:
  rockpool::UpDownParameters p_;
  std::vector<double> data_[3];
};

constexpr std::size_t kRunArgs = 6;  // where those of the run begin
constexpr std::size_t kState = 13;

// noiseStd, multiplex, ownTurns, firstStep, steps, seed, spikeOffset
rockpool::UpDownRun read_run(const Args& args, rockpool::UpDownParameters& p) {
  p.noise_std = args.number(kRunArgs, "noiseStd");
  p.multiplex = args.boolean(kRunArgs + 1, "multiplex");
  p.own_turns = args.boolean(kRunArgs + 2, "ownTurns");
  rockpool::UpDownRun run;
  run.first_step = args.size(kRunArgs + 3, "firstStep");
  run.steps = args.size(kRunArgs + 4, "steps");
  run.seed = args.size(kRunArgs + 5, "seed");
  run.spike_offset = args.number(kRunArgs + 6, "spikeOffset");
  return run;
}

// upDownEncode(...parameters, ...run, state, turns, ...input): [times, channels]; writes the state and the turns at the end
Napi::Value encode(const Napi::CallbackInfo& info) {
  const Args args(info);
  Parameters parameters(args, false);
  auto run = read_run(args, parameters.get());
  const auto state = args.array<double>(kState, "state");
  const auto turns = args.array<double>(kState + 1, "turns");
  const ContinuousInput input(args, kState + 2, false);
  run.input = input.source();
  std::vector<double> new_state(state.begin(), state.end()), new_turns(turns.begin(), turns.end());
  rockpool::RunControl control;
  const rockpool::UpDownEvents events(parameters.get(), run, new_state, control);
  auto times = new_array<double>(info.Env(), events.count());
  auto channels = new_array<std::int32_t>(info.Env(), events.count());
  events.fill(times.Data(), channels.Data(), new_turns, control);
  std::ranges::copy(new_state, state.begin());
  std::ranges::copy(new_turns, turns.begin());
  return event_list(info.Env(), times, channels);
}

void check_same_length(std::span<const double> after, std::size_t size, const char* name) {
  if (after.size() != size)
    rockpool::throw_shape(name, std::to_string(size) + " elements long", std::to_string(after.size()) + " elements");
}

class EncodeJob final : public Job {
 public:
  // upDownEncodeAsync(...parameters, ...run, state, turns, newState, newTurns, onProgress, ...input)
  explicit EncodeJob(const Args& args)
      : parameters_(args, true),
        run_(read_run(args, parameters_.get())),
        state_(args.copy<double>(kState, "state")),
        turns_(args.copy<double>(kState + 1, "turns")),
        new_state_(args, kState + 2, "newState"),
        new_turns_(args, kState + 3, "newTurns"),
        input_(args, kState + 5, true) {
    check_same_length(new_state_.view(), state_.size(), "newState");
    check_same_length(new_turns_.view(), turns_.size(), "newTurns");
    run_.input = input_.source();
  }
  void execute(rockpool::RunControl& control) override {
    const rockpool::UpDownEvents events(parameters_.get(), run_, state_, control);
    count_ = events.count();
    times_ = std::make_unique_for_overwrite<double[]>(count_);
    channels_ = std::make_unique_for_overwrite<std::int32_t[]>(count_);
    events.fill(times_.get(), channels_.get(), turns_, control);
    std::ranges::copy(state_, new_state_.view().begin());
    std::ranges::copy(turns_, new_turns_.view().begin());
  }
  Napi::Value settle(Napi::Env env) override {
    auto times = new_array<double>(env, count_);
    auto channels = new_array<std::int32_t>(env, count_);
    std::copy_n(times_.get(), count_, times.Data());
    std::copy_n(channels_.get(), count_, channels.Data());
    return event_list(env, times, channels);
  }

 private:
  Parameters parameters_;
  rockpool::UpDownRun run_;
  std::vector<double> state_, turns_;
  OutputArray new_state_, new_turns_;
  ContinuousInput input_;
  std::size_t count_ = 0;
  std::unique_ptr<double[]> times_;
  std::unique_ptr<std::int32_t[]> channels_;
};

Napi::Value encode_async(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<EncodeJob>(args), args.value(kState + 4));
}

// upDownDecode(...parameters, firstStep, steps, state, out, ...events | nothing); writes the state
Napi::Value decode(const Napi::CallbackInfo& info) {
  const Args args(info);
  Parameters parameters(args, false);
  const auto state = args.array<double>(kRunArgs + 2, "state");
  const auto out = args.output<double>(kRunArgs + 3, "out");
  const auto events = args.count() > kRunArgs + 4 ? read_events(args, kRunArgs + 4) : rockpool::EventSpan{};
  std::vector<double> reference(state.begin(), state.end());
  rockpool::RunControl control;
  rockpool::decode_up_down(parameters.get(), events, args.size(kRunArgs, "firstStep"), args.size(kRunArgs + 1, "steps"),
                           reference, out, control);
  std::ranges::copy(reference, state.begin());
  return info.Env().Undefined();
}

class DecodeJob final : public Job {
 public:
  // upDownDecodeAsync(...parameters, firstStep, steps, state, out, newState, onProgress, ...events | nothing)
  explicit DecodeJob(const Args& args)
      : parameters_(args, true),
        first_step_(args.size(kRunArgs, "firstStep")),
        steps_(args.size(kRunArgs + 1, "steps")),
        state_(args.copy<double>(kRunArgs + 2, "state")),
        out_(args, kRunArgs + 3, "out"),
        new_state_(args, kRunArgs + 4, "newState") {
    check_same_length(new_state_.view(), state_.size(), "newState");
    if (args.count() > kRunArgs + 6) events_.emplace(read_events(args, kRunArgs + 6));
  }
  void execute(rockpool::RunControl& control) override {
    const auto events = events_ ? events_->span() : rockpool::EventSpan{};
    rockpool::decode_up_down(parameters_.get(), events, first_step_, steps_, state_, out_.view(), control);
    std::ranges::copy(state_, new_state_.view().begin());
  }
  Napi::Value settle(Napi::Env env) override { return env.Undefined(); }

 private:
  Parameters parameters_;
  std::uint64_t first_step_, steps_;
  std::vector<double> state_;
  OutputArray out_, new_state_;
  std::optional<rockpool::EventData> events_;
};

Napi::Value decode_async(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<DecodeJob>(args), args.value(kRunArgs + 5));
}

}  // namespace

void init_up_down(Napi::Object exports) {
  define<encode>(exports, "upDownEncode");
  define<encode_async>(exports, "upDownEncodeAsync");
  define<decode>(exports, "upDownDecode");
  define<decode_async>(exports, "upDownDecodeAsync");
}

}  // namespace glue
