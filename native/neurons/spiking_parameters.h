// Parameters of spiking neurons that are one number for all or one for each, and what they must be.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace rockpool {

inline double element(std::span<const double> v, std::size_t i, double otherwise) {
  return v.empty() ? otherwise : v.size() == 1 ? v[0] : v[i];
}

/// Throws ERR_SHAPE unless there are 1 or n numbers (or none, if that is allowed), ERR_VALUE unless all are finite and `least`
/// or more.
void check_values(std::span<const double> v, std::size_t n, const char* name, double least, bool required);

/// What all models check: the size of the population, dt, refractory times, that the second synaptic current comes with a
/// first, weights of the external current.
void check_population(std::size_t inputs, std::size_t units, double dt, std::span<const double> refractory_steps,
                      const std::array<std::span<const double>, 2>& tau_syn, std::span<const double> w_in);

}  // namespace rockpool
