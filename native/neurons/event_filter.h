// Binned events as a layer takes them: channels that exist, each once in a step where numbers of events do not count.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/events.h"

namespace rockpool {

class EventFilter {
 public:
  EventFilter(std::size_t channels, bool count) : channels_(channels) {
    if (!count) last_step_.assign(channels, std::numeric_limits<std::uint64_t>::max());
  }

  /// Leaves out, in place, what does not count. Steps must belong to one window. Throws ERR_INDEX for an unknown channel.
  void apply(BinnedEvents& events) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
      const std::int32_t channel = events.channels[i];
      const auto c = static_cast<std::size_t>(static_cast<std::uint32_t>(channel));
      if (c >= channels_)
        throw Error(ErrorKind::kRange, "ERR_INDEX",
                    "expected channels to be less than " + to_text(channels_) + ", received " + to_text(channel));
      if (!last_step_.empty()) {
        if (last_step_[c] == events.steps[i]) continue;
        last_step_[c] = events.steps[i];
      }
      events.steps[kept] = events.steps[i];
      events.channels[kept++] = channel;
    }
    events.steps.resize(kept);
    events.channels.resize(kept);
    if (!last_step_.empty()) last_step_.assign(channels_, std::numeric_limits<std::uint64_t>::max());
  }

 private:
  std::size_t channels_;
  std::vector<std::uint64_t> last_step_;  // empty: every event counts
};

}  // namespace rockpool
