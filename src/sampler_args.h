// Reads the arguments that `series.samplerArgs()` spreads into a native call:
//   times: Float64Array | null, samples: Float64Array, fill: Float64Array | null, spline: Float64Array | null,
//   count, channels, flags, tStart, tStop, clockT0, clockDt, clockFirst
// flags: bits 0-3 kind, 4-7 degree of a spline, 8 periodic, 9 approximate limits.
#pragma once

#include "args.h"
#include "rockpool/sampler.h"

namespace glue {

/// How many arguments a sampler takes.
constexpr std::size_t kSamplerArgs = 12;

/// A borrowed spec, valid during the call: wrap it in rockpool::SamplerData for a job.
inline rockpool::SamplerSpec read_sampler(const Args& args, std::size_t at) {
  rockpool::SamplerSpec spec;
  spec.count = args.size(at + 4, "count");
  spec.channels = args.size(at + 5, "channels");
  const std::uint64_t flags = args.size(at + 6, "flags");
  spec.t_start = args.number(at + 7, "tStart");
  spec.t_stop = args.number(at + 8, "tStop");
  if ((flags & 15u) > static_cast<std::uint64_t>(rockpool::InterpKind::kSpline))
    rockpool::throw_range("flags", "a known kind of interpolation", rockpool::to_text(flags));
  spec.kind = static_cast<rockpool::InterpKind>(flags & 15u);
  spec.degree = static_cast<int>((flags >> 4) & 15u);
  spec.periodic = (flags >> 8 & 1u) != 0;
  spec.approx_limits = (flags >> 9 & 1u) != 0;
  if (spec.channels != 0 && spec.count > SIZE_MAX / spec.channels)
    rockpool::throw_shape("samples", "an array that memory can hold", rockpool::to_text(spec.count) + " rows");
  spec.clocked = args.missing(at);
  if (spec.clocked) {
    spec.clock_t0 = args.number(at + 9, "clockT0");
    spec.clock_dt = args.number(at + 10, "clockDt");
    spec.clock_first = args.size(at + 11, "clockFirst");
  } else {
    spec.times = args.array<double>(at, "times", spec.count);
  }
  spec.samples = args.array<double>(at + 1, "samples", spec.count * spec.channels);
  if (!args.missing(at + 2)) {
    spec.fill_constant = true;
    spec.fill = args.array<double>(at + 2, "fill", 2 * spec.channels);
  }
  if (!args.missing(at + 3)) spec.spline = args.array<double>(at + 3, "spline");
  return spec;
}

}  // namespace glue
