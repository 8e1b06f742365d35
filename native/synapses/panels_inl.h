// Dense products over weights that are packed in panels. For *_kernels.cpp only: every definition lies in the namespace of the
// instruction set.
//
// All rows of `kWidth` neighbouring columns lie together, so that the sums of a panel stay in registers while its rows stream
// past, and only the rows that are asked for are touched. Every sum runs over its rows in ascending order of the list with one
// accumulator for each column, whatever is computed beside it.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>

#include "synapses/dense_kernels.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

using Eigen::internal::packet_traits;

// Packets of a panel: as many sums as fit in the registers beside one factor.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kPackets = 16;
#else
constexpr int kPackets = 8;
#endif

template <typename T>
struct Panel {
  using Packet = typename packet_traits<T>::type;
  static constexpr int kLanes = packet_traits<T>::size;
  static constexpr std::size_t kWidth = static_cast<std::size_t>(kPackets) * kLanes;
};

inline std::size_t panels_of(std::size_t columns, std::size_t width) {
  return (columns + width - 1) / width;
}

template <typename T>
[[maybe_unused]] void pack(const double* w, std::size_t rows, std::size_t cols, T* packed) {
  constexpr std::size_t width = Panel<T>::kWidth;
  const std::size_t panels = panels_of(cols, width);
  for (std::size_t p = 0; p < panels; ++p) {
    const std::size_t n = cols - p * width < width ? cols - p * width : width;
    for (std::size_t i = 0; i < rows; ++i) {
      const double* from = w + i * cols + p * width;
      T* to = packed + (p * rows + i) * width;
      for (std::size_t j = 0; j < n; ++j) to[j] = static_cast<T>(from[j]);
      for (std::size_t j = n; j < width; ++j) to[j] = T(0);
    }
  }
}

// y = r @ W over the listed rows. One panel at a time: its sums are registers, its rows stream past.
template <typename T>
[[maybe_unused]] bool product(const T* packed, std::size_t rows, std::size_t columns, const std::uint32_t* index,
                              const T* value, std::size_t m, T* y, bool (*stop)(const void*), const void* context) {
  using P = Panel<T>;
  using Packet = typename P::Packet;
  using namespace Eigen::internal;
  constexpr std::size_t kAhead = kPanelPrefetch / 2;
  constexpr std::size_t kBytesBetweenQuestions = std::size_t{1} << 26;  // a few milliseconds
  const std::size_t panels = panels_of(columns, P::kWidth);
  std::size_t bytes = 0;
  for (std::size_t p = 0; p < panels; ++p, y += P::kWidth) {
    const T* base = packed + p * rows * P::kWidth;
    Packet sum[kPackets];
    for (int q = 0; q < kPackets; ++q) sum[q] = pset1<Packet>(T(0));
    for (std::size_t k = 0; k < m; ++k) {
      const T* row = base + index[k] * P::kWidth;
#if defined(__GNUC__)
      const char* ahead = reinterpret_cast<const char*>(base + index[k + kAhead] * P::kWidth);
      for (std::size_t b = 0; b < P::kWidth * sizeof(T); b += 64) __builtin_prefetch(ahead + b);
#endif
      const Packet factor = pset1<Packet>(value[k]);
      for (int q = 0; q < kPackets; ++q) sum[q] = pmadd(factor, pload<Packet>(row + q * P::kLanes), sum[q]);
    }
    for (int q = 0; q < kPackets; ++q) pstore(y + q * P::kLanes, sum[q]);
    bytes += m * P::kWidth * sizeof(T);
    if (bytes > kBytesBetweenQuestions && stop != nullptr) {
      bytes = 0;
      if (stop(context)) return false;
    }
  }
  return true;
}

// What of a panel's rows stays in the first-level cache while rows of the factor stream past.
constexpr std::size_t kTileBytes = 24576;

