// The loops over the neurons of an event of rockpool/digital.h, one copy per instruction set. Arrays are whole blocks of
// kDigitalBlock elements; what is behind the last neuron has bounds that nothing exceeds.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rockpool/simd.h"

namespace rockpool {

inline constexpr std::size_t kDigitalBlock = 64;

/// Integers saturate; floating-point numbers stay finite. `crossed` tells for each block whether an element is above its bound;
/// the functions return whether any is.
template <typename T>
struct DigitalKernelsOf {
  /// v = v + w
  bool (*add)(T* v, const T* w, const T* bound, std::size_t n, std::uint8_t* crossed);
  /// v = v - leak above rest, v + leak below it
  bool (*lead)(T* v, const T* leak, const T* rest, const T* bound, std::size_t n, std::uint8_t* crossed);
  bool (*compare)(const T* v, const T* bound, std::size_t n, std::uint8_t* crossed);
  /// Which elements of one block are above their bounds: bit j for element j.
  std::uint64_t (*bits)(const T* v, const T* bound);
};

struct DigitalKernels {
  DigitalKernelsOf<std::int8_t> i8;
  DigitalKernelsOf<std::int16_t> i16;
  DigitalKernelsOf<std::int32_t> i32;
  DigitalKernelsOf<float> f32;
  DigitalKernelsOf<double> f64;
};

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(DigitalKernels, digital_kernels)
