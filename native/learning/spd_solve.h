// Solving A X = B for a symmetric matrix that ought to be positive definite.
#pragma once

#include <cstddef>

#include "rockpool/ridge.h"
#include "rockpool/run_control.h"

namespace rockpool {

struct SpdResult {
  SolveMethod method = SolveMethod::kCholesky;
  std::size_t rank = 0;
  double condition = 0;  // 1-norm estimate after scaling; infinite when singular
};

/// Solves in place. `a` is n x n, column-major, only its lower triangle is read, and it is destroyed; `b` is n x columns,
/// column-major, and becomes the solution.
///
/// Rows and columns are first scaled by powers of two to a diagonal near 1, so that features of different size do not look
/// ill-conditioned. Cholesky serves when it succeeds and the condition estimate leaves any digit; then LDL^T with pivoting,
/// then a complete orthogonal decomposition: the solution of least norm (of the scaled unknowns).
SpdResult spd_solve(double* a, std::size_t n, double* b, std::size_t columns, RunControl& control);

}  // namespace rockpool
