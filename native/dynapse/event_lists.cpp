#include "rockpool/dynapse/event_lists.h"

#include <algorithm>

#include "rockpool/dynapse/protocol.h"
#include "rockpool/dynapse/train.h"
#include "rockpool/error.h"
#include "rockpool/time_grid.h"

namespace rockpool::dynapse {

void event_steps(std::span<const double> times, double start, double dt, std::uint64_t total, std::span<double> steps) {
  if (steps.size() != times.size()) throw_shape("out", to_text(times.size()) + " elements long", to_text(steps.size()));
  for (std::size_t i = 0; i < times.size(); ++i) {
    double step = step_floor(times[i], start, dt);
    // A hair before the end is in the last step.
    if (step == static_cast<double>(total) && times[i] < time_of(step, start, dt)) step -= 1.0;
    if (!(step >= 0.0) || !(step < static_cast<double>(total)))
      throw_range("times", "from " + to_text(start) + " on, within " + to_text(total) + " steps", to_text(times[i]));
    steps[i] = step;
  }
}

std::vector<std::uint16_t> part_words(const TrainPart& part) {
  const std::size_t count = part.steps.size();
  if (part.channels.size() != count) throw_shape("channels", to_text(count) + " elements long", to_text(part.channels.size()));
  std::vector<double> intervals(count);
  std::vector<std::uint32_t> sources(count);
  double last = part.first_step;
  for (std::size_t i = 0; i < count; ++i) {
    intervals[i] = part.steps[i] - last;
    last = part.steps[i];
    const std::int32_t channel = part.channels[i];
    if (channel < 0 || static_cast<std::size_t>(channel) >= part.sources.size())
      throw_range("channels", "0 to " + to_text(part.sources.size()) + " (excluded)", to_text(channel));
    sources[i] = part.sources[static_cast<std::size_t>(channel)];
  }
  const std::uint32_t cores[] = {part.cores}, chips[] = {part.chip};
  return train_words({intervals, sources, cores, chips});
}

std::size_t keep_events(std::span<const double> times, std::span<const std::uint32_t> addresses, const Recorded& recorded,
                        std::span<double> out_times, std::span<std::int32_t> out_channels) {
  constexpr double kSecond = 1e-6;
  if (addresses.size() != times.size() || out_times.size() < times.size() || out_channels.size() < times.size())
    throw_shape("addresses and outputs", to_text(times.size()) + " elements long", "others");
  if (recorded.channels.size() != kBoardNeurons)
    throw_shape("channels", "one for each of 4096 neurons", to_text(recorded.channels.size()));
  std::size_t kept = 0;
  double last = recorded.not_before;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const double since = times[i] - recorded.origin;
    if (addresses[i] >= kBoardNeurons) throw_range("addresses", "0 to 4095", to_text(addresses[i]));
    const std::int32_t channel = recorded.channels[addresses[i]];
    if (channel < 0 || since < 0.0 || since >= recorded.duration) continue;
    last = std::max(recorded.start + since * kSecond, last);
    out_times[kept] = last;
    out_channels[kept++] = channel;
  }
  return kept;
}

}  // namespace rockpool::dynapse
