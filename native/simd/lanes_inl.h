// A vector of floats or doubles with masks, for loops that the compiler does not turn into vectors by itself: those that write
// down which elements crossed a threshold. For *_kernels.cpp only.
//
// No operation here fuses a multiplication with an addition, so that results are the same bits on every instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__SSE4_2__) || defined(__AVX2__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

template <typename T>
struct Lanes;

#if defined(__AVX512F__)

template <>
struct Lanes<double> {
  static constexpr std::size_t kSize = 8;
  using Vector = __m512d;
  using Mask = __mmask8;
  static Vector load(const double* p) { return _mm512_loadu_pd(p); }
  static void store(double* p, Vector v) { _mm512_storeu_pd(p, v); }
  static Vector set(double x) { return _mm512_set1_pd(x); }
  static Vector add(Vector a, Vector b) { return _mm512_add_pd(a, b); }
  static Vector sub(Vector a, Vector b) { return _mm512_sub_pd(a, b); }
  static Vector mul(Vector a, Vector b) { return _mm512_mul_pd(a, b); }
  static Mask less_equal(Vector a, Vector b) { return _mm512_cmp_pd_mask(a, b, _CMP_LE_OQ); }
  static Mask greater_or_nan(Vector a, Vector b) { return _mm512_cmp_pd_mask(a, b, _CMP_NLE_UQ); }
  static Vector select(Mask m, Vector a, Vector b) { return _mm512_mask_blend_pd(m, b, a); }
  static Mask both(Mask a, Mask b) { return static_cast<Mask>(a & b); }
  static std::uint32_t bits(Mask m) { return m; }
};

template <>
struct Lanes<float> {
  static constexpr std::size_t kSize = 16;
  using Vector = __m512;
  using Mask = __mmask16;
  static Vector load(const float* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, Vector v) { _mm512_storeu_ps(p, v); }
  static Vector set(float x) { return _mm512_set1_ps(x); }
  static Vector add(Vector a, Vector b) { return _mm512_add_ps(a, b); }
  static Vector sub(Vector a, Vector b) { return _mm512_sub_ps(a, b); }
  static Vector mul(Vector a, Vector b) { return _mm512_mul_ps(a, b); }
  static Mask less_equal(Vector a, Vector b) { return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ); }
  static Mask greater_or_nan(Vector a, Vector b) { return _mm512_cmp_ps_mask(a, b, _CMP_NLE_UQ); }
  static Vector select(Mask m, Vector a, Vector b) { return _mm512_mask_blend_ps(m, b, a); }
  static Mask both(Mask a, Mask b) { return static_cast<Mask>(a & b); }
  static std::uint32_t bits(Mask m) { return m; }
};

#elif defined(__AVX2__)

template <>
struct Lanes<double> {
  static constexpr std::size_t kSize = 4;
  using Vector = __m256d;
  using Mask = __m256d;
  static Vector load(const double* p) { return _mm256_loadu_pd(p); }
  static void store(double* p, Vector v) { _mm256_storeu_pd(p, v); }
  static Vector set(double x) { return _mm256_set1_pd(x); }
  static Vector add(Vector a, Vector b) { return _mm256_add_pd(a, b); }
  static Vector sub(Vector a, Vector b) { return _mm256_sub_pd(a, b); }
  static Vector mul(Vector a, Vector b) { return _mm256_mul_pd(a, b); }
  static Mask less_equal(Vector a, Vector b) { return _mm256_cmp_pd(a, b, _CMP_LE_OQ); }
  static Mask greater_or_nan(Vector a, Vector b) { return _mm256_cmp_pd(a, b, _CMP_NLE_UQ); }
  static Vector select(Mask m, Vector a, Vector b) { return _mm256_blendv_pd(b, a, m); }
  static Mask both(Mask a, Mask b) { return _mm256_and_pd(a, b); }
  static std::uint32_t bits(Mask m) { return static_cast<std::uint32_t>(_mm256_movemask_pd(m)); }
};

template <>
struct Lanes<float> {
  static constexpr std::size_t kSize = 8;
  using Vector = __m256;
  using Mask = __m256;
  static Vector load(const float* p) { return _mm256_loadu_ps(p); }
  static void store(float* p, Vector v) { _mm256_storeu_ps(p, v); }
  static Vector set(float x) { return _mm256_set1_ps(x); }
  static Vector add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
  static Vector sub(Vector a, Vector b) { return _mm256_sub_ps(a, b); }
  static Vector mul(Vector a, Vector b) { return _mm256_mul_ps(a, b); }
  static Mask less_equal(Vector a, Vector b) { return _mm256_cmp_ps(a, b, _CMP_LE_OQ); }
  static Mask greater_or_nan(Vector a, Vector b) { return _mm256_cmp_ps(a, b, _CMP_NLE_UQ); }
  static Vector select(Mask m, Vector a, Vector b) { return _mm256_blendv_ps(b, a, m); }
  static Mask both(Mask a, Mask b) { return _mm256_and_ps(a, b); }
  static std::uint32_t bits(Mask m) { return static_cast<std::uint32_t>(_mm256_movemask_ps(m)); }
};

