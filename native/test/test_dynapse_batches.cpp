#include <doctest/doctest.h>

#include <numeric>

#include "rockpool/dynapse/stimulus_batches.h"
#include "rockpool/dynapse/train.h"
#include "rockpool/error.h"

using namespace rockpool::dynapse;

namespace {

using Steps = std::vector<double>;

}  // namespace

TEST_CASE("dynapse stimulus: batches by steps and events") {
  Steps steps(1000);
  std::iota(steps.begin(), steps.end(), 0.0);
  BatchLimits limits;
  limits.max_steps = 300;
  auto batches = plan_batches(steps, 1000, {}, limits);
  CHECK(batches ==
        std::vector<StimulusBatch>{{0, 300, 0, 300}, {300, 600, 300, 600}, {600, 900, 600, 900}, {900, 1000, 900, 1000}});
  limits.max_events = 200;
  batches = plan_batches(steps, 1000, {}, limits);
  CHECK(batches.size() == 5);
  CHECK(batches[1] == StimulusBatch{200, 400, 200, 400});
  CHECK(plan_batches({}, 0, {}, {}) == std::vector<StimulusBatch>{{0, 0, 0, 0}});
  // Three events in one step cannot be parted.
  limits = {};
  limits.max_events = 2;
  CHECK_THROWS_AS(plan_batches(Steps{5, 5, 5}, 10, {}, limits), rockpool::Error);
  limits.max_events = 3;
  CHECK(plan_batches(Steps{5, 5, 5, 6}, 10, {}, limits) == std::vector<StimulusBatch>{{0, 6, 0, 3}, {6, 10, 3, 4}});
}

TEST_CASE("dynapse stimulus: batches by trials") {
  const Steps trials{0, 100, 250, 400, 700};
  BatchLimits limits;
  limits.max_trials = 2;
  limits.max_steps = 450;
  const auto batches = plan_batches(Steps{50, 300, 450, 800}, 1000, trials, limits);
  CHECK(batches == std::vector<StimulusBatch>{{0, 250, 0, 1}, {250, 700, 1, 3}, {700, 1000, 3, 4}});
  limits.max_steps = 10;
  CHECK(plan_batches(Steps{50}, 1000, {}, limits).size() == 100);
}

TEST_CASE("dynapse stimulus: fewer trials where these are long or have many events") {
  const std::vector<double> steps{1, 2, 11, 12, 21, 31}, trials{0, 10, 20, 30};
  const auto ends = [&](const BatchLimits& limits) {
    std::vector<std::uint64_t> list;
    for (const auto& batch : plan_batches(steps, 40, trials, limits)) list.push_back(batch.end_step);
    return list;
  };
  CHECK(ends({.max_trials = 4}) == std::vector<std::uint64_t>{40});
  CHECK(ends({.max_events = 3, .max_trials = 4}) == std::vector<std::uint64_t>{10, 30, 40});
  CHECK(ends({.max_steps = 25, .max_trials = 4}) == std::vector<std::uint64_t>{20, 40});
  CHECK_THROWS_AS(ends({.max_steps = 9, .max_trials = 1}), rockpool::Error);
}

TEST_CASE("dynapse stimulus: a batch that silence makes too long is halved") {
  const Steps steps{0, 65535.0 * 65535, 65535.0 * 65535 + 5};
  const auto total = std::uint64_t{65535} * 65535 + 6;
  const auto batches = plan_batches(steps, total, {}, {});
  CHECK(batches.size() == 2);
  std::uint64_t at = 0;
  for (const StimulusBatch& b : batches) {
    CHECK(b.first_step == at);
    at = b.end_step;
    std::vector<double> intervals;
    auto last = static_cast<double>(b.first_step);
    for (std::size_t i = b.first_event; i < b.end_event; last = steps[i++]) intervals.push_back(steps[i] - last);
    const std::vector<std::uint32_t> one{1};
    CHECK_NOTHROW(train_words({intervals, one, one, one}));
  }
  CHECK(at == total);
}
