// Lists of events: reading a window, binning, rasterising, merging, measuring.
//
// An event is a time and a channel; a list is sorted by time. Lists come from outside, so nothing here trusts their order or
// their channels with its memory: an unsorted list gives a wrong answer or an error, never an access out of bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <unordered_map>
#include <vector>

#include "rockpool/run_control.h"

namespace rockpool {

/// A borrowed event list with the extent it is defined on. A periodic one repeats outside of its extent.
struct EventSpan {
  std::span<const double> times;           // seconds, non-decreasing
  std::span<const std::int32_t> channels;  // as long as times
  double t_start = 0.0;
  double t_stop = 0.0;
  bool periodic = false;

  double duration() const { return t_stop - t_start; }
};

/// An event list of its own, for a job that outlives the call.
struct EventData {
  std::vector<double> times;
  std::vector<std::int32_t> channels;
  double t_start = 0.0;
  double t_stop = 0.0;
  bool periodic = false;

  EventData() = default;
  explicit EventData(const EventSpan& events);
  EventSpan span() const { return {times, channels, t_start, t_stop, periodic}; }
};

/// Converts channel ids and returns the largest, -1 when there are none; throws ERR_VALUE unless all are integers in [0, 2^31).
std::int64_t convert_channels(std::span<const double> ids, std::int32_t* out);
std::int64_t convert_channels(std::span<const std::int32_t> ids, std::int32_t* out);

/// Which column of an output each channel goes to: a selection in the given order, duplicates allowed, or all channels.
class ChannelColumns {
 public:
  /// Column c holds channel c.
  static ChannelColumns all(std::size_t num_channels);
  /// Column j holds channel selection[j].
  explicit ChannelColumns(std::span<const std::int32_t> selection);

  std::size_t count() const { return count_; }
  bool is_identity() const { return identity_; }
  bool contains(std::int32_t channel) const { return first(channel) >= 0; }
  /// The first column of a channel, or -1; `next` gives the further ones.
  std::int64_t first(std::int32_t channel) const {
    if (channel < 0) return -1;
    if (identity_) return static_cast<std::size_t>(channel) < count_ ? channel : -1;
    if (sparse_.empty())
      return static_cast<std::size_t>(channel) < table_.size() ? table_[static_cast<std::size_t>(channel)] : -1;
    const auto found = sparse_.find(channel);
    return found == sparse_.end() ? -1 : found->second;
  }
  std::int64_t next(std::int64_t column) const { return identity_ ? -1 : next_[static_cast<std::size_t>(column)]; }

 private:
  ChannelColumns() = default;

  std::size_t count_ = 0;
  bool identity_ = false;
  std::vector<std::int64_t> table_;                        // by channel, when the largest id is small
  std::unordered_map<std::int32_t, std::int64_t> sparse_;  // by channel, otherwise
  std::vector<std::int64_t> next_;                         // by column
};

/// The events of [t_start, t_stop) on the selected channels, a periodic list being repeated as far as needed.
/// Counting comes first, so that the caller can allocate.
class EventSelection {
 public:
  EventSelection(const EventSpan& events, double t_start, double t_stop, const ChannelColumns& channels);
  std::size_t count() const { return count_; }
  void fill(double* times, std::int32_t* channels) const;

 private:
  template <typename Visit>
  void visit(Visit visit) const;

  EventSpan events_;
  double t_start_;
  double t_stop_;
  const ChannelColumns& channels_;
  std::size_t count_ = 0;
};

/// Time bins k = first ... first + count - 1, bin k being [t0 + k dt, t0 + (k + 1) dt) by the rule of step_floor.
/// Cutting a window at any `first` (same t0) loses no event and gives none twice.
inline constexpr double kNoEnd = std::numeric_limits<double>::infinity();

struct BinWindow {
  double t0 = 0.0;
  double dt = 1.0;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  double t_end = kNoEnd;  // events at or after it do not count, whatever their bin
  /// A series that ends with the window keeps what lies before its end: an event that rounding alone puts into the bin behind
  /// the last counts in the last, since no other piece of the series holds it.
  bool keep_tail = false;
};

/// The number of bins that cover [t0, t_stop); with `keep_last`, one more when the last event would fall behind them.
std::uint64_t count_bins(const EventSpan& events, double t0, double t_stop, double dt, bool keep_last);

/// Events as (step, channel): what a kernel consumes. Steps count from the window's first bin and never decrease.
struct BinnedEvents {
  std::vector<std::uint64_t> steps;
  std::vector<std::int32_t> channels;

