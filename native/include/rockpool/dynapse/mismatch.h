// Device mismatch of the simulated DYNAP-SE neurons: each neuron's parameter is the core's value times a factor drawn from a
// normal distribution around 1, of standard deviation 0.2, and never below 0.1. A factor is a pure function of
// (seed, row, neuron), so no matrix of them is ever kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rockpool::dynapse {

inline constexpr double kMismatchDeviation = 0.2;
inline constexpr double kLeastMismatch = 0.1;

/// Rows of the parameters, in the order in which Rockpool's mismatch matrix has them.
enum class MismatchRow : std::uint32_t {
  kBaseWeightExc,
  kBaseWeightInh,
  kBias,
  kRefractory,
  kTauMem1,
  kTauMem2,
  kTauSynExc,
  kTauSynInh,
  kThreshold,
  kSpikeAdapt,
  kTauAdapt,
  kDeltaT,
};
inline constexpr std::uint32_t kParameterRows = 12;
/// Excitatory synapses from neuron i have row 12 + i, inhibitory ones row 12 + 4096 + i.
inline constexpr std::uint32_t kMismatchRows = kParameterRows + 2 * 4096;

/// The factors of one row for the neurons from `first` on.
void mismatch_factors(std::uint64_t seed, std::uint32_t row, std::uint32_t first, std::span<double> out);
double mismatch_factor(std::uint64_t seed, std::uint32_t row, std::uint32_t neuron);

}  // namespace rockpool::dynapse
