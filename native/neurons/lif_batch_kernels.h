// The inner loop of LIF neurons of the module API, one copy per instruction set and precision. The model: rockpool/lif_batch.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rockpool/lif_batch.h"
#include "rockpool/simd.h"

namespace rockpool {

/// Consecutive steps of one batch element. Null pointers: absent.
template <typename T>
struct LifBatchBlock {
  std::size_t steps, units, synapses;
  LifScheme scheme;
  bool output_membrane;
  const T *v_from_v, *bias, *threshold, *inverse_threshold;  // [units]
  const T* i_from_i;                                         // [units x synapses]
  const T *a_from_a, *w_ahp;                                 // [units]
  const T* w_rec;                                            // packed [units x (units x synapses)]
  T max_spikes;
  const T* input;                 // [steps x units x synapses]
  const T* noise;                 // [steps x units]
  T *v, *i_syn, *spikes, *i_ahp;  // state
  T *i_rec, *drive;               // scratch: [units x synapses, padded], [units]
  std::uint32_t* index;           // [units + kPanelPrefetch] scratch
  T* value;                       // the same
  T* out;                         // [steps x units]
  T *v_out, *v_before_out, *i_syn_out, *i_rec_out, *i_ahp_out, *spikes_out;
  bool smooth;  // the next three serve these runs
  LifSurrogate::Kind surrogate;
  T window, top;              // top: z where the surrogate ends
  bool (*stop)(const void*);  // asked now and then by long products; true ends the block early
  const void* stop_context;
};

template <typename T>
struct LifBatchKernelsOf {
  /// Runs the steps of a block; false when it was stopped.
  bool (*run)(const LifBatchBlock<T>& block);
};

struct LifBatchKernels {
  LifBatchKernelsOf<double> f64;
  LifBatchKernelsOf<float> f32;
};

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(LifBatchKernels, lif_batch_kernels)