  std::size_t size() const { return steps.size(); }
  void clear() { steps.clear(), channels.clear(); }
};

/// Appends to `out` the events of a window, in the list's order. Throws ERR_VALUE when the list is not sorted.
void bin_events(const EventSpan& events, const BinWindow& window, BinnedEvents& out, RunControl& control);

/// Rasterises into a zeroed count x columns.count() matrix, row-major: 1 where there is an event (uint8_t) or the number of
/// events (uint32_t). O(events + the rows' share of them), no further memory. Returns whether several events met in a cell.
bool raster_events(const EventSpan& events, const BinWindow& window, const ChannelColumns& columns, std::uint8_t* out,
                   RunControl& control);
bool raster_events(const EventSpan& events, const BinWindow& window, const ChannelColumns& columns, std::uint32_t* out,
                   RunControl& control);

/// The number of events that a rows x columns raster of counts stands for; throws ERR_VALUE for negative or fractional entries.
template <typename T>
std::uint64_t count_raster_events(std::span<const T> raster);
/// Writes them, by time, then channel: entry (k, c) = n gives n events at (k + 1/2) dt + t_start, or k dt + t_start.
template <typename T>
void fill_raster_events(std::span<const T> raster, std::size_t columns, double t_start, double dt, bool at_bin_start,
                        double* times, std::int32_t* channels);

/// Adds delays[r] to the times and shifts[r] to the channels of run r = [starts[r], starts[r + 1]).
void shift_event_runs(std::span<double> times, std::span<std::int32_t> channels, std::span<const std::size_t> starts,
                      std::span<const double> delays, std::span<const std::int32_t> shifts);
/// Merges runs that lie one after another in `times` and `channels`, each sorted: run r is [starts[r], starts[r + 1]).
/// Stable: of simultaneous events those of earlier runs come first. O(n log runs), O(n) when the runs do not overlap.
void merge_event_runs(std::span<double> times, std::span<std::int32_t> channels, std::span<const std::size_t> starts);
/// Drops repeats of the same (time, channel) and returns how many events are left, at the front.
std::size_t remove_duplicate_events(std::span<double> times, std::span<std::int32_t> channels);
/// Sorts by time, stably; a sorted list costs one pass.
void sort_events(std::span<double> times, std::span<std::int32_t> channels);
/// Copies the events numbered `indices` (negative ones count from the end); throws ERR_INDEX. Not sorted.
void gather_events(const EventSpan& events, std::span<const double> indices, double* times, std::int32_t* channels);
/// Copies the events from, from + step, ... until the outputs are full; throws ERR_INDEX. Not sorted.
void slice_events(const EventSpan& events, std::int64_t from, std::int64_t step, std::span<double> times,
                  std::span<std::int32_t> channels);
/// out[i] = map[channels[i]]; throws ERR_INDEX for a channel that the map does not have.
void remap_channels(std::span<const std::int32_t> channels, std::span<const std::int32_t> map, std::span<std::int32_t> out);
/// out[i] = the rank of channels[i] among the distinct ids of `requested`, -1 when it is none of them. Returns how many there
/// are.
std::size_t rank_channels(std::span<const std::int32_t> channels, std::span<const std::int32_t> requested,
                          std::span<std::int32_t> out);
/// The distinct ids of a list, ascending.
std::vector<std::int32_t> distinct_channels(std::span<const std::int32_t> channels);

/// Local variation of each channel's inter-event intervals: 3 mean(((I' - I) / (I' + I))^2); NaN with fewer than 3 events.
void local_variation(const EventSpan& events, std::span<double> out);
/// Variance over mean of the events per bin, all channels together; NaN without events.
double fano_factor(const EventSpan& events, const BinWindow& window, RunControl& control);
/// The same for every channel by itself.
void fano_factor_per_channel(const EventSpan& events, const BinWindow& window, std::span<double> out, RunControl& control);

}  // namespace rockpool
