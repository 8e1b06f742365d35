#include "rockpool/parameter_costs.h"

#include <cmath>

#include "learning/loss_checks.h"

namespace rockpool {

namespace {

/// One bound for all elements, or one for each.
class Bound {
 public:
  Bound(const char* name, std::span<const double> values, std::size_t n) : values_(values), step_(values.size() == 1 ? 0 : 1) {
    if (values.size() != 1) check_elements(name, values.size(), n);
  }
  double operator[](std::size_t i) const { return values_[i * step_]; }

 private:
  std::span<const double> values_;
  std::size_t step_;
};

}  // namespace

double parameter_cost(ParameterCost cost, double sigma, std::span<const double> p, std::span<double> gradient) {
  check_optional("gradient", gradient.size(), p.size());
  const std::size_t n = p.size();
  const auto known = [&](std::size_t i) { return p[i] == p[i]; };
  const double count = lane_sum(n, [&](std::size_t i) { return known(i) ? 1.0 : 0.0; });
  if (count == 0.0) {
    std::fill(gradient.begin(), gradient.end(), 0.0);
    return 0.0;
  }
  if (cost == ParameterCost::kMeanSquare) {
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = known(i) ? 2.0 / count * p[i] : 0.0;
    return lane_sum(n, [&](std::size_t i) { return known(i) ? p[i] * p[i] : 0.0; }) / count;
  }
  if (!(sigma > 0)) throw_range("sigma", "greater than 0", to_text(sigma));
  // p^4 / (p^4 + sigma) = 1 / (1 + sigma / p^4), which does not overflow
  const auto share = [&](std::size_t i) {
    const double square = p[i] * p[i], power = square * square;
    return power > 1.0 ? 1.0 / (1.0 + sigma / power) : power / (power + sigma);
  };
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const double s = known(i) ? share(i) : 0.0;
    gradient[i] = s == 0.0 ? 0.0 : 4.0 / count * s * (1.0 - s) / p[i];
  }
  return lane_sum(n, [&](std::size_t i) { return known(i) ? share(i) : 0.0; }) / count;
}

double bounds_cost(std::span<const double> p, std::span<const double> lower, std::span<const double> upper,
                   std::span<double> gradient) {
  check_optional("gradient", gradient.size(), p.size());
  const Bound lo("the lower bound", lower, p.size()), up("the upper bound", upper, p.size());
  const auto below = [&](std::size_t i) { return p[i] < lo[i] ? std::exp(lo[i] - p[i]) : 0.0; };
  const auto above = [&](std::size_t i) { return p[i] > up[i] ? std::exp(p[i] - up[i]) : 0.0; };
  for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = above(i) - below(i);
  return lane_sum(p.size(), [&](std::size_t i) { return below(i) + above(i); });
}

void bounds_clip(std::span<const double> p, std::span<const double> lower, std::span<const double> upper,
                 std::span<double> out) {
  check_elements("out", out.size(), p.size());
  const Bound lo("the lower bound", lower, p.size()), up("the upper bound", upper, p.size());
  for (std::size_t i = 0; i < p.size(); ++i)
    if (!(lo[i] <= up[i])) throw_range("the lower bound", "at most the upper one, " + to_text(up[i]), to_text(lo[i]));
  for (std::size_t i = 0; i < p.size(); ++i) out[i] = p[i] < lo[i] ? lo[i] : p[i] > up[i] ? up[i] : p[i];
}

SumOfSquares sum_of_squares(std::span<const double> x) {
  double largest = 0.0;
  for (const double value : x) {
    const double size = std::fabs(value);
    if (!(size <= largest)) largest = size;  // a NaN is taken
    if (size != size) return {size, size};
  }
  if (largest == 0.0 || !std::isfinite(largest)) return {largest, largest == 0.0 ? 0.0 : 1.0};
  return {largest, lane_sum(x.size(), [&](std::size_t i) { return (x[i] / largest) * (x[i] / largest); })};
}

void scale(double factor, std::span<const double> x, std::span<double> out) {
  check_elements("out", out.size(), x.size());
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = factor * x[i];
}

}  // namespace rockpool
