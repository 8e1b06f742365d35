// Event lists: checking, reading, merging, rasterising and measuring.
#include "rockpool/events.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

#include "args.h"
#include "errors.h"
#include "event_args.h"
#include "modules.h"
#include "task.h"
#include "typed_arrays.h"

namespace glue {

namespace {

using rockpool::BinWindow;
using rockpool::ChannelColumns;

/// A selection of channels (Int32Array), or the number of channels for all of them.
ChannelColumns read_columns(const Args& args, std::size_t i) {
  if (args.value(i).IsNumber()) return ChannelColumns::all(args.size(i, "numChannels"));
  return ChannelColumns(args.array<std::int32_t>(i, "channels"));
}

/// t0, dt, first, count, tEnd
BinWindow read_window(const Args& args, std::size_t i) {
  return {args.number(i, "tStart"), args.number(i + 1, "dt"), args.size(i + 2, "first"), args.size(i + 3, "numTimesteps"),
          args.number(i + 4, "tEnd")};
}

/// Throws unless `length` is rows * columns.
void check_raster_size(std::size_t length, std::uint64_t rows, std::uint64_t columns) {
  if (columns == 0 ? length != 0 : length / columns != rows || length % columns != 0)
    rockpool::throw_shape("out", rockpool::to_text(rows) + " x " + rockpool::to_text(columns),
                          rockpool::to_text(length) + " elements");
}

Napi::Value event_list(Napi::Env env, Napi::Value times, Napi::Value channels) {
  auto result = Napi::Array::New(env, 2);
  result.Set(0u, times);
  result.Set(1u, channels);
  return result;
}

// eventChannels(ids: Float64Array | Int32Array, out: Int32Array): largest id or -1
Napi::Value event_channels(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto out = args.array<std::int32_t>(1, "out");
  const Napi::Value ids = args.value(0);
  std::int64_t largest;
  if (ids.IsTypedArray() && ids.As<Napi::TypedArray>().TypedArrayType() == napi_int32_array)
    largest = rockpool::convert_channels(args.array<std::int32_t>(0, "channels", out.size()), out.data());
  else
    largest = rockpool::convert_channels(args.array<double>(0, "channels", out.size()), out.data());
  return Napi::Number::New(info.Env(), static_cast<double>(largest));
}

// eventsRead(...events, tStart, tStop, channels | numChannels): [times, channels]
Napi::Value events_read(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto events = read_events(args, 0);
  const auto columns = read_columns(args, kEventArgs + 2);
  const rockpool::EventSelection selection(events, args.number(kEventArgs, "tStart"), args.number(kEventArgs + 1, "tStop"),
                                           columns);
  auto times = new_array<double>(info.Env(), selection.count());
  auto channels = new_array<std::int32_t>(info.Env(), selection.count());
  selection.fill(times.Data(), channels.Data());
  return event_list(info.Env(), times, channels);
}

// eventsPick(...events, indices: Float64Array, outTimes, outChannels): sorted by time
Napi::Value events_pick(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto events = read_events(args, 0);
  const auto indices = args.array<double>(kEventArgs, "indices");
  const auto times = args.array<double>(kEventArgs + 1, "outTimes", indices.size());
  const auto channels = args.array<std::int32_t>(kEventArgs + 2, "outChannels", indices.size());
  rockpool::gather_events(events, indices, times.data(), channels.data());
  rockpool::sort_events(times, channels);
  return info.Env().Undefined();
}

// eventsSlice(...events, from, step, outTimes, outChannels): events from, from + step, ..., sorted by time
Napi::Value events_slice(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto events = read_events(args, 0);
  const auto times = args.array<double>(kEventArgs + 2, "outTimes");
  const auto channels = args.array<std::int32_t>(kEventArgs + 3, "outChannels", times.size());
  rockpool::slice_events(events, args.integer(kEventArgs, "from"), args.integer(kEventArgs + 1, "step"), times, channels);
  rockpool::sort_events(times, channels);
  return info.Env().Undefined();
}

// eventsMerge(times, channels, starts: Float64Array, delays: Float64Array, shifts: Int32Array, removeDuplicates): events left
// Works in place on runs that lie one after another; delays and channel shifts are those of each run.
Napi::Value events_merge(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto times = args.array<double>(0, "times");
  const auto channels = args.array<std::int32_t>(1, "channels", times.size());
  const auto bounds = args.array<double>(2, "starts");
  const auto delays = args.array<double>(3, "delays");
  const auto shifts = args.array<std::int32_t>(4, "shifts", delays.size());
  const bool remove_duplicates = args.boolean(5, "removeDuplicates");
  if (bounds.size() != delays.size() + 1)
    rockpool::throw_shape("starts", rockpool::to_text(delays.size() + 1) + " elements long",
                          rockpool::to_text(bounds.size()) + " elements");
  std::vector<std::size_t> starts;
  for (const double bound : bounds) {
    const auto least = static_cast<double>(starts.empty() ? 0 : starts.back());
    if (!(bound >= least && bound <= static_cast<double>(times.size())))
      rockpool::throw_range("starts", "ascending positions in times", rockpool::to_text(bound));
    starts.push_back(static_cast<std::size_t>(bound));
  }
  if (starts.front() != 0 || starts.back() != times.size()) rockpool::throw_range("starts", "the limits of all runs", "others");
  rockpool::shift_event_runs(times, channels, starts, delays, shifts);
  rockpool::merge_event_runs(times, channels, starts);
  const std::size_t left = remove_duplicates ? rockpool::remove_duplicate_events(times, channels) : times.size();
  return Napi::Number::New(info.Env(), static_cast<double>(left));
}

// eventsRemap(channels, map: Int32Array, out)
Napi::Value events_remap(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto channels = args.array<std::int32_t>(0, "channels");
  rockpool::remap_channels(channels, args.array<std::int32_t>(1, "channelMap"),
                           args.array<std::int32_t>(2, "out", channels.size()));
  return info.Env().Undefined();
}

// eventsRank(channels, requested: Int32Array | null, out): replaces ids by their rank; returns how many ranks there are
Napi::Value events_rank(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto channels = args.array<std::int32_t>(0, "channels");
  const auto requested = args.missing(1) ? channels : args.array<std::int32_t>(1, "requested");
  const auto out = args.array<std::int32_t>(2, "out", channels.size());
  return Napi::Number::New(info.Env(), static_cast<double>(rockpool::rank_channels(channels, requested, out)));
}

// eventsCountBins(...events, t0, tStop, dt, keepLast)
Napi::Value events_count_bins(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto n =
      rockpool::count_bins(read_events(args, 0), args.number(kEventArgs, "tStart"), args.number(kEventArgs + 1, "tStop"),
                           args.number(kEventArgs + 2, "dt"), args.boolean(kEventArgs + 3, "keepLast"));
  return Napi::Number::New(info.Env(), static_cast<double>(n));
}

// eventsRaster(...events, t0, dt, first, count, tEnd, channels | numChannels, out: Uint8Array | Uint32Array): merged
// `out` is zeroed memory of count rows; a Uint8Array gets 0 and 1, a Uint32Array counts.
Napi::Value events_raster(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto events = read_events(args, 0);
  const auto window = read_window(args, kEventArgs);
  const auto columns = read_columns(args, kEventArgs + 5);
  const Napi::Value out = args.value(kEventArgs + 6);
  rockpool::RunControl control;
  const auto fill = [&](auto cells) {
    check_raster_size(cells.size(), window.count, columns.count());
    return rockpool::raster_events(events, window, columns, cells.data(), control);
  };
  const bool counts = out.IsTypedArray() && out.As<Napi::TypedArray>().TypedArrayType() == napi_uint32_array;
  const bool merged =
      counts ? fill(args.output<std::uint32_t>(kEventArgs + 6, "out")) : fill(args.output<std::uint8_t>(kEventArgs + 6, "out"));
  return Napi::Boolean::New(info.Env(), merged);
}

template <typename T>
class RasterJob final : public Job {
 public:
  RasterJob(const rockpool::EventSpan& events, const BinWindow& window, ChannelColumns columns)
      : events_(events), window_(window), columns_(std::move(columns)) {}

