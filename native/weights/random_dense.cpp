#include <algorithm>
#include <cmath>
#include <string>

#include "draws.h"
#include "rockpool/error.h"
#include "rockpool/weights.h"

namespace rockpool {

namespace {

void require_square(std::size_t size, std::size_t n, const char* name) {
  if (n == 0 || size % n != 0 || size / n != n) throw_shape(name, to_text(n) + " x " + to_text(n), to_text(size) + " elements");
}

/// Rows from `first` to `last` - 1 of a matrix of n columns: keeps the elements of one sign, makes each column add up to
/// `target`.
class Part {
 public:
  Part(std::span<double> matrix, std::size_t n, std::size_t first, std::size_t last, double sign)
      : matrix_(matrix), n_(n), first_(first), last_(last), sign_(sign) {}

  std::size_t balance(double target, bool redraw, const RandomStream& stream) {
    if (first_ == last_) return 0;
    std::vector<double> sums(n_, 0.0);
    for (std::size_t i = first_; i < last_; ++i)
      for (std::size_t j = 0; j < n_; ++j) sums[j] += keep(i, j);
    std::size_t empty = 0;
    for (std::size_t j = 0; j < n_; ++j) {
      if (sums[j] != 0) continue;
      if (redraw)
        sums[j] = draw_column(j, stream);
      else
        ++empty;
    }
    for (std::size_t i = first_; i < last_; ++i)
      for (std::size_t j = 0; j < n_; ++j)
        if (sums[j] != 0) matrix_[i * n_ + j] = matrix_[i * n_ + j] / sums[j] * target;
    return empty;
  }

 private:
  double keep(std::size_t i, std::size_t j) {
    double& x = matrix_[i * n_ + j];
    if (!(x * sign_ > 0)) x = 0;
    return x;
  }

  /// Each trial fills the column anew, until an element has the sign: one in two does.
  double draw_column(std::size_t j, const RandomStream& stream) {
    Draws draws(stream, j);
    for (;;) {
      double sum = 0;
      for (std::size_t i = first_; i < last_; ++i) {
        matrix_[i * n_ + j] = draws.normal();
        sum += keep(i, j);
      }
      if (sum != 0) return sum;
    }
  }

  std::span<double> matrix_;
  std::size_t n_, first_, last_;
  double sign_;
};

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

void uniform_array(std::uint64_t seed, std::uint32_t stream, double low, double high, std::span<double> out) {
  constexpr std::size_t kRow = std::size_t{1} << 16;
  for (std::size_t row = 0; row * kRow < out.size(); ++row) {
    const auto values = out.subspan(row * kRow, std::min(kRow, out.size() - row * kRow));
    fill_uniform({seed, stream}, row, 0, values.data(), values.size());
    for (double& x : values) x = low + (high - low) * x;
  }
}

std::size_t balance_ei(std::span<double> matrix, std::size_t num_exc, std::size_t num_inh, double ratio, bool redraw,
                       std::uint64_t seed) {
  const std::size_t n = num_exc + num_inh;
  require_square(matrix.size(), n, "matrix");
  return Part(matrix, n, 0, num_exc, 1).balance(1, redraw, {seed, 1}) +
         Part(matrix, n, num_exc, n, -1).balance(-std::fabs(ratio), redraw, {seed, 2});
}

std::size_t wilson_cowan(const WilsonCowan& m, std::span<const double> draws, std::span<double> out) {
  const std::size_t n = m.nodes;
  if (n == 0 || draws.size() / n / n != 4 || draws.size() % (n * n) != 0)
    throw_shape("draws", "4 x " + to_text(n) + " x " + to_text(n), to_text(draws.size()) + " elements");
  require_square(out.size(), 2 * n, "out");
  const double peak = 1.0 / std::sqrt(2.0 * 3.14159265358979323846);
  std::size_t empty = 0;
  for (std::size_t b = 0; b < 4; ++b) {
    const bool inh = b >= 2;
    const double sigma = inh ? m.inh_sigma : m.exc_sigma;
    const double self = inh ? -std::fabs(m.self_inh) : m.self_exc;
    const double norm = inh ? -(peak + std::fabs(m.self_inh)) : peak + m.self_exc;
    const double* r = draws.data() + b * n * n;
    for (std::size_t pre = 0; pre < n; ++pre) {
      double* row = out.data() + ((inh ? n : 0) + pre) * 2 * n + (b % 2) * n;
      double sum = 0;
      for (std::size_t post = 0; post < n; ++post) {
        const double x = r[post * n + pre];
        row[post] = (inh ? std::min(x, 0.0) : std::max(x, 0.0)) * sigma + (pre == post ? self : 0.0);
        sum += row[post];
      }
      if (sum == 0) ++empty;
      for (std::size_t post = 0; post < n; ++post) row[post] = sum == 0 ? 0.0 : row[post] / sum * norm;
    }
  }
  return empty;
}

void combine_ff_rec(std::span<const double> ff, std::span<const double> rec, std::size_t m, std::size_t n,
                    std::span<double> out) {
  const std::size_t size = m + n;
  require_square(rec.size(), n, "rec");
  if (ff.size() % n != 0 || ff.size() / n != m)
    throw_shape("ff", to_text(m) + " x " + to_text(n), to_text(ff.size()) + " elements");
  require_square(out.size(), size, "out");
  for (std::size_t i = 0; i < size; ++i) {
    const double* from = i < m ? ff.data() + i * n : rec.data() + (i - m) * n;
    std::fill_n(out.data() + i * size, m, 0.0);
    std::copy_n(from, n, out.data() + i * size + m);
  }
}

SparseWeights combine_ff_rec(const CsrSpan& ff, const CsrSpan& rec) {
  check_csr(ff);
  check_csr(rec);
  if (rec.rows != rec.columns || ff.columns != rec.columns)
    throw_shape("rec", to_text(ff.columns) + " x " + to_text(ff.columns), to_text(rec.rows) + " x " + to_text(rec.columns));
  SparseWeights out;
  out.indptr.push_back(0);
  const auto append = [&](const CsrSpan& part) {
    const double before = out.indptr.back();
    for (std::size_t i = 0; i < part.rows; ++i) out.indptr.push_back(before + part.indptr[i + 1]);
    for (std::size_t k = 0; k < part.indices.size(); ++k) {
      out.indices.push_back(part.indices[k] + static_cast<std::int32_t>(ff.rows));
      out.data.push_back(part.data[part.data.size() == part.indices.size() ? k : 0]);
    }
  };
  append(ff);
  append(rec);
  return out;
}

void scale(std::span<double> array, double factor) {
  for (double& x : array) x *= factor;
}

}  // namespace rockpool
