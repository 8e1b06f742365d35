#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <stop_token>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/events.h"
#include "rockpool/simd.h"
#include "rockpool/time_grid.h"

using namespace rockpool;

namespace {

struct Train {
  std::vector<double> times;
  std::vector<std::int32_t> channels;
  EventSpan span(double t_start, double t_stop, bool periodic = false) const {
    return {times, channels, t_start, t_stop, periodic};
  }
};

Train random_train(std::size_t n, double duration, std::int32_t num_channels, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> time(0.0, duration);
  Train train;
  for (std::size_t i = 0; i < n; ++i) {
    train.times.push_back(time(random));
    train.channels.push_back(static_cast<std::int32_t>(random() % static_cast<unsigned>(num_channels)));
  }
  std::sort(train.times.begin(), train.times.end());
  return train;
}

}  // namespace

TEST_CASE("events: bins are those of step_floor on every instruction set") {
  const auto before = simd::active_target();
  for (const auto target : simd::available_targets()) {
    simd::set_target(target);
    for (const double dt : {1e-6, 1e-3, 0.1, 0.7})
      for (const double t0 : {0.0, 0.3, 1e4, -17.7}) {
        Train train;
        // Times on edges, beside edges and in between, near enough to the tolerance to tell rounding rules apart.
        for (int k = 0; k < 500; ++k)
          for (const double part : {0.0, 1e-7, 9.9e-7, 1.1e-6, 1e-4, 0.25, 0.5, 0.999998, 0.9999999})
            train.times.push_back(time_of(k + part, t0, dt));
        std::sort(train.times.begin(), train.times.end());
        train.channels.assign(train.times.size(), 0);
        RunControl control;
        BinnedEvents binned;
        bin_events(train.span(t0, t0 + 600 * dt), {t0, dt, 10, 400}, binned, control);
        std::vector<std::uint64_t> expected;
        for (const double t : train.times)
          if (const double k = step_floor(t, t0, dt); k >= 10 && k < 410)
            expected.push_back(static_cast<std::uint64_t>(k) - 10);
        CHECK(binned.steps == expected);
      }
  }
  simd::set_target(before);
}

TEST_CASE("events: a raster is the count of the binned events, however the window is cut") {
  const auto train = random_train(5000, 10.0, 7, 1);
  const auto events = train.span(0.0, 10.0);
  RunControl control;
  const auto columns = ChannelColumns::all(7);
  std::vector<std::uint32_t> whole(1000 * 7), pieces(1000 * 7), expected(1000 * 7);
  CHECK(raster_events(events, {0.0, 0.01, 0, 1000}, columns, whole.data(), control));
  for (std::uint64_t first = 0; first < 1000; first += 37)
    raster_events(events, {0.0, 0.01, first, std::min<std::uint64_t>(37, 1000 - first)}, columns, pieces.data() + first * 7,
                  control);
  for (std::size_t i = 0; i < train.times.size(); ++i)
    ++expected[static_cast<std::size_t>(step_floor(train.times[i], 0.0, 0.01)) * 7 +
               static_cast<std::size_t>(train.channels[i])];
  CHECK(whole == expected);
  CHECK(pieces == expected);

  std::vector<std::uint8_t> flags(1000 * 7);
  CHECK(raster_events(events, {0.0, 0.01, 0, 1000}, columns, flags.data(), control));
  for (std::size_t i = 0; i < flags.size(); ++i) CHECK_EQ(flags[i], expected[i] > 0 ? 1 : 0);
}

TEST_CASE("events: columns follow the selection, duplicates and large ids included") {
  const std::vector<std::int32_t> selection{5, 2, 5, 2147483647, 2};
  const ChannelColumns columns(selection);
  CHECK(columns.first(5) == 0);
  CHECK(columns.next(0) == 2);
  CHECK(columns.next(2) == -1);
  CHECK(columns.first(2) == 1);
  CHECK(columns.first(2147483647) == 3);
  CHECK(columns.first(3) == -1);
  CHECK(columns.first(-1) == -1);
  const Train train{{0.1, 0.2, 1.5}, {2, 5, 2147483647}};
  std::vector<std::uint8_t> out(2 * 5);
  RunControl control;
  CHECK_FALSE(raster_events(train.span(0.0, 2.0), {0.0, 1.0, 0, 2}, columns, out.data(), control));
  CHECK(out == std::vector<std::uint8_t>{1, 1, 1, 0, 1, 0, 0, 0, 1, 0});
}

