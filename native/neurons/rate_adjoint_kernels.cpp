#include "neurons/rate_adjoint_kernels.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

constexpr double kLeakySlope = 0.01;

/// body(slope) with the derivative of an activation as a function of its value.
template <typename T, typename Body>
void with_slope(BatchActivation activation, Body body) {
  switch (activation) {
    case BatchActivation::kIdentity: return body([](T) { return T(1); });
    case BatchActivation::kRelu: return body([](T r) { return r > T(0) ? T(1) : T(0); });
    case BatchActivation::kLeakyRelu: return body([](T r) { return r < T(0) ? static_cast<T>(kLeakySlope) : T(1); });
    case BatchActivation::kTanh: return body([](T r) { return T(1) - r * r; });
    case BatchActivation::kSigmoid: return body([](T r) { return T(2) * r * (T(1) - r); });
    case BatchActivation::kGiven: return;
  }
}

/// target += h g and threshold += (derivative with respect to it) g.
template <typename T>
void through(BatchActivation activation, const T* __restrict r, const T* __restrict slope, const T* __restrict theta_slope,
             const T* __restrict g, std::size_t n, T* __restrict target, double* __restrict threshold) {
  if (activation == BatchActivation::kGiven) {
    for (std::size_t j = 0; j < n; ++j) {
      target[j] += slope[j] * g[j];
      threshold[j] += static_cast<double>(theta_slope[j] * g[j]);
    }
    return;
  }
  with_slope<T>(activation, [&](auto h) {
    for (std::size_t j = 0; j < n; ++j) {
      const T hg = h(r[j]) * g[j];
      target[j] += hg;
      threshold[j] -= static_cast<double>(hg);
    }
  });
}

template <typename T>
void step(const RateAdjointStep<T>& c) {
  const std::size_t n = c.units;
  const T* __restrict a = c.leak;
  const T* __restrict keep = c.keep;
  const T* __restrict x = c.x;
  const T* __restrict x_before = c.x_before;
  T* __restrict s = c.s;
  T* __restrict l = c.l;
  T* __restrict g_input = c.g_input;
  double* __restrict log_leak = c.log_leak;
  double* __restrict bias = c.bias;
  through(c.activation, c.r, c.slope, c.theta_slope, c.e, n, s, c.threshold);
  if (const T* __restrict g_x = c.g_x; g_x != nullptr)
    for (std::size_t j = 0; j < n; ++j) s[j] += g_x[j];
  for (std::size_t j = 0; j < n; ++j) {
    const T g = s[j], du = a[j] * g;
    l[j] = g;
    g_input[j] = du;
    bias[j] += static_cast<double>(du);
    log_leak[j] += static_cast<double>(g) * static_cast<double>(x[j] - x_before[j]);
    s[j] = keep[j] * g;
  }
  if (const double* __restrict noise = c.noise; noise != nullptr)
    for (std::size_t j = 0; j < n; ++j) log_leak[j] += static_cast<double>(l[j]) * noise[j];
  if (T* __restrict d_rec = c.d_rec; d_rec != nullptr) {
    if (const T* __restrict g_i_rec = c.g_i_rec; g_i_rec != nullptr)
      for (std::size_t j = 0; j < n; ++j) d_rec[j] = g_input[j] + g_i_rec[j];
    else
      for (std::size_t j = 0; j < n; ++j) d_rec[j] = g_input[j];
  }
}

template <typename T>
void recurrence(const RateAdjointStep<T>& c) {
  through(c.activation, c.r_before, c.slope_before, c.theta_slope_before, c.back, c.units, c.s, c.threshold);
}

template <typename T>
void activation(BatchActivation which, const T* __restrict out, const T* __restrict g_out, std::size_t n, T* __restrict g_in) {
  with_slope<T>(which, [&](auto h) {
    for (std::size_t j = 0; j < n; ++j) g_in[j] = h(out[j]) * g_out[j];
  });
}

template <typename T>
constexpr RateAdjointKernelsOf<T> table() {
  return {step<T>, recurrence<T>, activation<T>};
}

}  // namespace

const RateAdjointKernels& rate_adjoint_kernels() {
  static constexpr RateAdjointKernels kernels{table<double>(), table<float>()};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
