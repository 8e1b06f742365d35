// Logarithm and exponential from additions, multiplications, divisions and shifts of the exponent only, so that they give the
// same bits on every machine: those of the system's library differ between versions and instruction sets.
//
// Largest errors: 2 units in the last place.
#pragma once

#include <cmath>

namespace rockpool {

inline constexpr double kLn2High = 0x1.62e42fee00000p-1;  // 32 bits, so that products with whole exponents are exact
inline constexpr double kLn2Low = 0x1.a39ef35793c76p-33;

/// log(x) for 0 < x < infinity.
inline double portable_log(double x) {
  int exponent = 0;
  double m = std::frexp(x, &exponent);
  if (m < 0.70710678118654752440) {
    m += m;
    --exponent;
  }
  // log(1 + f) = 2 atanh(s), s = f / (2 + f), |s| < 0.172
  const double f = m - 1.0;
  const double s = f / (2.0 + f);
  const double z = s * s;
  double sum = 0;
  for (int n = 23; n >= 3; n -= 2) sum = (sum + 1.0 / n) * z;
  const double k = exponent;
  return k * kLn2High + ((s + s) + ((s + s) * sum + k * kLn2Low));
}

/// exp(x) for x <= 0; NaN stays NaN.
inline double portable_exp(double x) {
  if (x < -746.0) return 0.0;
  const double k = std::floor(x * 1.44269504088896340736 + 0.5);
  const double r = (x - k * kLn2High) - k * kLn2Low;
  double sum = 1.0;
  for (int n = 14; n >= 1; --n) sum = 1.0 + sum * r / n;
  return std::ldexp(sum, std::isfinite(k) ? static_cast<int>(k) : 0);
}

}  // namespace rockpool
