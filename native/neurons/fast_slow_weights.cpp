// Weights of few levels, and those that fit on a chip of small cores.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/fast_slow.h"

namespace rockpool {

namespace {

constexpr std::size_t kCores = 4, kCoreNeurons = 256, kDenseNeurons = 64;
constexpr std::size_t kFreedNeurons = kCoreNeurons - kDenseNeurons;  // whose synapses a core gives to those that stay
constexpr double kMagnitudes = 31.0;

// Cores that can give up most of their neurons, so many are needed.
std::size_t dense_cores(std::size_t neurons) {
  const double cores = static_cast<double>(kCores) -
                       (static_cast<double>(neurons) - static_cast<double>(kCoreNeurons)) / static_cast<double>(kFreedNeurons);
  return static_cast<std::size_t>(std::clamp(std::trunc(cores), 0.0, static_cast<double>(kCores)));
}

// Indices 0 .. n - 1, that of the largest value first, of equal ones the lowest first.
std::vector<std::size_t> by_size(std::size_t n, const double* values) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  return order;
}

}  // namespace

bool discretize_weights(std::span<const double> w, std::uint64_t levels, std::span<double> out) {
  if (levels < 2) throw_range("levels", "2 or more", std::to_string(levels));
  if (out.size() != w.size())
    throw_shape("out", std::to_string(w.size()) + " elements long", std::to_string(out.size()) + " elements");
  if (w.empty()) return false;
  const auto [low, high] = std::ranges::minmax(w);
  const double base = (high - low) / static_cast<double>(levels - 1);
  if (!(base > 0.0)) return false;
  std::ranges::transform(w, out.begin(), [base](double x) { return base * std::nearbyint(x / base) + 0.0; });
  return true;
}

void quantize_weights_for_cores(std::span<const double> w, std::size_t neurons, std::span<const double> available,
                                bool use_dense, std::span<double> out) {
  const std::size_t n = neurons;
  if (n > kCores * kCoreNeurons)
    throw_range("the number of neurons", "at most " + std::to_string(kCores * kCoreNeurons), std::to_string(n));
  if (w.size() != n * n || out.size() != n * n || available.size() != n)
    throw_shape("weights", std::to_string(n) + " x " + std::to_string(n), std::to_string(w.size()) + " elements");
  std::ranges::fill(out, 0.0);
  std::vector<double> magnitudes(n * n);
  std::ranges::transform(w, magnitudes.begin(), [](double x) { return std::fabs(x); });
  if (n == 0) return;
  const auto [low, high] = std::ranges::minmax(magnitudes);
  const double base = (high - low) / kMagnitudes;
  if (!(base > 0.0)) return;
  std::ranges::transform(w, magnitudes.begin(), [base](double x) { return std::fabs(std::nearbyint(x / base)); });

  std::vector<std::size_t> keep(n);
  std::vector<double> lost(n, 0.0);
  std::vector<std::vector<std::size_t>> order(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double* row = magnitudes.data() + i * n;
    order[i] = by_size(n, row);
    keep[i] = static_cast<std::size_t>(std::clamp(available[i], 0.0, static_cast<double>(n)));
    for (std::size_t k = keep[i]; k < n; ++k) lost[i] += row[order[i][k]];
  }
  const std::size_t dense = use_dense ? std::min(n, dense_cores(n) * kDenseNeurons) : 0;
  const auto losers = by_size(n, lost.data());
  for (std::size_t k = 0; k < dense; ++k) keep[losers[k]] = std::min(n, keep[losers[k]] + kFreedNeurons);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < keep[i]; ++k) {
      const std::size_t j = order[i][k];
      out[i * n + j] = base * std::nearbyint(w[i * n + j] / base) + 0.0;
    }
}

}  // namespace rockpool