// R rows times Q packets of a panel, for `depth` inputs: the tile of sums fills the registers. The sums of the inputs before
// these wait in `out`, which changes no bit of them.
template <typename T, int R, int Q>
void multiply_tile(const T* column, std::size_t depth, const T* u, std::size_t ld_u, bool first, T* out, std::size_t ld_out) {
  using P = Panel<T>;
  using Packet = typename P::Packet;
  using namespace Eigen::internal;
  Packet sum[R][Q];
  for (int i = 0; i < R; ++i)
    for (int q = 0; q < Q; ++q) sum[i][q] = first ? pset1<Packet>(T(0)) : ploadu<Packet>(out + i * ld_out + q * P::kLanes);
  for (std::size_t k = 0; k < depth; ++k) {
    const T* row = column + k * P::kWidth;
    Packet factor[R];
    for (int i = 0; i < R; ++i) factor[i] = pset1<Packet>(u[i * ld_u + k]);
    for (int q = 0; q < Q; ++q) {
      const Packet w = pload<Packet>(row + q * P::kLanes);
      for (int i = 0; i < R; ++i) sum[i][q] = pmadd(factor[i], w, sum[i][q]);
    }
  }
  for (int i = 0; i < R; ++i)
    for (int q = 0; q < Q; ++q) pstoreu(out + i * ld_out + q * P::kLanes, sum[i][q]);
}

// All rows times Q packets of a panel.
template <typename T, int R, int Q>
void multiply_strip(const T* column, std::size_t inputs, const T* u, std::size_t rows, T* out, std::size_t ld_out) {
  using P = Panel<T>;
  constexpr std::size_t kDepth = kTileBytes / (Q * P::kLanes * sizeof(T));
  for (std::size_t k = 0; k == 0 || k < inputs; k += kDepth) {
    const std::size_t depth = inputs - k < kDepth ? inputs - k : kDepth;
    const T* base = column + k * P::kWidth;
    std::size_t i = 0;
    for (; i + R <= rows; i += R)
      multiply_tile<T, R, Q>(base, depth, u + i * inputs + k, inputs, k == 0, out + i * ld_out, ld_out);
    for (; i < rows; ++i) multiply_tile<T, 1, Q>(base, depth, u + i * inputs + k, inputs, k == 0, out + i * ld_out, ld_out);
  }
}

// out = u @ packed for `columns` columns, rounded up to whole packets.
template <typename T>
[[maybe_unused]] void multiply_columns(const T* packed, std::size_t inputs, std::size_t columns, const T* u, std::size_t rows,
                                       T* out, std::size_t ld_out) {
  using P = Panel<T>;
  constexpr std::size_t kLanes = P::kLanes;
  constexpr int kHalf = kPackets / 2;
  const std::size_t packets = (columns + kLanes - 1) / kLanes;
  for (std::size_t q = 0; q < packets;) {
    const T* column = packed + q / kPackets * inputs * P::kWidth + q % kPackets * kLanes;
    T* to = out + q * kLanes;
    const std::size_t left = packets - q;
    if (left >= kHalf)
      multiply_strip<T, 3, kHalf>(column, inputs, u, rows, to, ld_out), q += kHalf;
    else if (left >= 2)
      multiply_strip<T, 6, 2>(column, inputs, u, rows, to, ld_out), q += 2;
    else
      multiply_strip<T, 8, 1>(column, inputs, u, rows, to, ld_out), q += 1;
  }
}

template <typename T>
[[maybe_unused]] void multiply(const T* packed, std::size_t inputs, std::size_t panels, const T* u, std::size_t rows, T* out,
                               std::size_t ld_out) {
  multiply_columns(packed, inputs, panels * Panel<T>::kWidth, u, rows, out, ld_out);
}

template <typename T>
[[maybe_unused]] T sum(const T* x, std::size_t n) {
  using P = Panel<T>;
  using Packet = typename P::Packet;
  using namespace Eigen::internal;
  Packet sums[kPackets];
  for (int q = 0; q < kPackets; ++q) sums[q] = pset1<Packet>(T(0));
  for (std::size_t i = 0; i < n; i += P::kWidth)
    for (int q = 0; q < kPackets; ++q) sums[q] = padd(sums[q], pload<Packet>(x + i + q * P::kLanes));
  for (int q = 1; q < kPackets; ++q) sums[0] = padd(sums[0], sums[q]);
  T lanes[P::kLanes];
  pstoreu(lanes, sums[0]);
  T total = T(0);
  for (int l = 0; l < P::kLanes; ++l) total += lanes[l];
  return total;
}

}  // namespace

}  // namespace rockpool::ROCKPOOL_SIMD_NS
