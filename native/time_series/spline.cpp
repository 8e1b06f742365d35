#include "time_series/spline.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "rockpool/error.h"

namespace rockpool {

bool needs_wrap_samples(const SamplerSpec& spec) {
  const double period = spec.t_stop - spec.t_start;
  if (!spec.periodic || !(period > 0) || spec.count == 0) return false;
  const double first = spec.time(0), last = spec.time(spec.count - 1);
  const double rounding = 16 * std::numeric_limits<double>::epsilon() * std::max({std::fabs(first), std::fabs(last), period});
  return last - period < first - rounding;
}

std::size_t spline_points(const SamplerSpec& spec) {
  return spec.count + (needs_wrap_samples(spec) ? 2 : 0);
}

void spline_basis(const double* u, std::size_t l, int degree, double t, double* basis) {
  double left[kMaxSplineDegree + 1], right[kMaxSplineDegree + 1];
  basis[0] = 1;
  for (int j = 1; j <= degree; ++j) {
    left[j] = t - u[l + 1 - static_cast<std::size_t>(j)];
    right[j] = u[l + static_cast<std::size_t>(j)] - t;
    double saved = 0;
    for (int r = 0; r < j; ++r) {
      const double term = basis[r] / (right[r + 1] + left[j - r]);
      basis[r] = saved + right[r + 1] * term;
      saved = left[j - r] * term;
    }
    basis[j] = saved;
  }
}

namespace {

// Odd degrees: the samples themselves, without the outermost ones ("not a knot"). Even degrees: the midpoints between them.
void make_knots(const std::vector<double>& x, int degree, double* u) {
  const std::size_t m = x.size(), k = static_cast<std::size_t>(degree);
  std::fill_n(u, k + 1, x.front());
  std::fill_n(u + m, k + 1, x.back());
  if (k % 2 == 1)
    for (std::size_t i = k + 1; i < m; ++i) u[i] = x[i - (k + 1) / 2];
  else
    for (std::size_t i = k + 1; i < m; ++i) u[i] = (x[i - k / 2 - 1] + x[i - k / 2]) / 2;
}

// The collocation matrix is totally positive with `degree` diagonals on either side: elimination without pivoting is stable.
void solve_banded(std::vector<double>& matrix, std::size_t m, std::size_t k, double* rhs, std::size_t columns) {
  const std::size_t width = 2 * k + 1;
  const auto at = [&](std::size_t i, std::size_t j) -> double& { return matrix[i * width + j + k - i]; };
  for (std::size_t p = 0; p < m; ++p)
    for (std::size_t i = p + 1; i < std::min(m, p + k + 1); ++i) {
      const double factor = at(i, p) / at(p, p);
      if (factor == 0) continue;
      for (std::size_t j = p + 1; j < std::min(m, p + k + 1); ++j) at(i, j) -= factor * at(p, j);
      for (std::size_t c = 0; c < columns; ++c) rhs[i * columns + c] -= factor * rhs[p * columns + c];
    }
  for (std::size_t i = m; i-- > 0;) {
    double* row = rhs + i * columns;
    for (std::size_t j = i + 1; j < std::min(m, i + k + 1); ++j) {
      const double factor = at(i, j);
      if (factor == 0) continue;
      for (std::size_t c = 0; c < columns; ++c) row[c] -= factor * rhs[j * columns + c];
    }
    for (std::size_t c = 0; c < columns; ++c) row[c] /= at(i, i);
  }
}

void spread_nan(double* values, std::size_t rows, std::size_t columns) {
  std::vector<char> bad(columns, 0);
  for (std::size_t i = 0; i < rows * columns; ++i)
    if (!std::isfinite(values[i])) bad[i % columns] = 1;
  for (std::size_t c = 0; c < columns; ++c)
    if (bad[c])
      for (std::size_t i = 0; i < rows; ++i) values[i * columns + c] = std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

std::vector<double> prepare_spline(const SamplerSpec& spec) {
  const std::size_t n = spec.count, channels = spec.channels, k = static_cast<std::size_t>(spec.degree);
  if (spec.degree < 2 || spec.degree > kMaxSplineDegree)
    throw_range("interpKind", "a degree from 2 to " + to_text(kMaxSplineDegree) + " for a spline", to_text(spec.degree));
  if (n < k + 1)
    throw_range("times", "at least " + to_text(k + 1) + " samples long for a spline of degree " + to_text(k),
                to_text(n) + " samples");
  const bool wrap = needs_wrap_samples(spec);
  const double period = spec.t_stop - spec.t_start;
  std::vector<double> x;
  x.reserve(n + 2);
  if (wrap) x.push_back(spec.time(n - 1) - period);
  for (std::size_t i = 0; i < n; ++i) x.push_back(spec.time(i));
  if (wrap) x.push_back(spec.time(0) + period);
  const std::size_t m = x.size();
  for (std::size_t i = 1; i < m; ++i)
    if (!(x[i] > x[i - 1]))
      throw_range("times", "strictly increasing for a spline", to_text(x[i]) + " after " + to_text(x[i - 1]));

  std::vector<double> result(m + k + 1 + m * channels);
  double* u = result.data();
  double* coefficients = u + m + k + 1;
  make_knots(x, spec.degree, u);
  const auto row = [&](std::size_t i) { return spec.samples.begin() + static_cast<std::ptrdiff_t>(i * channels); };
  double* out = coefficients;
  if (wrap) out = std::copy_n(row(n - 1), channels, out);
  out = std::copy_n(row(0), n * channels, out);
  if (wrap) std::copy_n(row(0), channels, out);

  std::vector<double> matrix(m * (2 * k + 1), 0.0);
  double basis[kMaxSplineDegree + 1];
  std::size_t l = k;
  for (std::size_t i = 0; i < m; ++i) {
    while (l + 1 < m && u[l + 1] <= x[i]) ++l;
    spline_basis(u, l, spec.degree, x[i], basis);
    // A function outside the band is zero here (a sample that is a knot touches one function fewer).
    for (std::size_t j = 0; j <= k; ++j)
      if (const std::size_t column = l - k + j; column + k >= i && column <= i + k)
        matrix[i * (2 * k + 1) + column + k - i] = basis[j];
  }
  solve_banded(matrix, m, k, coefficients, channels);
  spread_nan(coefficients, m, channels);
  return result;
}

}  // namespace rockpool
