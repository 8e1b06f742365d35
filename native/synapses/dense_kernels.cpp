#include "synapses/dense_kernels.h"

#include "simd/multiply_add_inl.h"
#include "synapses/active_rows_inl.h"
#include "synapses/panels_inl.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

template <typename T>
void gather(const double* w, std::size_t columns, const std::uint32_t* index, const T* value, std::size_t m, T* __restrict y) {
  for (std::size_t j = 0; j < columns; ++j) y[j] = T(0);
  for (std::size_t k = 0; k < m; ++k) {
    const double* __restrict row = w + index[k] * columns;
    const T factor = value[k];
    for (std::size_t j = 0; j < columns; ++j) y[j] = multiply_add(factor, static_cast<T>(row[j]), y[j]);
  }
}

template <typename T>
std::size_t list(const T* x, std::size_t n, std::uint32_t* index, T* value) {
  return list_active(x, n, index, value);
}

template <typename T>
constexpr DenseKernelsOf<T> table() {
  return {Panel<T>::kWidth, pack<T>,    multiply<T>, multiply_columns<T>, packet_traits<T>::size, gather<T>,
          list<T>,          product<T>, sum<T>};
}

}  // namespace

const DenseKernels& dense_kernels() {
  static constexpr DenseKernels kernels{table<double>(), table<float>()};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
