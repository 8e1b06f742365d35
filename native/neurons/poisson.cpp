#include "neurons/poisson.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>

#include "neurons/poisson_kernels.h"
#include "rockpool/error.h"

namespace rockpool {

namespace {

constexpr double kMostRate = 500.0;  // e^-rate is far from underflow
constexpr double kDraws = 4294967296.0;

/// Cumulative probabilities of 0, 1, 2, ... events in units of a draw.
std::vector<std::uint32_t> levels_of(double rate) {
  std::vector<std::uint32_t> levels;
  double p = std::exp(-rate), sum = p;
  for (double k = 1.0;; k += 1.0) {
    const double level = std::ceil(sum * kDraws);
    if (level >= kDraws) break;
    levels.push_back(static_cast<std::uint32_t>(level));
    p *= rate / k;
    sum += p;
    if (k > rate && p < 1e-18) break;
  }
  return levels;
}

}  // namespace

PoissonBackground::PoissonBackground(std::span<const double> rates, double weight)
    : rates_(rates.begin(), rates.end()), weight_(weight) {
  for (const double r : rates_)
    if (!(r >= 0.0 && r <= kMostRate)) throw_range("backgroundRate", "from 0 to 500 events per step", to_text(r));
  if (!std::isfinite(weight)) throw_range("backgroundWeight", "finite", to_text(weight));
  if (!rates_.empty() && std::ranges::all_of(rates_, [&](double r) { return r == rates_[0]; })) rates_.resize(1);
  if (rates_.size() == 1) levels_ = levels_of(rates_[0]);
}

template <typename T>
void PoissonBackground::add(const RandomStream& stream, std::uint64_t step, std::size_t first, std::span<T> y) const {
  const auto& kernels = ROCKPOOL_SELECT_KERNELS(poisson_kernels);
  PoissonDraw draw{{static_cast<std::uint32_t>(stream.seed), static_cast<std::uint32_t>(stream.seed >> 32)},
                   {static_cast<std::uint32_t>(first / 4), static_cast<std::uint32_t>(step),
                    static_cast<std::uint32_t>(step >> 32), stream.stream},
                   levels_.data(),
                   levels_.size()};
  if (rates_.size() == 1) {
    if constexpr (std::is_same_v<T, double>)
      kernels.add64(draw, weight_, y.data(), y.size());
    else
      kernels.add32(draw, weight_, y.data(), y.size());
    return;
  }
  std::uint32_t words[64];
  for (std::size_t j = 0; j < y.size(); j += 64, draw.counter[0] += 16) {
    kernels.draws(draw, words);
    for (std::size_t i = 0; i < std::min<std::size_t>(64, y.size() - j); ++i) {
      const double rate = rates_[first + j + i], word = static_cast<double>(words[i]);
      double p = std::exp(-rate), sum = p, events = 0.0;
      // The levels of levels_of, one after another.
      while (std::ceil(sum * kDraws) <= word) {
        events += 1.0;
        p *= rate / events;
        sum += p;
        if (events > rate && p < 1e-18) break;
      }
      y[j + i] += static_cast<T>(weight_ * events);
    }
  }
}

template void PoissonBackground::add<double>(const RandomStream&, std::uint64_t, std::size_t, std::span<double>) const;
template void PoissonBackground::add<float>(const RandomStream&, std::uint64_t, std::size_t, std::span<float>) const;

}  // namespace rockpool
