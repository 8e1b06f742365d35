#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/parameter_transforms.h"

using namespace rockpool;

TEST_CASE("values are rounded to levels") {
  const std::vector<double> x{-1, -0.6, 0.1, 0.49, 1};
  std::vector<double> out(5), slope(1);
  RoundingOptions options;
  options.levels = 3;
  round_to_levels(options, 1, x, out, slope);
  CHECK(out == std::vector<double>{-1, -1, 0, 0, 1});
  CHECK(slope[0] == 1);
  options.output = ValueRange{0, 20};
  round_to_levels(options, 1, x, out, slope);
  CHECK(out == std::vector<double>{0, 0, 10, 10, 20});
  CHECK(slope[0] == 10);
  options.stochastic = true;
  double sum = 0;
  for (options.key.step = 0; options.key.step < 2000; ++options.key.step) {
    round_to_levels(options, 1, x, out, slope);
    sum += out[2];
  }
  CHECK(sum / 2000 == doctest::Approx(11).epsilon(0.03));
  std::vector<double> same(5);
  round_to_levels(options, 1, std::vector<double>(5), same, slope);
  CHECK(same == std::vector<double>(5));
  CHECK_THROWS_AS(round_to_levels(options, 2, x, out, slope), Error);
  options.levels = 1;
  CHECK_THROWS_AS(round_to_levels(options, 1, x, out, slope), Error);
}

TEST_CASE("values become integers") {
  const std::vector<double> x{-1, -0.5, 0.25, 0, 1};
  std::vector<double> out(5);
  IntegerOptions options;
  options.bits = 3;
  CHECK(round_to_integers(options, x, out) == 3);
  CHECK(out == std::vector<double>{-3, -2, 1, 0, 3});
  options.map_to_max = true;
  CHECK(round_to_integers(options, x, out) == 127);
  CHECK(round_to_integers({}, std::vector<double>(5), out) == 1);
  options.bits = 1;
  CHECK_THROWS_AS(round_to_integers(options, x, out), Error);
}

TEST_CASE("parameters are perturbed and dropped") {
  const std::vector<double> p{-2, 0, 4}, factor{0.5, 0.5, -0.25}, g{1, -3, 2};
  std::vector<double> out(3);
  perturb(p, factor, out);
  CHECK(out == std::vector<double>{-1, 0, 3});
  std::vector<double> sum(3);
  add_perturbed_gradient(p, factor, g, sum);
  CHECK(sum == std::vector<double>{0.5, -3, 1.5});
  std::vector<double> signs(3);
  add_signs(0.5, g, signs);
  CHECK(signs == std::vector<double>{0.5, -0.5, 0.5});
  drop(1.0, {1, 0}, p, out);
  CHECK(out == std::vector<double>(3));
  drop(0.0, {1, 0}, p, out);
  CHECK(out == p);
  const std::vector<double> decays{0.0, 0.5, 0.87, 0.99};
  std::vector<double> rounded(4);
  round_decays(decays, rounded);
  CHECK(rounded == std::vector<double>{0, 0.5, 0.875, 0.9921875});
  CHECK_THROWS_AS(perturb(p, decays, out), Error);
}

TEST_CASE("the divergence of a distribution from itself is 0") {
  const std::vector<double> x{1, 2, -1, 0}, y{0, 0, 0, 0};
  std::vector<double> a(4), b(4);
  CHECK(divergence(2, x, x, a, b) == doctest::Approx(0).epsilon(1e-15));
  CHECK(divergence(2, x, y, a, b) > 0);
  CHECK(a[0] + a[1] == doctest::Approx(0).epsilon(1e-12));
  CHECK(b[2] + b[3] == doctest::Approx(0).epsilon(1e-12));
  CHECK_THROWS_AS(divergence(3, x, y, a, b), Error);
}
