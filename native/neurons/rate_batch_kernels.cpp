#include "neurons/rate_batch_kernels.h"

#include <cstring>

#include "neurons/activation_inl.h"
#include "synapses/active_rows_inl.h"
#include "synapses/panels_inl.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

constexpr double kLeakySlope = 0.01;

template <typename T, typename Lane>
void map(const T* __restrict x, const T* __restrict threshold, std::size_t n, T* __restrict r, Lane lane) {
  if (threshold != nullptr)
    for (std::size_t j = 0; j < n; ++j) r[j] = lane(x[j] - threshold[j]);
  else
    for (std::size_t j = 0; j < n; ++j) r[j] = lane(x[j]);
}

template <typename T>
void activate(BatchActivation activation, const T* x, const T* threshold, std::size_t n, T* r) {
  switch (activation) {
    case BatchActivation::kIdentity: return map(x, threshold, n, r, [](T z) { return z; });
    case BatchActivation::kRelu: return map(x, threshold, n, r, [](T z) { return relu_lane(z); });
    case BatchActivation::kLeakyRelu:
      return map(x, threshold, n, r, [](T z) { return z < T(0) ? static_cast<T>(kLeakySlope) * z : z; });
    case BatchActivation::kTanh: return map(x, threshold, n, r, [](T z) { return tanh_lane(z); });
    case BatchActivation::kSigmoid: return map(x, threshold, n, r, [](T z) { return sigmoid_lane(z); });
    case BatchActivation::kGiven: return;
  }
}

template <typename T>
void update(const RateBatchBlock<T>& b, std::size_t at, bool recurrent) {
  const T* __restrict a = b.leak;
  const T* __restrict bias = b.bias;
  const T* __restrict u = b.input + at;
  const T* __restrict noise = b.noise == nullptr ? nullptr : b.noise + at;
  const T* __restrict rec = b.i_rec;
  T* __restrict x = b.x;
  const auto run = [&](auto drive) {
    for (std::size_t j = 0; j < b.units; ++j) x[j] = x[j] + a[j] * (drive(j) + bias[j] - x[j]);
  };
  if (noise == nullptr && !recurrent)
    run([u](std::size_t j) { return u[j]; });
  else if (noise == nullptr)
    run([u, rec](std::size_t j) { return u[j] + rec[j]; });
  else if (!recurrent)
    run([u, noise](std::size_t j) { return u[j] + noise[j]; });
  else
    run([u, noise, rec](std::size_t j) { return u[j] + noise[j] + rec[j]; });
}

template <typename T>
bool step(const RateBatchBlock<T>& b, std::size_t k) {
  const std::size_t n = b.units, at = k * n;
  bool recurrent = false;
  if (b.w_rec != nullptr) {
    const std::size_t m = list_active(b.r, n, b.index, b.value);
    recurrent = m > 0;
    if (recurrent && !product(b.w_rec, n, n, b.index, b.value, m, b.i_rec, b.stop, b.stop_context)) return false;
  }
  update(b, at, recurrent);
  if (b.activation != BatchActivation::kGiven) {
    activate(b.activation, b.x, b.threshold, n, b.r);
    std::memcpy(b.out + at, b.r, n * sizeof(T));
  }
  if (b.x_out != nullptr) std::memcpy(b.x_out + at, b.x, n * sizeof(T));
  if (b.i_rec_out != nullptr) {
    if (recurrent)
      std::memcpy(b.i_rec_out + at, b.i_rec, n * sizeof(T));
    else
      std::memset(static_cast<void*>(b.i_rec_out + at), 0, n * sizeof(T));
  }
  return true;
}

template <typename T>
bool run(const RateBatchBlock<T>& b) {
  for (std::size_t k = 0; k < b.steps; ++k)
    if (!step(b, k)) return false;
  return true;
}

template <typename T>
constexpr RateBatchKernelsOf<T> table() {
  return {run<T>, activate<T>};
}

}  // namespace

const RateBatchKernels& rate_batch_kernels() {
  static constexpr RateBatchKernels kernels{table<double>(), table<float>()};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
