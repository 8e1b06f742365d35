// The one place where times become steps and steps become times.
//
// A raw floor((t - t0) / dt) is off by one remarkably often (0.3 / 0.1 = 2.999...). These helpers snap a quotient that is
// within a tolerance of an integer, the tolerance growing with the rounding error that the times themselves carry.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace rockpool {

/// Tolerance in bins: clamp(8 * 2^-52 * max(|t|, |t0|) / dt, 1e-6, 1e-3).
inline double tolerance_bins(double t, double t0, double dt) {
  const double rounding = 8.0 * std::numeric_limits<double>::epsilon() * std::max(std::fabs(t), std::fabs(t0)) / dt;
  return std::clamp(rounding, 1e-6, 1e-3);
}

/// The step whose bin [t0 + k dt, t0 + (k + 1) dt) holds t; as a double, since it may exceed any integer type.
inline double step_floor(double t, double t0, double dt) {
  const double x = (t - t0) / dt;
  const double r = std::round(x);
  return std::fabs(x - r) <= tolerance_bins(t, t0, dt) ? r : std::floor(x);
}

/// The first step at or after t.
inline double step_ceil(double t, double t0, double dt) {
  const double x = (t - t0) / dt;
  const double r = std::round(x);
  return std::fabs(x - r) <= tolerance_bins(t, t0, dt) ? r : std::ceil(x);
}

/// The time of step k; never by repeated addition.
inline double time_of(double k, double t0, double dt) {
  return k * dt + t0;
}

}  // namespace rockpool
