// Boards: generators, streaming, statistics.
#include <condition_variable>
#include <mutex>

#include "dynapse_board.h"
#include "errors.h"
#include "rockpool/dynapse/tally.h"

namespace glue {

namespace {

using namespace rockpool::dynapse;
using rockpool::RunControl;

// dynapseWriteMemory(board, address, words, onProgress)
Napi::Value write_memory(const Napi::CallbackInfo& info) {
  const Args args(info);
  return dynapse_command(args, 3,
                         [address = small(args, 1, "address"), words = args.copy<std::uint16_t>(2, "words")](
                             Driver& driver, RunControl& control) { driver.write_memory(address, words, control); });
}

// dynapseStartTrain(board, address, events, variable, interval, intervalBase, repeat, resetClock?)
Napi::Value start_train(const Napi::CallbackInfo& info) {
  const Args args(info);
  Driver::Train train;
  train.address = small(args, 1, "address");
  train.events = small(args, 2, "events");
  train.variable = args.boolean(3, "variable");
  train.interval = small(args, 4, "interval");
  train.interval_base = small(args, 5, "intervalBase");
  train.repeat = args.boolean(6, "repeat");
  train.reset_clock = !args.missing(7) && args.boolean(7, "resetClock");
  return dynapse_command(args, args.count(), [train](Driver& driver, RunControl&) { driver.start_train(train); });
}

// dynapseStopTrain(board)
Napi::Value stop_train(const Napi::CallbackInfo& info) {
  return dynapse_command(Args(info), info.Length(), [](Driver& driver, RunControl&) { driver.stop_train(); });
}

// dynapseSetPoisson(board, chip, sources, rates, onProgress)
Napi::Value set_poisson(const Napi::CallbackInfo& info) {
  const Args args(info);
  return dynapse_command(
      args, 4,
      [chip = small(args, 1, "chip"), sources = args.copy<std::uint32_t>(2, "sources"), rates = args.copy<double>(3, "rates")](
          Driver& driver, RunControl& control) { driver.set_poisson(chip, sources, rates, control); });
}

// dynapseRunPoisson(board, on)
Napi::Value run_poisson(const Napi::CallbackInfo& info) {
  const Args args(info);
  return dynapse_command(args, args.count(),
                         [on = args.boolean(1, "on")](Driver& driver, RunControl&) { driver.run_poisson(on); });
}

// dynapseStart(board)
Napi::Value start(const Napi::CallbackInfo& info) {
  return dynapse_command(Args(info), info.Length(), [](Driver& driver, RunControl&) { driver.start(); });
}

// dynapseStop(board)
Napi::Value stop(const Napi::CallbackInfo& info) {
  return dynapse_command(Args(info), info.Length(), [](Driver& driver, RunControl&) { driver.stop(); });
}

// dynapseResetTime(board)
Napi::Value reset_time(const Napi::CallbackInfo& info) {
  return dynapse_command(Args(info), info.Length(), [](Driver& driver, RunControl&) { driver.reset_timestamps(); });
}

/// Waits until there is something to read, then fills arrays that JavaScript made.
class ReadJob final : public Job {
 public:
  explicit ReadJob(const Args& args)
      : board_(dynapse_board(args)),
        times_(args.array<double>(1, "times")),
        addresses_(args.array<std::uint32_t>(2, "addresses", times_.size())),
        wanted_(args.size(3, "events")),
        latency_(static_cast<std::int64_t>(std::min<std::uint64_t>(args.size(4, "latencyMs"), 3600000))),
        held_times_(Napi::Persistent(args.object(1, "times"))),
        held_addresses_(Napi::Persistent(args.object(2, "addresses"))) {
    if (times_.empty()) rockpool::throw_shape("times", "an array of one element or more", "0 elements");
  }

  void execute(RunControl& control) override {
    struct Signal {
      std::mutex mutex;
      std::condition_variable changed;
      bool ready = false;
    };
    const auto signal = std::make_shared<Signal>();
    board_->driver->when_ready(static_cast<std::size_t>(std::clamp<std::uint64_t>(wanted_, 1, times_.size())), latency_,
                               [signal] {
                                 {
                                   const std::lock_guard lock(signal->mutex);
                                   signal->ready = true;
                                 }
                                 signal->changed.notify_all();
                               });
    constexpr std::chrono::milliseconds kLook{10};
    for (std::unique_lock lock(signal->mutex); !signal->ready;) {
      signal->changed.wait_for(lock, kLook);
      if (!signal->ready && board_->driver->closed()) break;
      control.advance(0);
    }
    read_ = board_->driver->read(times_, addresses_);
  }

