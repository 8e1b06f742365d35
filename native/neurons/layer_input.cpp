#include "rockpool/layer_input.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "neurons/potential.h"
#include "rockpool/error.h"
#include "rockpool/random.h"
#include "rockpool/time_grid.h"

namespace rockpool {

namespace {

// Uses of randomness of one layer; 0 is the noise of its evolution.
constexpr std::uint32_t kInitialStateStream = 1;

}  // namespace

void time_trace(double t0, double dt, std::span<double> out) {
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = time_of(static_cast<double>(k), t0, dt);
}

void prepare_samples(std::span<const double> samples, std::size_t columns, std::size_t size_in, std::span<double> out) {
  if (size_in == 0 || (columns != size_in && columns != 1))
    throw_shape("samples", to_text(size_in) + " columns or one", to_text(columns) + " columns");
  if (samples.size() / columns != out.size() / size_in || samples.size() % columns != 0 || out.size() % size_in != 0)
    throw_shape("out", "as many rows as samples", to_text(out.size()) + " elements");
  const auto number = [](double x) { return std::isnan(x) ? 0.0 : x; };
  if (columns == size_in) {
    std::transform(samples.begin(), samples.end(), out.begin(), number);
  } else {
    for (std::size_t row = 0; row < samples.size(); ++row)
      std::fill_n(out.data() + row * size_in, size_in, number(samples[row]));
  }
}

std::int32_t max_channel(std::span<const std::int32_t> channels) {
  return channels.empty() ? -1 : *std::max_element(channels.begin(), channels.end());
}

std::size_t first_not_finite(std::span<const double> values) {
  const auto found = std::find_if_not(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
  return static_cast<std::size_t>(found - values.begin());
}

void randomize_state(std::uint64_t seed, double factor, std::span<double> state) {
  std::array<double, 256> xi;
  for (std::size_t first = 0; first < state.size(); first += xi.size()) {
    const std::size_t n = std::min(xi.size(), state.size() - first);
    fill_normal({seed, kInitialStateStream}, 0, static_cast<std::uint32_t>(first), xi.data(), n);
    for (std::size_t i = 0; i < n; ++i) state[first + i] += factor * std::fabs(state[first + i]) * xi[i];
  }
}

void randomize_between(std::uint64_t seed, std::span<const double> low, std::span<const double> high, std::span<double> state) {
  if (low.size() != high.size() || (low.size() != 1 && low.size() != state.size()))
    throw_shape("limits", "one or as many as there are entries, " + to_text(state.size()), to_text(low.size()));
  fill_uniform({seed, kInitialStateStream}, 0, 0, state.data(), state.size());
  for (std::size_t i = 0; i < state.size(); ++i) {
    const std::size_t j = low.size() == 1 ? 0 : i;
    state[i] = std::min(low[j] + state[i] * (high[j] - low[j]), std::nextafter(high[j], low[j]));
  }
}

double mean_magnitude(std::span<const double> values) {
  double sum = 0;
  for (const double x : values) sum += std::fabs(x);
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

void potential_kernel(std::span<const double> times, std::span<const double> tau_syn, std::span<const double> tau_mem,
                      std::span<double> out) {
  const std::size_t n = tau_syn.size();
  if (tau_mem.size() != n || out.size() != times.size() * n)
    throw_shape("out", to_text(times.size()) + " x " + to_text(n), to_text(out.size()) + " elements");
  for (std::size_t k = 0; k < times.size(); ++k)
    for (std::size_t j = 0; j < n; ++j) out[k * n + j] = potential_after_spike(times[k], tau_syn[j], tau_mem[j]);
}

}  // namespace rockpool
