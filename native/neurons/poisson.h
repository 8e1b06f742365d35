// Poisson events from outside a network, drawn by counter: the number of events for (seed, stream, step, neuron) does not
// depend on threads or on cuts. By inversion of a draw of 32 bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "rockpool/random.h"

namespace rockpool {

class PoissonBackground {
 public:
  PoissonBackground() = default;
  /// `rates`: mean number of events per step, one for all or one for each neuron, from 0 to 500. Throws ERR_VALUE.
  PoissonBackground(std::span<const double> rates, double weight);

  bool empty() const { return rates_.empty(); }
  /// Adds the weight times the number of events of neuron first + j to y[j]; `first` is a multiple of 64.
  template <typename T>
  void add(const RandomStream& stream, std::uint64_t step, std::size_t first, std::span<T> y) const;

 private:
  std::vector<double> rates_;
  std::vector<std::uint32_t> levels_;  // of the one rate
  double weight_ = 0.0;
};

}  // namespace rockpool
