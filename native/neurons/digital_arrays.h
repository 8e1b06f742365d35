// States, weights and bounds of digital neurons in one number type. Private to digital.cpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "neurons/digital_kernels.h"
#include "rockpool/aligned.h"
#include "rockpool/digital.h"

namespace rockpool {

template <typename T>
const DigitalKernelsOf<T>& digital_kernels_of() {
  const auto& kernels = ROCKPOOL_SELECT_KERNELS(digital_kernels);
  if constexpr (std::is_same_v<T, std::int8_t>)
    return kernels.i8;
  else if constexpr (std::is_same_v<T, std::int16_t>)
    return kernels.i16;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return kernels.i32;
  else if constexpr (std::is_same_v<T, float>)
    return kernels.f32;
  else
    return kernels.f64;
}

/// Whether T holds the number exactly.
template <typename T>
bool holds(double x) {
  if constexpr (std::is_floating_point_v<T>)
    return static_cast<double>(static_cast<T>(x)) == x;
  else
    return x >= static_cast<double>(std::numeric_limits<T>::min()) && x <= static_cast<double>(std::numeric_limits<T>::max()) &&
           x == std::trunc(x);
}

template <typename T>
bool all_held(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), holds<T>);
}

/// v >= threshold is v > this, for every v of type T; `false` where there is no such T.
template <typename T>
bool bound_below(double threshold, T& bound) {
  if constexpr (std::is_floating_point_v<T>) {
    constexpr auto kLargest = static_cast<double>(std::numeric_limits<T>::max());
    const T near = static_cast<T>(std::clamp(threshold, -kLargest, kLargest));
    if (threshold > kLargest)
      bound = std::numeric_limits<T>::infinity();
    else
      bound = static_cast<double>(near) >= threshold ? std::nextafter(near, -std::numeric_limits<T>::infinity()) : near;
    return true;
  } else {
    const double below = std::ceil(threshold) - 1.0;
    if (below < static_cast<double>(std::numeric_limits<T>::min())) return false;
    bound = static_cast<T>(std::min(below, static_cast<double>(std::numeric_limits<T>::max())));
    return true;
  }
}

template <typename T>
constexpr T unreachable() {
  return std::is_floating_point_v<T> ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
}

/// Rows of weights, one for each channel, and the other parameters that the loops read.
template <typename T>
struct DigitalArrays {
  std::size_t stride = 0;      // units, rounded up to whole blocks
  AlignedArray<T> weights;     // [inputs + units, stride]
  AlignedArray<T> down;        // minus the leak, for a leak that always goes down
  AlignedArray<T> leak, rest;  // for one that leads to a rest; otherwise empty
  AlignedArray<T> bound;

  /// Whether T holds all that the loops read, so that its sums are those of double precision, cast.
  static bool fits(const DigitalParameters& p) {
    if (!all_held<T>(p.weights_in) || !all_held<T>(p.weights_rec) || !all_held<T>(p.leak) || !all_held<T>(p.v_rest))
      return false;
    if constexpr (std::is_integral_v<T>)
      for (const double x : p.leak)
        if (!holds<T>(-x)) return false;
    T bound{};
    return std::all_of(p.v_thresh.begin(), p.v_thresh.end(), [&](double x) { return bound_below(x, bound); });
  }

  explicit DigitalArrays(const DigitalParameters& p)
      : stride((p.units + kDigitalBlock - 1) / kDigitalBlock * kDigitalBlock),
        weights((p.inputs + p.units) * stride),
        down(stride),
        bound(stride) {
    for (std::size_t i = 0; i < p.inputs; ++i) put(p.weights_in.subspan(i * p.units, p.units), weights.data() + i * stride);
    for (std::size_t i = 0; i < p.units; ++i)
      put(p.weights_rec.subspan(i * p.units, p.units), weights.data() + (p.inputs + i) * stride);
    for (std::size_t j = 0; j < p.units; ++j) {
      down[j] = static_cast<T>(-p.leak[j]);
      bound_below(p.v_thresh[j], bound[j]);
    }
    std::fill(bound.data() + p.units, bound.data() + stride, unreachable<T>());
    if (p.v_rest.empty()) return;
    leak = AlignedArray<T>(stride);
    rest = AlignedArray<T>(stride);
    put(p.leak, leak.data());
    put(p.v_rest, rest.data());
  }

 private:
  static void put(std::span<const double> from, T* to) {
    for (std::size_t j = 0; j < from.size(); ++j) to[j] = static_cast<T>(from[j]);
  }
};

/// States that the kernels of their own type work on.
template <typename T>
class OwnStates {
 public:
  OwnStates(const DigitalArrays<T>& arrays, const StateCast&) : a_(arrays), k_(digital_kernels_of<T>()), v_(arrays.stride) {}

  bool add(const T* w, std::uint8_t* crossed) { return k_.add(v_.data(), w, a_.bound.data(), a_.stride, crossed); }
  bool lead(std::uint8_t* crossed) {
    return k_.lead(v_.data(), a_.leak.data(), a_.rest.data(), a_.bound.data(), a_.stride, crossed);
  }
  bool compare(std::uint8_t* crossed) const { return k_.compare(v_.data(), a_.bound.data(), a_.stride, crossed); }
  std::uint64_t bits(std::size_t first) const { return k_.bits(v_.data() + first, a_.bound.data() + first); }
  T* data() { return v_.data(); }

 private:
  const DigitalArrays<T>& a_;
  const DigitalKernelsOf<T>& k_;
  AlignedArray<T> v_;
};

/// States of any type in double precision, cast after every sum.
class CastStates {
 public:
  CastStates(const DigitalArrays<double>& arrays, const StateCast& cast)
      : a_(arrays), k_(digital_kernels_of<double>()), cast_(cast), v_(arrays.stride) {}

  bool add(const double* w, std::uint8_t* crossed) {
    for (std::size_t j = 0; j < a_.stride; ++j) v_[j] += w[j];
    return cast(crossed);
  }
  bool lead(std::uint8_t* crossed) {
    for (std::size_t j = 0; j < a_.stride; ++j)
      v_[j] += v_[j] > a_.rest[j] ? -a_.leak[j] : v_[j] < a_.rest[j] ? a_.leak[j] : 0.0;
    return cast(crossed);
  }
  bool compare(std::uint8_t* crossed) const { return k_.compare(v_.data(), a_.bound.data(), a_.stride, crossed); }
  std::uint64_t bits(std::size_t first) const { return k_.bits(v_.data() + first, a_.bound.data() + first); }
  double* data() { return v_.data(); }

 private:
  bool cast(std::uint8_t* crossed) {
    const auto [low, high, integer] = cast_.range();
    if (integer)
      for (std::size_t j = 0; j < a_.stride; ++j) v_[j] = std::trunc(std::min(std::max(v_[j], low), high)) + 0.0;
    else
      for (std::size_t j = 0; j < a_.stride; ++j) v_[j] = cast_(v_[j]);
    return compare(crossed);
  }

  const DigitalArrays<double>& a_;
  const DigitalKernelsOf<double>& k_;
  StateCast cast_;
  AlignedArray<double> v_;
};

}  // namespace rockpool
