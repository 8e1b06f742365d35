// The periods of a repeating event list.
#pragma once

#include <cstdint>

#include "rockpool/events.h"

namespace rockpool {

/// Whole periods p = first ... last - 1, each shifting the list by p durations.
struct Periods {
  std::int64_t first;
  std::int64_t last;
};

/// The periods that cover [a, b]; none without events. Throws ERR_VALUE when the duration is 0.
Periods periods_between(const EventSpan& events, double a, double b);

}  // namespace rockpool
