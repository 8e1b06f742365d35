#include "rockpool/dynapse/mismatch.h"

#include <algorithm>

#include "rockpool/random.h"

namespace rockpool::dynapse {

namespace {

constexpr std::uint32_t kStream = 7;

}  // namespace

void mismatch_factors(std::uint64_t seed, std::uint32_t row, std::uint32_t first, std::span<double> out) {
  fill_normal({seed, kStream}, row, first, out.data(), out.size());
  for (double& x : out) x = std::max(kLeastMismatch, 1.0 + kMismatchDeviation * x);
}

double mismatch_factor(std::uint64_t seed, std::uint32_t row, std::uint32_t neuron) {
  double factor = 0.0;
  mismatch_factors(seed, row, neuron, {&factor, 1});
  return factor;
}

}  // namespace rockpool::dynapse
