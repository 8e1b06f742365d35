// Probe that tells which copy of the kernels runs.
#include "base/base_kernels.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

const BaseKernels& base_kernels() {
#if defined(__AVX512F__)
  static constexpr BaseKernels kernels{512};
#elif defined(__AVX2__)
  static constexpr BaseKernels kernels{256};
#else
  static constexpr BaseKernels kernels{128};
#endif
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
