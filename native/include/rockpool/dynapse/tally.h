// Small passes over events that were read from a board, and over those that are to be played.
#pragma once

#include <cstdint>
#include <span>

namespace rockpool::dynapse {

/// Adds events to counts of groups of neighbouring neurons: 4 counts are chips, 16 cores, 4096 neurons.
/// @throws Error when counts are not a power of two up to 4096, or an address is not a board neuron.
void tally(std::span<const std::uint32_t> addresses, std::span<double> counts);

/// Microseconds become seconds, in place.
void to_seconds(std::span<double> times);

/// Whole units of time between events, the first since `start`. Each event is rounded to the unit by itself, so that errors do
/// not add up. @throws Error for times that do not ascend, are not finite, or begin before `start`.
void intervals_of(std::span<const double> times, double start, double unit, std::span<double> intervals);

}  // namespace rockpool::dynapse
