#include "rockpool/parameter_transforms.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "learning/loss_checks.h"
#include "rockpool/losses.h"
#include "rockpool/random.h"

namespace rockpool {

namespace {

constexpr std::uint32_t kTransformStream = 0x7472616e;  // apart from those of noise

std::vector<double> uniforms(const RandomKey& key, std::size_t n) {
  std::vector<double> u(n);
  fill_uniform({key.seed, kTransformStream}, key.step, 0, u.data(), n);
  return u;
}

double sign(double x) {
  return x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0;
}

ValueRange range_of(std::span<const double> value, std::size_t column, std::size_t columns, bool symmetric) {
  ValueRange range{value[column], value[column]};
  for (std::size_t i = column; i < value.size(); i += columns) {
    range.low = std::min(range.low, value[i]);
    range.high = std::max(range.high, value[i]);
  }
  const double largest = std::max(std::fabs(range.low), std::fabs(range.high));
  return symmetric ? ValueRange{-largest, largest} : range;
}

}  // namespace

void round_to_levels(const RoundingOptions& o, std::size_t columns, std::span<const double> value, std::span<double> out,
                     std::span<double> slope) {
  check_elements("out", out.size(), value.size());
  check_elements("slope", slope.size(), columns);
  if (o.levels < 2) throw_range("numLevels", "2 or more", to_text(o.levels));
  if (columns == 0 || value.size() % columns != 0)
    throw_shape("value", "rows of " + to_text(columns) + " columns", to_text(value.size()) + " elements");
  const auto u = o.stochastic ? uniforms(o.key, value.size()) : std::vector<double>();
  const auto steps = static_cast<double>(o.levels - 1);
  for (std::size_t c = 0; c < columns && !value.empty(); ++c) {
    const ValueRange in = o.input.value_or(range_of(value, c, columns, o.maintain_zero)), to = o.output.value_or(in);
    const double quantum = (in.high - in.low) / steps, unit = (to.high - to.low) / steps;
    slope[c] = quantum != 0 ? unit / quantum : 1.0;
    for (std::size_t i = c; i < value.size(); i += columns) {
      if (quantum == 0) {
        out[i] = value[i];
        continue;
      }
      const double level = (value[i] - in.low) / quantum, below = std::floor(level);
      out[i] = (o.stochastic ? below + (level - below > u[i] ? 1.0 : 0.0) : std::nearbyint(level)) * unit + to.low;
    }
  }
}

double round_to_integers(const IntegerOptions& o, std::span<const double> value, std::span<double> out) {
  check_elements("out", out.size(), value.size());
  if (o.bits < 2 || o.bits > 53) throw_range("nBits", "from 2 to 53", to_text(o.bits));
  if (o.most_bits < 2 || o.most_bits > 53) throw_range("maxNBits", "from 2 to 53", to_text(o.most_bits));
  if (value.empty()) return 1.0;
  const ValueRange range = range_of(value, 0, 1, false);
  const double shift = o.maintain_zero ? 0.0 : (range.high - range.low) / 2;
  const double largest = std::max(std::fabs(range.low - shift), std::fabs(range.high - shift));
  const double top = std::ldexp(1.0, static_cast<int>(o.bits) - 1) - 1,
               most = std::ldexp(1.0, static_cast<int>(o.most_bits) - 1) - 1;
  double scale = largest != 0 ? top / largest : 1.0;
  if (o.map_to_max) scale *= most / top;
  for (std::size_t i = 0; i < value.size(); ++i) out[i] = std::nearbyint(scale * (value[i] - shift));
  return scale;
}

void round_at_random(const RandomKey& key, std::span<const double> value, std::span<double> out) {
  check_elements("out", out.size(), value.size());
  const auto u = uniforms(key, value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    const double below = std::floor(value[i]);
    out[i] = below + (value[i] - below > u[i] ? 1.0 : 0.0);
  }
}

void drop(double probability, const RandomKey& key, std::span<const double> value, std::span<double> out) {
  check_elements("out", out.size(), value.size());
  const auto u = uniforms(key, value.size());
  for (std::size_t i = 0; i < value.size(); ++i) out[i] = u[i] > probability ? value[i] : 0.0;
}

void round_decays(std::span<const double> decay, std::span<double> out) {
  check_elements("out", out.size(), decay.size());
  for (std::size_t i = 0; i < decay.size(); ++i) {
    const double k = decay[i] > 0 ? std::max(0.0, std::nearbyint(std::log2(-1.0 / std::log(decay[i])))) : 0.0;
    out[i] = 1.0 - std::exp2(-k);
  }
}

void perturb(std::span<const double> p, std::span<const double> factor, std::span<double> out) {
  check_elements("factor", factor.size(), p.size());
  check_elements("out", out.size(), p.size());
  for (std::size_t i = 0; i < p.size(); ++i) out[i] = p[i] + std::fabs(p[i]) * factor[i];
}

void add_perturbed_gradient(std::span<const double> p, std::span<const double> factor, std::span<const double> g,
                            std::span<double> out) {
  check_elements("factor", factor.size(), p.size());
  check_elements("g", g.size(), p.size());
  check_elements("out", out.size(), p.size());
  for (std::size_t i = 0; i < p.size(); ++i) out[i] += g[i] * (1.0 + sign(p[i]) * factor[i]);
}

void add_signs(double step, std::span<const double> g, std::span<double> factor) {
  check_elements("factor", factor.size(), g.size());
  for (std::size_t i = 0; i < g.size(); ++i) factor[i] += step * sign(g[i]);
}

double divergence(std::size_t columns, std::span<const double> target, std::span<const double> output,
                  std::span<double> by_target, std::span<double> by_output) {
  const std::size_t n = output.size();
  check_elements("target", target.size(), n);
  check_elements("the gradient by the target", by_target.size(), n);
  check_elements("the gradient by the output", by_output.size(), n);
  if (n == 0) return 0.0;
  if (columns == 0 || n % columns != 0) throw_shape("output", "rows of columns", to_text(n) + " elements");
  const std::size_t rows = n / columns;
  const double share = 1.0 / static_cast<double>(rows);
  std::vector<double> log_p(n), log_q(n);
  softmax_along<double>(target, rows, columns, 1, 1.0, true, log_p);
  softmax_along<double>(output, rows, columns, 1, 1.0, true, log_q);
  double sum = 0.0;
  for (std::size_t r = 0; r < n; r += columns) {
    double row = 0.0;
    for (std::size_t i = r; i < r + columns; ++i) row += std::exp(log_p[i]) * (log_p[i] - log_q[i]);
    for (std::size_t i = r; i < r + columns; ++i) {
      by_target[i] = share * std::exp(log_p[i]) * (log_p[i] - log_q[i] - row);
      by_output[i] = share * (std::exp(log_q[i]) - std::exp(log_p[i]));
    }
    sum += row;
  }
  return sum * share;
}

}  // namespace rockpool