TEST_CASE("events: periodic lists repeat") {
  const Train train{{0.5, 1.0, 2.5}, {0, 1, 2}};
  const auto events = train.span(0.0, 3.0, true);
  const auto all = ChannelColumns::all(3);
  const EventSelection selection(events, -1.5, 7.0, all);
  std::vector<double> times(selection.count());
  std::vector<std::int32_t> channels(selection.count());
  selection.fill(times.data(), channels.data());
  CHECK(times == std::vector<double>{-0.5, 0.5, 1.0, 2.5, 3.5, 4.0, 5.5, 6.5});
  CHECK(channels == std::vector<std::int32_t>{2, 0, 1, 2, 0, 1, 2, 0});
  RunControl control;
  BinnedEvents binned;
  bin_events(events, {-1.5, 0.5, 0, 17}, binned, control);
  CHECK(binned.steps == std::vector<std::uint64_t>{2, 4, 5, 8, 10, 11, 14, 16});
  CHECK(binned.channels == channels);
  CHECK_THROWS_AS(bin_events(train.span(1.0, 1.0, true), {0.0, 1.0, 0, 5}, binned, control), Error);
}

TEST_CASE("events: a periodic list costs what the window holds, however far away it lies") {
  Train train{{0.25, 0.75}, {0, 1}};
  // Two thousand million periods away: counting from the list's own would take minutes.
  for (const double start : {2e9, -2e9}) {
    const auto columns = ChannelColumns::all(2);
    const EventSelection read(train.span(0.0, 1.0, true), start, start + 3.0, columns);
    std::vector<double> times(read.count());
    std::vector<std::int32_t> channels(read.count());
    read.fill(times.data(), channels.data());
    CHECK(times == std::vector<double>{start + 0.25, start + 0.75, start + 1.25, start + 1.75, start + 2.25, start + 2.75});
    CHECK(channels == std::vector<std::int32_t>{0, 1, 0, 1, 0, 1});
    RunControl control;
    std::vector<std::uint32_t> counts(6 * 2);
    raster_events(train.span(0.0, 1.0, true), {start, 0.5, 0, 6}, columns, counts.data(), control);
    CHECK(counts == std::vector<std::uint32_t>{1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1});
  }
}

TEST_CASE("events: binning refuses what is not sorted, and stops when asked to") {
  const Train train{{2.0, 1.0, 3.0}, {0, 0, 0}};
  RunControl control;
  BinnedEvents binned;
  CHECK_THROWS_AS(bin_events(train.span(0.0, 4.0), {0.0, 1.0, 0, 4}, binned, control), Error);
  std::stop_source source;
  RunControl stopping(source.get_token(), nullptr);
  source.request_stop();
  binned.clear();
  CHECK_THROWS_AS(bin_events(random_train(10, 1.0, 1, 1).span(0.0, 1.0), {0.0, 0.1, 0, 10}, binned, stopping), Error);
}

TEST_CASE("events: count_bins keeps the last event when asked to") {
  const Train train{{0.05, 1.7}, {0, 0}};
  const auto events = train.span(0.0, 1.7000000000000002);
  CHECK(count_bins(events, 0.0, 1.7000000000000002, 0.1, false) == 17);
  CHECK(count_bins(events, 0.0, 1.7000000000000002, 0.1, true) == 18);
  CHECK(count_bins(events, 0.0, 1.2000000000000002, 0.1, false) == 12);
  CHECK(count_bins(events, 5.0, 1.0, 0.1, false) == 0);
  CHECK_THROWS_AS(count_bins(events, 0.0, 1.0, 1e-300, false), Error);
  CHECK_THROWS_AS(count_bins(events, 0.0, 1.0, 0.0, false), Error);
}

TEST_CASE("events: merging is stable and the same as a stable sort") {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<double> times;
    std::vector<std::size_t> starts{0};
    const auto runs = 1 + random() % 9;
    for (std::size_t r = 0; r < runs; ++r) {
      const auto begin = times.size();
      for (std::size_t i = random() % 12; i > 0; --i) times.push_back(static_cast<double>(random() % 10));
      std::sort(times.begin() + static_cast<std::ptrdiff_t>(begin), times.end());
      starts.push_back(times.size());
    }
    std::vector<std::int32_t> order(times.size());
    std::iota(order.begin(), order.end(), 0);
    auto expected = order;
    std::stable_sort(expected.begin(), expected.end(),
                     [&](auto a, auto b) { return times[static_cast<std::size_t>(a)] < times[static_cast<std::size_t>(b)]; });
    merge_event_runs(times, order, starts);
    CHECK(order == expected);
    CHECK(std::is_sorted(times.begin(), times.end()));
  }
}

