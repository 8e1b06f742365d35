// Dense weights packed in panels (panels_inl.h), one copy of the loops per instruction set and precision.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "rockpool/simd.h"

namespace rockpool {

/// Lists of rows are padded by so many entries, so that reading ahead needs no test.
inline constexpr std::size_t kPanelPrefetch = 8;

template <typename T>
struct DenseKernelsOf {
  std::size_t panel;  // columns of a panel
  /// Packs row-major w [rows x cols] into ceil(cols / panel) panels of [rows x panel], padded with zeros.
  void (*pack)(const double* w, std::size_t rows, std::size_t cols, T* packed);
  /// out [rows x ld_out] = u [rows x inputs] @ packed; whole panels are written, ld_out >= padded columns.
  void (*multiply)(const T* packed, std::size_t inputs, std::size_t panels, const T* u, std::size_t rows, T* out,
                   std::size_t ld_out);
  /// The same for the first `columns` columns: whole packets of `lanes` columns are written, ld_out >= columns rounded up to
  /// them.
  void (*multiply_columns)(const T* packed, std::size_t inputs, std::size_t columns, const T* u, std::size_t rows, T* out,
                           std::size_t ld_out);
  std::size_t lanes;
  /// y [columns] = sum over k < m of value[k] * row index[k] of row-major w [rows x columns] that is not packed: the same bits.
  void (*gather)(const double* w, std::size_t columns, const std::uint32_t* index, const T* value, std::size_t m, T* y);
  /// Lists the elements of x [n] that are not 0 in ascending order and returns how many there are; `index` and `value` have
  /// n + kPanelPrefetch entries and are padded for `product`.
  std::size_t (*list)(const T* x, std::size_t n, std::uint32_t* index, T* value);
  /// y [padded columns] = sum over k < m of value[k] * row index[k]; index has m + kPanelPrefetch entries. `stop` is asked now
  /// and then, may be null; false when it said so.
  bool (*product)(const T* packed, std::size_t rows, std::size_t columns, const std::uint32_t* index, const T* value,
                  std::size_t m, T* y, bool (*stop)(const void*), const void* context);
  /// The sum of n elements (a multiple of `panel`): the cheapest loop that reads them, which products are measured against.
  T (*sum)(const T* x, std::size_t n);
};

struct DenseKernels {
  DenseKernelsOf<double> f64;
  DenseKernelsOf<float> f32;
};

const DenseKernels& active_dense_kernels_all();

/// The active copy, by precision.
template <typename T>
const DenseKernelsOf<T>& active_dense_kernels() {
  if constexpr (std::is_same_v<T, double>)
    return active_dense_kernels_all().f64;
  else
    return active_dense_kernels_all().f32;
}

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(DenseKernels, dense_kernels)
