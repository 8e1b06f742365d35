// The step of leaky integrate-and-fire neurons, one copy per instruction set and precision.
//
//   V   <- v_from_v V + v_from_i0 I_0 + v_from_i1 I_1 + drive       (neurons that are not refractory)
//   I_x <- i_from_i I_x
//   V > threshold: spike, V <- reset, refractory
//
// All integrators are this one linear step with other factors. Nothing is fused or reordered: every instruction set gives the
// same bits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rockpool/simd.h"

namespace rockpool {

inline constexpr std::size_t kMaxCurrents = 2;

/// One step of a block of neurons. Arrays have room for whole vectors behind `n`. `uniform`: the factors, the threshold and the
/// reset are one value for all; `drive` is one value for all when `drive_uniform`.
template <typename T>
struct IafStep {
  std::size_t n;
  int currents;  // 0, 1 or 2
  bool uniform;
  bool drive_uniform;
  bool refractory;  // some neuron has a refractory time or is still refractory
  T now;            // number of the step, counted like `ready`
  T* v;
  T* i[kMaxCurrents];
  T* ready;        // the step from which on a neuron is updated
  const T* hold;   // [n] steps that a neuron is not updated after a spike
  const T* drive;  // [n], or one value
  const T* v_from_v;
  const T* v_from_i[kMaxCurrents];
  const T* i_from_i[kMaxCurrents];
  const T* threshold;
  const T* reset;
  std::uint32_t* spikes;  // [n] out: neurons of this block that spiked, ascending
  T* peak;                // [n] out: their V before the reset
};

/// Neurons that lose a constant amount per step instead of a share:
///   V <- max(V + a (bias + R (I_0 + I_1) + external) - leak, v_min)
template <typename T>
struct ConstantLeakStep {
  IafStep<T> base;     // v_from_i: a R; drive: a (R (external + bias)); v_from_v is not read
  const T* rest;       // [n], or one value when uniform; null: the leak is always downwards
  const T* leak;       // lost per step, [n] or one value when uniform
  const T* leak_gain;  // as the original has it: the leak is multiplied by a as well and may cross the rest
  const T* v_min;      // [n], or one value when uniform; null: none
};

struct IafSpikes {
  std::size_t count;
  std::size_t not_a_number;  // a neuron whose V is NaN, or n
  bool unsolved = false;     // that neuron's equations ask for too many sub-steps or spikes instead
};

template <typename T>
struct IafKernelsOf {
  IafSpikes (*step)(const IafStep<T>& step);
  IafSpikes (*constant_leak)(const ConstantLeakStep<T>& step);
};

struct IafKernels {
  IafKernelsOf<double> f64;
  IafKernelsOf<float> f32;
};

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(IafKernels, iaf_kernels)
