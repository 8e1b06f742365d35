// The surrogates of LIF neurons: derivatives, and the functions that have these. The model: rockpool/lif_batch.h. For
// *_kernels.cpp only.
#pragma once

#include <cmath>
#include <cstddef>

#include "neurons/activation_inl.h"
#include "rockpool/lif_batch.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

/// exp(-t) for t >= 0; beyond the range it stays at its last value, next to 0. A NaN passes.
template <typename T>
inline T exp_minus_lane(T t) {
  constexpr T kLargest = sizeof(T) == sizeof(double) ? T(700) : T(80);
  t = t > kLargest ? kLargest : t;
  return T(1) / (expm1_lane(t) + T(1));
}

/// The peak next to z: 1, 2, ..., the last.
template <typename T>
inline T nearest_peak(T z, T last) {
  T k = std::floor(z + T(0.5));
  k = k < last ? k : last;
  return k > T(1) ? k : T(1);
}

/// The function of z = x / theta; the window in units of theta.
template <typename T>
inline T surrogate_value(LifSurrogate::Kind kind, T z, T window, T max_spikes) {
  if (kind == LifSurrogate::Kind::kStepPwl) return relu_lane(z - (T(1) - window));
  const T peak = nearest_peak(z, max_spikes), d = z - peak;
  const T half_period = window * (T(1) - exp_minus_lane(T(0.5) / window));
  const T from_peak = window * (T(1) - exp_minus_lane((d < T(0) ? -d : d) / window));
  return window + T(2) * (peak - T(1)) * half_period + (d < T(0) ? -from_peak : from_peak);
}

/// Its derivatives for all neurons; the window per neuron, in units of the potential. `top`: the largest x that has any.
template <typename T>
struct SurrogateOf {
  const T *threshold, *inverse_threshold, *window, *top;  // [units]
  T max_spikes;
};

// d [n] = dS/dx at x.
template <typename T>
[[maybe_unused]] inline void surrogate_derivative(LifSurrogate::Kind kind, const SurrogateOf<T>& s, const T* __restrict x,
                                                  std::size_t n, T* __restrict d) {
  const T* __restrict theta = s.threshold;
  const T* __restrict inverse = s.inverse_threshold;
  const T* __restrict window = s.window;
  const T* __restrict top = s.top;
  const T last = s.max_spikes;
  if (kind == LifSurrogate::Kind::kStepPwl) {
    for (std::size_t j = 0; j < n; ++j) d[j] = (x[j] >= theta[j] - window[j]) & (x[j] <= top[j]) ? inverse[j] : T(0);
    return;
  }
  for (std::size_t j = 0; j < n; ++j) {
    const T from_peak = x[j] - nearest_peak(x[j] * inverse[j], last) * theta[j];
    const T y = exp_minus_lane((from_peak < T(0) ? -from_peak : from_peak) / window[j]) * inverse[j];
    d[j] = x[j] <= top[j] ? y : T(0);
  }
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
