#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/losses.h"
#include "rockpool/random.h"

using namespace rockpool;

namespace {

std::vector<double> numbers(std::size_t n, std::uint64_t seed) {
  std::vector<double> x(n);
  fill_normal({seed, 1}, 0, 0, x.data(), n);
  return x;
}

using Loss = std::function<double(std::span<const double>, std::span<double>)>;

/// Central differences along each axis.
void check_gradient(const std::vector<double>& x, const Loss& loss) {
  std::vector<double> gradient(x.size(), 9.0);
  loss(x, gradient);
  for (std::size_t i = 0; i < x.size(); ++i) {
    std::vector<double> moved = x;
    const double h = 1e-6;
    moved[i] = x[i] + h;
    const double above = loss(moved, {});
    moved[i] = x[i] - h;
    const double difference = (above - loss(moved, {})) / (2 * h);
    CHECK(gradient[i] == doctest::Approx(difference).epsilon(1e-6).scale(1e-3));
  }
}

}  // namespace

TEST_CASE("losses of outputs have their derivatives") {
  const LossShape shape{3, 5, 4};
  const auto x = numbers(60, 1), target = numbers(60, 2);
  const std::vector<std::int32_t> labels{2, 0, 3}, each{0, 1, 2, 3, -1, 3, 2, 1, 0, -1, 0, 0, 0, 1, 1};
  check_gradient(x, [&](auto o, auto g) { return squared_error<double>(o, target, false, true, g).loss; });
  for (const auto over : {OverTime::kMean, OverTime::kLast, OverTime::kSum, OverTime::kMax, OverTime::kEach})
    check_gradient(x, [&](auto o, auto g) { return cross_entropy<double>(shape, over, {labels, {}, false}, o, g).loss; });
  check_gradient(x, [&](auto o, auto g) { return cross_entropy<double>(shape, OverTime::kEach, {each, {}, true}, o, g).loss; });
  auto probabilities = numbers(12, 4);  // they need not add up to 1
  for (auto& p : probabilities) p = std::abs(p);
  check_gradient(x, [&](auto o, auto g) {
    return cross_entropy<double>(shape, OverTime::kMean, {{}, probabilities, false}, o, g).loss;
  });
  probabilities[5] = -0.1;
  CHECK_THROWS_WITH_AS(cross_entropy<double>(shape, OverTime::kMean, {{}, probabilities, false}, x, {}),
                       doctest::Contains("expected target[5] to be a probability of 0 or more, received -0.1"), Error);
  for (const std::size_t interval : {1, 3, 12})
    check_gradient(x, [&](auto o, auto g) { return peak_loss<double>(shape, {interval, 0.5, 1.0, 0.1}, labels, o, g).loss; });
  for (const auto cost : {ActivityCost::kMean, ActivityCost::kMeanSquare, ActivityCost::kTargetRate, ActivityCost::kRateBounds})
    check_gradient(x, [&](auto o, auto g) { return activity_cost<double>(cost, 4, -0.1, 0.1, o, g); });
}

TEST_CASE("the CTC loss sums over all alignments") {
  const std::size_t steps = 5, classes = 3;
  std::vector<double> log_p(steps * classes);
  softmax_along<double>(numbers(log_p.size(), 3), steps, classes, 1, 1.0, true, log_p);
  for (const std::vector<std::int32_t>& label : {std::vector<std::int32_t>{}, {1}, {1, 1}, {1, 2}, {2, 1, 2}}) {
    double probability = 0;
    for (std::size_t path = 0; path < 243; ++path) {  // all of 3^5
      std::vector<std::int32_t> said;
      std::int32_t before = 0;
      double log_sum = 0;
      for (std::size_t t = 0, rest = path; t < steps; ++t, rest /= classes) {
        const auto c = static_cast<std::int32_t>(rest % classes);
        log_sum += log_p[t * classes + rest % classes];
        if (c != 0 && c != before) said.push_back(c);
        before = c;
      }
      if (said == label) probability += std::exp(log_sum);
    }
    const std::vector<std::int32_t> size{static_cast<std::int32_t>(label.size())}, length{5};
    const auto loss = [&](std::span<const double> o, std::span<double> g) {
      return ctc_loss<double>({1, steps, classes}, {}, label, size, length, o, g).loss;
    };
    CHECK(loss(log_p, {}) == doctest::Approx(-std::log(probability)).epsilon(1e-12));
    check_gradient(log_p, loss);
  }
}

TEST_CASE("losses refuse what does not fit") {
  const std::vector<double> x(12), short_target(11);
  const std::vector<std::int32_t> labels{0, 4}, one{1};
  std::vector<double> gradient(11);
  CHECK_THROWS_AS(squared_error<double>(x, short_target, false, true, {}), Error);
  CHECK_THROWS_AS(squared_error<double>(x, x, false, true, gradient), Error);
  CHECK_THROWS_AS(cross_entropy<double>({2, 2, 3}, OverTime::kMean, {labels, {}, false}, x, {}), Error);
  CHECK_THROWS_AS(cross_entropy<double>({2, 2, 3}, OverTime::kMean, {one, {}, false}, x, {}), Error);
  CHECK_THROWS_AS(cross_entropy<double>({2, 3, 3}, OverTime::kMean, {one, {}, false}, x, {}), Error);
  CHECK_THROWS_AS(peak_loss<double>({2, 2, 3}, {0, 1, 1, 0}, labels, x, {}), Error);
  CHECK_THROWS_AS(softmax_along<double>(x, 2, 3, 3, 1.0, false, gradient), Error);
  CHECK_THROWS_AS(ctc_loss<double>({1, 4, 3}, {3, false, false, true, false}, one, one, one, x, {}), Error);
  CHECK_THROWS_AS(activity_cost<double>(ActivityCost::kTargetRate, 5, 0, 0, x, {}), Error);
}
