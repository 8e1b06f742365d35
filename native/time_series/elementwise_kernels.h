// Element-wise arithmetic, comparison and limits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rockpool/elementwise.h"
#include "rockpool/simd.h"

namespace rockpool {

struct ElementwiseKernels {
  /// out[i] = a[i * a_step] OP b[i * b_step]; steps are 0 or 1.
  void (*apply)(BinaryOp op, const double* a, std::size_t a_step, const double* b, std::size_t b_step, std::size_t n,
                double* out);
  void (*compare)(CompareOp op, const double* a, std::size_t a_step, const double* b, std::size_t b_step, std::size_t n,
                  std::uint8_t* out);
};

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(ElementwiseKernels, elementwise_kernels)
