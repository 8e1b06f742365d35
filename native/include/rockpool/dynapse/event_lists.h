// Event lists of series to trains of the FPGA's spike generator, and what a board's stream brings to event lists.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rockpool::dynapse {

/// Steps of `dt` from `start` on that hold the times. @throws Error for times that are not within `total` steps
void event_steps(std::span<const double> times, double start, double dt, std::uint64_t total, std::span<double> steps);

/// Part of a stimulus, for train_words(): each channel is a source.
struct TrainPart {
  std::span<const double> steps;           // of its events, ascending
  std::span<const std::int32_t> channels;  // of its events
  double first_step = 0.0;                 // from which the first interval counts
  std::span<const std::uint32_t> sources;  // of channels: virtual core * 256 + neuron
  std::uint32_t cores = 15, chip = 0;
};
std::vector<std::uint16_t> part_words(const TrainPart& part);

/// What is kept of a read: events from `origin` on that are less than `duration` later (both in microseconds), of neurons whose
/// entry in `channels` (one for each board neuron) is not negative. Times in seconds, `start` at the origin, and not before
/// `not_before`: a board's stamps may go back, a series cannot.
struct Recorded {
  double origin = 0.0, duration = 0.0, start = 0.0, not_before = 0.0;
  std::span<const std::int32_t> channels;
};
/// Returns how many are written. @throws Error for addresses that are none
std::size_t keep_events(std::span<const double> times, std::span<const std::uint32_t> addresses, const Recorded& recorded,
                        std::span<double> out_times, std::span<std::int32_t> out_channels);

}  // namespace rockpool::dynapse
