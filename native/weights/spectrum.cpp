#include <algorithm>
#include <cmath>
#include <complex>
#include <string>

#include "portable_eigen.h"
#include "rockpool/error.h"
#include "rockpool/weights.h"

namespace rockpool {

namespace {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Eigen::Index;
using Eigen::MatrixXcd;
using Eigen::MatrixXd;
using Eigen::VectorXcd;

void require_finite(std::span<const double> matrix, std::size_t n) {
  if (n > 65535 || matrix.size() != n * n)
    throw_shape("matrix", to_text(n) + " x " + to_text(n), to_text(matrix.size()) + " elements");
  if (!std::all_of(matrix.begin(), matrix.end(), [](double x) { return std::isfinite(x); }))
    throw_range("matrix", "finite numbers", "others");
}

[[noreturn]] void throw_no_convergence() {
  throw Error(ErrorKind::kState, "ERR_SINGULAR", "expected the eigenvalues of the matrix to converge, received no convergence");
}

/// |z| by operations whose rounding is the same everywhere.
double magnitude(std::complex<double> z) {
  const double a = std::max(std::fabs(z.real()), std::fabs(z.imag())), b = std::min(std::fabs(z.real()), std::fabs(z.imag()));
  return a == 0 ? 0.0 : a * std::sqrt(1.0 + (b / a) * (b / a));
}

/// Whether all units move the same way: turned so that the largest element is real, all have a positive real part.
bool same_direction(const VectorXcd& v) {
  Index largest = 0;
  for (Index i = 1; i < v.size(); ++i)
    if (magnitude(v[i]) > magnitude(v[largest])) largest = i;
  const std::complex<double> turn = std::conj(v[largest]);
  for (Index i = 0; i < v.size(); ++i)
    if (!((v[i] * turn).real() > 0)) return false;
  return true;
}

/// The left eigenvector w of an eigenvalue, w^T A = lambda w^T, by inverse iteration next to it.
VectorXcd left_eigenvector(const MatrixXd& a, std::complex<double> lambda, double norm) {
  MatrixXcd shifted = a.transpose().cast<std::complex<double>>();
  shifted.diagonal().array() -= lambda + norm * 0x1p-44;
  const Eigen::PartialPivLU<MatrixXcd> solver(shifted);
  VectorXcd w(a.rows());
  for (Index i = 0; i < w.size(); ++i) w[i] = 1.0 + 0.25 * std::fabs(static_cast<double>((i * 7919) % 1009) / 1009.0 - 0.5);
  for (int step = 0; step < 3; ++step) {
    w = solver.solve(w);
    w /= w.cwiseAbs().maxCoeff();
  }
  return w;
}

/// a -= lambda v w^T / (w^T v), and the same for the conjugates of a complex pair.
void deflate(MatrixXd& a, const MatrixXd& jacobian, std::complex<double> lambda, const VectorXcd& v, double norm) {
  const VectorXcd w = left_eigenvector(jacobian, lambda, norm);
  const std::complex<double> product = (w.transpose() * v)(0);
  if (!(magnitude(product) > 1e-10 * w.norm() * v.norm()))
    throw Error(ErrorKind::kState, "ERR_SINGULAR",
                "expected the modes that do not switch to be simple eigenvectors of the Jacobian, received a defective one");
  const bool pair = lambda.imag() != 0;
  const VectorXcd factor = (lambda / product) * v;
  a -= (pair ? 2.0 : 1.0) * (factor.real() * w.real().transpose() - factor.imag() * w.imag().transpose());
}

std::size_t wipe_modes(const MatrixXd& jacobian, MatrixXd& result) {
  const Eigen::EigenSolver<MatrixXd> solver(jacobian);
  if (solver.info() != Eigen::Success) throw_no_convergence();
  const VectorXcd& values = solver.eigenvalues();
  const MatrixXcd vectors = solver.eigenvectors();
  // What leads stays, and so does the leading real eigenvalue: where a complex pair leads, that is the mode which does not
  // turn.
  Index leading = 0, real = -1;
  for (Index k = 0; k < values.size(); ++k) {
    if (values[k].real() > values[leading].real()) leading = k;
    if (values[k].imag() == 0 && (real < 0 || values[k].real() > values[real].real())) real = k;
  }
  const double norm = std::max(jacobian.cwiseAbs().maxCoeff(), 1e-300);
  std::size_t wiped = 0;
  for (Index k = 0; k < values.size(); ++k) {
    if (k == real || values[k] == values[leading] || values[k] == std::conj(values[leading])) continue;
    if (values[k] == 0.0 || values[k].imag() < 0 || !same_direction(vectors.col(k))) continue;  // pairs by their first member
    deflate(result, jacobian, values[k], vectors.col(k), norm);
    wiped += values[k].imag() != 0 ? 2 : 1;
  }
  return wiped;
}

}  // namespace

double spectral_radius(std::span<const double> matrix, std::size_t n) {
  require_finite(matrix, n);
  if (n == 0) return 0;
  // Eigenvalues are those of the transpose too, so the storage order does not matter.
  const Eigen::Map<const MatrixXd> map(matrix.data(), static_cast<Index>(n), static_cast<Index>(n));
  const Eigen::EigenSolver<MatrixXd> solver(map, /*computeEigenvectors=*/false);
  if (solver.info() != Eigen::Success) throw_no_convergence();
  double radius = 0;
  for (const std::complex<double> value : solver.eigenvalues()) radius = std::max(radius, magnitude(value));
  return radius;
}

void eigenvalues(std::span<const double> matrix, std::size_t n, std::span<double> real, std::span<double> imaginary) {
  require_finite(matrix, n);
  if (real.size() != n || imaginary.size() != n)
    throw_shape("the eigenvalues", to_text(n) + " elements long", to_text(std::min(real.size(), imaginary.size())));
  if (n == 0) return;
  const Eigen::Map<const MatrixXd> map(matrix.data(), static_cast<Index>(n), static_cast<Index>(n));
  const Eigen::EigenSolver<MatrixXd> solver(map, /*computeEigenvectors=*/false);
  if (solver.info() != Eigen::Success) throw_no_convergence();
  VectorXcd values = solver.eigenvalues();
  std::sort(values.begin(), values.end(), [](const std::complex<double> a, const std::complex<double> b) {
    return a.real() != b.real() ? a.real() > b.real() : a.imag() > b.imag();
  });
  for (std::size_t i = 0; i < n; ++i) {
    real[i] = values[static_cast<Index>(i)].real();
    imaginary[i] = values[static_cast<Index>(i)].imag();
  }
}

std::size_t wipe_non_switching(std::span<const double> matrix, std::size_t n, const WipeOptions& o, std::span<double> weights,
                               std::span<double> jacobian) {
  require_finite(matrix, n);
  if (weights.size() != matrix.size() || jacobian.size() != matrix.size())
    throw_shape("out", to_text(n) + " x " + to_text(n), to_text(weights.size()) + " elements");
  const auto size = static_cast<Index>(n);
  MatrixXd j = Eigen::Map<const RowMatrix>(matrix.data(), size, size);
  j.diagonal().array() -= 1.0;
  for (const std::int32_t row : o.inhibitory) {
    if (row < 0 || row >= size) throw_range("idcsInh", "rows from 0 to " + to_text(size - 1), to_text(row));
    j.row(row) /= o.inh_tau_factor;
  }
  MatrixXd wiped = j;
  const std::size_t count = n == 0 ? 0 : wipe_modes(j, wiped);
  Eigen::Map<RowMatrix>(jacobian.data(), size, size) = wiped;
  for (const std::int32_t row : o.inhibitory) wiped.row(row) *= o.inh_tau_factor;
  wiped.diagonal().array() += 1.0;
  Eigen::Map<RowMatrix>(weights.data(), size, size) = wiped * o.scale;
  return count;
}

}  // namespace rockpool
