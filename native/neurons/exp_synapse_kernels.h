// Inner loops of exponential synapses, one copy per instruction set and precision.
//
// Every unit is computed by itself and its events are added in their order, so results do not depend on how units, steps or
// calls are grouped, nor on the instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "rockpool/simd.h"

namespace rockpool {

/// Consecutive steps of the units begin ... end - 1. Null pointers: absent.
template <typename T>
struct ExpSynapseBlock {
  std::size_t begin, end;
  std::size_t steps;
  T* x;            // [units] state
  const T* decay;  // [units] beta
  const T* drive;  // [steps x drive_stride]: input current and noise
  std::size_t drive_stride;
  const T* weights;  // [inputs x weight_stride]; null: channel c drives unit c
  std::size_t weight_stride;
  const std::uint64_t* event_steps;  // ascending, counted from `first_step`
  const std::int32_t* event_channels;
  std::size_t events;  // those of the block
  std::uint64_t first_step;
  double* before;  // [steps x before_stride] x + bias before each step
  std::size_t before_stride;
  const double* bias;  // [units]
  T* after;            // [steps x after_stride] x after each step
  std::size_t after_stride;
  bool (*stop)(const void*);  // asked now and then; true ends the block early
  const void* stop_context;
};

template <typename T>
struct ExpSynapseKernelsOf {
  /// Runs the steps of a block; false when it was stopped.
  bool (*run)(const ExpSynapseBlock<T>& block);
};

struct ExpSynapseKernels {
  ExpSynapseKernelsOf<double> f64;
  ExpSynapseKernelsOf<float> f32;
};

const ExpSynapseKernels& active_exp_synapse_kernels_all();

/// The active copy, by precision.
template <typename T>
const ExpSynapseKernelsOf<T>& active_exp_synapse_kernels() {
  if constexpr (std::is_same_v<T, double>)
    return active_exp_synapse_kernels_all().f64;
  else
    return active_exp_synapse_kernels_all().f32;
}

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(ExpSynapseKernels, exp_synapse_kernels)
