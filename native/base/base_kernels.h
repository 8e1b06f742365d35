// The smallest kernel family: the width of the vectors that the compiler used.
#pragma once

#include "rockpool/simd.h"

namespace rockpool {

struct BaseKernels {
  int vector_bits;
};

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(BaseKernels, base_kernels)
