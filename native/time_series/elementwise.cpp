#include "rockpool/elementwise.h"

#include <Eigen/Core>
#include <cmath>
#include <limits>
#include <string>

#include "rockpool/error.h"
#include "time_series/elementwise_kernels.h"

namespace rockpool {

namespace {

void check(const Operand& x, std::size_t rows, std::size_t columns) {
  if ((x.rows != rows && x.rows != 1) || (x.columns != columns && x.columns != 1) || x.data.size() != x.rows * x.columns)
    throw_shape("operand", to_text(rows) + " x " + to_text(columns), to_text(x.rows) + " x " + to_text(x.columns));
}

// Calls row(a, a_step, b, b_step, n, offset of the output) over runs as long as the shapes allow.
template <typename Row>
void broadcast(const Operand& a, const Operand& b, std::size_t rows, std::size_t columns, Row row) {
  check(a, rows, columns);
  check(b, rows, columns);
  const auto whole = [&](const Operand& x) { return x.rows == rows && x.columns == columns; };
  const auto scalar = [](const Operand& x) { return x.rows == 1 && x.columns == 1; };
  if ((whole(a) || scalar(a)) && (whole(b) || scalar(b))) {
    row(a.data.data(), whole(a) ? 1 : 0, b.data.data(), whole(b) ? 1 : 0, rows * columns, 0);
    return;
  }
  for (std::size_t i = 0; i < rows; ++i)
    row(a.data.data() + (a.rows == 1 ? 0 : i * a.columns), a.columns == columns ? 1 : 0,
        b.data.data() + (b.rows == 1 ? 0 : i * b.columns), b.columns == columns ? 1 : 0, columns, i * columns);
}

}  // namespace

void combine(BinaryOp op, const Operand& a, const Operand& b, std::size_t rows, std::size_t columns, double* out) {
  const auto& kernels = ROCKPOOL_SELECT_KERNELS(elementwise_kernels);
  broadcast(a, b, rows, columns,
            [&](const double* x, std::size_t x_step, const double* y, std::size_t y_step, std::size_t n, std::size_t at) {
              kernels.apply(op, x, x_step, y, y_step, n, out + at);
            });
}

void compare(CompareOp op, const Operand& a, const Operand& b, std::size_t rows, std::size_t columns, std::uint8_t* out) {
  const auto& kernels = ROCKPOOL_SELECT_KERNELS(elementwise_kernels);
  broadcast(a, b, rows, columns,
            [&](const double* x, std::size_t x_step, const double* y, std::size_t y_step, std::size_t n, std::size_t at) {
              kernels.compare(op, x, x_step, y, y_step, n, out + at);
            });
}

void add(std::span<const double> a, std::span<const double> b, std::span<double> out) {
  if (a.size() != out.size() || b.size() != out.size())
    throw_shape("the terms of a sum", to_text(out.size()) + " elements long",
                to_text(a.size()) + " and " + to_text(b.size()) + " elements");
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = a[i] + b[i];
}

void negate(std::span<const double> x, double* out) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = -x[i];
}

void absolute(std::span<const double> x, double* out) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = std::fabs(x[i]);
}

Limits limits(std::span<const double> x) {
  double smallest = std::numeric_limits<double>::infinity(), largest = -smallest;
  for (const double v : x) {
    smallest = v < smallest ? v : smallest;
    largest = v > largest ? v : largest;
  }
  if (smallest > largest) {  // nothing but NaN, or infinities of one sign, or no values
    bool some = false;
    for (const double v : x) some |= v == v;
    if (!some) return {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};
  }
  return {smallest, largest};
}

void multiply(const double* a, std::size_t rows, std::size_t inner, const double* b, std::size_t columns, double* out) {
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto index = [](std::size_t n) { return static_cast<Eigen::Index>(n); };
  const Eigen::Map<const Matrix> left(a, index(rows), index(inner)), right(b, index(inner), index(columns));
  Eigen::Map<Matrix>(out, index(rows), index(columns)).noalias() = left * right;
}

}  // namespace rockpool
