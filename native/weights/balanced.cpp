#include "rockpool/balanced.h"

#include <cmath>
#include <string>
#include <vector>

#include "rockpool/error.h"

namespace rockpool {

namespace {

void need(std::size_t size, std::size_t rows, std::size_t columns, const char* name) {
  if (columns == 0 || size % columns != 0 || size / columns != rows)
    throw_shape(name, std::to_string(rows) + " x " + std::to_string(columns), std::to_string(size) + " elements");
}

/// left [P, N] transposed times right [P, N], into out [N, N].
void multiply_transposed(std::span<const double> left, std::span<const double> right, std::size_t p, std::size_t n,
                         std::span<double> out) {
  for (double& x : out) x = 0.0;
  for (std::size_t k = 0; k < p; ++k)
    for (std::size_t i = 0; i < n; ++i) {
      const double factor = left[k * n + i];
      double* row = out.data() + i * n;
      for (std::size_t j = 0; j < n; ++j) row[j] += factor * right[k * n + j];
    }
}

}  // namespace

void balanced_weights(const BalancedProblem& b, const BalancedWeights& w) {
  const std::size_t p = b.dimensions, n = b.units;
  need(b.a.size(), p, p, "a");
  need(b.gamma.size(), p, n, "gamma");
  need(b.v_thresh.size(), 1, n, "vThresh");
  need(b.v_rest.size(), 1, n, "vRest");
  need(w.fast.size(), n, n, "fast");
  need(w.slow.size(), n, n, "slow");
  need(w.in.size(), p, n, "in");
  need(w.out.size(), n, p, "out");
  need(w.v_reset.size(), 1, n, "vReset");
  const double lambda = 1.0 / b.tau_slow;
  std::vector<double> dynamics(p * n, 0.0);  // (a + lambda I) gamma
  for (std::size_t q = 0; q < p; ++q)
    for (std::size_t k = 0; k < p; ++k) {
      const double factor = b.a[q * p + k] + (q == k ? lambda : 0.0);
      for (std::size_t j = 0; j < n; ++j) dynamics[q * n + j] += factor * b.gamma[k * n + j];
    }
  multiply_transposed(b.gamma, b.gamma, p, n, w.fast);
  multiply_transposed(b.gamma, dynamics, p, n, w.slow);
  for (std::size_t i = 0; i < n; ++i) {
    double sum = 0.0;
    for (std::size_t k = 0; k < p; ++k) sum += std::fabs(b.gamma[k * n + i]);
    const double threshold = (b.nu * lambda + b.mu * lambda * lambda + sum * sum) / 2.0;
    const double scale = (b.v_thresh[i] - b.v_rest[i]) / threshold;
    double* fast = w.fast.data() + i * n;
    w.v_reset[i] = b.v_thresh[i] - scale * (fast[i] + b.mu * lambda * lambda);
    for (std::size_t j = 0; j < n; ++j) {
      fast[j] = i == j ? 0.0 : -scale * fast[j] * b.tau_mem / b.tau_fast;
      w.slow[i * n + j] *= scale * b.tau_mem;
    }
    for (std::size_t k = 0; k < p; ++k) {
      w.in[k * n + i] = scale * b.gamma[k * n + i] * b.tau_mem;
      w.out[i * p + k] = b.gamma[k * n + i];
    }
  }
}

void scale_columns(std::span<double> matrix, std::size_t columns, double sum) {
  if (columns == 0 || matrix.size() % columns != 0)
    throw_shape("matrix", "rows of " + std::to_string(columns) + " elements", std::to_string(matrix.size()) + " elements");
  std::vector<double> sums(columns, 0.0);
  for (std::size_t i = 0; i < matrix.size(); ++i) sums[i % columns] += std::fabs(matrix[i]);
  for (double& s : sums) s = s > 0.0 ? sum / s : 1.0;
  for (std::size_t i = 0; i < matrix.size(); ++i) matrix[i] *= sums[i % columns];
}

}  // namespace rockpool
