// Vectors of sample or event times: made from a clock, checked, shifted, searched.
#include "rockpool/times.h"

#include <algorithm>
#include <cmath>

#include "args.h"
#include "errors.h"
#include "modules.h"

namespace glue {

namespace {

// clockTimes(t0, dt, first, out): out[i] = (first + i) * dt + t0
Napi::Value clock_times(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::clock_times(args.number(0, "t0"), args.number(1, "dt"), args.size(2, "first"), args.array<double>(3, "out"));
  return info.Env().Undefined();
}

// checkTimes(times) -> index of the first time that is not finite or before its predecessor, or -1
Napi::Value check_times(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Number::New(info.Env(), static_cast<double>(rockpool::first_bad_time(args.array<double>(0, "times"))));
}

// shiftTimes(times, offset, out)
Napi::Value shift_times(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto times = args.array<double>(0, "times");
  const double offset = args.number(1, "offset");
  const auto out = args.array<double>(2, "out", times.size());
  std::transform(times.begin(), times.end(), out.begin(), [offset](double t) { return t + offset; });
  return info.Env().Undefined();
}

// searchTimes(times, t, after) -> number of times < t, or <= t with `after`
Napi::Value search_times(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto times = args.array<double>(0, "times");
  const double t = args.number(1, "t");
  const auto found = args.boolean(2, "after") ? std::upper_bound(times.begin(), times.end(), t)
                                              : std::lower_bound(times.begin(), times.end(), t);
  return Napi::Number::New(info.Env(), static_cast<double>(found - times.begin()));
}

// medianStep(times) -> median of the differences of neighbours, NaN for fewer than two
Napi::Value median_step(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Number::New(info.Env(), rockpool::median_step(args.array<double>(0, "times")));
}

// periodicTimes(times, before, after, period, out): the times of periods -before .. after - 1, one after the other
Napi::Value periodic_times(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto times = args.array<double>(0, "times");
  const auto before = args.size(1, "before"), after = args.size(2, "after");
  if (times.size() != 0 && before + after > SIZE_MAX / times.size())
    rockpool::throw_shape("out", "an array that memory can hold", rockpool::to_text(before + after) + " periods");
  rockpool::periodic_times(times, before, args.number(3, "period"),
                           args.array<double>(4, "out", times.size() * (before + after)));
  return info.Env().Undefined();
}

// timeLimits(times, out): out = [smallest, largest], NaN when there is none or one is NaN
Napi::Value time_limits(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto times = args.array<double>(0, "times");
  const auto out = args.array<double>(1, "out", 2);
  out[0] = out[1] = times.empty() ? NAN : times[0];
  for (const double t : times) {
    if (!(t >= out[0])) out[0] = t;
    if (!(t <= out[1])) out[1] = t;
    if (t != t) break;
  }
  return info.Env().Undefined();
}

}  // namespace

void init_times(Napi::Object exports) {
  define<clock_times>(exports, "clockTimes");
  define<check_times>(exports, "checkTimes");
  define<shift_times>(exports, "shiftTimes");
  define<search_times>(exports, "searchTimes");
  define<median_step>(exports, "medianStep");
  define<periodic_times>(exports, "periodicTimes");
  define<time_limits>(exports, "timeLimits");
}

}  // namespace glue
