// The eigenvalue of largest magnitude of a large matrix by Arnoldi iteration with thick restarts (G. W. Stewart, "A
// Krylov-Schur algorithm for large eigenproblems", SIAM J. Matrix Anal. Appl. 23, 2001).
//
//   A V = V H + v b^T,  V orthonormal (n x m), H = V^T A V
//
// Each restart keeps the invariant subspace of H that belongs to its largest eigenvalues, complex pairs whole, so everything
// stays real. The iteration is done for A^T, whose rows are at hand; the eigenvalues are the same.
#include <algorithm>
#include <cmath>
#include <complex>
#include <functional>
#include <string>
#include <vector>

#include "portable_eigen.h"
#include "rockpool/error.h"
#include "rockpool/random.h"
#include "rockpool/weights.h"

namespace rockpool {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

/// y = B x.
using Product = std::function<void(const double* x, double* y)>;

/// Eight running sums in a fixed order: fast, and the same bits everywhere.
double dot(const double* a, const double* b, std::size_t n) {
  double s[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (std::size_t k = 0; k < 8; ++k) s[k] += a[i + k] * b[i + k];
  for (; i < n; ++i) s[0] += a[i] * b[i];
  return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

void axpy(double factor, const double* x, double* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] += factor * x[i];
}

/// Elements of the basis: 256 MiB of a matrix that is not too large for 40 vectors.
constexpr std::size_t kRoom = std::size_t{1} << 25;

double squared(std::complex<double> z) {
  return z.real() * z.real() + z.imag() * z.imag();
}

class Arnoldi {
 public:
  Arnoldi(std::size_t n, const Product& product, const RadiusOptions& options)
      : n_(n),
        m_(std::min(n, std::clamp<std::size_t>(kRoom / std::max<std::size_t>(n, 1), 40, 160))),
        product_(product),
        options_(options),
        basis_((m_ + 1) * n),
        h_(MatrixXd::Zero(static_cast<Index>(m_) + 1, static_cast<Index>(m_))) {
    fill_normal({0, 0}, 0, 0, vector(0), n);
    normalise(vector(0));
  }

  RadiusEstimate run() {
    std::size_t kept = 0;
    for (;;) {
      const std::size_t size = extend(kept);
      const auto k = static_cast<Index>(size);
      const MatrixXd small = h_.topLeftCorner(k, k);
      const Eigen::EigenSolver<MatrixXd> solver(small);
      if (solver.info() != Eigen::Success)
        throw Error(ErrorKind::kState, "ERR_SINGULAR",
                    "expected the eigenvalues of the matrix to converge, received no convergence");
      Index largest = 0;
      for (Index i = 1; i < k; ++i)
        if (squared(solver.eigenvalues()[i]) > squared(solver.eigenvalues()[largest])) largest = i;
      const bool whole = size < m_ || size == n_;  // the subspace is invariant
      const double radius = std::sqrt(squared(solver.eigenvalues()[largest]));
      const Eigen::VectorXcd y = solver.eigenvectors().col(largest);
      const double coupling = std::fabs(h_(k, k - 1)) * std::sqrt(squared(y[k - 1])) / y.norm();
      const bool converged = whole || coupling <= options_.tolerance * radius;
      if (converged || products_ >= options_.max_products) return finish(solver.eigenvalues()[largest], y, converged);
      kept = restart(small, solver);
    }
  }

 private:
  double* vector(std::size_t k) { return basis_.data() + k * n_; }

  double normalise(double* v) {
    const double norm = std::sqrt(dot(v, v, n_));
    if (norm > 0)
      for (std::size_t i = 0; i < n_; ++i) v[i] /= norm;
    return norm;
  }

  /// Takes the parts along the basis vectors 0 .. j off w, and puts them into column j of H.
  void orthogonalise(double* w, std::size_t j) {
    for (std::size_t i = 0; i <= j; ++i) {
      const double c = dot(vector(i), w, n_);
      h_(static_cast<Index>(i), static_cast<Index>(j)) += c;
      axpy(-c, vector(i), w, n_);
    }
  }

  /// Extends the basis from `from` vectors to m; returns how many there are, fewer when the subspace is invariant.
  std::size_t extend(std::size_t from) {
    for (std::size_t j = from; j < m_; ++j) {
      double* w = vector(j + 1);
      product_(vector(j), w);
      ++products_;
      const double before = std::sqrt(dot(w, w, n_));
      if (!std::isfinite(before)) throw_range("matrix", "finite numbers of moderate size", "others");
      // Once more where much cancelled: what is left is then not orthogonal yet.
      double norm = before;
      for (int pass = 0; pass < 3; ++pass) {
        const double last = norm;
        orthogonalise(w, j);
        norm = std::sqrt(dot(w, w, n_));
        if (norm > 0.7 * last) break;
      }
      const double beta = normalise(w);
      scale_ = std::max(scale_, before);
      h_(static_cast<Index>(j) + 1, static_cast<Index>(j)) = beta;
      if (beta <= 1e-14 * scale_) return j + 1;
    }
    return m_;
  }

  /// An orthonormal basis of the columns (Gram-Schmidt, twice).
  static MatrixXd orthonormal(MatrixXd columns) {
    const auto n = static_cast<std::size_t>(columns.rows());
    for (Index j = 0; j < columns.cols(); ++j) {
      double* v = columns.col(j).data();
      for (int pass = 0; pass < 2; ++pass) {
        for (Index i = 0; i < j; ++i) axpy(-dot(columns.col(i).data(), v, n), columns.col(i).data(), v, n);
        const double norm = std::sqrt(dot(v, v, n));
        for (std::size_t r = 0; r < n; ++r) v[r] = norm > 0 ? v[r] / norm : 0.0;
      }
    }
    return columns;
  }

  /// Keeps about half of the subspace; returns its dimension.
  std::size_t restart(const MatrixXd& small, const Eigen::EigenSolver<MatrixXd>& solver) {
    const auto m = static_cast<Index>(m_);
    std::vector<Index> order;
    for (Index i = 0; i < m; ++i)
      if (solver.eigenvalues()[i].imag() >= 0) order.push_back(i);  // of a pair the first
    std::stable_sort(order.begin(), order.end(),
                     [&](Index a, Index b) { return squared(solver.eigenvalues()[a]) > squared(solver.eigenvalues()[b]); });
    const auto vectors = solver.eigenvectors();
    MatrixXd wanted(m, m);
    Index k = 0;
    for (const Index i : order) {
      if (k >= m / 2) break;
      wanted.col(k++) = vectors.col(i).real();
      if (solver.eigenvalues()[i].imag() > 0) wanted.col(k++) = vectors.col(i).imag();
    }
    const MatrixXd q = orthonormal(wanted.leftCols(k));
    const Eigen::RowVectorXd coupling = h_(m, m - 1) * q.row(m - 1);
    h_.setZero();
    // Products by elements: those by blocks depend on the sizes of caches.
    const MatrixXd right = small.lazyProduct(q);
    h_.topLeftCorner(k, k) = q.transpose().lazyProduct(right);
    h_.row(k).head(k) = coupling;
    turn_basis(q);
    std::copy_n(vector(m_), n_, vector(static_cast<std::size_t>(k)));
    return static_cast<std::size_t>(k);
  }

  /// V = V Q, in pieces of the vectors.
  void turn_basis(const MatrixXd& q) {
    constexpr std::size_t kPiece = 256;
    const auto k = static_cast<std::size_t>(q.cols());
    std::vector<double> out(k * kPiece);
    for (std::size_t at = 0; at < n_; at += kPiece) {
      const std::size_t length = std::min(kPiece, n_ - at);
      std::fill(out.begin(), out.end(), 0.0);
      for (std::size_t c = 0; c < k; ++c)
        for (std::size_t i = 0; i < m_; ++i)
          axpy(q(static_cast<Index>(i), static_cast<Index>(c)), vector(i) + at, out.data() + c * kPiece, length);
      for (std::size_t c = 0; c < k; ++c) std::copy_n(out.data() + c * kPiece, length, vector(c) + at);
    }
  }

  /// The residual of x = V y, computed with the matrix itself.
  RadiusEstimate finish(std::complex<double> lambda, const Eigen::VectorXcd& y, bool converged) {
    const double radius = std::sqrt(squared(lambda));
    if (radius == 0) return {0, 0, products_, converged};
    std::vector<double> re(n_, 0.0), im(n_, 0.0), a_re(n_), a_im(n_);
    for (Index i = 0; i < y.size(); ++i) {
      axpy(y[i].real(), vector(static_cast<std::size_t>(i)), re.data(), n_);
      axpy(y[i].imag(), vector(static_cast<std::size_t>(i)), im.data(), n_);
    }
    product_(re.data(), a_re.data());
    product_(im.data(), a_im.data());
    double error = 0, norm = 0;
    for (std::size_t i = 0; i < n_; ++i) {
      const double r = a_re[i] - (lambda.real() * re[i] - lambda.imag() * im[i]);
      const double s = a_im[i] - (lambda.real() * im[i] + lambda.imag() * re[i]);
      error += r * r + s * s;
      norm += re[i] * re[i] + im[i] * im[i];
    }
    return {radius, std::sqrt(error / norm) / radius, products_ + 2, converged};
  }

  std::size_t n_, m_;
  const Product& product_;
  RadiusOptions options_;
  std::vector<double> basis_;
  MatrixXd h_;
  double scale_ = 0;
  std::uint64_t products_ = 0;
};

double entry(const CsrSpan& m, std::size_t k) {
  return m.data[m.data.size() == m.indices.size() ? k : 0];
}

/// y = A^T x.
void transposed_product(const CsrSpan& m, const double* x, double* y) {
  std::fill_n(y, m.columns, 0.0);
  for (std::size_t i = 0; i < m.rows; ++i)
    for (auto k = static_cast<std::size_t>(m.indptr[i]); k < static_cast<std::size_t>(m.indptr[i + 1]); ++k)
      y[static_cast<std::size_t>(m.indices[k])] += entry(m, k) * x[i];
}

/// y = A x.
void plain_product(const CsrSpan& m, const double* x, double* y) {
  for (std::size_t i = 0; i < m.rows; ++i) {
    double sum = 0;
    for (auto k = static_cast<std::size_t>(m.indptr[i]); k < static_cast<std::size_t>(m.indptr[i + 1]); ++k)
      sum += entry(m, k) * x[static_cast<std::size_t>(m.indices[k])];
    y[i] = sum;
  }
}

}  // namespace

RadiusEstimate krylov_radius(const CsrSpan& m, const RadiusOptions& options) {
  check_csr(m);
  if (m.rows != m.columns) throw_shape("matrix", "square", to_text(m.rows) + " x " + to_text(m.columns));
  if (m.rows == 0) return {};
  return Arnoldi(
             m.rows, [&](const double* x, double* y) { transposed_product(m, x, y); }, options)
      .run();
}

RadiusEstimate krylov_radius(std::span<const double> matrix, std::size_t n, const RadiusOptions& options) {
  if (n > 65535 || matrix.size() != n * n)
    throw_shape("matrix", to_text(n) + " x " + to_text(n), to_text(matrix.size()) + " elements");
  if (n == 0) return {};
  const Product product = [&](const double* x, double* y) {
    std::fill_n(y, n, 0.0);
    for (std::size_t i = 0; i < n; ++i) axpy(x[i], matrix.data() + i * n, y, n);
  };
  return Arnoldi(n, product, options).run();
}

RadiusEstimate largest_singular_value(const CsrSpan& m, const RadiusOptions& options) {
  check_csr(m);
  if (m.rows == 0 || m.columns == 0) return {};
  const bool tall = m.rows >= m.columns;
  std::vector<double> middle(tall ? m.rows : m.columns);
  const Product product = [&](const double* x, double* y) {
    tall ? plain_product(m, x, middle.data()) : transposed_product(m, x, middle.data());
    tall ? transposed_product(m, middle.data(), y) : plain_product(m, middle.data(), y);
  };
  RadiusEstimate result = Arnoldi(std::min(m.rows, m.columns), product, options).run();
  result.radius = std::sqrt(result.radius);
  return result;
}

}  // namespace rockpool