#elif defined(__SSE4_2__)

template <>
struct Lanes<double> {
  static constexpr std::size_t kSize = 2;
  using Vector = __m128d;
  using Mask = __m128d;
  static Vector load(const double* p) { return _mm_loadu_pd(p); }
  static void store(double* p, Vector v) { _mm_storeu_pd(p, v); }
  static Vector set(double x) { return _mm_set1_pd(x); }
  static Vector add(Vector a, Vector b) { return _mm_add_pd(a, b); }
  static Vector sub(Vector a, Vector b) { return _mm_sub_pd(a, b); }
  static Vector mul(Vector a, Vector b) { return _mm_mul_pd(a, b); }
  static Mask less_equal(Vector a, Vector b) { return _mm_cmple_pd(a, b); }
  static Mask greater_or_nan(Vector a, Vector b) { return _mm_cmpnle_pd(a, b); }
  static Vector select(Mask m, Vector a, Vector b) { return _mm_blendv_pd(b, a, m); }
  static Mask both(Mask a, Mask b) { return _mm_and_pd(a, b); }
  static std::uint32_t bits(Mask m) { return static_cast<std::uint32_t>(_mm_movemask_pd(m)); }
};

template <>
struct Lanes<float> {
  static constexpr std::size_t kSize = 4;
  using Vector = __m128;
  using Mask = __m128;
  static Vector load(const float* p) { return _mm_loadu_ps(p); }
  static void store(float* p, Vector v) { _mm_storeu_ps(p, v); }
  static Vector set(float x) { return _mm_set1_ps(x); }
  static Vector add(Vector a, Vector b) { return _mm_add_ps(a, b); }
  static Vector sub(Vector a, Vector b) { return _mm_sub_ps(a, b); }
  static Vector mul(Vector a, Vector b) { return _mm_mul_ps(a, b); }
  static Mask less_equal(Vector a, Vector b) { return _mm_cmple_ps(a, b); }
  static Mask greater_or_nan(Vector a, Vector b) { return _mm_cmpnle_ps(a, b); }
  static Vector select(Mask m, Vector a, Vector b) { return _mm_blendv_ps(b, a, m); }
  static Mask both(Mask a, Mask b) { return _mm_and_ps(a, b); }
  static std::uint32_t bits(Mask m) { return static_cast<std::uint32_t>(_mm_movemask_ps(m)); }
};

#else

// Plain loops of a fixed length: compilers make vectors of these.
template <typename T>
struct Lanes {
  static constexpr std::size_t kSize = 16 / sizeof(T);
  struct Vector {
    T x[kSize];
  };
  using Mask = std::uint32_t;
  template <typename F>
  static Vector map(F f) {
    Vector r;
    for (std::size_t i = 0; i < kSize; ++i) r.x[i] = f(i);
    return r;
  }
  template <typename F>
  static Mask test(F f) {
    Mask r = 0;
    for (std::size_t i = 0; i < kSize; ++i) r |= static_cast<Mask>(f(i)) << i;
    return r;
  }
  static Vector load(const T* p) {
    return map([&](std::size_t i) { return p[i]; });
  }
  static void store(T* p, Vector v) {
    for (std::size_t i = 0; i < kSize; ++i) p[i] = v.x[i];
  }
  static Vector set(T x) {
    return map([&](std::size_t) { return x; });
  }
  static Vector add(Vector a, Vector b) {
    return map([&](std::size_t i) { return a.x[i] + b.x[i]; });
  }
  static Vector sub(Vector a, Vector b) {
    return map([&](std::size_t i) { return a.x[i] - b.x[i]; });
  }
  static Vector mul(Vector a, Vector b) {
    return map([&](std::size_t i) { return a.x[i] * b.x[i]; });
  }
  static Mask less_equal(Vector a, Vector b) {
    return test([&](std::size_t i) { return a.x[i] <= b.x[i]; });
  }
  static Mask greater_or_nan(Vector a, Vector b) {
    return test([&](std::size_t i) { return !(a.x[i] <= b.x[i]); });
  }
  static Vector select(Mask m, Vector a, Vector b) {
    return map([&](std::size_t i) { return m >> i & 1u ? a.x[i] : b.x[i]; });
  }
  static Mask both(Mask a, Mask b) { return a & b; }
  static std::uint32_t bits(Mask m) { return m; }
};

#endif

}  // namespace

}  // namespace rockpool::ROCKPOOL_SIMD_NS
