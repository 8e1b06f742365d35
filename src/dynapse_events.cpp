// Event lists for boards and from them: see event_lists.h in the core.
#include "args.h"
#include "dynapse_board.h"
#include "errors.h"
#include "rockpool/dynapse/event_lists.h"
#include "weights_result.h"

namespace glue {

namespace {

namespace dynapse = rockpool::dynapse;

std::uint32_t bits(const Args& args, std::size_t i, const char* name) {
  const auto value = args.size(i, name);
  if (value > 15) rockpool::throw_range(name, "0 to 15", rockpool::to_text(value));
  return static_cast<std::uint32_t>(value);
}

// dynapseEventSteps(times, start, dt, total, out)
Napi::Value event_steps(const Napi::CallbackInfo& info) {
  const Args args(info);
  dynapse::event_steps(args.array<double>(0, "times"), args.number(1, "start"), args.number(2, "dt"), args.size(3, "total"),
                       args.array<double>(4, "out"));
  return info.Env().Undefined();
}

// dynapsePartWords(steps, channels, firstStep, sources, cores, chip): Uint16Array
Napi::Value part_words(const Napi::CallbackInfo& info) {
  const Args args(info);
  dynapse::TrainPart part;
  part.steps = args.array<double>(0, "steps");
  part.channels = args.array<std::int32_t>(1, "channels");
  part.first_step = args.number(2, "firstStep");
  part.sources = args.array<std::uint32_t>(3, "sources");
  part.cores = bits(args, 4, "cores");
  part.chip = bits(args, 5, "chip");
  return to_js_array(info.Env(), dynapse::part_words(part));
}

// dynapseKeepEvents(times, addresses, origin, duration, start, notBefore, channels, outTimes, outChannels): number
Napi::Value keep_events(const Napi::CallbackInfo& info) {
  const Args args(info);
  const dynapse::Recorded recorded{args.number(2, "origin"), args.number(3, "duration"), args.number(4, "start"),
                                   args.number(5, "notBefore"), args.array<std::int32_t>(6, "channels")};
  const auto kept = dynapse::keep_events(args.array<double>(0, "times"), args.array<std::uint32_t>(1, "addresses"), recorded,
                                         args.array<double>(7, "outTimes"), args.array<std::int32_t>(8, "outChannels"));
  return Napi::Number::New(info.Env(), static_cast<double>(kept));
}

}  // namespace

void init_dynapse_events(Napi::Object exports) {
  define<event_steps>(exports, "dynapseEventSteps");
  define<part_words>(exports, "dynapsePartWords");
  define<keep_events>(exports, "dynapseKeepEvents");
}

}  // namespace glue
