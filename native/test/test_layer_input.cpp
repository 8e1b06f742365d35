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
