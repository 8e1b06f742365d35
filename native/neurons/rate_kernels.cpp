#include "neurons/rate_kernels.h"

#include "neurons/activation_inl.h"
#include "synapses/active_rows_inl.h"
#include "synapses/panels_inl.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

template <typename T, typename Lane>
void map(const T* x, const T* bias, std::size_t n, T* r, Lane lane) {
  if (bias != nullptr)
    for (std::size_t j = 0; j < n; ++j) r[j] = lane(x[j] + bias[j]);
  else
    for (std::size_t j = 0; j < n; ++j) r[j] = lane(x[j]);
}

template <typename T>
void activate(RateActivation activation, const T* __restrict x, const T* __restrict bias, std::size_t n, T* __restrict r) {
  switch (activation) {
    case RateActivation::kRelu: return map(x, bias, n, r, [](T v) { return relu_lane(v); });
    case RateActivation::kTanh: return map(x, bias, n, r, [](T v) { return tanh_lane(v); });
    case RateActivation::kSigmoid: return map(x, bias, n, r, [](T v) { return sigmoid_lane(v); });
    case RateActivation::kLinear: break;
  }
  map(x, bias, n, r, [](T v) { return v; });
}

template <typename T>
void update(std::size_t n, const T* __restrict leak, const T* __restrict drive, const T* __restrict recurrent,
            T* __restrict x) {
  if (recurrent != nullptr)
    for (std::size_t j = 0; j < n; ++j) x[j] = x[j] + leak[j] * (drive[j] - x[j] + recurrent[j]);
  else
    for (std::size_t j = 0; j < n; ++j) x[j] = x[j] + leak[j] * (drive[j] - x[j]);
}

template <typename T>
void widen(const T* __restrict r, std::size_t n, double* __restrict out) {
  for (std::size_t j = 0; j < n; ++j) out[j] = static_cast<double>(r[j]);
}

template <typename T>
void record(const RateBlock<T>& b, double* out) {
  if (b.w_out == nullptr) return widen(b.r, b.units, out);
  const std::size_t m = list_active(b.r, b.units, b.index, b.value, b.all_active);
  product(b.w_out, b.units, b.outputs, b.index, b.value, m, b.projected, nullptr, nullptr);
  widen(b.projected, b.outputs, out);
}

template <typename T>
bool advance(const RateBlock<T>& b, const T* drive) {
  if (b.w_rec != nullptr) {
    const std::size_t m = list_active(b.r, b.units, b.index, b.value, b.all_active);
    if (!product(b.w_rec, b.units, b.units, b.index, b.value, m, b.recurrent, b.stop, b.stop_context)) return false;
  }
  update(b.units, b.leak, drive, b.w_rec != nullptr ? b.recurrent : nullptr, b.x);
  return true;
}

template <typename T>
bool run(const RateBlock<T>& b) {
  const std::size_t columns = b.w_out != nullptr ? b.outputs : b.units;
  for (std::size_t k = 0; k < b.steps; ++k) {
    double* row = b.out + k * columns;
    if (!b.record_post) record(b, row);
    if (!b.record_post && b.activity_out != nullptr) widen(b.r, b.units, b.activity_out + k * b.units);
    if (!advance(b, b.drive + k * b.drive_stride)) return false;
    if (b.recurrent_out != nullptr) widen(b.recurrent, b.units, b.recurrent_out + k * b.units);
    activate(b.activation, b.x, b.activation_bias, b.units, b.r);
    if (b.record_post) record(b, row);
    if (b.record_post && b.activity_out != nullptr) widen(b.r, b.units, b.activity_out + k * b.units);
  }
  return true;
}

template <typename T>
bool step(const RateBlock<T>& b) {
  return advance(b, b.drive);
}

template <typename T>
constexpr RateKernelsOf<T> table() {
  return {activate<T>, run<T>, step<T>, record<T>};
}

}  // namespace

const RateKernels& rate_kernels() {
  static constexpr RateKernels kernels{table<double>(), table<float>()};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
