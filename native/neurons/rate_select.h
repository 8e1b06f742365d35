// The active copy of the rate kernels, by precision.
#pragma once

#include <type_traits>

#include "neurons/rate_kernels.h"

namespace rockpool {

const RateKernels& active_rate_kernels_all();

template <typename T>
const RateKernelsOf<T>& active_rate_kernels() {
  if constexpr (std::is_same_v<T, double>)
    return active_rate_kernels_all().f64;
  else
    return active_rate_kernels_all().f32;
}

}  // namespace rockpool
