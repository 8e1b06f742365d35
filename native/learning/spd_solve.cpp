#include "learning/spd_solve.h"

#include <Eigen/Cholesky>
#include <Eigen/Dense>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "learning/ridge_kernels.h"
#include "rockpool/error.h"
#include "rockpool/thread_pool.h"

namespace rockpool {

namespace {

constexpr std::size_t kBlock = 96;   // columns of a Cholesky step
constexpr std::size_t kChunk = 192;  // rows or columns that one task updates

using Matrix = Eigen::MatrixXd;

// Right-looking blocked Cholesky; the partition is fixed, so the result does not depend on the number of threads.
bool factor(double* a, std::size_t n, const RidgeKernels& kernels, RunControl& control) {
  auto& pool = ThreadPool::instance();
  for (std::size_t k = 0; k < n; k += kBlock) {
    const std::size_t width = std::min(kBlock, n - k), next = k + width, rest = n - next;
    if (!kernels.factor_block(a + k * n + k, n, width)) return false;
    const std::size_t chunks = (rest + kChunk - 1) / kChunk;
    pool.parallel_for(chunks, [&](std::size_t c) {
      const std::size_t row = next + c * kChunk, rows = std::min(kChunk, n - row);
      kernels.solve_panel(a + k * n + k, n, width, a + k * n + row, n, rows);
    });
    pool.parallel_for(chunks, [&](std::size_t c) {
      if (control.stop_requested()) return;
      const std::size_t column = next + c * kChunk, columns = std::min(kChunk, n - column);
      kernels.update_panel(a + k * n + column, a + k * n + column, n, width, a + column * n + column, n - column, columns);
    });
    control.advance(0);
  }
  return true;
}

double norm1(const double* a, std::size_t n) {
  std::vector<double> sums(n, 0.0);
  for (std::size_t j = 0; j < n; ++j) {
    sums[j] += std::fabs(a[j * n + j]);
    for (std::size_t i = j + 1; i < n; ++i) {
      const double v = std::fabs(a[j * n + i]);
      sums[i] += v;
      sums[j] += v;
    }
  }
  return n == 0 ? 0.0 : *std::max_element(sums.begin(), sums.end());
}

// Estimate of ||A^-1||_1 for symmetric A (Hager, SIAM J. Sci. Stat. Comput. 5, 1984; Higham, ACM TOMS 14, 1988).
template <typename Solve>
double inverse_norm1(std::size_t n, const Solve& solve) {
  std::vector<double> x(n, 1.0 / static_cast<double>(n)), z(n);
  double estimate = 0;
  for (int round = 0; round < 5; ++round) {
    solve(x.data());
    double norm = 0;
    for (const double v : x) norm += std::fabs(v);
    if (!(norm > estimate)) break;
    estimate = norm;
    for (std::size_t i = 0; i < n; ++i) z[i] = x[i] >= 0 ? 1.0 : -1.0;
    solve(z.data());
    const auto largest = std::max_element(z.begin(), z.end(), [](double p, double q) { return std::fabs(p) < std::fabs(q); });
    std::fill(x.begin(), x.end(), 0.0);
    x[static_cast<std::size_t>(largest - z.begin())] = 1.0;
  }
  for (std::size_t i = 0; i < n; ++i) {
    const double size = 1.0 + (n > 1 ? static_cast<double>(i) / static_cast<double>(n - 1) : 0.0);
    x[i] = i % 2 == 0 ? size : -size;
  }
  solve(x.data());
  double alternative = 0;
  for (const double v : x) alternative += std::fabs(v);
  return std::max(estimate, 2.0 * alternative / (3.0 * static_cast<double>(n)));
}

}  // namespace

SpdResult spd_solve(double* a, std::size_t n, double* b, std::size_t columns, RunControl& control) {
  const auto& kernels = ROCKPOOL_SELECT_KERNELS(ridge_kernels);
  std::vector<double> scale(n, 1.0);
  for (std::size_t i = 0; i < n; ++i) {
    const double d = a[i * n + i];
    if (!std::isfinite(d))
      throw Error(ErrorKind::kState, "ERR_SINGULAR", "the sums of squares of the features overflow; scale the features");
    if (d > 0) scale[i] = std::ldexp(1.0, -static_cast<int>(std::lround(std::log2(d) / 2.0)));
  }
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t i = j; i < n; ++i) a[j * n + i] *= scale[i] * scale[j];
  for (std::size_t c = 0; c < columns; ++c)
    for (std::size_t i = 0; i < n; ++i) b[c * n + i] *= scale[i];

  // The diagonal's copy and the strict upper triangle, where Cholesky writes nothing, keep the matrix for a second attempt.
  std::vector<double> diagonal(n);
  const double norm = norm1(a, n);
  // Below this reciprocal condition no digit of the solution along the weakest direction is left.
  const double threshold = 8.0 * std::numeric_limits<double>::epsilon() * std::sqrt(static_cast<double>(n));
  SpdResult result;
  result.rank = n;

  for (std::size_t j = 0; j < n; ++j) {
    diagonal[j] = a[j * n + j];
    for (std::size_t i = j + 1; i < n; ++i) a[i * n + j] = a[j * n + i];
  }
  bool solved = false;
  if (factor(a, n, kernels, control)) {
    const auto solve = [&](double* x) {
      kernels.solve_lower(a, n, x, 1);
      kernels.solve_upper(a, n, x, 1);
    };
    result.condition = norm * inverse_norm1(n, solve);
    control.advance(0);
    if (result.condition * threshold < 1.0) {
      kernels.solve_lower(a, n, b, columns);
      kernels.solve_upper(a, n, b, columns);
      solved = true;
    }
  }
  if (!solved) {
    const auto size = static_cast<Eigen::Index>(n);
    Eigen::Map<Matrix> matrix(a, size, size);
    for (std::size_t j = 0; j < n; ++j) {
      a[j * n + j] = diagonal[j];
      for (std::size_t i = j + 1; i < n; ++i) a[j * n + i] = a[i * n + j];
    }
    Eigen::Map<Matrix> right(b, size, static_cast<Eigen::Index>(columns));
    control.advance(0);
    const Eigen::LDLT<Matrix> ldlt(matrix);
    if (ldlt.info() == Eigen::Success && ldlt.vectorD().minCoeff() > 0 && ldlt.rcond() > threshold) {
      result.method = SolveMethod::kLdlt;
      result.condition = 1.0 / ldlt.rcond();
      right = ldlt.solve(right).eval();
    } else {
      control.advance(0);
      const Eigen::CompleteOrthogonalDecomposition<Matrix> decomposition(matrix);
      result.method = SolveMethod::kOrthogonal;
      result.rank = static_cast<std::size_t>(decomposition.rank());
      result.condition = std::numeric_limits<double>::infinity();
      right = decomposition.solve(right).eval();
    }
  }
  for (std::size_t c = 0; c < columns; ++c)
    for (std::size_t i = 0; i < n; ++i) b[c * n + i] *= scale[i];
  if (!kernels.all_finite(b, n * columns))
    throw Error(ErrorKind::kState, "ERR_SINGULAR", "the system of equations has no finite solution");
  return result;
}

}  // namespace rockpool
