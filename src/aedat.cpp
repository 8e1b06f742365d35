// AEDAT files.
#include "rockpool/aedat.h"

#include <algorithm>

#include "args.h"
#include "errors.h"
#include "modules.h"
#include "run_results.h"
#include "task.h"
#include "typed_arrays.h"

namespace glue {

namespace {

using rockpool::AedatEvents;
using rockpool::AedatForm;
using rockpool::AedatState;

// aedatHead(bytes) -> { major, minor, offset, text, compression, dataEnd }
Napi::Value aedat_head(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto head = rockpool::read_aedat_head(args.array<std::uint8_t>(0, "bytes"));
  auto result = Napi::Object::New(info.Env());
  result.Set("major", head.major);
  result.Set("minor", head.minor);
  result.Set("offset", static_cast<double>(head.offset));
  result.Set("text", Napi::String::New(info.Env(), head.text));
  result.Set("compression", static_cast<int>(head.compression));
  result.Set("dataEnd", static_cast<double>(head.data_end));
  return result;
}

std::int64_t microseconds(double value) {
  constexpr double kMost = 9.0e18;  // less than 2^63
  return value == value ? static_cast<std::int64_t>(std::clamp(value, -kMost, kMost)) : 0;
}

std::int32_t within(std::int32_t value, std::int32_t most, const char* name) {
  if (value < 0 || value > most) rockpool::throw_range(name, "from 0 to " + rockpool::to_text(most), rockpool::to_text(value));
  return value;
}

/// The arguments of aedatRead from the second on.
struct ReadArgs {
  bool last;
  AedatForm form;
  AedatState state;

  explicit ReadArgs(const Args& args) : last(args.boolean(1, "last")) {
    const auto f = args.array<std::int32_t>(2, "form", 10);
    form.major = within(f[0], 4, "major");
    form.minor = f[1];
    form.layout = static_cast<rockpool::AedatLayout>(within(f[2], 2, "layout"));
    form.polarity = static_cast<rockpool::AedatPolarity>(within(f[3], 3, "polarity"));
    form.width = f[4];
    form.height = f[5];
    form.flip_y = f[6] != 0;
    form.compression = static_cast<rockpool::AedatCompression>(within(f[7], 4, "compression"));
    form.stream = f[8];
    form.source = f[9];
    form.chips = args.copy<std::int32_t>(3, "chips");
    const auto s = args.array<double>(4, "state", 6);
    state.offset = s[0] >= 0 ? static_cast<std::uint64_t>(microseconds(s[0])) : 0;
    state.started = s[1] != 0;
    state.last = microseconds(s[2]);
    state.relative = s[3] != 0;
    state.has_origin = s[4] != 0;
    state.origin = microseconds(s[5]);
  }

  std::vector<double> state_after(std::size_t consumed) const {
    return {static_cast<double>(state.offset + consumed),
            state.started ? 1.0 : 0.0,
            static_cast<double>(state.last),
            state.relative ? 1.0 : 0.0,
            state.has_origin ? 1.0 : 0.0,
            static_cast<double>(state.origin)};
  }
};

Napi::Value read_result(Napi::Env env, const AedatEvents& events, const ReadArgs& args) {
  auto result = Napi::Object::New(env);
  result.Set("consumed", static_cast<double>(events.consumed));
  result.Set("needed", static_cast<double>(events.needed));
  result.Set("state", give(env, args.state_after(events.consumed)));
  result.Set("times", give(env, events.times));
  result.Set("channels", give(env, events.channels));
  result.Set("first", give(env, events.first));
  result.Set("second", give(env, events.second));
  result.Set("third", give(env, events.third));
  result.Set("triggerTimes", give(env, events.trigger_times));
  result.Set("triggerTypes", give(env, events.trigger_types));
  std::vector<double> skipped(events.skipped.begin(), events.skipped.end());
  result.Set("skipped", give(env, skipped));
  return result;
}

// aedatRead(bytes, last, form, chips, state) -> { consumed, needed, state, times, channels, first, second, third, ... }
Napi::Value aedat_read(const Napi::CallbackInfo& info) {
  const Args args(info);
  ReadArgs given(args);
  rockpool::RunControl control;
  const auto events = rockpool::read_aedat(args.array<std::uint8_t>(0, "bytes"), given.last, given.form, given.state, control);
  return read_result(info.Env(), events, given);
}

class AedatReadJob final : public Job {
 public:
  explicit AedatReadJob(const Args& args)
      : bytes_(args.array<std::uint8_t>(0, "bytes")), held_(Napi::Persistent(args.value(0).As<Napi::Object>())), args_(args) {}
  void execute(rockpool::RunControl& control) override {
    events_ = rockpool::read_aedat(bytes_, args_.last, args_.form, args_.state, control);
  }
  Napi::Value settle(Napi::Env env) override { return read_result(env, events_, args_); }

 private:
  // SAFETY: the facade vouches that nobody else has the array, so that it can be neither changed nor transferred.
  std::span<const std::uint8_t> bytes_;
  Napi::ObjectReference held_;
  ReadArgs args_;
  AedatEvents events_;
};

// aedatReadJob(..., progress) -> job
Napi::Value aedat_read_job(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<AedatReadJob>(args), args.value(5));
}

// aedat4Packets(bytes, last, offset) -> { consumed, needed, table }
Napi::Value aedat4_packets(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto packets =
      rockpool::index_aedat4(args.array<std::uint8_t>(0, "bytes"), args.boolean(1, "last"), args.size(2, "offset"));
  auto result = Napi::Object::New(info.Env());
  result.Set("consumed", static_cast<double>(packets.consumed));
  result.Set("needed", static_cast<double>(packets.needed));
  result.Set("table", give(info.Env(), packets.table));
  return result;
}

// sortAedat(times, channels, first, second, third), in place
Napi::Value sort_aedat(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto times = args.array<double>(0, "times");
  const auto n = times.size();
  rockpool::sort_aedat(times, args.array<std::int32_t>(1, "channels", n), args.array<std::uint16_t>(2, "first", n),
                       args.array<std::uint16_t>(3, "second", n), args.array<std::uint8_t>(4, "third", n));
  return info.Env().Undefined();
}

}  // namespace

void init_aedat(Napi::Object exports) {
  define<aedat_head>(exports, "aedatHead");
  define<aedat_read>(exports, "aedatRead");
  define<aedat_read_job>(exports, "aedatReadJob");
  define<aedat4_packets>(exports, "aedat4Packets");
  define<sort_aedat>(exports, "sortAedat");
}

}  // namespace glue
