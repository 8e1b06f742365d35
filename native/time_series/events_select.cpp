// Channel ids, selections of channels and events, and reading a window.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "rockpool/error.h"
#include "rockpool/events.h"
#include "time_series/events_periods.h"

namespace rockpool {

namespace {

constexpr std::int32_t kLargestTable = 1 << 22;  // ids; beyond that a hash map takes less memory

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

[[noreturn]] void throw_channel(std::size_t at, double value) {
  throw_range("channels", "integers from 0 to 2147483647", number_text(value) + " at index " + to_text(at));
}

}  // namespace

EventData::EventData(const EventSpan& events)
    : times(events.times.begin(), events.times.end()),
      channels(events.channels.begin(), events.channels.end()),
      t_start(events.t_start),
      t_stop(events.t_stop),
      periodic(events.periodic) {}

std::int64_t convert_channels(std::span<const double> ids, std::int32_t* out) {
  std::int32_t largest = -1;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const double id = ids[i];
    if (!(id >= 0.0 && id <= 2147483647.0) || id != std::trunc(id)) throw_channel(i, id);
    out[i] = static_cast<std::int32_t>(id);
    largest = std::max(largest, out[i]);
  }
  return largest;
}

std::int64_t convert_channels(std::span<const std::int32_t> ids, std::int32_t* out) {
  std::int32_t largest = -1, smallest = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    out[i] = ids[i];
    largest = std::max(largest, ids[i]);
    smallest = std::min(smallest, ids[i]);
  }
  if (smallest < 0)
    for (std::size_t i = 0; i < ids.size(); ++i)
      if (ids[i] < 0) throw_channel(i, ids[i]);
  return largest;
}

ChannelColumns ChannelColumns::all(std::size_t num_channels) {
  ChannelColumns columns;
  columns.count_ = num_channels;
  columns.identity_ = true;
  return columns;
}

ChannelColumns::ChannelColumns(std::span<const std::int32_t> selection)
    : count_(selection.size()), next_(selection.size(), -1) {
  std::int32_t largest = -1;
  for (const auto channel : selection) largest = std::max(largest, channel);
  const bool dense = largest < kLargestTable;
  if (dense) table_.assign(static_cast<std::size_t>(largest + 1), -1);
  // From the last to the first, so that each chain ascends.
  for (std::size_t j = selection.size(); j-- > 0;) {
    const auto channel = selection[j];
    if (channel < 0) continue;
    auto& head = dense ? table_[static_cast<std::size_t>(channel)] : sparse_.try_emplace(channel, -1).first->second;
    next_[j] = head;
    head = static_cast<std::int64_t>(j);
  }
}

EventSelection::EventSelection(const EventSpan& events, double t_start, double t_stop, const ChannelColumns& channels)
    : events_(events), t_start_(t_start), t_stop_(t_stop), channels_(channels) {
  visit([this](double, std::int32_t) { ++count_; });
}

void EventSelection::fill(double* times, std::int32_t* channels) const {
  std::size_t at = 0;
  visit([&](double t, std::int32_t channel) {
    if (at == count_) return;
    times[at] = t;
    channels[at++] = channel;
  });
}

template <typename Visit>
void EventSelection::visit(Visit visit) const {
  const auto& t = events_.times;
  if (events_.periodic) {
    // Nothing on the selected channels: nothing to find however many periods there are.
    const bool any =
        std::any_of(events_.channels.begin(), events_.channels.end(), [this](std::int32_t c) { return channels_.contains(c); });
    if (!any) return;
    const auto periods = periods_between(events_, t_start_, t_stop_);
    for (std::int64_t p = periods.first; p < periods.last; ++p) {
      const double shift = static_cast<double>(p) * events_.duration();
      for (std::size_t i = 0; i < t.size(); ++i) {
        const double time = t[i] + shift;
        if (time >= t_start_ && time < t_stop_ && channels_.contains(events_.channels[i])) visit(time, events_.channels[i]);
      }
    }
    return;
  }
  const auto begin = static_cast<std::size_t>(std::lower_bound(t.begin(), t.end(), t_start_) - t.begin());
  const auto end = static_cast<std::size_t>(std::lower_bound(t.begin(), t.end(), t_stop_) - t.begin());
  for (std::size_t i = begin; i < end; ++i)
    if (channels_.contains(events_.channels[i])) visit(t[i], events_.channels[i]);
}

