// Inner loop of Poisson events, one copy per instruction set; see poisson.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rockpool/simd.h"

namespace rockpool {

/// Levels ascend; a draw of 32 bits stands for as many events as there are levels at or below it. Of 64 neurons in a row number
/// j takes word j / 16 of the block j % 16 further on than `counter`.
struct PoissonDraw {
  std::uint32_t key[2];
  std::uint32_t counter[4];
  const std::uint32_t* levels;
  std::size_t count;
};

struct PoissonKernels {
  /// Adds weight times the number of events to y[0 ... n).
  void (*add64)(const PoissonDraw& draw, double weight, double* y, std::size_t n);
  void (*add32)(const PoissonDraw& draw, double weight, float* y, std::size_t n);
  /// The 64 draws of a group themselves.
  void (*draws)(const PoissonDraw& draw, std::uint32_t* out);
};

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(PoissonKernels, poisson_kernels)
