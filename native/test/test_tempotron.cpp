#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "neurons/potential.h"
#include "rockpool/error.h"
#include "rockpool/random.h"
#include "rockpool/tempotron.h"

using namespace rockpool;

namespace {

using Vector = std::vector<double>;

}  // namespace

TEST_CASE("tempotron: the recursion gives the double sum") {
  const std::size_t n = 3, inputs = 4, recorded = 500;
  Vector times(recorded), v(recorded * n), spikes(60);
  std::vector<std::int32_t> channels(spikes.size());
  const Vector rest{-0.06, 0.0, 0.3}, tau_syn{20e-3, 20e-3, 5e-3}, tau_mem{20e-3, 20e-3 * (1 + 1e-9), 30e-3};
  for (std::size_t k = 0; k < recorded; ++k) times[k] = 1e-3 * static_cast<double>(k);
  fill_normal({3, 0}, 0, 0, v.data(), v.size());
  for (std::size_t s = 0; s < spikes.size(); ++s) {
    spikes[s] =
        8.5e-3 * static_cast<double>(s) + (s % 3 == 0 ? 0.5e-3 : 0.0);  // some at recorded times, some beyond the record
    channels[s] = static_cast<std::int32_t>(s % 4);
  }
  Vector eligibility(inputs * n);
  RunControl control;
  tempotron_eligibility({spikes, channels}, inputs, {times, v, rest, tau_syn, tau_mem}, eligibility, control);
  for (std::size_t i = 0; i < inputs; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      double sum = 0.0, scale = 0.0;
      for (std::size_t s = 0; s < spikes.size(); ++s)
        for (std::size_t k = 0; k < recorded; ++k) {
          if (static_cast<std::size_t>(channels[s]) != i || times[k] < spikes[s]) continue;
          const double term = potential_after_spike(times[k] - spikes[s], tau_syn[j], tau_mem[j]) * (v[k * n + j] - rest[j]);
          sum += term;
          scale += std::fabs(term);
        }
      CHECK(std::fabs(eligibility[i * n + j] - sum) < 1e-11 * scale);
    }
}

TEST_CASE("tempotron: changes of the weights") {
  const Vector eligibility{1.0, 5.0, 3.0, 4.0, 2.0, 5.0, 3.0, 1.0};  // 4 inputs x 2 units
  const Vector target{1.0, 3.0};
  const Vector times{0.1, 0.2, 0.3, 0.4, 0.5};
  const std::vector<std::int32_t> channels{0, 0, 1, 0, 0};
  TempotronRule rule;
  rule.lambda = 0.5, rule.momentum = 0.1, rule.eligible = 2, rule.from = 0.2, rule.to = 0.4, rule.target = target;
  Vector counts(2), change(8, 1.0), weights(8, 10.0);
  tempotron_update(eligibility, {times, channels}, rule, counts, change, weights);
  CHECK(counts == Vector{2.0, 1.0});
  // Unit 0 fires too often: inputs 1 and 3 (equal, the first wins); unit 1 too seldom: inputs 0 and 2 (equal).
  const Vector expected{0.1, 0.6, -0.4, 0.1, 0.1, 0.6, -0.4, 0.1};
  for (std::size_t i = 0; i < 8; ++i) {
    CHECK(std::fabs(change[i] - expected[i]) < 1e-15);
    CHECK(std::fabs(weights[i] - 10.0 - expected[i]) < 1e-14);
  }
  RunControl control;
  Vector out(8);
  CHECK_THROWS_AS(tempotron_eligibility({times, std::vector<std::int32_t>{0, 0, 4, 0, 0}}, 4,
                                        {times, Vector(10), Vector(2), Vector(2, 1.0), Vector(2, 1.0)}, out, control),
                  Error);
}
