#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "rockpool/csr.h"
#include "rockpool/error.h"
#include "rockpool/plot.h"
#include "rockpool/weights.h"

using namespace rockpool;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

std::vector<double> ramp(std::size_t n) {
  std::vector<double> times(n);
  for (std::size_t i = 0; i < n; ++i) times[i] = static_cast<double>(i);
  return times;
}

PlotTrace reduced(const std::vector<double>& times, const std::vector<double>& samples, std::size_t columns) {
  return reduce_trace({times, samples, 1, 0, 0}, times.front(), times.back(), columns);
}

}  // namespace

TEST_SUITE("plots") {
  TEST_CASE("a trace keeps the first, smallest, largest and last sample of each column") {
    const std::size_t n = 100'000, columns = 100;
    std::mt19937 random(1);
    std::normal_distribution<double> normal;
    const auto times = ramp(n);
    std::vector<double> samples(n);
    for (double& v : samples) v = normal(random);
    const auto trace = reduced(times, samples, columns);
    CHECK(trace.x.size() <= 4 * columns);
    CHECK(std::is_sorted(trace.x.begin(), trace.x.end()));
    for (std::size_t c = 0; c < columns; ++c) {
      const auto in_column = [&](double t) {
        return std::min(static_cast<std::size_t>(t / static_cast<double>(n - 1) * static_cast<double>(columns)), columns - 1) ==
               c;
      };
      std::vector<double> all, kept;
      for (std::size_t i = 0; i < n; ++i)
        if (in_column(times[i])) all.push_back(samples[i]);
      for (std::size_t i = 0; i < trace.x.size(); ++i)
        if (in_column(trace.x[i])) kept.push_back(trace.y[i]);
      REQUIRE(!kept.empty());
      CHECK(kept.front() == all.front());
      CHECK(kept.back() == all.back());
      CHECK(*std::min_element(kept.begin(), kept.end()) == *std::min_element(all.begin(), all.end()));
      CHECK(*std::max_element(kept.begin(), kept.end()) == *std::max_element(all.begin(), all.end()));
    }
  }

  TEST_CASE("few samples are kept as they are, with a channel and an offset") {
    const std::vector<double> times{0, 1, 2}, samples{1, 10, 2, 20, 3, 30};
    const auto trace = reduce_trace({times, samples, 2, 1, 0.5}, 0, 2, 100);
    CHECK(trace.x == times);
    CHECK(trace.y == std::vector<double>{10.5, 20.5, 30.5});
    CHECK_THROWS_AS(reduce_trace({times, samples, 2, 2, 0}, 0, 2, 100), Error);
    CHECK_THROWS_AS(reduce_trace({times, samples, 3, 0, 0}, 0, 2, 100), Error);
  }

  TEST_CASE("what is not finite breaks the line, once") {
    const std::vector<double> times{0, 1, 2, 3, 4, 5, 6};
    const auto trace = reduced(times, {NAN, 1, kInf, NAN, -kInf, 2, NAN}, 100);
    CHECK(trace.x == std::vector<double>{1, 2, 5});
    CHECK(trace.y[0] == 1);
    CHECK(std::isnan(trace.y[1]));
    CHECK(trace.y[2] == 2);
  }

  TEST_CASE("a gap between columns is kept when there are many samples, and gaps within a column do not add points") {
    const std::size_t n = 10'000;
    const auto times = ramp(n);
    std::vector<double> samples(n, 1.0);
    for (std::size_t i = 3000; i < 5000; ++i) samples[i] = NAN;
    const auto gap = reduced(times, samples, 10);
    CHECK(std::count_if(gap.y.begin(), gap.y.end(), [](double v) { return std::isnan(v); }) == 1);
    for (std::size_t i = 0; i < n; i += 2) samples[i] = NAN;
    CHECK(reduced(times, samples, 10).x.size() <= 50);
    std::fill(samples.begin(), samples.end(), NAN);
    CHECK(reduced(times, samples, 10).x.empty());
  }

  TEST_CASE("a trace reaches beyond what is shown by one sample on each side") {
    const auto times = ramp(10);
    const std::vector<double> samples(10, 0.0);
    CHECK(reduce_trace({times, samples, 1, 0, 0}, 3.5, 5.5, 100).x == std::vector<double>{3, 4, 5, 6});
    CHECK(reduce_trace({times, samples, 1, 0, 0}, 20, 30, 100).x == std::vector<double>{9});
    CHECK(reduce_trace({{}, {}, 1, 0, 0}, 0, 1, 100).x.empty());
  }

  TEST_CASE("limits of the largest doubles") {
    const std::vector<double> times{-1e308, 0, 1e308}, samples{-1e308, 1e308, -1e308};
    const auto trace = reduce_trace({times, samples, 1, 0, 0}, -1e308, 1e308, 1);
    CHECK(trace.x == times);
    std::vector<double> counts(4);
    CHECK(histogram(samples, -1e308, 1e308, counts) == 0);
    CHECK(counts == std::vector<double>{2, 0, 0, 1});
  }

  TEST_CASE("few events are marks, many that cover few cells too, others are counts") {
    std::vector<double> times;
    std::vector<std::int32_t> channels;
    for (int i = 0; i < 1000; ++i) {
      times.push_back(i * 0.001);
      channels.push_back(i % 4);
    }
    PlotEventGrid grid{0, 1, 10, 4, 100, 1000};
    CHECK(reduce_events(times, channels, grid).times == times);
    grid.max_marks = 40;
    const auto cells = reduce_events(times, channels, grid);
    CHECK(cells.times.size() == 40);
    CHECK(cells.counts.empty());
    grid.max_marks = 39;
    const auto counts = reduce_events(times, channels, grid);
    CHECK(counts.times.empty());
    CHECK(counts.counts == std::vector<double>(40, 25.0));
    grid.max_rows = 2;
    const auto shared = reduce_events(times, channels, grid);
    CHECK(shared.rows == 2);
    CHECK(shared.counts == std::vector<double>(20, 50.0));
    grid.num_channels = 3;
    CHECK_THROWS_AS(reduce_events(times, channels, grid), Error);
    channels.pop_back();
    CHECK_THROWS_AS(reduce_events(times, channels, grid), Error);
  }

  TEST_CASE("events outside are left out; one at the end is in the last column") {
    const std::vector<double> times{0, 0.5, 1, 2};
    const std::vector<std::int32_t> channels{0, 0, 0, 0};
    CHECK(reduce_events(times, channels, {0.5, 1, 10, 1, 10, 10}).times == std::vector<double>{0.5, 1});
    const auto counts = reduce_events(times, channels, {0, 2, 2, 1, 10, 0});
    CHECK(counts.counts == std::vector<double>{2, 2});
  }

  TEST_CASE("points on one cell are one") {
    const std::vector<double> x{0, 0.01, 0.9, NAN, 5}, y{0, 0.01, 0.9, 0, 0};
    const auto points = reduce_points(x, y, {0, 1, 0, 1, 0, 0, 1, 1}, 10, 10);
    CHECK(points.x == std::vector<double>{0, 0.9});
  }

  TEST_CASE("marks are in tenths of pixels, and none is outside") {
    const std::vector<double> x{0, 5, 10, 11}, y{0, 1, 2, 1};
    CHECK(marks_path(x, y, {0, 10, 0, 2, 100, 50, 200, 100}, 4) == "M100 148v4M200 98v4M300 48v4");
    CHECK(marks_path(std::vector<double>{1}, std::vector<double>{1}, {0, 3, 0, 2, 0, 0, 1, 1}, 0.25) == "M0.3 0.4v0.3");
    CHECK(marks_path({}, {}, {0, 1, 0, 1, 0, 0, 1, 1}, 1).empty());
  }

  TEST_CASE("histograms count each value once; the last bin includes its end") {
    const std::vector<double> values{0, 0.5, 1, 1.5, 2, -1, 3, NAN, kInf};
    std::vector<double> counts(2);
    CHECK(histogram(values, 0, 2, counts) == 4);
    CHECK(counts == std::vector<double>{2, 3});
    CHECK_THROWS_AS(histogram(values, 1, 1, counts), Error);
    CHECK_THROWS_AS(histogram(values, 0, kInf, counts), Error);
    CHECK_THROWS_AS(histogram(values, 0, 1, {}), Error);
    const auto limits = finite_limits(values);
    CHECK(limits.smallest == -1);
    CHECK(limits.largest == 3);
    CHECK(limits.count == 7);
  }

  TEST_CASE("cells of a matrix keep the weight of largest magnitude, dense and sparse") {
    const std::vector<double> m{1, -5,  0, 2,  //
                                3, NAN, 0, 0,  //
                                0, 0,   0, -1};
    std::vector<double> out(4);
    reduce_matrix(m, 3, 4, 2, 2, out);
    CHECK(out == std::vector<double>{-5, 2, 0, -1});
    const std::vector<double> indptr{0, 3, 4, 5}, data{1, -5, 2, 3, -1};
    const std::vector<std::int32_t> indices{0, 1, 3, 0, 3};
    std::vector<double> sparse(4);
    reduce_csr({3, 4, indptr, indices, data}, 2, 2, sparse);
    CHECK(sparse == out);
    CHECK_THROWS_AS(reduce_matrix(m, 3, 4, 4, 2, out), Error);
    CHECK_THROWS_AS(reduce_matrix(m, 3, 3, 2, 2, out), Error);
  }

  TEST_CASE("cells are painted from the top or from the bottom, NaN and what lies outside too") {
    const std::vector<double> cells{0, 1, NAN, 5};
    std::vector<std::uint8_t> lines(4 * 5);
    paint_cells(cells, 2, 2, {0, 1, false, false, 4, 4}, lines);
    CHECK(lines == std::vector<std::uint8_t>{0, 1, 1, 255, 255, 0, 1, 1, 255, 255, 0, 0, 0, 255, 255, 0, 0, 0, 255, 255});
    lines.resize(2 * 3);
    paint_cells(cells, 2, 2, {0, 1, false, true, 2, 2}, lines);
    CHECK(lines == std::vector<std::uint8_t>{0, 0, 255, 0, 1, 255});
    paint_cells({{0, 1, 10, 100}}, 2, 2, {1, 100, true, false, 2, 2}, lines);
    CHECK(lines == std::vector<std::uint8_t>{0, 0, 1, 0, 128, 255});
    CHECK_THROWS_AS(paint_cells({}, 0, 0, {0, 1, false, false, 2, 2}, lines), Error);
    CHECK_THROWS_AS(paint_cells(cells, 2, 2, {0, 1, false, false, 3, 2}, lines), Error);
  }

  TEST_CASE("eigenvalues come by falling real part, pairs with the upper one first") {
    // A rotation by 90 degrees and scaling by 2, and 3 on the diagonal.
    const std::vector<double> m{0, -2, 0, 2, 0, 0, 0, 0, 3};
    std::vector<double> re(3), im(3);
    eigenvalues(m, 3, re, im);
    CHECK(re[0] == doctest::Approx(3));
    CHECK(re[1] == doctest::Approx(0));
    CHECK(im[0] == 0);
    CHECK(im[1] == doctest::Approx(2));
    CHECK(im[2] == doctest::Approx(-2));
    eigenvalues({}, 0, {}, {});
    CHECK_THROWS_AS(eigenvalues(m, 3, re, {}), Error);
    CHECK_THROWS_AS(eigenvalues(std::vector<double>{NAN}, 1, {re.data(), 1}, {im.data(), 1}), Error);
  }
}
