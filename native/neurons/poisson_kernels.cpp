#include "neurons/poisson_kernels.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

constexpr std::size_t kBlocks = 16;

// Words of 32 bits in the lower halves of 64; the upper halves hold whatever a multiplication left there. Compilers do not find
// the instruction that multiplies the lower halves by themselves.
#if defined(__AVX512F__)
struct Words {
  static constexpr std::size_t kSize = 8;
  __m512i x;
  static Words set(std::uint32_t w) { return {_mm512_set1_epi64(static_cast<long long>(w))}; }
  static Words count(std::uint32_t first) {
    return {_mm512_add_epi64(_mm512_set1_epi64(static_cast<long long>(first)), _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7))};
  }
  Words times(Words m) const { return {_mm512_mul_epu32(x, m.x)}; }
  Words high() const { return {_mm512_srli_epi64(x, 32)}; }
  Words operator^(Words o) const { return {_mm512_xor_si512(x, o.x)}; }
  void store(std::uint32_t* p) const { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtepi64_epi32(x)); }
};
#elif defined(__AVX2__)
struct Words {
  static constexpr std::size_t kSize = 4;
  __m256i x;
  static Words set(std::uint32_t w) { return {_mm256_set1_epi64x(static_cast<long long>(w))}; }
  static Words count(std::uint32_t first) {
    return {_mm256_add_epi64(_mm256_set1_epi64x(static_cast<long long>(first)), _mm256_setr_epi64x(0, 1, 2, 3))};
  }
  Words times(Words m) const { return {_mm256_mul_epu32(x, m.x)}; }
  Words high() const { return {_mm256_srli_epi64(x, 32)}; }
  Words operator^(Words o) const { return {_mm256_xor_si256(x, o.x)}; }
  void store(std::uint32_t* p) const {
    std::uint64_t wide[4];
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(wide), x);
    for (int i = 0; i < 4; ++i) p[i] = static_cast<std::uint32_t>(wide[i]);
  }
};
#else
struct Words {
  static constexpr std::size_t kSize = 1;
  std::uint64_t x;
  static Words set(std::uint32_t w) { return {w}; }
  static Words count(std::uint32_t first) { return {first}; }
  Words times(Words m) const { return {(x & 0xffffffffu) * m.x}; }
  Words high() const { return {x >> 32}; }
  Words operator^(Words o) const { return {x ^ o.x}; }
  void store(std::uint32_t* p) const { *p = static_cast<std::uint32_t>(x); }
};
#endif

// Philox4x32-10 (rockpool/random.h) of sixteen counters side by side.
inline void philox(const PoissonDraw& d, std::uint32_t first, std::uint32_t* out) {
  constexpr std::size_t kParts = kBlocks / Words::kSize;
  Words a[kParts], b[kParts], c[kParts], e[kParts];
  for (std::size_t i = 0; i < kParts; ++i) {
    a[i] = Words::count(first + static_cast<std::uint32_t>(i * Words::kSize));
    b[i] = Words::set(d.counter[1]);
    c[i] = Words::set(d.counter[2]);
    e[i] = Words::set(d.counter[3]);
  }
  const Words m0 = Words::set(0xD2511F53u), m1 = Words::set(0xCD9E8D57u);
  std::uint32_t k0 = d.key[0], k1 = d.key[1];
  for (int round = 0; round < 10; ++round) {
    const Words key0 = Words::set(k0), key1 = Words::set(k1);
    for (std::size_t i = 0; i < kParts; ++i) {
      const Words p0 = a[i].times(m0), p1 = c[i].times(m1);
      a[i] = p1.high() ^ b[i] ^ key0;
      c[i] = p0.high() ^ e[i] ^ key1;
      b[i] = p1;
      e[i] = p0;
    }
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
  for (std::size_t i = 0; i < kParts; ++i) {
    const std::size_t at = i * Words::kSize;
    a[i].store(out + at), b[i].store(out + 16 + at), c[i].store(out + 32 + at), e[i].store(out + 48 + at);
  }
}

template <typename T>
void add(const PoissonDraw& d, double weight, T* y, std::size_t n) {
  std::uint32_t block = d.counter[0];
  for (std::size_t j = 0; j < n; j += 64, block += kBlocks) {
    std::uint32_t draw[64], events[64] = {};
    philox(d, block, draw);
    for (std::size_t k = 0; k < d.count; ++k) {
      const std::uint32_t level = d.levels[k];
      for (std::size_t i = 0; i < 64; ++i) events[i] += draw[i] >= level ? 1u : 0u;
    }
    const std::size_t m = n - j < 64 ? n - j : 64;
    for (std::size_t i = 0; i < m; ++i)
      y[j + i] += static_cast<T>(weight * static_cast<double>(static_cast<std::int32_t>(events[i])));
  }
}

void draws(const PoissonDraw& d, std::uint32_t* out) {
  philox(d, d.counter[0], out);
}

}  // namespace

const PoissonKernels& poisson_kernels() {
  static constexpr PoissonKernels kernels{add<double>, add<float>, draws};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
