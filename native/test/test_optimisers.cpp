#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "rockpool/batches.h"
#include "rockpool/error.h"
#include "rockpool/optimisers.h"
#include "rockpool/parameter_costs.h"

using namespace rockpool;

TEST_CASE("a first step of Adam goes by the step size") {
  const std::vector<double> p{1, -2}, g{4, -0.5}, zero(2);
  std::vector<double> next(2), m(2), v(2);
  AdamOptions options;
  options.step_size = 0.1, options.eps = 0;
  adam_step(options, {p, g, next}, zero, zero, m, v);
  CHECK(next[0] == doctest::Approx(0.9).epsilon(1e-12));
  CHECK(next[1] == doctest::Approx(-1.9).epsilon(1e-12));
  CHECK(m[0] == doctest::Approx(0.4));
  CHECK(v[1] == doctest::Approx(0.00025));
  std::vector<double> one(1);
  CHECK_THROWS_AS(adam_step(options, {p, g, one}, zero, zero, m, v), Error);
  CHECK_THROWS_AS(adam_step(options, {p, g, next}, one, zero, m, v), Error);
}

TEST_CASE("gradient descent with and without momentum") {
  const std::vector<double> p{1}, g{2}, u{3};
  std::vector<double> next(1), velocity(1);
  SgdOptions options;
  options.step_size = 0.5;
  sgd_step(options, {p, g, next}, {}, {});
  CHECK(next[0] == 0.0);
  options.momentum = 0.5, options.iteration = 1;
  sgd_step(options, {p, g, next}, u, velocity);
  CHECK(velocity[0] == 3.5);
  CHECK(next[0] == -0.75);
  options.nesterov = true;
  sgd_step(options, {p, g, next}, u, velocity);
  CHECK(next[0] == 1 - 0.5 * (2 + 0.5 * 3.5));
  CHECK_THROWS_AS(sgd_step(options, {p, g, next}, {}, {}), Error);
}

TEST_CASE("costs and bounds of parameters") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const std::vector<double> p{-1, 0, 2, nan}, lower{0}, upper{1}, none{-inf}, all{inf};
  std::vector<double> g(4);
  CHECK(parameter_cost(ParameterCost::kMeanSquare, 1, p, g) == doctest::Approx(5.0 / 3));
  CHECK(g[3] == 0);
  CHECK(parameter_cost(ParameterCost::kSparsity, 1e-4, p, {}) == doctest::Approx(2.0 / 3).epsilon(1e-3));
  CHECK(parameter_cost(ParameterCost::kSparsity, 1, std::vector<double>{1e100, 0}, g = {1, 1}) == 0.5);
  g.resize(4);
  CHECK(bounds_cost(p, lower, upper, g) == doctest::Approx(2 * std::exp(1.0)));
  CHECK(g[0] == doctest::Approx(-std::exp(1.0)));
  CHECK(g[1] == 0);
  CHECK(bounds_cost(p, none, all, {}) == 0);
  bounds_clip(p, lower, upper, g);
  CHECK(g[0] == 0);
  CHECK(g[2] == 1);
  CHECK(std::isnan(g[3]));
  CHECK_THROWS_AS(bounds_clip(p, upper, lower, g), Error);
  CHECK_THROWS_AS(bounds_clip(p, std::vector<double>(3), upper, g), Error);
  CHECK(sum_of_squares(std::vector<double>{3e200, 4e200}).scale == 4e200);
  CHECK(std::isnan(sum_of_squares(p).scale));
}

TEST_CASE("rows are gathered") {
  const std::vector<float> x{1, 2, 3, 4, 5, 6};
  const std::vector<std::uint32_t> rows{2, 0, 2}, wrong{3};
  std::vector<float> out(6);
  gather_rows<float>(x, 2, rows, out);
  CHECK(out == std::vector<float>{5, 6, 1, 2, 5, 6});
  CHECK_THROWS_AS(gather_rows<float>(x, 2, wrong, std::span<float>(out).first(2)), Error);
  CHECK_THROWS_AS(gather_rows<float>(x, 2, rows, std::span<float>(out).first(2)), Error);
}
