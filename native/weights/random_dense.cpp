#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "rockpool/error.h"
#include "rockpool/random.h"
#include "rockpool/weights.h"

namespace rockpool {

namespace {

void check_square(std::size_t size, std::size_t n, const char* name) {
  if (n > 65535 || size != n * n) throw_shape(name, std::to_string(n) + " x " + std::to_string(n), std::to_string(size) + " elements");
}

}  // namespace

void unit_lambda_net(std::uint64_t seed, std::size_t n, std::span<double> out) {
  check_square(out.size(), n, "out");
  for (std::size_t row = 0; row < n; ++row) fill_normal({seed, 0}, row, 0, out.data() + row * n, n);
  scale(out, 1.0 / std::sqrt(static_cast<double>(n)));
}

double spectral_radius(std::span<const double> matrix, std::size_t n) {
  check_square(matrix.size(), n, "matrix");
  if (n == 0) return 0;
  if (!std::all_of(matrix.begin(), matrix.end(), [](double x) { return std::isfinite(x); }))
    throw_range("matrix", "finite numbers", "others");
  // Eigenvalues are those of the transpose too, so the storage order does not matter.
  const Eigen::Map<const Eigen::MatrixXd> map(matrix.data(), static_cast<Eigen::Index>(n), static_cast<Eigen::Index>(n));
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(map, /*computeEigenvectors=*/false);
  if (solver.info() != Eigen::Success)
    throw Error(ErrorKind::kState, "ERR_SINGULAR", "expected the eigenvalues of the matrix to converge, received no convergence");
  return solver.eigenvalues().cwiseAbs().maxCoeff();
}

void scale(std::span<double> array, double factor) {
  for (double& x : array) x *= factor;
}

}  // namespace rockpool
