// The inner loops of the way back through rate neurons. The equations: rockpool/rate_adjoint.h.
#pragma once

#include <cstddef>

#include "rockpool/rate_batch.h"
#include "rockpool/simd.h"

namespace rockpool {

/// One step of one batch element, [units] each. Null pointers: absent.
template <typename T>
struct RateAdjointStep {
  std::size_t units;
  BatchActivation activation;
  const T *leak, *keep;              // a, 1 - a
  const T *r, *slope, *theta_slope;  // of what the step ends in: the activity, or with kGiven its derivatives
  const T *r_before, *slope_before, *theta_slope_before;  // of what it starts in
  const T *x, *x_before;
  const T *e, *g_x, *g_i_rec;
  const double* noise;  // a^2 c'(a) xi
  T *l, *s;             // s: s[n] at entry, s[n-1] at exit
  T *g_input, *d_rec;   // d_rec: dR, null without recurrence
  const T* back;        // dR W_rec^T
  double *log_leak, *bias, *threshold;
};

template <typename T>
struct RateAdjointKernelsOf {
  /// From s[n] to l[n], du[n], dR[n] and (1 - a) l[n] in s; adds to the sums.
  void (*step)(const RateAdjointStep<T>& step);
  /// Adds what comes back through the recurrent weights.
  void (*recurrence)(const RateAdjointStep<T>& step);
  /// g_in = H' g_out.
  void (*activation)(BatchActivation activation, const T* out, const T* g_out, std::size_t n, T* g_in);
};

struct RateAdjointKernels {
  RateAdjointKernelsOf<double> f64;
  RateAdjointKernelsOf<float> f32;
};

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(RateAdjointKernels, rate_adjoint_kernels)
