#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "rockpool/elementwise.h"
#include "rockpool/error.h"
#include "rockpool/rows.h"

using namespace rockpool;

TEST_CASE("rows are repeated one after the other") {
  const std::vector<double> in{1, 2, 3, 4};
  std::vector<double> out(8);
  repeat_rows(in, 2, 2, out);
  CHECK(out == std::vector<double>{1, 2, 1, 2, 3, 4, 3, 4});
  repeat_rows(in, 1, 2, out);
  CHECK(out == std::vector<double>{1, 1, 2, 2, 3, 3, 4, 4});
  std::vector<double> none;
  repeat_rows(none, 3, 5, none);
  repeat_rows(in, 4, 0, none);
  CHECK_THROWS_AS(repeat_rows(in, 3, 2, out), Error);
  CHECK_THROWS_AS(repeat_rows(in, 2, 3, out), Error);
  CHECK_THROWS_AS(repeat_rows(in, 0, 2, out), Error);
}

TEST_CASE("the plain sum keeps NaN") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> a{1, nan, 3}, b{10, 20, nan};
  std::vector<double> out(3);
  add(a, b, out);
  CHECK(out[0] == 11);
  CHECK(std::isnan(out[1]));
  CHECK(std::isnan(out[2]));
  std::vector<double> other(2);
  CHECK_THROWS_AS(add(a, b, other), Error);
}