Periods periods_between(const EventSpan& events, double a, double b) {
  const double d = events.duration();
  if (events.times.empty()) return {0, 0};
  if (!(d > 0.0)) throw_range("tStop", "later than tStart in a periodic series with events", number_text(events.t_stop));
  // Only the periods that [a, b] touches, however far it lies from the list; one more before it, for events at t_stop.
  const double first =
      a < events.t_start ? -std::ceil((events.t_start - a) / d) : std::max(0.0, std::floor((a - events.t_start) / d) - 1.0);
  const double last =
      b > events.t_start ? std::ceil((b - events.t_start) / d) : std::min(1.0, 1.0 - std::floor((events.t_start - b) / d));
  // What would be more than memory can hold would also take longer than anybody waits; periods are counted exactly.
  constexpr double kMost = 2147483648.0, kExact = 9007199254740992.0;
  if (!((last - first) * static_cast<double>(events.times.size()) <= kMost && std::fabs(first) <= kExact &&
        std::fabs(last) <= kExact)) {
    throw_range("time range", "short enough for 2^31 events of the repeated series",
                number_text((b - a) / d) + " periods of " + to_text(events.times.size()) + " events");
  }
  return {static_cast<std::int64_t>(first), static_cast<std::int64_t>(last)};
}

void gather_events(const EventSpan& events, std::span<const double> indices, double* times, std::int32_t* channels) {
  const auto n = static_cast<double>(events.times.size());
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const double index = indices[i] < 0.0 ? indices[i] + n : indices[i];
    if (!(index >= 0.0 && index < n) || index != std::trunc(index))
      throw Error(ErrorKind::kRange, "ERR_INDEX",
                  "expected event number to be an integer from " + number_text(-n) + " to " + number_text(n - 1.0) +
                      ", received " + number_text(indices[i]));
    times[i] = events.times[static_cast<std::size_t>(index)];
    channels[i] = events.channels[static_cast<std::size_t>(index)];
  }
}

void slice_events(const EventSpan& events, std::int64_t from, std::int64_t step, std::span<double> times,
                  std::span<std::int32_t> channels) {
  ROCKPOOL_INVARIANT(times.size() == channels.size());
  if (times.empty()) return;
  const auto size = static_cast<double>(events.times.size());
  const double last = static_cast<double>(from) + static_cast<double>(times.size() - 1) * static_cast<double>(step);
  if (from < 0 || static_cast<double>(from) >= size || last < 0.0 || last >= size)
    throw Error(ErrorKind::kRange, "ERR_INDEX",
                "expected event numbers to be from 0 to " + number_text(size - 1.0) + ", received others");
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto at = static_cast<std::size_t>(from + static_cast<std::int64_t>(i) * step);
    times[i] = events.times[at];
    channels[i] = events.channels[at];
  }
}

void remap_channels(std::span<const std::int32_t> channels, std::span<const std::int32_t> map, std::span<std::int32_t> out) {
  ROCKPOOL_INVARIANT(channels.size() == out.size());
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const auto channel = static_cast<std::size_t>(static_cast<std::uint32_t>(channels[i]));
    if (channel >= map.size())
      throw Error(ErrorKind::kRange, "ERR_INDEX",
                  "expected channels to be less than " + to_text(map.size()) + ", received " + to_text(channels[i]));
    out[i] = map[channel];
  }
}

std::size_t rank_channels(std::span<const std::int32_t> channels, std::span<const std::int32_t> requested,
                          std::span<std::int32_t> out) {
  ROCKPOOL_INVARIANT(channels.size() == out.size());
  const auto ids = distinct_channels(requested);
  const ChannelColumns ranks(ids);
  for (std::size_t i = 0; i < channels.size(); ++i) out[i] = static_cast<std::int32_t>(ranks.first(channels[i]));
  return ids.size();
}

std::vector<std::int32_t> distinct_channels(std::span<const std::int32_t> channels) {
  std::int32_t largest = -1;
  for (const auto c : channels) largest = std::max(largest, c);
  std::vector<std::int32_t> ids;
  if (largest < kLargestTable) {
    std::vector<bool> seen(static_cast<std::size_t>(largest + 1));
    for (const auto c : channels)
      if (c >= 0) seen[static_cast<std::size_t>(c)] = true;
    for (std::int32_t c = 0; c <= largest; ++c)
      if (seen[static_cast<std::size_t>(c)]) ids.push_back(c);
    return ids;
  }
  ids.assign(channels.begin(), channels.end());
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace rockpool
