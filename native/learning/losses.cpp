#include "rockpool/losses.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "learning/loss_checks.h"

namespace rockpool {

template <typename T>
LossValue squared_error(std::span<const T> output, std::span<const double> target, bool skip_nan, bool mean,
                        std::span<T> gradient) {
  const std::size_t n = output.size();
  check_elements("target", target.size(), n);
  check_optional("gradient", gradient.size(), n);
  const auto counted = [&](std::size_t i) { return !skip_nan || target[i] == target[i]; };
  const auto error = [&](std::size_t i) { return counted(i) ? static_cast<double>(output[i]) - target[i] : 0.0; };
  const double count = skip_nan ? lane_sum(n, [&](std::size_t i) { return counted(i) ? 1.0 : 0.0; }) : static_cast<double>(n);
  const double scale = !mean ? 1.0 : count > 0 ? 1.0 / count : 0.0;
  const double sum = lane_sum(n, [&](std::size_t i) { return error(i) * error(i); });
  for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = static_cast<T>(2.0 * scale * error(i));
  return {mean && count > 0 ? sum / count : sum, count};
}

template <typename T>
void softmax_along(std::span<const T> x, std::size_t outer, std::size_t n, std::size_t inner, double temperature,
                   bool logarithm, std::span<T> out) {
  check_elements("x", x.size(), outer * n * inner);
  check_elements("out", out.size(), x.size());
  if (!(temperature > 0)) throw_range("temperature", "greater than 0", to_text(temperature));
  std::vector<double> largest(inner), sum(inner);
  for (std::size_t o = 0; o < outer; ++o) {
    const std::size_t begin = o * n * inner;
    std::fill(largest.begin(), largest.end(), -std::numeric_limits<double>::infinity());
    std::fill(sum.begin(), sum.end(), 0.0);
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t i = 0; i < inner; ++i) largest[i] = std::max(largest[i], static_cast<double>(x[begin + k * inner + i]));
    const auto z = [&](std::size_t k, std::size_t i) {
      return (static_cast<double>(x[begin + k * inner + i]) - largest[i]) / temperature;
    };
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t i = 0; i < inner; ++i) sum[i] += std::exp(z(k, i));
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t i = 0; i < inner; ++i)
        out[begin + k * inner + i] = static_cast<T>(logarithm ? z(k, i) - std::log(sum[i]) : std::exp(z(k, i)) / sum[i]);
  }
}

template <typename T>
void softmax_along_adjoint(std::span<const T> y, std::span<const T> gradient, std::size_t outer, std::size_t n,
                           std::size_t inner, double temperature, bool logarithm, std::span<T> out) {
  check_elements("y", y.size(), outer * n * inner);
  check_elements("gradient", gradient.size(), y.size());
  check_elements("out", out.size(), y.size());
  if (!(temperature > 0)) throw_range("temperature", "greater than 0", to_text(temperature));
  std::vector<double> sum(inner);
  for (std::size_t o = 0; o < outer; ++o) {
    const std::size_t begin = o * n * inner;
    std::fill(sum.begin(), sum.end(), 0.0);
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t i = 0; i < inner; ++i) {
        const std::size_t at = begin + k * inner + i;
        sum[i] += static_cast<double>(gradient[at]) * (logarithm ? 1.0 : static_cast<double>(y[at]));
      }
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t i = 0; i < inner; ++i) {
        const std::size_t at = begin + k * inner + i;
        const double p = static_cast<double>(y[at]), g = static_cast<double>(gradient[at]);
        out[at] = static_cast<T>((logarithm ? g - std::exp(p) * sum[i] : p * (g - sum[i])) / temperature);
      }
  }
}

template <typename T>
double activity_cost(ActivityCost cost, std::size_t units, double a, double b, std::span<const T> x, std::span<T> gradient) {
  check_optional("gradient", gradient.size(), x.size());
  if (x.empty()) return 0.0;
  if (units == 0 || x.size() % units != 0)
    throw_shape("x", "rows of " + to_text(units) + " units", to_text(x.size()) + " elements");
  const auto n = static_cast<double>(x.size());
  if (cost == ActivityCost::kMean) {
    std::fill(gradient.begin(), gradient.end(), static_cast<T>(1.0 / n));
    return lane_sum(x.size(), [&](std::size_t i) { return static_cast<double>(x[i]); }) / n;
  }
  if (cost == ActivityCost::kMeanSquare) {
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = static_cast<T>(2.0 / n * static_cast<double>(x[i]));
    return lane_sum(x.size(), [&](std::size_t i) { return static_cast<double>(x[i]) * static_cast<double>(x[i]); }) / n;
  }
  const std::size_t rows = x.size() / units;
  std::vector<double> rate(units);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t u = 0; u < units; ++u) rate[u] += static_cast<double>(x[r * units + u]);
  double sum = 0.0;
  for (auto& value : rate) {  // becomes the derivative with respect to one element
    const double mean = value / static_cast<double>(rows);
    const bool bounds = cost == ActivityCost::kRateBounds;
    const double error = !bounds ? mean - a : mean < a ? mean - a : mean > b ? mean - b : 0.0;
    sum += error * error;
    value = 2.0 * error / n;
  }
  for (std::size_t r = 0; r < (gradient.empty() ? 0 : rows); ++r)
    for (std::size_t u = 0; u < units; ++u) gradient[r * units + u] = static_cast<T>(rate[u]);
  return sum / static_cast<double>(units);
}

template <typename T>
void add_scaled(double factor, std::span<const T> x, std::span<T> out) {
  check_elements("out", out.size(), x.size());
  for (std::size_t i = 0; i < x.size(); ++i)
    out[i] = static_cast<T>(static_cast<double>(out[i]) + factor * static_cast<double>(x[i]));
}

#define ROCKPOOL_LOSSES(T)                                                                                               \
  template LossValue squared_error<T>(std::span<const T>, std::span<const double>, bool, bool, std::span<T>);            \
  template void softmax_along<T>(std::span<const T>, std::size_t, std::size_t, std::size_t, double, bool, std::span<T>); \
  template void softmax_along_adjoint<T>(std::span<const T>, std::span<const T>, std::size_t, std::size_t, std::size_t,  \
                                         double, bool, std::span<T>);                                                    \
  template double activity_cost<T>(ActivityCost, std::size_t, double, double, std::span<const T>, std::span<T>);         \
  template void add_scaled<T>(double, std::span<const T>, std::span<T>);
ROCKPOOL_LOSSES(double)
ROCKPOOL_LOSSES(float)
#undef ROCKPOOL_LOSSES

}  // namespace rockpool
