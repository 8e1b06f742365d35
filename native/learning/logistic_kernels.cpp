#include "learning/logistic_kernels.h"

// GCC 12 warns about the undefined vectors inside its own AVX-512 intrinsics.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <Eigen/Core>

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using In = Eigen::Map<const Matrix>;
using Out = Eigen::Map<Matrix>;

Eigen::Index index(std::size_t n) {
  return static_cast<Eigen::Index>(n);
}

void forward(const double* x, std::size_t rows, std::size_t features, const double* w, std::size_t outputs, double* z) {
  Out(z, index(rows), index(outputs)).noalias() =
      In(x, index(rows), index(features)) * In(w, index(outputs), index(features)).transpose();
}

void backward(const double* x, std::size_t rows, std::size_t features, const double* e, std::size_t outputs, double* gradient) {
  Out(gradient, index(outputs), index(features)).noalias() +=
      In(e, index(rows), index(outputs)).transpose() * In(x, index(rows), index(features));
}

}  // namespace

const LogisticKernels& logistic_kernels() {
  static constexpr LogisticKernels kernels{forward, backward};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
