// The rows of a product whose factors are not 0. For *_kernels.cpp only.
#pragma once

#include <cstddef>
#include <cstdint>

#include "synapses/dense_kernels.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

/// Lists the elements of x [n] that are not 0, or all, in ascending order; returns how many. `index` and `value` have n +
/// kPanelPrefetch entries: the list is padded so that reading ahead needs no test.
template <typename T>
[[maybe_unused]] std::size_t list_active(const T* x, std::size_t n, std::uint32_t* index, T* value, bool all = false) {
  std::size_t m = 0;
  for (std::size_t i = 0; i < n; ++i) {
    index[m] = static_cast<std::uint32_t>(i);
    value[m] = x[i];
    m += static_cast<std::size_t>(all | (x[i] != T(0)));
  }
  const std::uint32_t last = m > 0 ? index[m - 1] : 0;
  for (std::size_t i = 0; i < kPanelPrefetch; ++i) index[m + i] = last;
  return m;
}

}  // namespace

}  // namespace rockpool::ROCKPOOL_SIMD_NS
