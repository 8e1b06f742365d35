#include "neurons/exp_synapse_kernels.h"

#include <algorithm>
#include <cmath>

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

constexpr std::size_t kUnitsBetweenQuestions = std::size_t{1} << 23;  // a few milliseconds

template <typename T>
void record_before(const T* __restrict x, const double* __restrict bias, std::size_t n, double* __restrict out) {
  if (bias == nullptr)
    for (std::size_t j = 0; j < n; ++j) out[j] = static_cast<double>(x[j]);
  else
    for (std::size_t j = 0; j < n; ++j) out[j] = static_cast<double>(x[j]) + bias[j];
}

/// What has decayed away counts as 0: computing with numbers below the smallest normal ones takes a hundred times as long. In
/// double precision products of two states stay above them too.
template <typename T>
T settled(T x) {
  constexpr T kSmallest = sizeof(T) == sizeof(double) ? T(0x1p-500) : T(0x1p-100f);
  return std::abs(x) < kSmallest ? T(0) : x;
}

template <typename T>
void decay(T* __restrict x, const T* __restrict beta, const T* __restrict drive, std::size_t n) {
  if (drive == nullptr)
    for (std::size_t j = 0; j < n; ++j) x[j] = settled(beta[j] * x[j]);
  else
    for (std::size_t j = 0; j < n; ++j) x[j] = settled(beta[j] * x[j] + drive[j]);
}

template <typename T>
void add(T* __restrict x, const T* __restrict row, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) x[j] += row[j];
}

template <typename T>
bool run(const ExpSynapseBlock<T>& b) {
  const std::size_t n = b.end - b.begin;
  T* x = b.x + b.begin;
  std::size_t event = 0, work = 0;
  for (std::size_t k = 0; k < b.steps; ++k) {
    if (b.before != nullptr)
      record_before(x, b.bias == nullptr ? nullptr : b.bias + b.begin, n, b.before + k * b.before_stride + b.begin);
    decay(x, b.decay + b.begin, b.drive == nullptr ? nullptr : b.drive + k * b.drive_stride + b.begin, n);
    for (; event < b.events && b.event_steps[event] == b.first_step + k; ++event) {
      const auto channel = static_cast<std::size_t>(b.event_channels[event]);
      if (b.weights != nullptr)
        add(x, b.weights + channel * b.weight_stride + b.begin, n);
      else if (channel >= b.begin && channel < b.end)
        x[channel - b.begin] += T(1);
      work += b.weights != nullptr ? n + 16 : 1;
      if (work > kUnitsBetweenQuestions && b.stop != nullptr) {
        work = 0;
        if (b.stop(b.stop_context)) return false;
      }
    }
    if (b.after != nullptr) std::copy_n(x, n, b.after + k * b.after_stride + b.begin);
  }
  return true;
}

}  // namespace

const ExpSynapseKernels& exp_synapse_kernels() {
  static constexpr ExpSynapseKernels kernels{{run<double>}, {run<float>}};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
