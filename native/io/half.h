// IEEE half precision. For native/io only (the public functions are in npz.h).
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace rockpool::io {

inline double widen_half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 0x1f;
  const double fraction = bits & 0x3ff;
  double value;
  if (exponent == 0)
    value = std::ldexp(fraction, -24);
  else if (exponent == 31)
    value = fraction == 0 ? HUGE_VAL : NAN;
  else
    value = std::ldexp(1024 + fraction, exponent - 25);
  return std::copysign(value, bits & 0x8000 ? -1.0 : 1.0);
}

inline std::uint16_t narrow_half(double value) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const double magnitude = std::fabs(value);
  if (std::isnan(value)) return sign | 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;  // halfway beyond the largest number rounds to infinity
  if (magnitude < std::ldexp(1, -14)) return sign | static_cast<std::uint16_t>(std::nearbyint(std::ldexp(magnitude, 24)));
  const int exponent = std::ilogb(magnitude);
  // The significand may round up to 2048: the carry then goes to the exponent, as it should.
  const auto significand = static_cast<std::uint32_t>(std::nearbyint(std::ldexp(magnitude, 10 - exponent)));
  return static_cast<std::uint16_t>(sign | ((static_cast<std::uint32_t>(exponent + 14) << 10) + significand));
}

}  // namespace rockpool::io
