// The loops of rockpool/limits.h, one copy per instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rockpool/simd.h"

namespace rockpool {

/// Arrays have room for whole vectors behind `n`. The factors come from outside so that the compiler can't fold them.
template <typename T>
struct UpdateLoop {
  std::size_t n;
  T* v;
  T* current[2];
  const T* ready;
  T now, v_from_v, v_from_i[2], i_from_i[2], drive, threshold;
};

template <typename T>
struct LimitKernelsOf {
  /// Whether a neuron crossed the threshold.
  bool (*update)(const UpdateLoop<T>& loop);
  void (*deliver16)(const std::uint16_t* targets, std::size_t n, T weight, T* y);
  void (*deliver32)(const std::uint32_t* targets, std::size_t n, T weight, T* y);
  void (*draw)(std::uint32_t key, const std::uint32_t* levels, T* y, std::size_t n);
};

inline constexpr std::size_t kLimitLevels = 12;

struct LimitKernels {
  LimitKernelsOf<double> f64;
  LimitKernelsOf<float> f32;
};

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(LimitKernels, limit_kernels)
