// Histograms, and matrices as heat maps.
#include <algorithm>
#include <cmath>

#include "rockpool/csr.h"
#include "rockpool/error.h"
#include "rockpool/plot.h"

namespace rockpool {

namespace {

void check_blocks(std::size_t rows, std::size_t columns, std::size_t out_rows, std::size_t out_columns, std::size_t size) {
  if (out_rows > rows || out_columns > columns || (out_rows == 0 && rows != 0) || (out_columns == 0 && columns != 0))
    throw_shape("out", "no larger than " + to_text(rows) + " x " + to_text(columns),
                to_text(out_rows) + " x " + to_text(out_columns));
  if (size != out_rows * out_columns)
    throw_shape("out", to_text(out_rows) + " x " + to_text(out_columns), to_text(size) + " elements");
}

/// Keeps the value of larger magnitude; any number is more than NaN.
void keep_larger(double& kept, double value) {
  if (std::isnan(kept) || std::fabs(value) > std::fabs(kept)) kept = value;
}

}  // namespace

FiniteLimits finite_limits(std::span<const double> values) {
  FiniteLimits limits;
  for (const double v : values) {
    if (!std::isfinite(v)) continue;
    if (limits.count++ == 0) limits.smallest = limits.largest = v;
    limits.smallest = std::min(limits.smallest, v);
    limits.largest = std::max(limits.largest, v);
  }
  return limits;
}

std::size_t histogram(std::span<const double> values, double lo, double hi, std::span<double> counts) {
  if (counts.empty() || !(lo < hi) || !std::isfinite(hi / 2 - lo / 2))
    throw_range("the range of the bins", "finite limits in ascending order", to_text(lo) + " to " + to_text(hi));
  const std::size_t n = counts.size();
  // Halves, since the difference of large limits may be more than a double holds.
  const double scale = static_cast<double>(n) / (hi / 2 - lo / 2);
  std::size_t outside = 0;
  for (const double v : values) {
    if (!(v >= lo && v <= hi)) {
      ++outside;
      continue;
    }
    const auto bin = static_cast<std::size_t>(std::max(0.0, (v / 2 - lo / 2) * scale));
    counts[std::min(bin, n - 1)] += 1;
  }
  return outside;
}

void reduce_matrix(std::span<const double> matrix, std::size_t rows, std::size_t columns, std::size_t out_rows,
                   std::size_t out_columns, std::span<double> out) {
  check_blocks(rows, columns, out_rows, out_columns, out.size());
  if (columns != 0 && (matrix.size() / columns != rows || matrix.size() % columns != 0))
    throw_shape("matrix", to_text(rows) + " x " + to_text(columns), to_text(matrix.size()) + " elements");
  std::fill(out.begin(), out.end(), NAN);
  for (std::size_t i = 0; i < rows; ++i) {
    double* line = out.data() + i * out_rows / rows * out_columns;
    for (std::size_t j = 0; j < columns; ++j) keep_larger(line[j * out_columns / columns], matrix[i * columns + j]);
  }
}

void reduce_csr(const CsrSpan& m, std::size_t out_rows, std::size_t out_columns, std::span<double> out) {
  check_csr(m);
  check_blocks(m.rows, m.columns, out_rows, out_columns, out.size());
  std::fill(out.begin(), out.end(), 0.0);
  const bool shared = m.data.size() == 1;
  for (std::size_t i = 0; i < m.rows; ++i) {
    double* line = out.data() + i * out_rows / m.rows * out_columns;
    const auto end = static_cast<std::size_t>(m.indptr[i + 1]);
    for (auto k = static_cast<std::size_t>(m.indptr[i]); k < end; ++k)
      keep_larger(line[static_cast<std::size_t>(m.indices[k]) * out_columns / m.columns], m.data[shared ? 0 : k]);
  }
}

void paint_cells(std::span<const double> cells, std::size_t rows, std::size_t columns, const PlotPaint& p,
                 std::span<std::uint8_t> lines) {
  if (cells.size() != rows * columns || cells.empty())
    throw_shape("cells", to_text(rows) + " x " + to_text(columns), to_text(cells.size()) + " elements");
  if (lines.size() != p.height * (p.width + 1))
    throw_shape("lines", to_text(p.height) + " x " + to_text(p.width + 1), to_text(lines.size()) + " elements");
  const double lo = p.logarithmic ? std::log(p.lo) : p.lo, hi = p.logarithmic ? std::log(p.hi) : p.hi;
  const double range = hi / 2 - lo / 2;
  const auto colour = [&](double v) -> std::uint8_t {
    if (std::isnan(v) || (p.logarithmic && v <= 0)) return 0;
    const double value = p.logarithmic ? std::log(v) : v;
    const double at = range > 0 ? (std::min(std::max(value, lo), hi) / 2 - lo / 2) / range : 1.0;
    return static_cast<std::uint8_t>(1 + std::lround(at * 254));
  };
  std::size_t before = rows;
  for (std::size_t y = 0; y < p.height; ++y) {
    const std::size_t from_top = y * rows / p.height, row = p.upwards ? rows - 1 - from_top : from_top;
    std::uint8_t* line = lines.data() + y * (p.width + 1);
    if (row == before) {  // lines of the same row of cells are equal
      std::copy_n(line - (p.width + 1), p.width + 1, line);
      continue;
    }
    before = row;
    line[0] = 0;
    for (std::size_t x = 0; x < p.width; ++x) line[x + 1] = colour(cells[row * columns + x * columns / p.width]);
  }
}

}  // namespace rockpool
