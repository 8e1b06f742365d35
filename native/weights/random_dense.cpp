#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "rockpool/error.h"
#include "rockpool/random.h"
#include "rockpool/weights.h"

namespace rockpool {

namespace {

void check_square(std::size_t size, std::size_t n, const char* name) {
  if (n > 65535 || size != n * n) throw_shape(name, to_text(n) + " x " + to_text(n), to_text(size) + " elements");
}

}  // namespace

void normal_matrix(std::uint64_t seed, std::uint32_t stream, std::size_t columns, double mean, double deviation,
                   std::span<double> out) {
  if (columns == 0 || out.size() % columns != 0)
    throw_shape("out", "rows of " + to_text(columns) + " elements", to_text(out.size()) + " elements");
  for (std::size_t row = 0; row * columns < out.size(); ++row) {
    double* values = out.data() + row * columns;
    fill_normal({seed, stream}, row, 0, values, columns);
    for (std::size_t i = 0; i < columns; ++i) values[i] = mean + deviation * values[i];
  }
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
    throw Error(ErrorKind::kState, "ERR_SINGULAR",
                "expected the eigenvalues of the matrix to converge, received no convergence");
  return solver.eigenvalues().cwiseAbs().maxCoeff();
}

void scale(std::span<double> array, double factor) {
  for (double& x : array) x *= factor;
}

}  // namespace rockpool
