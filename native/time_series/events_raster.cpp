// Events to bins, rasters and back.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <type_traits>

#include "rockpool/error.h"
#include "rockpool/events.h"
#include "rockpool/time_grid.h"
#include "time_series/event_kernels.h"
#include "time_series/events_periods.h"

namespace rockpool {

namespace {

constexpr double kMostBins = 1125899906842624.0;  // 2^50: bins and their number are exact as doubles, also in the kernels
constexpr std::size_t kBlock = 1024;              // events at a time: the bins stay in the first-level cache

void check_window(const BinWindow& w) {
  if (!(w.dt > 0.0) || !std::isfinite(w.dt)) throw_range("dt", "a finite number greater than 0", to_text(w.dt));
  if (!std::isfinite(w.t0)) throw_range("tStart", "a finite number", to_text(w.t0));
  if (w.first > kMostBins || w.count > kMostBins) throw_range("numTimesteps", "less than 2^50", to_text(w.count));
}

/// Events behind the last bin that lie before the end of a series which ends with the window: see BinWindow::keep_tail.
template <typename Visit>
void visit_tail(const EventSpan& events, const BinWindow& w, std::size_t begin, std::size_t end, Visit visit) {
  const double behind = static_cast<double>(w.first + w.count);
  if (step_ceil(events.t_stop, w.t0, w.dt) > behind) return;
  std::size_t first = end;
  while (first > begin && step_floor(events.times[first - 1], w.t0, w.dt) >= behind) --first;
  const double last = static_cast<double>(w.count - 1);
  for (std::size_t i = first; i < end; ++i)
    if (events.times[i] < events.t_stop && step_floor(events.times[i], w.t0, w.dt) == behind)
      visit(&last, events.channels.data() + i, std::size_t{1});
}

/// visit(bins, channels, n) for blocks of the events that may be in the window; bins that are not in it are -1.
template <typename Visit>
void visit_blocks(const EventSpan& events, const BinWindow& window, RunControl& control, Visit visit) {
  check_window(window);
  const auto& times = events.times;
  const std::size_t size = std::min(times.size(), events.channels.size());
  if (size == 0 || window.count == 0) return;
  const auto bins = ROCKPOOL_SELECT_KERNELS(event_kernels).bins;
  EventBinning binning{0.0,          window.t0, window.dt, static_cast<double>(window.first), static_cast<double>(window.count),
                       window.t_end, -1.0};
  // One bin of slack on both sides: the bins decide, not these limits.
  const double from = time_of(binning.first - 1.0, window.t0, window.dt);
  const double to = time_of(binning.first + binning.count + 1.0, window.t0, window.dt);
  if (tolerance_bins(std::max(std::fabs(from), std::fabs(to)), window.t0, window.dt) <= 1e-6) binning.tolerance = 1e-6;

  double buffer[kBlock];
  const auto visit_range = [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i += kBlock) {
      const std::size_t n = std::min(kBlock, end - i);
      bins(times.data() + i, n, binning, buffer);
      visit(buffer, events.channels.data() + i, n);
      control.advance(n);
    }
  };
  const auto position = [&](double t) {
    return static_cast<std::size_t>(std::lower_bound(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(size), t) -
                                    times.begin());
  };
  if (!events.periodic) {
    const std::size_t begin = position(from), end = position(to);
    control.set_total(end > begin ? end - begin : 0);
    if (begin < end) visit_range(begin, end);
    if (window.keep_tail && begin < end) visit_tail(events, window, begin, end, visit);
    return;
  }
  const auto periods = periods_between(events, from, std::min(to, window.t_end));
  control.set_total(static_cast<std::uint64_t>(periods.last - periods.first) * size);
  for (std::int64_t p = periods.first; p < periods.last; ++p) {
    binning.shift = static_cast<double>(p) * events.duration();
    visit_range(0, size);
  }
}

template <typename T>
bool raster_into(const EventSpan& events, const BinWindow& window, const ChannelColumns& columns, T* out, RunControl& control) {
  const std::size_t width = columns.count();
  unsigned merged = 0;
  const auto put = [&merged](T& cell) {
    merged |= static_cast<unsigned>(cell);
    if constexpr (sizeof(T) == 1)
      cell = 1;
    else
      ++cell;
  };
  if (columns.is_identity()) {
    visit_blocks(events, window, control, [&](const double* bins, const std::int32_t* channels, std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) {
        const auto column = static_cast<std::size_t>(static_cast<std::uint32_t>(channels[i]));
        if (bins[i] >= 0.0 && column < width) put(out[static_cast<std::size_t>(bins[i]) * width + column]);
      }
    });
  } else {
    visit_blocks(events, window, control, [&](const double* bins, const std::int32_t* channels, std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) {
        if (bins[i] < 0.0) continue;
        const auto row = static_cast<std::size_t>(bins[i]) * width;
        for (auto column = columns.first(channels[i]); column >= 0; column = columns.next(column))
          put(out[row + static_cast<std::size_t>(column)]);
      }
    });
  }
  return merged != 0;
}

}  // namespace

