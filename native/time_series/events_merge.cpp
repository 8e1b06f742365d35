// Merging and sorting of event lists.
#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "rockpool/error.h"
#include "rockpool/events.h"

namespace rockpool {

namespace {

struct Buffers {
  double* times;
  std::int32_t* channels;
};

void copy_run(const Buffers& from, const Buffers& to, std::size_t begin, std::size_t end) {
  std::copy(from.times + begin, from.times + end, to.times + begin);
  std::copy(from.channels + begin, from.channels + end, to.channels + begin);
}

/// Merges the neighbours [a, b) and [b, c).
void merge_two(const Buffers& from, const Buffers& to, std::size_t a, std::size_t b, std::size_t c) {
  if (a == b || b == c || from.times[b - 1] <= from.times[b]) return copy_run(from, to, a, c);
  std::size_t left = a, right = b;
  for (std::size_t at = a; at < c; ++at) {
    const bool take_left = right == c || (left < b && !(from.times[right] < from.times[left]));
    const std::size_t source = take_left ? left++ : right++;
    to.times[at] = from.times[source];
    to.channels[at] = from.channels[source];
  }
}

}  // namespace

void shift_event_runs(std::span<double> times, std::span<std::int32_t> channels, std::span<const std::size_t> starts,
                      std::span<const double> delays, std::span<const std::int32_t> shifts) {
  ROCKPOOL_INVARIANT(times.size() == channels.size() && starts.size() == delays.size() + 1 && shifts.size() == delays.size());
  for (std::size_t r = 0; r < delays.size(); ++r) {
    ROCKPOOL_INVARIANT(starts[r] <= starts[r + 1] && starts[r + 1] <= times.size());
    for (std::size_t i = starts[r]; i < starts[r + 1]; ++i) {
      times[i] += delays[r];
      // Unsigned: a channel written from outside may be anything, and signed overflow is undefined.
      channels[i] = static_cast<std::int32_t>(static_cast<std::uint32_t>(channels[i]) + static_cast<std::uint32_t>(shifts[r]));
    }
  }
}

void merge_event_runs(std::span<double> times, std::span<std::int32_t> channels, std::span<const std::size_t> starts) {
  ROCKPOOL_INVARIANT(times.size() == channels.size());
  ROCKPOOL_INVARIANT(starts.size() >= 2 && starts.front() == 0 && starts.back() == times.size());
  // Runs that follow one another in time count as one.
  std::vector<std::size_t> bounds{0};
  for (std::size_t r = 1; r + 1 < starts.size(); ++r) {
    const std::size_t start = starts[r];
    ROCKPOOL_INVARIANT(start >= starts[r - 1] && start <= times.size());
    if (start > bounds.back() && start < times.size() && times[start] < times[start - 1]) bounds.push_back(start);
  }
  bounds.push_back(times.size());
  if (bounds.size() <= 2) return;

  std::vector<double> other_times(times.size());
  std::vector<std::int32_t> other_channels(channels.size());
  Buffers from{times.data(), channels.data()}, to{other_times.data(), other_channels.data()};
  while (bounds.size() > 2) {
    std::vector<std::size_t> merged{0};
    std::size_t r = 0;
    for (; r + 2 < bounds.size(); r += 2) {
      merge_two(from, to, bounds[r], bounds[r + 1], bounds[r + 2]);
      merged.push_back(bounds[r + 2]);
    }
    if (r + 1 < bounds.size()) {
      copy_run(from, to, bounds[r], bounds[r + 1]);
      merged.push_back(bounds[r + 1]);
    }
    bounds = std::move(merged);
    std::swap(from, to);
  }
  if (from.times != times.data()) copy_run(from, to, 0, times.size());
}

void sort_events(std::span<double> times, std::span<std::int32_t> channels) {
  ROCKPOOL_INVARIANT(times.size() == channels.size());
  if (std::is_sorted(times.begin(), times.end())) return;
  // Not std::stable_sort of the times: a NaN written into a list would break its order relation.
  std::vector<std::size_t> starts{0};
  for (std::size_t i = 1; i < times.size(); ++i)
    if (times[i] < times[i - 1]) starts.push_back(i);
  starts.push_back(times.size());
  merge_event_runs(times, channels, starts);
}

std::size_t remove_duplicate_events(std::span<double> times, std::span<std::int32_t> channels) {
  ROCKPOOL_INVARIANT(times.size() == channels.size());
  constexpr std::size_t kFew = 16;
  std::size_t kept = 0;
  std::unordered_set<std::int32_t> seen;
  for (std::size_t begin = 0, end; begin < times.size(); begin = end) {
    for (end = begin + 1; end < times.size() && times[end] == times[begin];) ++end;
    const std::size_t group = kept;
    const bool many = end - begin > kFew;
    if (many) seen.clear();
    for (std::size_t i = begin; i < end; ++i) {
      const auto channel = channels[i];
      const bool repeated = many ? !seen.insert(channel).second
                                 : std::find(channels.begin() + static_cast<std::ptrdiff_t>(group),
                                             channels.begin() + static_cast<std::ptrdiff_t>(kept),
                                             channel) != channels.begin() + static_cast<std::ptrdiff_t>(kept);
      if (repeated) continue;
      times[kept] = times[i];
      channels[kept++] = channel;
    }
  }
  return kept;
}

}  // namespace rockpool
