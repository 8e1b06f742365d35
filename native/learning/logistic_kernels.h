// The two products of logistic regression, one copy per instruction set. Matrices are row-major; weights and gradient are kept
// as outputs x features, so that both read along the rows of X.
#pragma once

#include <cstddef>

#include "rockpool/simd.h"

namespace rockpool {

struct LogisticKernels {
  // z [rows x outputs] = x [rows x features] w^T
  void (*forward)(const double* x, std::size_t rows, std::size_t features, const double* w, std::size_t outputs, double* z);
  // gradient [outputs x features] += e^T x, e being rows x outputs
  void (*backward)(const double* x, std::size_t rows, std::size_t features, const double* e, std::size_t outputs,
                   double* gradient);
};

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(LogisticKernels, logistic_kernels)
