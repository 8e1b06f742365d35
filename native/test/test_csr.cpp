#include <doctest/doctest.h>

#include <array>
#include <limits>
#include <vector>

#include "rockpool/csr.h"
#include "rockpool/error.h"

using namespace rockpool;

namespace {

struct Matrix {
  std::vector<double> indptr{0, 2, 2, 3};
  std::vector<std::int32_t> indices{0, 2, 1};
  std::vector<double> data{1, 2, 3};
  CsrSpan span() const { return {3, 3, indptr, indices, data}; }
};

std::string code_of(const Matrix& m) {
  try {
    check_csr(m.span());
  } catch (const Error& error) {
    return error.code();
  }
  return "";
}

}  // namespace

TEST_CASE("compressed rows: what belongs together, and what does not") {
  CHECK(code_of({}) == "");
  Matrix m;
  m.data = {5};
  CHECK(code_of(m) == "");
  m.data = {1, 2};
  CHECK(code_of(m) == "ERR_SHAPE");
  m = {};
  m.indptr = {0, 2, 3};
  CHECK(code_of(m) == "ERR_SHAPE");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const auto& indptr :
       {std::vector<double>{0, 2, 1, 3}, {0, 2, 2, 2}, {0, 2, 2, 4}, {1, 2, 2, 3}, {0, 0.5, 2, 3}, {0, nan, 2, 3}}) {
    m = {};
    m.indptr = indptr;
    CHECK(code_of(m) == "ERR_VALUE");
  }
  for (const auto& indices : {std::vector<std::int32_t>{0, 3, 1}, {-1, 2, 1}, {2, 0, 1}, {1, 1, 1}}) {
    m = {};
    m.indices = indices;
    CHECK(code_of(m) == "ERR_VALUE");
  }
  m = {};
  m.data[1] = nan;
  CHECK(code_of(m) == "ERR_VALUE");
  CHECK_NOTHROW(check_csr({0, 3, std::array<double, 1>{0}, {}, {}}));
}

TEST_CASE("compressed rows as a dense matrix, and a dense matrix read at their places") {
  Matrix m;
  std::vector<double> dense(9, 7.0);
  csr_to_dense(m.span(), dense);
  CHECK(dense == std::vector<double>{1, 0, 2, 0, 0, 0, 0, 3, 0});
  m.data = {4};
  csr_to_dense(m.span(), dense);
  CHECK(dense == std::vector<double>{4, 0, 4, 0, 0, 0, 0, 4, 0});
  const std::vector<double> other{10, 11, 12, 13, 14, 15, 16, 17, 18};
  std::vector<double> values(3);
  csr_gather(m.span(), other, values);
  CHECK(values == std::vector<double>{10, 12, 17});
  std::vector<double> small(8);
  CHECK_THROWS_AS(csr_to_dense(m.span(), small), Error);
  CHECK_THROWS_AS(csr_gather(m.span(), small, values), Error);
  CHECK_THROWS_AS(csr_gather(m.span(), other, small), Error);
}

TEST_CASE("column numbers from doubles") {
  std::array<std::int32_t, 2> out{};
  read_columns(std::array<double, 2>{0, 4}, 5, out);
  CHECK(out == std::array<std::int32_t, 2>{0, 4});
  for (const double wrong : {-1.0, 5.0, 0.5, 3e9, std::numeric_limits<double>::quiet_NaN()})
    CHECK_THROWS_AS(read_columns(std::array<double, 2>{0, wrong}, 5, out), Error);
  CHECK_THROWS_AS(read_columns(std::array<double, 1>{0}, 5, out), Error);
}

TEST_CASE("delays in whole steps") {
  std::array<double, 4> steps{};
  delay_steps(std::array<double, 4>{1e-3, 1.4e-3, 1.6e-3, 1e-3 * (1 - 1e-9)}, 1e-3, 1, "delay", steps);
  CHECK(steps == std::array<double, 4>{2, 2, 3, 2});
  const double inf = std::numeric_limits<double>::infinity();
  for (const double wrong : {0.9e-3, 0.0, -1.0, inf, inf - inf, 1e10}) {
    std::array<double, 1> one{};
    CHECK_THROWS_AS(delay_steps(std::array<double, 1>{wrong}, 1e-3, 0, "delay", one), Error);
  }
  CHECK_THROWS_AS(delay_steps(std::array<double, 1>{1}, 1e-3, 0, "delay", steps), Error);
}