  void execute(rockpool::RunControl& control) override {
    // Not a vector: memory from calloc is zero already, and only the pages that events touch become resident.
    const std::uint64_t columns = columns_.count();
    if (columns != 0 && window_.count > SIZE_MAX / sizeof(T) / columns) throw std::bad_alloc();
    size_ = static_cast<std::size_t>(window_.count * columns);
    cells_.reset(static_cast<T*>(std::calloc(std::max<std::size_t>(size_, 1), sizeof(T))));
    if (!cells_) throw std::bad_alloc();
    merged_ = rockpool::raster_events(events_.span(), window_, columns_, cells_.get(), control);
  }

  Napi::Value settle(Napi::Env env) override {
    auto out = new_array<T>(env, size_);
    std::copy_n(cells_.get(), size_, out.Data());
    auto result = Napi::Array::New(env, 2);
    result.Set(0u, out);
    result.Set(1u, Napi::Boolean::New(env, merged_));
    return result;
  }

 private:
  struct Free {
    void operator()(T* cells) const { std::free(cells); }
  };
  rockpool::EventData events_;
  BinWindow window_;
  ChannelColumns columns_;
  std::size_t size_ = 0;
  std::unique_ptr<T, Free> cells_;
  bool merged_ = false;
};

// eventsRasterJob(...events, t0, dt, first, count, tEnd, channels | numChannels, counts: boolean, onProgress): job of [cells,
// merged]
Napi::Value events_raster_job(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto events = read_events(args, 0);
  const auto window = read_window(args, kEventArgs);
  auto columns = read_columns(args, kEventArgs + 5);
  std::unique_ptr<Job> job;
  if (args.boolean(kEventArgs + 6, "counts"))
    job = std::make_unique<RasterJob<std::uint32_t>>(events, window, std::move(columns));
  else
    job = std::make_unique<RasterJob<std::uint8_t>>(events, window, std::move(columns));
  return start_job(info.Env(), std::move(job), args.value(kEventArgs + 7));
}

template <typename T>
Napi::Value from_raster(const Args& args, std::span<const T> raster) {
  const auto columns = args.size(1, "columns");
  if (columns == 0 ? !raster.empty() : raster.size() % columns != 0)
    rockpool::throw_shape("raster", "rows of " + rockpool::to_text(columns), rockpool::to_text(raster.size()) + " elements");
  const auto count = rockpool::count_raster_events(raster);
  auto times = new_array<double>(args.env(), count);
  auto channels = new_array<std::int32_t>(args.env(), count);
  rockpool::fill_raster_events(raster, columns, args.number(2, "tStart"), args.number(3, "dt"),
                               args.boolean(4, "spikesAtBinStart"), times.Data(), channels.Data());
  return event_list(args.env(), times, channels);
}

// eventsFromRaster(raster, columns, tStart, dt, spikesAtBinStart): [times, channels]
Napi::Value events_from_raster(const Napi::CallbackInfo& info) {
  const Args args(info);
  const Napi::Value raster = args.value(0);
  if (raster.IsTypedArray()) {
    switch (raster.As<Napi::TypedArray>().TypedArrayType()) {
      case napi_uint8_array: return from_raster<std::uint8_t>(args, args.array<std::uint8_t>(0, "raster"));
      case napi_uint32_array: return from_raster<std::uint32_t>(args, args.array<std::uint32_t>(0, "raster"));
      case napi_int32_array: return from_raster<std::int32_t>(args, args.array<std::int32_t>(0, "raster"));
      case napi_float32_array: return from_raster<float>(args, args.array<float>(0, "raster"));
      default: break;
    }
  }
  return from_raster<double>(args, args.array<double>(0, "raster"));
}

// eventsLocalVariation(...events, out: Float64Array)
Napi::Value events_local_variation(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::local_variation(read_events(args, 0), args.array<double>(kEventArgs, "out"));
  return info.Env().Undefined();
}

// eventsFanoFactor(...events, t0, dt, first, count, tEnd, out: Float64Array | null): the factor of all channels together, or
// with `out` that of each channel
Napi::Value events_fano_factor(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto events = read_events(args, 0);
  const auto window = read_window(args, kEventArgs);
  rockpool::RunControl control;
  if (args.missing(kEventArgs + 5)) return Napi::Number::New(info.Env(), rockpool::fano_factor(events, window, control));
  rockpool::fano_factor_per_channel(events, window, args.array<double>(kEventArgs + 5, "out"), control);
  return info.Env().Undefined();
}

}  // namespace

void init_events(Napi::Object exports) {
  define<event_channels>(exports, "eventChannels");
  define<events_read>(exports, "eventsRead");
  define<events_pick>(exports, "eventsPick");
  define<events_slice>(exports, "eventsSlice");
  define<events_merge>(exports, "eventsMerge");
  define<events_remap>(exports, "eventsRemap");
  define<events_rank>(exports, "eventsRank");
  define<events_count_bins>(exports, "eventsCountBins");
  define<events_raster>(exports, "eventsRaster");
  define<events_raster_job>(exports, "eventsRasterJob");
  define<events_from_raster>(exports, "eventsFromRaster");
  define<events_local_variation>(exports, "eventsLocalVariation");
  define<events_fano_factor>(exports, "eventsFanoFactor");
}

}  // namespace glue
