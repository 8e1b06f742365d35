#include <doctest/doctest.h>

#include <array>
#include <limits>
#include <vector>

#include "rockpool/dynapse/tally.h"
#include "rockpool/error.h"

using namespace rockpool;
using namespace rockpool::dynapse;

TEST_CASE("dynapse tally: cores, chips, neurons") {
  const std::vector<std::uint32_t> addresses{0, 255, 256, 1024, 4095, 4095};
  std::array<double, 16> cores{};
  tally(addresses, cores);
  CHECK(cores[0] == 2.0);
  CHECK(cores[1] == 1.0);
  CHECK(cores[4] == 1.0);
  CHECK(cores[15] == 2.0);
  std::array<double, 4> chips{};
  tally(addresses, chips);
  CHECK(chips == std::array<double, 4>{3.0, 1.0, 0.0, 2.0});
  std::vector<double> neurons(4096);
  tally(addresses, neurons);
  CHECK(neurons[4095] == 2.0);
  std::array<double, 1> all{1.0};
  tally(addresses, all);
  CHECK(all[0] == 7.0);
  std::array<double, 3> three{};
  CHECK_THROWS_AS(tally(addresses, three), Error);
  CHECK_THROWS_AS(tally(addresses, std::span<double>{}), Error);
  CHECK_THROWS_AS(tally(std::vector<std::uint32_t>{1, 4096}, chips), Error);
  CHECK(chips[0] == 3.0);  // nothing was counted
}

TEST_CASE("dynapse tally: seconds, and intervals whose errors do not add up") {
  std::array<double, 2> times{1.0, 2500000.0};
  to_seconds(times);
  CHECK(times == std::array<double, 2>{1e-6, 2.5});
  std::vector<double> thirds, intervals(300);
  for (int i = 1; i <= 300; ++i) thirds.push_back(i / 3.0 * 1e-5);
  intervals_of(thirds, 0.0, 1e-5, intervals);
  double sum = 0.0;
  for (const double interval : intervals) sum += interval;
  CHECK(sum == 100.0);
  std::array<double, 2> two{};
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(intervals_of(std::array<double, 2>{2.0, 1.0}, 0.0, 0.1, two), Error);
  CHECK_THROWS_AS(intervals_of(std::array<double, 2>{0.0, nan}, 0.0, 0.1, two), Error);
  CHECK_THROWS_AS(intervals_of(std::array<double, 2>{0.0, 1.0}, 0.5, 0.1, two), Error);
  CHECK_THROWS_AS(intervals_of(std::array<double, 1>{0.0}, 0.0, 0.1, two), Error);
  CHECK_THROWS_AS(intervals_of(two, 0.0, 0.0, two), Error);
}
