// Bins of many event times at once.
#pragma once

#include <cstddef>

#include "rockpool/simd.h"

namespace rockpool {

struct EventBinning {
  double shift;  // added to every time: whole periods of a periodic list
  double t0;
  double dt;
  double first;  // bins [first, first + count) count, from first = 0
  double count;
  double t_end;      // times at or after it do not count
  double tolerance;  // in bins; negative: compute it for every time
};

struct EventKernels {
  /// out[i] = bin of times[i] + shift, counted from `first`; -1 when it does not count. Bit for bit step_floor of time_grid.h.
  void (*bins)(const double* times, std::size_t n, const EventBinning& binning, double* out);
};

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(EventKernels, event_kernels)
