#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "rockpool/dynapse/event_lists.h"
#include "rockpool/dynapse/protocol.h"
#include "rockpool/error.h"

using namespace rockpool;
using namespace rockpool::dynapse;

TEST_CASE("dynapse event lists: times become steps of the grid") {
  const std::vector<double> times{1.0, 1.1, 1.3, 1.349};
  std::vector<double> steps(4);
  event_steps(times, 1.0, 0.1, 4, steps);
  CHECK(steps == std::vector<double>{0, 1, 3, 3});
  const std::vector<double> late{0.4 - 1e-12};
  event_steps(late, 0.0, 0.1, 4, std::span(steps).first(1));
  CHECK(steps[0] == 3);
  CHECK_THROWS_AS(event_steps(times, 1.0, 0.1, 3, steps), Error);
  CHECK_THROWS_AS(event_steps(times, 1.2, 0.1, 4, steps), Error);
}

TEST_CASE("dynapse event lists: the real event comes after what fills a silence") {
  const std::vector<double> steps{70000, 70001};
  const std::vector<std::int32_t> channels{1, 0};
  const std::vector<std::uint32_t> sources{5, 300};
  const auto words = part_words({steps, channels, 0.0, sources, 3, 2});
  REQUIRE(words.size() == 6);
  CHECK(decode_stimulus(words[0]).cores == 0);
  CHECK(words[1] == 65535);
  CHECK(decode_stimulus(words[2]) == StimulusWord{.neuron = 44, .virtual_core = 1, .cores = 3, .chip = 2});
  CHECK(words[3] == 70000 - 65535);
  CHECK(words[5] == 1);
  const std::vector<std::int32_t> beyond{1, 2};
  CHECK_THROWS_AS(part_words({steps, beyond, 0.0, sources, 3, 2}), Error);
}

TEST_CASE("dynapse event lists: a recording keeps its window and its neurons, in order") {
  std::vector<std::int32_t> channels(kBoardNeurons, -1);
  channels[7] = 0;
  channels[1030] = 1;
  const std::vector<double> times{90, 100, 150, 140, 160, 200};
  const std::vector<std::uint32_t> addresses{7, 7, 1030, 7, 8, 7};
  std::vector<double> out(6);
  std::vector<std::int32_t> ids(6);
  CHECK(keep_events(times, addresses, {100, 100, 2.0, 0.0, channels}, out, ids) == 3);
  CHECK(out[0] == 2.0);
  CHECK(out[1] == doctest::Approx(2.00005));
  CHECK(out[2] == out[1]);
  CHECK(std::vector<std::int32_t>(ids.begin(), ids.begin() + 3) == std::vector<std::int32_t>{0, 1, 0});
  const std::vector<std::uint32_t> wrong{7, 7, 1030, 7, 8, 4096};
  CHECK_THROWS_AS(keep_events(times, wrong, {100, 1000, 2.0, 0.0, channels}, out, ids), Error);
}
