#include "time_series/sampler_kernels.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

// Queries in random order miss the cache at every row: ask for rows ahead of time.
constexpr std::size_t kAhead = 12;

inline void prefetch([[maybe_unused]] const double* p) {
#if defined(__GNUC__)
  __builtin_prefetch(p);
#endif
}

void copy(const double* const* a, std::size_t n, std::size_t channels, double* out) {
  if (channels == 1) {
    for (std::size_t i = 0; i < n; ++i) out[i] = *a[i];
    return;
  }
  for (std::size_t i = 0; i < n; ++i, out += channels) {
    if (i + kAhead < n) prefetch(a[i + kAhead]);
    const double* row = a[i];
    for (std::size_t c = 0; c < channels; ++c) out[c] = row[c];
  }
}

void blend(const double* const* a, const double* const* b, const double* w, std::size_t n, std::size_t channels, double* out) {
  if (channels == 1) {
    for (std::size_t i = 0; i < n; ++i) out[i] = w[i] == 0 ? *a[i] : *a[i] + w[i] * (*b[i] - *a[i]);
    return;
  }
  for (std::size_t i = 0; i < n; ++i, out += channels) {
    if (i + kAhead < n) {
      prefetch(a[i + kAhead]);
      prefetch(b[i + kAhead]);
    }
    const double* low = a[i];
    const double* high = b[i];
    const double weight = w[i];
    if (weight == 0)
      for (std::size_t c = 0; c < channels; ++c) out[c] = low[c];
    else
      for (std::size_t c = 0; c < channels; ++c) out[c] = low[c] + weight * (high[c] - low[c]);
  }
}

void combine(const double* const* first, const double* basis, std::size_t order, std::size_t n, std::size_t channels,
             double* out) {
  for (std::size_t i = 0; i < n; ++i, out += channels, basis += order) {
    if (i + kAhead < n) prefetch(first[i + kAhead]);
    const double* row = first[i];
    if (basis[0] != basis[0]) {
      for (std::size_t c = 0; c < channels; ++c) out[c] = row[c];
      continue;
    }
    for (std::size_t c = 0; c < channels; ++c) out[c] = basis[0] * row[c];
    for (std::size_t j = 1; j < order; ++j) {
      row += channels;
      for (std::size_t c = 0; c < channels; ++c) out[c] += basis[j] * row[c];
    }
  }
}

}  // namespace

const SamplerKernels& sampler_kernels() {
  static constexpr SamplerKernels kernels{copy, blend, combine};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
