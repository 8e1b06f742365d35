// Trains of events for the FPGA's spike generator.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace rockpool::dynapse {

/// Events by the units of time between them: as many elements in each, or one for all.
struct TrainEvents {
  std::span<const double> intervals;       // since the event before it, the first since the start; whole numbers of 0 or more
  std::span<const std::uint32_t> sources;  // virtual core * 256 + neuron
  std::span<const std::uint32_t> cores;    // destination bits
  std::span<const std::uint32_t> chips;
};

/// The words of the generator's memory, two for each event: what it is, then its interval. What is longer than an interval can
/// be is filled up with events that reach nobody, before the event. @throws Error for values out of range, and for more events
/// than a train may have.
std::vector<std::uint16_t> train_words(const TrainEvents& events);

}  // namespace rockpool::dynapse