  Napi::Value settle(Napi::Env env) override {
    auto object = Napi::Object::New(env);
    object.Set("events", js(env, std::uint64_t{read_.taken.events}));
    object.Set("lost", js(env, read_.taken.lost));
    object.Set("resets", js(env, read_.taken.resets));
    object.Set("origin", js(env, read_.taken.origin));
    object.Set("ended", js(env, read_.ended));
    object.Set("why", js(env, read_.why));
    return object;
  }

 private:
  std::shared_ptr<DynapseBoard> board_;
  // SAFETY: held until the job ends; the facade leaves them alone until then.
  std::span<double> times_;
  std::span<std::uint32_t> addresses_;
  std::uint64_t wanted_;
  std::chrono::milliseconds latency_;
  Napi::ObjectReference held_times_, held_addresses_;
  Driver::Read read_;
};

// dynapseRead(board, times, addresses, events, latencyMs): job of an object
Napi::Value read(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_waiting_job(info.Env(), std::make_unique<ReadJob>(args), info.Env().Undefined());
}

// dynapseCounts(board): an object
Napi::Value counts(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto counts = dynapse_board(Args(info))->driver->counts();
  auto object = Napi::Object::New(env);
  object.Set("events", js(env, counts.events));
  object.Set("lost", js(env, counts.lost));
  object.Set("unroutable", js(env, counts.unroutable));
  object.Set("unknown", js(env, counts.unknown));
  object.Set("backwards", js(env, counts.backwards));
  object.Set("wraps", js(env, counts.wraps));
  object.Set("resets", js(env, counts.resets));
  object.Set("oddTransfers", js(env, counts.odd_bytes));
  object.Set("bytes", js(env, counts.bytes));
  object.Set("transfers", js(env, counts.transfers));
  object.Set("failedTransfers", js(env, counts.failed_transfers));
  return object;
}

// dynapseStatistics(board): job of an object
Napi::Value statistics(const Napi::CallbackInfo& info) {
  const Args args(info);
  return dynapse_job(
      args, args.count(), [board = dynapse_board(args)](RunControl&) { return board->driver->statistics(); },
      [](Napi::Env env, const BoardStatistics& statistics) -> Napi::Value {
        auto object = Napi::Object::New(env);
        const auto set = [&](const char* name, const std::optional<std::uint64_t>& value) {
          object.Set(name, value ? js(env, *value) : env.Undefined());
        };
        set("events", statistics.events);
        set("eventsDropped", statistics.events_dropped);
        set("muxDropped", statistics.mux_dropped);
        return object;
      });
}

/// The first `events` elements of an array.
template <typename T>
std::span<T> first(const Args& args, std::size_t i, const char* name, std::size_t events) {
  const auto view = args.array<T>(i, name);
  const auto count = args.size(events, "events");
  if (count > view.size()) rockpool::throw_range("events", "at most the array's length", rockpool::to_text(count));
  return view.first(static_cast<std::size_t>(count));
}

// dynapseTally(addresses, events, counts)
Napi::Value count_events(const Napi::CallbackInfo& info) {
  const Args args(info);
  tally(first<std::uint32_t>(args, 0, "addresses", 1), args.array<double>(2, "counts"));
  return info.Env().Undefined();
}

// dynapseSeconds(times, events)
Napi::Value seconds(const Napi::CallbackInfo& info) {
  const Args args(info);
  to_seconds(first<double>(args, 0, "times", 1));
  return info.Env().Undefined();
}

// dynapseIntervals(times, start, unit, out)
Napi::Value intervals(const Napi::CallbackInfo& info) {
  const Args args(info);
  intervals_of(args.array<double>(0, "times"), args.number(1, "start"), args.number(2, "unit"), args.array<double>(3, "out"));
  return info.Env().Undefined();
}

}  // namespace

void init_dynapse_stream(Napi::Object exports) {
  define<write_memory>(exports, "dynapseWriteMemory");
  define<start_train>(exports, "dynapseStartTrain");
  define<stop_train>(exports, "dynapseStopTrain");
  define<set_poisson>(exports, "dynapseSetPoisson");
  define<run_poisson>(exports, "dynapseRunPoisson");
  define<start>(exports, "dynapseStart");
  define<stop>(exports, "dynapseStop");
  define<reset_time>(exports, "dynapseResetTime");
  define<read>(exports, "dynapseRead");
  define<counts>(exports, "dynapseCounts");
  define<statistics>(exports, "dynapseStatistics");
  define<count_events>(exports, "dynapseTally");
  define<seconds>(exports, "dynapseSeconds");
  define<intervals>(exports, "dynapseIntervals");
}

}  // namespace glue
