#include "neurons/filters_kernels.h"

#include <cmath>
#include <cstring>

#include "simd/lanes_inl.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

using L = Lanes<double>;

// A step of one section waits for the step before it; four vectors of filters side by side fill the time.
constexpr std::size_t kWide = kFilterPanel / L::kSize < 4 ? kFilterPanel / L::kSize : 4;
static_assert(kFilterPanel % (kWide * L::kSize) == 0);

// All steps of one section for kWide vectors of filters. The first section reads one input for all of them.
template <bool kFirst>
void section(const double* x, std::size_t steps, const double* c, double* state, double* y) {
  typename L::Vector b0[kWide], b1[kWide], b2[kWide], a1[kWide], a2[kWide], z0[kWide], z1[kWide];
  for (std::size_t v = 0; v < kWide; ++v) {
    const double* at = c + v * L::kSize;
    b0[v] = L::load(at), b1[v] = L::load(at + kFilterPanel), b2[v] = L::load(at + 2 * kFilterPanel);
    a1[v] = L::load(at + 3 * kFilterPanel), a2[v] = L::load(at + 4 * kFilterPanel);
    z0[v] = L::load(state + v * L::kSize), z1[v] = L::load(state + kFilterPanel + v * L::kSize);
  }
  for (std::size_t k = 0; k < steps; ++k) {
    double* row = y + k * kFilterPanel;
    for (std::size_t v = 0; v < kWide; ++v) {
      const auto in = kFirst ? L::set(x[k]) : L::load(row + v * L::kSize);
      const auto out = L::add(L::mul(b0[v], in), z0[v]);
      z0[v] = L::sub(L::add(L::mul(b1[v], in), z1[v]), L::mul(a1[v], out));
      z1[v] = L::sub(L::mul(b2[v], in), L::mul(a2[v], out));
      L::store(row + v * L::kSize, out);
    }
  }
  for (std::size_t v = 0; v < kWide; ++v) {
    L::store(state + v * L::kSize, z0[v]);
    L::store(state + kFilterPanel + v * L::kSize, z1[v]);
  }
}

void copy_rows(const FilterBlock& b) {
  double* out = b.out;
  for (std::size_t k = b.skip; k < b.steps; k += b.every, out += b.out_stride) {
    const double* row = b.y + k * kFilterPanel;
    if (b.columns == kFilterPanel)
      std::memcpy(out, row, kFilterPanel * sizeof(double));
    else
      std::memcpy(out, row, b.columns * sizeof(double));
  }
}

void run(const FilterBlock& b) {
  for (std::size_t s = 0; s < b.sections; ++s) {
    if (s == b.rectified)
      for (std::size_t i = 0; i < b.steps * kFilterPanel; ++i) b.y[i] = std::fabs(b.y[i]);
    const double* c = b.coefficients + s * 5 * kFilterPanel;
    double* state = b.state + s * 2 * kFilterPanel;
    for (std::size_t at = 0; at < b.columns; at += kWide * L::kSize) {
      if (s == 0)
        section<true>(b.input, b.steps, c + at, state + at, b.y + at);
      else
        section<false>(b.input, b.steps, c + at, state + at, b.y + at);
    }
  }
  if (b.rectified == b.sections)
    for (std::size_t i = 0; i < b.steps * kFilterPanel; ++i) b.y[i] = std::fabs(b.y[i]);
  copy_rows(b);
}

}  // namespace

const FilterKernels& filter_kernels() {
  static constexpr FilterKernels kernels{run};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
