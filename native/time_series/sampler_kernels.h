// Inner loops of sampling: rows in, rows out.
#pragma once

#include <cstddef>

#include "rockpool/simd.h"

namespace rockpool {

struct SamplerKernels {
  /// out[i, :] = a[i][:]
  void (*copy)(const double* const* a, std::size_t n, std::size_t channels, double* out);
  /// out[i, :] = a[i][:] + w[i] (b[i][:] - a[i][:]); exactly a[i] where w[i] is 0, whatever b[i] holds.
  void (*blend)(const double* const* a, const double* const* b, const double* w, std::size_t n, std::size_t channels,
                double* out);
  /// out[i, :] = sum over j < order of basis[i, j] * (row j from first[i]); a plain copy of first[i] where basis[i, 0] is NaN.
  void (*combine)(const double* const* first, const double* basis, std::size_t order, std::size_t n, std::size_t channels,
                  double* out);
};

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(SamplerKernels, sampler_kernels)
