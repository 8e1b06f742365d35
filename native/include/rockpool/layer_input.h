// Preparation of layers: time bases, input matrices, random states.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rockpool {

/// out[k] = t0 + k dt.
void time_trace(double t0, double dt, std::span<double> out);

/// Copies samples (rows x columns, row-major) to out (rows x size_in). NaN becomes 0; a single column is replicated.
void prepare_samples(std::span<const double> samples, std::size_t columns, std::size_t size_in, std::span<double> out);

/// The largest element; -1 when there is none.
std::int32_t max_channel(std::span<const std::int32_t> channels);

/// The index of the first element that is infinite or NaN, or the number of elements.
std::size_t first_not_finite(std::span<const double> values);

/// Draws every entry anew from a normal distribution around it with a standard deviation of `factor` times its magnitude.
void randomize_state(std::uint64_t seed, double factor, std::span<double> state);

/// Draws every entry uniformly from its own [low, high); one limit may stand for all entries.
void randomize_between(std::uint64_t seed, std::span<const double> low, std::span<const double> high, std::span<double> state);

/// Mean of the magnitudes; 0 for no elements.
double mean_magnitude(std::span<const double> values);

/// Potential of a neuron at time t after a spike of weight 1 on an exponential synapse, for every t and neuron, [times x
/// neurons]: tau_s / (tau_s - tau_m) (exp(-t / tau_s) - exp(-t / tau_m)), t / tau exp(-t / tau) for equal time constants, 0
/// for t < 0.
void potential_kernel(std::span<const double> times, std::span<const double> tau_syn, std::span<const double> tau_mem,
                      std::span<double> out);

}  // namespace rockpool
