// The pass over all neurons that an iteration of fast_slow.h consists of, one copy per instruction set.
#pragma once

#include <cstddef>

#include "rockpool/simd.h"

namespace rockpool {

/// Arrays of neurons, padded to kFastSlowPadding. In the padding the threshold is infinite and all else 0.
inline constexpr std::size_t kFastSlowPadding = 8;

struct FastSlowArrays {
  std::size_t units;                                             // padded
  const double *v_from_drive, *fast_from_fast, *slow_from_slow;  // dt / tau
  const double *threshold, *reset;
  double rate_from_rate;
  double *v, *fast, *slow, *rate;                      // at the present time; rate: adaptive only
  double *v_last, *fast_last, *slow_last, *rate_last;  // at the time before
  double* held;                                        // steps that a neuron is still held at the present time
};

struct FastSlowStep {
  const double* drive;                  // rest, input, bias and noise
  const double* teacher;                // adaptive only
  const double *fast_kick, *slow_kick;  // what a spike brings; null: there is none
  double share;                         // of the way from the time before to the present, where the spike lies
  double taken_back;                    // steps by which the present time is taken back
  std::size_t suppressed;               // neurons below it cannot cross in the next iteration
};

/// The neuron that crosses first, in steps from the time before; `units` of the arrays when none does.
struct FastSlowCrossing {
  double at;
  std::size_t unit;
};

struct FastSlowProgress {
  FastSlowCrossing crossing;  // of the new present time
  bool finite;                // false: some membrane potential is not
};

/// A neuron is held while more than this share of a step is left: refractory times are often whole numbers of steps.
inline constexpr double kHeldTolerance = 1e-6;

struct FastSlowKernels {
  /// Takes all neurons back to a spike, if there is one, and on by one step.
  FastSlowProgress (*step)(const FastSlowArrays& arrays, const FastSlowStep& step);
  /// The same for the adaptive layer: with rates and teacher, V at least 0.
  FastSlowProgress (*adaptive_step)(const FastSlowArrays& arrays, const FastSlowStep& step);
  /// y += a x
  void (*add_scaled)(std::size_t n, double a, const double* x, double* y);
};

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(FastSlowKernels, fast_slow_kernels)
