// What every adjoint is checked against: central differences in random directions.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "rockpool/random.h"

namespace rockpool::adjoint_checks {

using Vector = std::vector<double>;

inline Vector normals(std::size_t n, std::uint32_t stream, double scale = 1.0, double shift = 0.0) {
  Vector v(n);
  fill_normal({23, stream}, 0, 0, v.data(), n);
  for (double& x : v) x = shift + scale * x;
  return v;
}

inline double dot(const Vector& a, const Vector& b) {
  REQUIRE(a.size() == b.size());
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Checks dloss/dp in five random directions against central differences; `loss` reads `p` where it lies.
inline void check_gradient(Vector& p, const Vector& gradient, const std::function<double()>& loss, double h = 1e-5,
                           double tolerance = 1e-6) {
  const Vector held = p;
  double size = 0.0;
  for (const double x : held) size += x * x / static_cast<double>(held.size());
  h *= std::max(1e-3, std::sqrt(size));
  for (std::uint32_t k = 0; k < 5; ++k) {
    const Vector direction = normals(p.size(), 1000 + k);
    const auto moved = [&](double by) {
      for (std::size_t i = 0; i < p.size(); ++i) p[i] = held[i] + by * direction[i];
      const double value = loss();
      p = held;
      return value;
    };
    // Of fourth order, so that the step can be large and rounding small.
    const double numeric = (8.0 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12.0 * h);
    const double exact = dot(gradient, direction);
    CAPTURE(k);
    CAPTURE(numeric);
    CAPTURE(exact);
    CHECK(std::abs(numeric - exact) <= tolerance * std::max(std::abs(numeric), std::abs(exact)) + 1e-12);
  }
}

}  // namespace rockpool::adjoint_checks
