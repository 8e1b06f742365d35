#include "synapses/dense_kernels.h"

#include "synapses/panels_inl.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

template <typename T>
constexpr DenseKernelsOf<T> table() {
  return {Panel<T>::kWidth, pack<T>, multiply<T>, product<T>, sum<T>};
}

}  // namespace

const DenseKernels& dense_kernels() {
  static constexpr DenseKernels kernels{table<double>(), table<float>()};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
