// Event lists as arguments of native calls: TSEvent.eventArgs() of the facade, five arguments in a row.
#pragma once

#include "args.h"
#include "rockpool/events.h"

namespace glue {

/// times: Float64Array, channels: Int32Array, tStart, tStop, periodic
constexpr std::size_t kEventArgs = 5;

/// Borrows the list that starts at argument `first`: valid during the call only. A job keeps a rockpool::EventData of it.
inline rockpool::EventSpan read_events(const Args& args, std::size_t first) {
  const std::span<const double> times = args.array<double>(first, "times");
  const std::span<const std::int32_t> channels = args.array<std::int32_t>(first + 1, "channels", times.size());
  return {times, channels, args.number(first + 2, "tStart"), args.number(first + 3, "tStop"),
          args.boolean(first + 4, "periodic")};
}

/// [times, channels]
inline Napi::Value event_list(Napi::Env env, Napi::Value times, Napi::Value channels) {
  auto result = Napi::Array::New(env, 2);
  result.Set(0u, times);
  result.Set(1u, channels);
  return result;
}

}  // namespace glue
