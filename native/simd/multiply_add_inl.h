// One fused step, where the instruction set has it. For *_kernels.cpp only.
#pragma once

namespace rockpool::ROCKPOOL_SIMD_NS {

/// a * b + c, rounded once where the instruction set can do that.
inline double multiply_add(double a, double b, double c) {
#if defined(__FMA__) || defined(__aarch64__)
  return __builtin_fma(a, b, c);
#else
  return a * b + c;
#endif
}
inline float multiply_add(float a, float b, float c) {
#if defined(__FMA__) || defined(__aarch64__)
  return __builtin_fmaf(a, b, c);
#else
  return a * b + c;
#endif
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
