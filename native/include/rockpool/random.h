// Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
// 1, 2, 3", SC11; the generator of the Random123 library).
//
// A draw is a pure function of (seed, stream, step, unit), so results do not depend on the number of threads, on the order
// of evaluation or on how a run is cut into pieces.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace rockpool {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

/// Ten rounds of Philox4x32 on one 128-bit counter.
constexpr PhiloxCounter philox4x32(PhiloxCounter c, PhiloxKey k) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * c[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * c[2];
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(p0)};
    k = {k[0] + 0x9E3779B9u, k[1] + 0xBB67AE85u};
  }
  return c;
}

/// Names one stream of random numbers.
struct RandomStream {
  std::uint64_t seed = 0;    // the user's seed
  std::uint32_t stream = 0;  // which use of randomness within the owner (noise, initial state, ...)
};

/// Uniform on the open interval (0, 1), 52 bits, so that both ends are excluded.
constexpr double uniform_open(std::uint32_t high, std::uint32_t low) {
  const std::uint64_t bits = ((std::uint64_t{high} << 32) | low) >> 12;
  return (static_cast<double>(bits) + 0.5) * 0x1p-52;
}

/// One block of four 32-bit words for (step, index).
PhiloxCounter random_block(const RandomStream& stream, std::uint64_t step, std::uint32_t index);

/// Standard normal quantile (Wichura, "Algorithm AS 241", Appl. Statist. 37, 1988; relative error about 1e-16).
double normal_quantile(double p);

/// Fills `out[0..n)` with uniforms on (0, 1) of time step `step`; element i belongs to unit `first_unit + i`.
void fill_uniform(const RandomStream& stream, std::uint64_t step, std::uint32_t first_unit, double* out, std::size_t n);

/// Fills `out[0..n)` with standard normals of time step `step`; element i belongs to unit `first_unit + i`.
void fill_normal(const RandomStream& stream, std::uint64_t step, std::uint32_t first_unit, double* out, std::size_t n);

}  // namespace rockpool
