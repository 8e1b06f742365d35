// The step of leaky integrate-and-fire neurons with several spikes per step, one copy per instruction set and precision.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "rockpool/simd.h"

namespace rockpool {

/// Rows of a matrix to add up, with their factors.
template <typename T>
struct LifList {
  std::uint32_t* index;  // with room for kPanelPrefetch more
  T* value;
  std::size_t count;
};

/// Everything that consecutive steps read and write. Arrays of neurons are padded to whole panels; null pointers: absent.
template <typename T>
struct LifBlock {
  std::size_t units;
  std::size_t inputs;
  std::size_t steps;
  const T* v_from_drive;     // [units] alpha, 0 in the padding
  const T* i_from_i;         // [units] beta, 0 in the padding
  const T* drive;            // [steps x drive_stride] input current, bias and noise
  std::size_t drive_stride;  // 0: the same row in all steps
  const T* w_in;             // packed, for events; null: channel i is neuron i
  const T* w_rec;            // packed
  // Input events of step k: entries event_start[k] to event_start[k + 1] of the list.
  const std::uint32_t* event_index;
  const T* event_value;
  const std::size_t* event_start;
  T* v;               // [units] membrane potential before the reset, -1 in the padding
  T* i_syn;           // [units]
  T* arrival;         // [units] scratch: what input events bring; zeros at entry and at exit
  T* i_rec;           // [units] scratch
  LifList<T> spikes;  // neurons that spiked in the last step
  // The same for all steps of the block, as entries (step, neuron, spikes); the run ends early when they may not fit.
  std::uint32_t* out_step;
  std::uint32_t* out_neuron;
  T* out_value;
  std::size_t out_count, out_capacity;
  // Records, [steps x units] each.
  double *v_out, *i_syn_out, *i_rec_out, *spikes_out;
  T* surrogate_out;
  T surrogate_gain, surrogate_shift;  // of the logistic function
  bool (*stop)(const void*);          // asked now and then; true ends the block early
  const void* stop_context;
};

/// How a part of a block went.
struct LifProgress {
  std::size_t steps;  // done
  bool finite;        // false: some membrane potential is not finite after the last of them
};

template <typename T>
struct LifKernelsOf {
  /// Runs steps of a block from its first one on: all, or as many as fit into the output list and a few milliseconds, at least
  /// one.
  LifProgress (*run)(LifBlock<T>& block);
};

struct LifKernels {
  LifKernelsOf<double> f64;
  LifKernelsOf<float> f32;
};

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(LifKernels, lif_kernels)
