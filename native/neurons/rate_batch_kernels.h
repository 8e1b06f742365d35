// The inner loop of rate neurons of the module API. The model: rockpool/rate_batch.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "rockpool/rate_batch.h"
#include "rockpool/simd.h"

namespace rockpool {

/// Consecutive steps of one batch element. Null pointers: absent.
template <typename T>
struct RateBatchBlock {
  std::size_t steps, units;
  BatchActivation activation;
  const T *leak, *bias, *threshold;  // [units]
  const T* w_rec;                    // packed [units x units]
  const T *input, *noise;            // [steps x units]
  T *x, *r;                          // [units] state and activity, valid at entry and at exit
  T* i_rec;                          // [units, padded] scratch
  std::uint32_t* index;              // [units + kPanelPrefetch] scratch
  T* value;                          // the same
  T *out, *x_out, *i_rec_out;        // [steps x units]
  bool (*stop)(const void*);
  const void* stop_context;
};

template <typename T>
struct RateBatchKernelsOf {
  /// Runs the steps of a block; false when it was stopped.
  bool (*run)(const RateBatchBlock<T>& block);
  /// r = H(x - threshold); without a threshold H(x).
  void (*activate)(BatchActivation activation, const T* x, const T* threshold, std::size_t n, T* r);
};

struct RateBatchKernels {
  RateBatchKernelsOf<double> f64;
  RateBatchKernelsOf<float> f32;
};

const RateBatchKernels& active_rate_batch_kernels_all();

/// The active copy, by precision.
template <typename T>
const RateBatchKernelsOf<T>& active_rate_batch_kernels() {
  if constexpr (std::is_same_v<T, double>)
    return active_rate_batch_kernels_all().f64;
  else
    return active_rate_batch_kernels_all().f32;
}

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(RateBatchKernels, rate_batch_kernels)
