#include "rockpool/columns.h"

#include <algorithm>

#include "rockpool/error.h"

namespace rockpool {

namespace {

/// Rows of both arrays.
std::size_t rows_of(std::size_t narrow, std::size_t wide, std::size_t n, std::size_t width, std::size_t offset) {
  if (n == 0 || offset >= width) throw_range("offset", "less than the width " + to_text(width), to_text(offset));
  const std::size_t rows = narrow / n;
  if (narrow % n != 0 || wide != rows * n * width)
    throw_shape("the wide array", to_text(rows * n * width) + " elements long", to_text(wide) + " elements");
  return rows;
}

}  // namespace

void spread_columns(std::span<const double> values, std::span<const double> factors, std::size_t width, std::size_t offset,
                    std::span<double> out) {
  const std::size_t n = factors.size(), rows = rows_of(values.size(), out.size(), n, width, offset);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t j = 0; j < n; ++j) out[(r * n + j) * width + offset] = values[r * n + j] * factors[j];
}

void collect_columns(std::span<const double> values, std::span<const double> factors, std::size_t width, std::size_t offset,
                     std::span<double> out) {
  const std::size_t n = factors.size(), rows = rows_of(out.size(), values.size(), n, width, offset);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t j = 0; j < n; ++j) out[r * n + j] = values[(r * n + j) * width + offset] * factors[j];
}

void add_column_products(std::span<const double> a, std::span<const double> b, std::size_t width, std::size_t offset,
                         std::span<double> sums) {
  const std::size_t n = sums.size(), rows = rows_of(a.size(), b.size(), n, width, offset);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t j = 0; j < n; ++j) sums[j] += a[r * n + j] * b[(r * n + j) * width + offset];
}

void sum_rows(std::span<const double> values, std::span<double> out) {
  if (out.empty() || values.size() % out.size() != 0)
    throw_shape("out", "as long as a row of values", to_text(out.size()) + " elements");
  std::ranges::fill(out, 0.0);
  for (std::size_t i = 0; i < values.size(); i += out.size())
    for (std::size_t j = 0; j < out.size(); ++j) out[j] += values[i + j];
}

}  // namespace rockpool
