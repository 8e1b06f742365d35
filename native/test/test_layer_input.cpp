#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/layer_input.h"
#include "rockpool/sampler.h"
#include "rockpool/weights.h"

using namespace rockpool;

TEST_CASE("samples that coincide with a tick up to rounding are at it") {
  constexpr std::size_t n = 200;
  std::vector<double> times(n), values(n), out(n);
  for (std::size_t k = 0; k < n; ++k) times[k] = static_cast<double>(k) * 0.1, values[k] = static_cast<double>(k);
  for (const InterpKind kind : {InterpKind::kPrevious, InterpKind::kNext, InterpKind::kZero, InterpKind::kNearest}) {
    SamplerSpec spec;
    spec.times = times, spec.count = n, spec.samples = values, spec.channels = 1, spec.kind = kind, spec.t_stop = 20;
    const Sampler sampler(spec);
    for (std::size_t from = 0; from < n; ++from) {
      sampler.sample_clocked(static_cast<double>(from) * 0.1, 0.1, 0, n - from, out.data());
      for (std::size_t k = from; k < n; ++k) REQUIRE(out[k - from] == values[k]);
    }
  }
}

TEST_CASE("prepared samples: NaN is 0 and one column feeds all inputs") {
  const std::array<double, 2> column{1, std::numeric_limits<double>::quiet_NaN()};
  std::array<double, 6> out{};
  prepare_samples(column, 1, 3, out);
  CHECK(out == std::array<double, 6>{1, 1, 1, 0, 0, 0});
  CHECK_THROWS_AS(prepare_samples(column, 2, 3, out), Error);
  CHECK_THROWS_AS(prepare_samples(column, 1, 2, out), Error);
  CHECK_THROWS_AS(prepare_samples(column, 1, 0, out), Error);
}

TEST_CASE("spectral radius") {
  const std::array<double, 4> rotation{0, -2, 2, 0};
  CHECK(spectral_radius(rotation, 2) == doctest::Approx(2));
  CHECK(spectral_radius({}, 0) == 0);
  CHECK_THROWS_AS(spectral_radius(rotation, 3), Error);
  const std::array<double, 1> nan{std::numeric_limits<double>::quiet_NaN()};
  CHECK_THROWS_AS(spectral_radius(nan, 1), Error);
}

TEST_CASE("normal matrices do not depend on how many rows are drawn") {
  std::vector<double> whole(12), part(8);
  normal_matrix(7, 0, 4, 1, 2, whole);
  normal_matrix(7, 0, 4, 1, 2, part);
  for (std::size_t i = 0; i < part.size(); ++i) CHECK(part[i] == whole[i]);
  CHECK_THROWS_AS(normal_matrix(7, 0, 5, 0, 1, whole), Error);
}

TEST_CASE("random states between two limits") {
  std::vector<double> state(1000), again(1000), part(10);
  const std::array<double, 1> low{-65e-3}, high{-55e-3};
  randomize_between(3, low, high, state);
  randomize_between(3, low, high, again);
  CHECK(state == again);
  double sum = 0;
  for (const double v : state) {
    CHECK(v >= low[0]);
    CHECK(v < high[0]);
    sum += v;
  }
  CHECK(sum / 1000 == doctest::Approx(-60e-3).epsilon(0.01));
  randomize_between(3, low, high, part);
  for (std::size_t i = 0; i < part.size(); ++i) CHECK(part[i] == state[i]);
  std::vector<double> lows(10, 1.0), highs(10, 1.0);
  highs[4] = 2.0;
  randomize_between(3, lows, highs, part);
  CHECK(part[0] == 1.0);
  CHECK(part[4] > 1.0);
  CHECK_THROWS_AS(randomize_between(3, lows, high, part), Error);
  CHECK_THROWS_AS(randomize_between(3, lows, highs, state), Error);
}

TEST_CASE("the first number that is not finite, and mean magnitudes") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  CHECK(first_not_finite({}) == 0);
  CHECK(first_not_finite(std::array<double, 2>{1, -2}) == 2);
  CHECK(first_not_finite(std::array<double, 3>{1, nan, inf}) == 1);
  CHECK(first_not_finite(std::array<double, 3>{1, 0, -inf}) == 2);
  CHECK(mean_magnitude({}) == 0);
  CHECK(mean_magnitude(std::array<double, 4>{1, -3, 0, 2}) == 1.5);
}

TEST_CASE("the potential after a spike: the closed form, its limit, and nothing between them") {
  const double tau = 20e-3;
  const std::vector<double> times{-1e-3, 0, 1e-3, 20e-3, 1.0};
  std::vector<double> out(times.size());
  for (const double ratio : {0.1, 0.5, 2.0, 10.0}) {
    potential_kernel(times, std::array<double, 1>{tau * ratio}, std::array<double, 1>{tau}, out);
    CHECK(out[0] == 0);
    CHECK(out[1] == 0);
    for (std::size_t k = 2; k < times.size(); ++k)
      CHECK(out[k] == doctest::Approx(ratio / (ratio - 1) * (std::exp(-times[k] / tau / ratio) - std::exp(-times[k] / tau)))
                          .epsilon(1e-13));
  }
  // Towards equal time constants: t / tau e^(-t / tau) (1 + d t / (2 tau)) to first order of the relative difference d.
  for (const double d : {0.0, 1e-14, -1e-10, 1e-7, -1e-5}) {
    potential_kernel(times, std::array<double, 1>{tau * (1 + d)}, std::array<double, 1>{tau}, out);
    for (std::size_t k = 2; k < 4; ++k) {
      const double x = times[k] / tau;
      CHECK(out[k] == doctest::Approx(x * std::exp(-x) * (1 + d * x / 2)).epsilon(1e-9));
    }
  }
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> one(1);
  potential_kernel(std::array<double, 1>{nan}, std::array<double, 1>{tau}, std::array<double, 1>{tau}, one);
  CHECK(std::isnan(one[0]));
  CHECK_THROWS_AS(potential_kernel(times, std::array<double, 1>{tau}, std::array<double, 1>{tau}, one), Error);
  CHECK_THROWS_AS(potential_kernel(times, std::array<double, 1>{tau}, std::array<double, 2>{tau, tau}, out), Error);
}
