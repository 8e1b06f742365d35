// Inner loops of filter banks, one copy per instruction set.
//
// Every filter is computed by itself and no step is fused, so results do not depend on how filters and steps are grouped, nor
// on the instruction set.
#pragma once

#include <cstddef>

#include "rockpool/simd.h"

namespace rockpool {

/// Filters that are computed together. A multiple of the lanes of every instruction set.
constexpr std::size_t kFilterPanel = 16;
/// Steps whose outputs of a panel stay in the first-level cache from section to section.
constexpr std::size_t kFilterSteps = 128;

/// Consecutive steps of one panel.
struct FilterBlock {
  const double* input;  // [steps] the one channel
  std::size_t steps;    // at most kFilterSteps
  std::size_t sections;
  std::size_t rectified;       // section in front of which outputs become magnitudes; above `sections`: none
  const double* coefficients;  // [sections x 5 x kFilterPanel] b0 b1 b2 a1 a2
  double* state;               // [sections x 2 x kFilterPanel]
  double* y;                   // [steps x kFilterPanel] scratch: the outputs of the last section at the end
  double* out;                 // rows of steps skip, skip + every, ...
  std::size_t out_stride;
  std::size_t columns;  // of the panel that are filters
  std::size_t skip, every;
};

struct FilterKernels {
  void (*run)(const FilterBlock& block);
};

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(FilterKernels, filter_kernels)
