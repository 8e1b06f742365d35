// A stimulus and the spikes that follow it, on the thread of the caller.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "rockpool/dynapse/driver.h"

namespace rockpool::dynapse {

struct CaptureOptions {
  std::uint32_t address = 0, events = 0;  // of a train in memory; 0 events: nothing is played
  std::uint32_t interval_base = 90;
  double microseconds = 0.0;
  std::uint64_t resets_read = 0;  // notices of resets that were read since the stream began
};

struct Captured {
  std::vector<double> times;             // of the stream, in microseconds
  std::vector<std::uint32_t> addresses;  // board neurons
  double origin = 0.0;                   // when the train began
  std::uint64_t lost = 0, resets_read = 0;
};

/// Records on a board that streams. The clock is reset with the train and again at the end, so that what lies between is known.
/// `pass` waits while so many microseconds of board time go by.
Captured capture(Driver& driver, const CaptureOptions& options, const std::function<void(double)>& pass);

}  // namespace rockpool::dynapse
