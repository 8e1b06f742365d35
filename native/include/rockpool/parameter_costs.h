// Costs of parameters, one array (a leaf of a tree) at a time, and what bounds do to them.
//
// A bound is one number for all elements, or one for each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rockpool {

enum class ParameterCost : std::uint8_t {
  kMeanSquare = 0,  // mean of p^2; NaN do not count
  kSparsity,        // mean of p^4 / (p^4 + sigma); NaN do not count
};

/// The cost of one array; `gradient` is written as a whole, or empty.
double parameter_cost(ParameterCost cost, double sigma, std::span<const double> p, std::span<double> gradient);

/// Sum of exp(lower - p) where p < lower and exp(p - upper) where p > upper; NaN do not count.
double bounds_cost(std::span<const double> p, std::span<const double> lower, std::span<const double> upper,
                   std::span<double> gradient);

/// Each element moved into its bounds; NaN stay. Throws ERR_VALUE for bounds of which the lower is larger.
void bounds_clip(std::span<const double> p, std::span<const double> lower, std::span<const double> upper,
                 std::span<double> out);

/// Sum of x^2. Scaled by the largest element, so that it neither overflows nor vanishes: root() of several is their norm.
struct SumOfSquares {
  double scale = 0.0;  // largest |x|, NaN when there is one
  double sum = 0.0;    // of (x / scale)^2
};
SumOfSquares sum_of_squares(std::span<const double> x);

/// out = factor * x
void scale(double factor, std::span<const double> x, std::span<double> out);

}  // namespace rockpool
