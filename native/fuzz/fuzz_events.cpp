// Event lists of any content, sorted or not: nothing may be read or written out of bounds, and what is in order must stay so.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/events.h"

using namespace rockpool;

namespace {

class Reader {
 public:
  Reader(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  template <typename T>
  T take() {
    T value{};
    const std::size_t n = std::min(sizeof(T), size_);
    std::memcpy(&value, data_, n);
    data_ += n, size_ -= n;
    return value;
  }
  bool empty() const { return size_ == 0; }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

void require(bool condition) {
  if (!condition) __builtin_trap();
}

void raster_and_read(const EventSpan& events, Reader& in) {
  const double t0 = in.take<double>(), dt = in.take<double>(), a = in.take<double>(), b = in.take<double>();
  const BinWindow window{t0, dt, in.take<std::uint16_t>(), in.take<std::uint8_t>()};
  std::vector<std::int32_t> selection(in.take<std::uint8_t>() % 8);
  for (auto& channel : selection) channel = in.take<std::int32_t>();
  RunControl control;
  const auto limited = [&](auto run) {
    try {
      run();
    } catch (const Error&) {
    }
  };
  // Periods without number are legal and slow: not here.
  if (events.periodic && !(events.duration() > 0.0 &&
                           std::max({std::abs(t0), std::abs(dt) * 66000, std::abs(a), std::abs(b)}) / events.duration() < 1e3))
    return;
  for (const auto& columns : {ChannelColumns::all(selection.size()), ChannelColumns(selection)}) {
    std::vector<std::uint32_t> counts(window.count * columns.count());
    std::vector<std::uint8_t> flags(counts.size());
    limited([&] {
      raster_events(events, window, columns, counts.data(), control);
      raster_events(events, window, columns, flags.data(), control);
      for (std::size_t i = 0; i < flags.size(); ++i) require(flags[i] == (counts[i] > 0));
    });
    limited([&] {
      const EventSelection read(events, a, b, columns);
      std::vector<double> times(read.count());
      std::vector<std::int32_t> channels(read.count());
      read.fill(times.data(), channels.data());
    });
  }
  limited([&] {
    BinnedEvents binned;
    bin_events(events, window, binned, control);
    require(std::is_sorted(binned.steps.begin(), binned.steps.end()));
    require(binned.steps.empty() || binned.steps.back() < window.count);
  });
  limited([&] { count_bins(events, t0, a, dt, true); });
  limited([&] {
    std::vector<double> out(5);
    local_variation(events, out);
    fano_factor_per_channel(events, window, out, control);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader in(data, size);
  std::vector<std::size_t> starts{0};
  std::vector<double> times;
  std::vector<std::int32_t> channels;
  const auto mode = in.take<std::uint8_t>();
  for (std::size_t r = in.take<std::uint8_t>() % 8; r > 0; --r) {
    for (std::size_t n = in.take<std::uint8_t>() % 40; n > 0; --n) {
      times.push_back(mode & 1 ? in.take<double>() : static_cast<double>(in.take<std::int8_t>()) / 8.0);
      channels.push_back(mode & 2 ? in.take<std::int32_t>() : in.take<std::uint8_t>() % 5);
    }
    if (!(mode & 1)) std::sort(times.begin() + static_cast<std::ptrdiff_t>(starts.back()), times.end());
    starts.push_back(times.size());
  }
  if (starts.size() < 2) starts.push_back(0);
  raster_and_read({times, channels, in.take<double>(), in.take<double>(), (mode & 4) != 0}, in);
  merge_event_runs(times, channels, starts);
  if (!(mode & 1)) require(std::is_sorted(times.begin(), times.end()));
  const auto left = remove_duplicate_events(times, channels);
  require(left <= times.size());
  sort_events(times, channels);
  return 0;
}
