// The backward steps of LIF neurons, one copy per instruction set and precision. The model: rockpool/lif_adjoint.h.
#pragma once

#include <cstddef>

#include "rockpool/lif_batch.h"
#include "rockpool/simd.h"

namespace rockpool {

/// Consecutive steps of some batch elements, whose arrays lie one after another. Null pointers: absent.
template <typename T>
struct LifAdjointBlock {
  std::size_t first, steps;  // rows [first, first + steps) of each element, the last one first
  std::size_t rows;          // of an element
  std::size_t elements, units, synapses;
  LifScheme scheme;
  bool output_membrane;
  LifSurrogate::Kind surrogate;
  T max_spikes;
  const T *v_from_v, *inverse_v_from_v, *threshold, *inverse_threshold, *window, *top;  // [units]
  const T *i_from_i, *inverse_i_from_i;                                                 // [units x synapses]
  const T *a_from_a, *w_ahp;                                                            // [units]
  const T* w_back;  // packed [(units x synapses) x units], the recurrent weights transposed
  // [elements x rows x ...]
  const T *v_before, *spikes, *i_syn, *i_ahp, *input, *i_rec;
  const T *g_out, *g_v_record, *g_i_record, *g_rec_record, *g_a_record, *g_s_record;
  T *g_input, *g_arrival;
  const T *v0, *i0, *s0, *a0;          // before the first row, [elements x ...]
  T *g_v, *g_i, *g_s, *g_a;            // carried, likewise; rows of g_s are `stride_s` apart
  std::size_t stride_s;                // units, rounded up to whole packets
  T *derivative, *g_before, *g_drive;  // scratch: [units]
  T *arrivals, *from_ahp;              // scratch: [elements x units x synapses], [elements x units]
  double *sum_v_from_v, *sum_i_from_i, *sum_bias, *sum_threshold, *sum_a_from_a, *sum_w_ahp;  // [elements x ...]
};

template <typename T>
struct LifAdjointKernelsOf {
  void (*run)(const LifAdjointBlock<T>& block);
};

struct LifAdjointKernels {
  LifAdjointKernelsOf<double> f64;
  LifAdjointKernelsOf<float> f32;
};

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(LifAdjointKernels, lif_adjoint_kernels)
