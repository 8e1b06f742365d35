#include "time_series/event_kernels.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

// Adding and subtracting 1.5 * 2^52 rounds to the nearest integer while |x| < 2^51. Quotients are clamped to +-2^50 before:
// bins that count are smaller, and everything beyond compares as outside. Halves round to even here and away from zero in
// step_floor, but at a half neither takes the rounded value.
constexpr double kRound = 6755399441055744.0;
constexpr double kLimit = 1125899906842624.0;
constexpr double kRelative = 8.0 * 2.220446049250313e-16;

inline double magnitude(double x) {
  return x < 0.0 ? -x : x;
}

template <bool kFixedTolerance>
void bins_with(const double* times, std::size_t n, const EventBinning& b, double* out) {
  const double shift = b.shift, t0 = b.t0, dt = b.dt, first = b.first, count = b.count, t_end = b.t_end, fixed = b.tolerance;
  const double t0_magnitude = magnitude(t0);
  for (std::size_t i = 0; i < n; ++i) {
    const double t = times[i] + shift;
    double x = (t - t0) / dt;
    x = x < -kLimit ? -kLimit : x;
    x = x > kLimit ? kLimit : x;
    const double r = (x + kRound) - kRound;
    const double below = r > x ? r - 1.0 : r;
    double tolerance = fixed;
    if constexpr (!kFixedTolerance) {
      const double t_magnitude = magnitude(t);
      tolerance = kRelative * (t_magnitude > t0_magnitude ? t_magnitude : t0_magnitude) / dt;
      tolerance = tolerance < 1e-6 ? 1e-6 : tolerance;
      tolerance = tolerance > 1e-3 ? 1e-3 : tolerance;
    }
    const double k = (magnitude(x - r) <= tolerance ? r : below) - first;
    // Selects one after another, so that the loop stays free of branches; a NaN fails the first comparison.
    double result = k >= 0.0 ? k : -1.0;
    result = k < count ? result : -1.0;
    out[i] = t < t_end ? result : -1.0;
  }
}

void bins(const double* times, std::size_t n, const EventBinning& b, double* out) {
  if (b.tolerance >= 0.0)
    bins_with<true>(times, n, b, out);
  else
    bins_with<false>(times, n, b, out);
}

}  // namespace

const EventKernels& event_kernels() {
  static constexpr EventKernels kernels{bins};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