TEST_CASE("events: repeats of a time and channel are dropped, also among many") {
  std::vector<double> times{0, 0, 0, 1, 1, 2};
  std::vector<std::int32_t> channels{3, 1, 3, 3, 3, 3};
  CHECK(remove_duplicate_events(times, channels) == 4);
  CHECK(std::vector<std::int32_t>(channels.begin(), channels.begin() + 4) == std::vector<std::int32_t>{3, 1, 3, 3});
  times.assign(1000, 1.0);
  channels.resize(1000);
  for (std::size_t i = 0; i < 1000; ++i) channels[i] = static_cast<std::int32_t>(i % 50);
  CHECK(remove_duplicate_events(times, channels) == 50);
}

TEST_CASE("events: a raster becomes the events that make it") {
  std::mt19937 random(4);
  std::vector<std::uint8_t> raster(300 * 19);
  for (auto& cell : raster) cell = random() % 10 == 0 ? static_cast<std::uint8_t>(random() % 3) : 0;
  const std::span<const std::uint8_t> view(raster);
  const auto n = count_raster_events(view);
  Train train{std::vector<double>(n), std::vector<std::int32_t>(n)};
  for (const bool at_start : {false, true}) {
    fill_raster_events(view, 19, 0.3, 0.001, at_start, train.times.data(), train.channels.data());
    std::vector<std::uint32_t> back(raster.size());
    RunControl control;
    raster_events(train.span(0.3, 0.6), {0.3, 0.001, 0, 300}, ChannelColumns::all(19), back.data(), control);
    CHECK(std::equal(back.begin(), back.end(), raster.begin()));
  }
  const std::vector<double> bad{0.0, -1.0};
  CHECK_THROWS_AS(count_raster_events(std::span<const double>(bad)), Error);
}

TEST_CASE("events: checks of channels") {
  const double nan = std::nan("");
  std::vector<std::int32_t> out(2);
  CHECK(convert_channels(std::vector<double>{3, 1}, out.data()) == 3);
  CHECK(convert_channels(std::vector<double>{}, out.data()) == -1);
  for (const double id : {-1.0, 0.5, 2147483648.0, nan})
    CHECK_THROWS_AS(convert_channels(std::vector<double>{0, id}, out.data()), Error);
  CHECK_THROWS_AS(convert_channels(std::vector<std::int32_t>{0, -1}, out.data()), Error);
}

TEST_CASE("events: picking, ranking and measuring") {
  const Train train{{0, 1, 3, 6, 10, 11}, {0, 0, 0, 0, 0, 1}};
  const auto events = train.span(0.0, 12.0);
  std::vector<double> times(2);
  std::vector<std::int32_t> channels(2);
  gather_events(events, std::vector<double>{-1, 2}, times.data(), channels.data());
  CHECK(times == std::vector<double>{11, 3});
  for (const double index : {6.0, -7.0, 0.5, std::nan("")})
    CHECK_THROWS_AS(gather_events(events, std::vector<double>{index}, times.data(), channels.data()), Error);
  slice_events(events, 5, -4, times, channels);
  CHECK(times == std::vector<double>{11, 1});
  CHECK_THROWS_AS(slice_events(events, 5, 1, times, channels), Error);
  const std::vector<std::int32_t> ids{7, 3, 7, 4000000}, requested{7, 9, 3};
  std::vector<std::int32_t> ranks(4);
  CHECK(rank_channels(ids, requested, ranks) == 3);
  CHECK(ranks == std::vector<std::int32_t>{1, 0, 1, -1});
  CHECK(rank_channels(ids, ids, ranks) == 3);
  CHECK(ranks == std::vector<std::int32_t>{1, 0, 1, 2});
  CHECK_THROWS_AS(remap_channels(ids, std::vector<std::int32_t>{0, 1}, ranks), Error);

  std::vector<double> variation(3), fano(3);
  local_variation(events, variation);
  CHECK(variation[0] == doctest::Approx(0.171519274));
  CHECK(std::isnan(variation[1]));
  RunControl control;
  CHECK(fano_factor(events, {0.0, 1.0, 0, 12}, control) == doctest::Approx(0.5));
  fano_factor_per_channel(events, {0.0, 1.0, 0, 12}, fano, control);
  CHECK(fano[0] == doctest::Approx(7.0 / 12.0));
  CHECK(fano[1] == doctest::Approx(11.0 / 12.0));
  CHECK(std::isnan(fano[2]));
}
