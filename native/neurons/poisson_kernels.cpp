#include "neurons/poisson_kernels.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

constexpr std::size_t kBlocks = 16;

// Philox4x32-10 (rockpool/random.h) of sixteen counters side by side.
void philox(const PoissonDraw& d, std::uint32_t first, std::uint32_t* __restrict out) {
  std::uint32_t a[kBlocks], b[kBlocks], c[kBlocks], e[kBlocks];
  for (std::size_t i = 0; i < kBlocks; ++i) {
    a[i] = first + static_cast<std::uint32_t>(i);
    b[i] = d.counter[1];
    c[i] = d.counter[2];
    e[i] = d.counter[3];
  }
  std::uint32_t k0 = d.key[0], k1 = d.key[1];
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < kBlocks; ++i) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * a[i], p1 = std::uint64_t{0xCD9E8D57u} * c[i];
      a[i] = static_cast<std::uint32_t>(p1 >> 32) ^ b[i] ^ k0;
      b[i] = static_cast<std::uint32_t>(p1);
      c[i] = static_cast<std::uint32_t>(p0 >> 32) ^ e[i] ^ k1;
      e[i] = static_cast<std::uint32_t>(p0);
    }
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
  for (std::size_t i = 0; i < kBlocks; ++i) out[i] = a[i], out[16 + i] = b[i], out[32 + i] = c[i], out[48 + i] = e[i];
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