std::uint64_t count_bins(const EventSpan& events, double t0, double t_stop, double dt, bool keep_last) {
  check_window({t0, dt, 0, 0});
  double bins = t_stop > t0 ? step_ceil(t_stop, t0, dt) : 0.0;
  if (keep_last && !events.times.empty() && events.times.back() >= t0)
    bins = std::max(bins, step_floor(events.times.back(), t0, dt) + 1.0);
  if (!(bins <= kMostBins)) throw_range("dt", "large enough for less than 2^50 time steps", to_text(dt));
  return static_cast<std::uint64_t>(bins);
}

void bin_events(const EventSpan& events, const BinWindow& window, BinnedEvents& out, RunControl& control) {
  const std::size_t start = out.size();
  visit_blocks(events, window, control, [&](const double* bins, const std::int32_t* channels, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      if (bins[i] < 0.0) continue;
      const auto step = static_cast<std::uint64_t>(bins[i]);
      if (out.size() > start && step < out.steps.back())
        throw_range("times", "non-decreasing", "an event before its predecessor");
      out.steps.push_back(step);
      out.channels.push_back(channels[i]);
    }
  });
}

bool raster_events(const EventSpan& events, const BinWindow& window, const ChannelColumns& columns, std::uint8_t* out,
                   RunControl& control) {
  return raster_into(events, window, columns, out, control);
}

bool raster_events(const EventSpan& events, const BinWindow& window, const ChannelColumns& columns, std::uint32_t* out,
                   RunControl& control) {
  return raster_into(events, window, columns, out, control);
}

template <typename T>
std::uint64_t count_raster_events(std::span<const T> raster) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < raster.size(); ++i) {
    const T entry = raster[i];
    bool good = true;
    if constexpr (std::is_floating_point_v<T>)
      good = entry >= T(0) && entry <= T(4294967295.0) && entry == std::trunc(entry);
    else if constexpr (std::is_signed_v<T>)
      good = entry >= 0;
    if (!good) throw_range("raster", "integers of 0 or more", to_text(entry) + " at element " + to_text(i));
    count += static_cast<std::uint64_t>(entry);
  }
  return count;
}

template <typename T>
void fill_raster_events(std::span<const T> raster, std::size_t columns, double t_start, double dt, bool at_bin_start,
                        double* times, std::int32_t* channels) {
  const double offset = at_bin_start ? 0.0 : 0.5;
  std::size_t at = 0;
  for (std::size_t row = 0, i = 0; i < raster.size(); ++row, i += columns) {
    const double time = time_of(static_cast<double>(row) + offset, t_start, dt);
    for (std::size_t c = 0; c < columns; ++c) {
      if constexpr (sizeof(T) == 1) {
        // Rasters are mostly zeros: step over eight of them at a time.
        std::uint64_t eight;
        while (c + 8 <= columns && (std::memcpy(&eight, &raster[i + c], 8), eight == 0)) c += 8;
        if (c >= columns) break;
      }
      for (auto n = static_cast<std::uint64_t>(raster[i + c]); n > 0; --n) {
        times[at] = time;
        channels[at++] = static_cast<std::int32_t>(c);
      }
    }
  }
}

#define ROCKPOOL_RASTER_TYPE(T)                                      \
  template std::uint64_t count_raster_events<T>(std::span<const T>); \
  template void fill_raster_events<T>(std::span<const T>, std::size_t, double, double, bool, double*, std::int32_t*);
ROCKPOOL_RASTER_TYPE(double)
ROCKPOOL_RASTER_TYPE(float)
ROCKPOOL_RASTER_TYPE(std::int32_t)
ROCKPOOL_RASTER_TYPE(std::uint32_t)
ROCKPOOL_RASTER_TYPE(std::uint8_t)
#undef ROCKPOOL_RASTER_TYPE

}  // namespace rockpool
