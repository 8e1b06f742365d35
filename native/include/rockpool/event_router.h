// Events copied from input channels to output channels, as often as a matrix of multiplicities says.
//
//   an event of channel i at time t gives weights[i, j] events of channel j at time t, for every j
//
// In the order of the input events; those of one input event by ascending channel, copies side by side.
//
//   parameter   shape             meaning
//   weights     [inputs, units]   multiplicities: fractions are cut off, what is below 0 is an error
//
// The model: Rockpool's PassThroughEvents layer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "rockpool/events.h"
#include "rockpool/run_control.h"

namespace rockpool {

class EventRouter {
 public:
  /// Throws ERR_SHAPE when the length does not fit, ERR_VALUE for an entry that is not from 0 to 2^31 - 1.
  EventRouter(std::size_t inputs, std::size_t units, std::span<const double> weights);

  std::size_t inputs() const { return first_.size() - 1; }
  std::size_t units() const { return units_; }

 private:
  friend class RoutedEvents;
  struct Target {
    std::int32_t channel;
    std::uint32_t copies;
  };

  std::size_t units_;
  std::vector<std::size_t> first_;     // where the targets of each input begin
  std::vector<std::uint64_t> copies_;  // of each input, all targets together
  std::vector<Target> targets_;
};

/// What a router makes of the events of [t_start, t_stop). Counted first, so that the caller can allocate.
class RoutedEvents {
 public:
  /// Throws ERR_INDEX for an event on a channel that the router does not have, std::bad_alloc for more events than any memory
  /// holds.
  RoutedEvents(const EventRouter& router, const EventSpan& events, double t_start, double t_stop);

  std::uint64_t count() const { return count_; }
  void fill(double* times, std::int32_t* channels, RunControl& control) const;

 private:
  const EventRouter& router_;
  std::vector<double> times_;
  std::vector<std::int32_t> channels_;
  std::uint64_t count_ = 0;
};

}  // namespace rockpool
