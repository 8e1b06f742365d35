// Inner loops of the rate neurons, one copy per instruction set and precision. Weights are packed in panels
// (synapses/panels_inl.h): results do not depend on how steps, blocks or calls are grouped.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rockpool/simd.h"
#include "synapses/dense_kernels.h"

namespace rockpool {

enum class RateActivation : int { kLinear = 0, kRelu = 1, kTanh = 2, kSigmoid = 3 };

/// Everything that a block of consecutive steps reads and writes. Null pointers: absent.
template <typename T>
struct RateBlock {
  std::size_t units;
  std::size_t steps;
  RateActivation activation;
  bool record_post;          // record the activity after the update of a step, otherwise before
  bool all_active;           // read every row: some weight is not finite, and 0 * NaN is NaN
  const T* leak;             // [units] x_from_drive: x += leak * (drive - x)
  const T* activation_bias;  // [units], inside the activation
  const T* drive;            // [steps x drive_stride]: input, noise and bias of the derivative
  std::size_t drive_stride;
  const T* w_rec;  // packed units x units
  const T* w_out;  // packed units x outputs
  std::size_t outputs;
  T* x;                       // [units] state
  T* r;                       // [units] activity H(x + bias); valid at entry and at exit
  T* recurrent;               // [units, padded] scratch: r @ w_rec
  T* projected;               // [outputs, padded] scratch: r @ w_out
  std::uint32_t* index;       // [units + kPanelPrefetch] scratch: rows to read
  T* value;                   // [units + kPanelPrefetch] scratch: their factors
  double* out;                // [steps x (outputs or units)]
  double* recurrent_out;      // [steps x units] r @ w_rec, null: not recorded
  double* activity_out;       // [steps x units] r as recorded, null: not recorded
  bool (*stop)(const void*);  // asked now and then; true ends the block early
  const void* stop_context;
};

template <typename T>
struct RateKernelsOf {
  /// r = H(x + bias); bias may be null.
  void (*activate)(RateActivation activation, const T* x, const T* bias, std::size_t n, T* r);
  /// Runs the steps of a block; false when it was stopped.
  bool (*run)(const RateBlock<T>& block);
  /// One step with the activity given from outside.
  bool (*step)(const RateBlock<T>& block);
  /// Records a row in double precision: out = r, or r @ w_out.
  void (*record)(const RateBlock<T>& block, double* out);
};

struct RateKernels {
  RateKernelsOf<double> f64;
  RateKernelsOf<float> f32;
};

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(RateKernels, rate_kernels)
