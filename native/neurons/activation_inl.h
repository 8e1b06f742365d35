// Activations as branch-free lanes that the compiler turns into vectors. For *_kernels.cpp only: every definition lies in the
// namespace of the instruction set.
#pragma once

#include <cstdint>

#include "simd/multiply_add_inl.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

// expm1(t) = 2^k * p + (2^k - 1), t = k ln 2 + f, |f| <= ln(2) / 2, p = expm1(f) by its series; 0 <= t <= 700 (float: 80).
// The sum keeps full relative precision near zero, where k = 0.
inline double expm1_lane(double t) {
  const double shifted = multiply_add(t, 1.4426950408889634, 0x1.8p52);
  const double k = shifted - 0x1.8p52;
  double f = multiply_add(k, -0x1.62e42fee00000p-1, t);
  f = multiply_add(k, -0x1.a39ef35793c76p-33, f);
  double q = 1.0 / 87178291200.0;
  q = multiply_add(q, f, 1.0 / 6227020800.0);
  q = multiply_add(q, f, 1.0 / 479001600.0);
  q = multiply_add(q, f, 1.0 / 39916800.0);
  q = multiply_add(q, f, 1.0 / 3628800.0);
  q = multiply_add(q, f, 1.0 / 362880.0);
  q = multiply_add(q, f, 1.0 / 40320.0);
  q = multiply_add(q, f, 1.0 / 5040.0);
  q = multiply_add(q, f, 1.0 / 720.0);
  q = multiply_add(q, f, 1.0 / 120.0);
  q = multiply_add(q, f, 1.0 / 24.0);
  q = multiply_add(q, f, 1.0 / 6.0);
  q = multiply_add(q, f, 0.5);
  const double p = multiply_add(q * f, f, f);
  const double scale = __builtin_bit_cast(double, (__builtin_bit_cast(std::uint64_t, shifted) + 1023u) << 52);
  return multiply_add(scale, p, scale - 1.0);
}

// tanh(x) = sign(x) * m / (m + 2) with m = expm1(2 |x|). Largest error: about 2 units in the last place.
inline double tanh_lane(double x) {
  const std::uint64_t bits = __builtin_bit_cast(std::uint64_t, x);
  const std::uint64_t sign = bits & 0x8000000000000000u;
  double a = __builtin_bit_cast(double, bits ^ sign);
  a = a > 22.0 ? 22.0 : a;  // tanh is 1 beyond; a NaN passes
  const double m = expm1_lane(a + a);
  const double y = m / (m + 2.0);
  return __builtin_bit_cast(double, __builtin_bit_cast(std::uint64_t, y) | sign);
}

inline float expm1_lane(float t) {
  const float shifted = multiply_add(t, 1.44269504f, 0x1.8p23f);
  const float k = shifted - 0x1.8p23f;
  float f = multiply_add(k, -0x1.62e400p-1f, t);
  f = multiply_add(k, -0x1.7f7d1cp-20f, f);
  float q = 1.0f / 5040.0f;
  q = multiply_add(q, f, 1.0f / 720.0f);
  q = multiply_add(q, f, 1.0f / 120.0f);
  q = multiply_add(q, f, 1.0f / 24.0f);
  q = multiply_add(q, f, 1.0f / 6.0f);
  q = multiply_add(q, f, 0.5f);
  const float p = multiply_add(q * f, f, f);
  const float scale = __builtin_bit_cast(float, (__builtin_bit_cast(std::uint32_t, shifted) + 127u) << 23);
  return multiply_add(scale, p, scale - 1.0f);
}

inline float tanh_lane(float x) {
  const std::uint32_t bits = __builtin_bit_cast(std::uint32_t, x);
  const std::uint32_t sign = bits & 0x80000000u;
  float a = __builtin_bit_cast(float, bits ^ sign);
  a = a > 10.0f ? 10.0f : a;
  const float m = expm1_lane(a + a);
  const float y = m / (m + 2.0f);
  return __builtin_bit_cast(float, __builtin_bit_cast(std::uint32_t, y) | sign);
}

template <typename T>
inline T relu_lane(T x) {
  return x < T(0) ? T(0) : x;  // a NaN stays visible
}

// 1 / (1 + exp(-x)), to full relative precision on both sides.
template <typename T>
inline T logistic_lane(T x) {
  constexpr T kLargest = sizeof(T) == sizeof(double) ? T(700) : T(80);  // a NaN passes
  T a = x < T(0) ? -x : x;
  a = a > kLargest ? kLargest : a;
  const T m = expm1_lane(a);
  const T above = x < T(0) ? T(1) : m + T(1);
  return above / (m + T(2));
}

// (tanh x + 1) / 2, as the rate layers of the original have it: the logistic function of 2 x.
template <typename T>
inline T sigmoid_lane(T x) {
  return (tanh_lane(x) + T(1)) * T(0.5);
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
