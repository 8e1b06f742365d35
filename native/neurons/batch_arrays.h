// Arrays of the module kernels: parameters given once or for each neuron, states given once or for each batch element.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include "rockpool/aligned.h"
#include "rockpool/error.h"

namespace rockpool {

/// Noise of batch element b is stream kNoiseStream + b of the seed.
inline constexpr std::uint32_t kNoiseStream = 0x40000000u;

/// Throws ERR_SHAPE unless the size is one of these.
inline void check_size(const char* name, std::size_t size, std::initializer_list<std::size_t> fits) {
  for (const std::size_t fit : fits)
    if (size == fit) return;
  std::string what;
  for (const std::size_t fit : fits) what += (what.empty() ? "" : " or ") + to_text(fit);
  throw_shape(name, what + " elements long", to_text(size) + " elements");
}

/// One value for all, or one for each.
template <typename T>
AlignedArray<T> expand(std::span<const double> from, std::size_t n) {
  AlignedArray<T> to(n);
  for (std::size_t i = 0; i < n; ++i) to[i] = static_cast<T>(from[from.size() == 1 ? 0 : i]);
  return to;
}

/// One value, a row [columns], or all [rows x columns].
template <typename T>
AlignedArray<T> expand_rows(std::span<const double> from, std::size_t rows, std::size_t columns) {
  AlignedArray<T> to(rows * columns);
  for (std::size_t i = 0; i < rows * columns; ++i) to[i] = static_cast<T>(from[i % from.size()]);
  return to;
}

/// The state of a batch element: its own n, or those that serve all.
template <typename T>
void load(std::span<const double> from, std::size_t element, std::size_t n, T* to) {
  const std::size_t at = from.size() > n ? element * n : 0;
  for (std::size_t i = 0; i < n; ++i) to[i] = static_cast<T>(from[at + i]);
}

template <typename T>
void store(const T* from, std::size_t element, std::size_t n, std::span<double> to) {
  std::copy_n(from, n, to.begin() + static_cast<std::ptrdiff_t>(element * n));
}

}  // namespace rockpool
