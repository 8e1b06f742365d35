#include "learning/ridge_kernels.h"

// GCC 12 warns about the undefined vectors inside its own AVX-512 intrinsics.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <Eigen/Cholesky>
#include <Eigen/Core>

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

using Vector = Eigen::internal::packet_traits<double>::type;
constexpr int kLanes = Eigen::internal::packet_traits<double>::size;
constexpr int kPanel = static_cast<int>(kRidgePanel);

// Registers of the inner loop: kVectors x kColumns sums, kVectors of the left side and one of the right. 24 sums where there
// are 32 vector registers, 12 where there are 16.
constexpr int kVectors = 3;
constexpr int kRows = kVectors * kLanes;
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kColumns = 8;
#else
constexpr int kColumns = 4;
#endif
static_assert(kPanel % kRows == 0 && kPanel % kColumns == 0);

inline void update_block(const double* a, const double* b, std::size_t depth, double* tile) {
  using namespace Eigen::internal;
  Vector sum[kColumns][kVectors];
  for (int j = 0; j < kColumns; ++j)
    for (int v = 0; v < kVectors; ++v) sum[j][v] = pset1<Vector>(0.0);
  for (std::size_t k = 0; k < depth; ++k, a += kPanel, b += kPanel) {
    Vector left[kVectors];
    for (int v = 0; v < kVectors; ++v) left[v] = ploadu<Vector>(a + v * kLanes);
    for (int j = 0; j < kColumns; ++j) {
      const Vector right = pset1<Vector>(b[j]);
      for (int v = 0; v < kVectors; ++v) sum[j][v] = pmadd(left[v], right, sum[j][v]);
    }
  }
  for (int j = 0; j < kColumns; ++j)
    for (int v = 0; v < kVectors; ++v) {
      double* at = tile + j * kPanel + v * kLanes;
      pstoreu(at, padd(ploadu<Vector>(at), sum[j][v]));
    }
}

void update_tile(const double* a, const double* b, std::size_t depth, double* tile) {
  for (int j = 0; j < kPanel; j += kColumns)
    for (int i = 0; i < kPanel; i += kRows) update_block(a + i, b + j, depth, tile + j * kPanel + i);
}

// A product with 0 is 0 for finite values and NaN for all others, and sums of them stay so.
template <bool kStandardize>
double pack_columns(const double* from, std::size_t n, const double* mean, const double* sd, double* to) {
  double bad = 0;
  for (std::size_t c = 0; c < n; ++c) {
    const double value = kStandardize ? (from[c] - mean[c]) / sd[c] : from[c];
    to[c] = value;
  }
  for (std::size_t c = 0; c < n; ++c) bad += from[c] * 0.0;
  return bad;
}

template <bool kStandardize>
bool pack(const double* x, std::size_t columns, const std::uint32_t* index, std::size_t first, std::size_t last,
          const double* mean, const double* sd, double* packed, std::size_t panel_stride) {
  using namespace Eigen::internal;
  double bad = 0;
  Vector bads = pset1<Vector>(0.0);
  const Vector zero = bads;
  for (std::size_t r = first; r < last; ++r) {
    const double* row = x + (index != nullptr ? index[r] : r) * columns;
    double* to = packed + r * kPanel;
    std::size_t c = 0;
    for (; c + kPanel <= columns; c += kPanel, to += panel_stride) {
      for (int v = 0; v < kPanel; v += kLanes) {
        Vector value = ploadu<Vector>(row + c + v);
        bads = padd(bads, pmul(value, zero));
        if (kStandardize) value = pdiv(psub(value, ploadu<Vector>(mean + c + v)), ploadu<Vector>(sd + c + v));
        pstoreu(to + v, value);
      }
    }
    if (c < columns)
      bad += pack_columns<kStandardize>(row + c, columns - c, kStandardize ? mean + c : nullptr,
                                        kStandardize ? sd + c : nullptr, to);
  }
  return bad + predux(bads) == 0;
}

bool pack_rows(const double* x, std::size_t columns, const std::uint32_t* index, std::size_t first, std::size_t last,
               const double* mean, const double* sd, double* packed, std::size_t panel_stride) {
  return mean != nullptr ? pack<true>(x, columns, index, first, last, mean, sd, packed, panel_stride)
                         : pack<false>(x, columns, index, first, last, mean, sd, packed, panel_stride);
}

void add_compensated(double* sum, double* compensation, const double* update, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const double change = update[i] - compensation[i];
    const double next = sum[i] + change;
    compensation[i] = (next - sum[i]) - change;
    sum[i] = next;
  }
}

bool all_finite(const double* x, std::size_t n) {
  using namespace Eigen::internal;
  const Vector zero = pset1<Vector>(0.0);
  Vector bads = zero;
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) bads = padd(bads, pmul(ploadu<Vector>(x + i), zero));
  double bad = predux(bads);
  for (; i < n; ++i) bad += x[i] * 0.0;
  return bad == 0;
}

using Matrix = Eigen::MatrixXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Strided = Eigen::Map<Matrix, 0, Eigen::OuterStride<>>;
using ConstStrided = Eigen::Map<const Matrix, 0, Eigen::OuterStride<>>;

Strided view(double* a, std::size_t rows, std::size_t columns, std::size_t ld) {
  return {a, static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns),
          Eigen::OuterStride<>(static_cast<Eigen::Index>(ld))};
}
ConstStrided view(const double* a, std::size_t rows, std::size_t columns, std::size_t ld) {
  return {a, static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns),
          Eigen::OuterStride<>(static_cast<Eigen::Index>(ld))};
}

bool factor_block(double* a, std::size_t ld, std::size_t n) {
  auto block = view(a, n, n, ld);
  const Eigen::LLT<Eigen::Ref<Matrix>, Eigen::Lower> factor(block);
  return factor.info() == Eigen::Success;
}

void solve_panel(const double* l, std::size_t ld_l, std::size_t n, double* b, std::size_t ld_b, std::size_t rows) {
  auto panel = view(b, rows, n, ld_b);
  const auto lower = view(l, n, n, ld_l).triangularView<Eigen::Lower>();
  lower.transpose().solveInPlace<Eigen::OnTheRight>(panel);
}

void update_panel(const double* a, const double* b, std::size_t ld, std::size_t depth, double* c, std::size_t rows,
                  std::size_t columns) {
  const auto right = view(b, columns, depth, ld).transpose();
  auto diagonal = view(c, columns, columns, ld);
  diagonal.triangularView<Eigen::Lower>() -= view(a, columns, depth, ld) * right;
  if (rows > columns)
    view(c + columns, rows - columns, columns, ld).noalias() -= view(a + columns, rows - columns, depth, ld) * right;
}

void solve_lower(const double* l, std::size_t n, double* b, std::size_t columns) {
  auto right = view(b, n, columns, n);
  view(l, n, n, n).triangularView<Eigen::Lower>().solveInPlace(right);
}

void solve_upper(const double* l, std::size_t n, double* b, std::size_t columns) {
  auto right = view(b, n, columns, n);
  const auto lower = view(l, n, n, n).triangularView<Eigen::Lower>();
  lower.transpose().solveInPlace(right);
}

void multiply(const double* x, std::size_t rows, std::size_t inner, const double* w, std::size_t columns, double* out) {
  const auto r = static_cast<Eigen::Index>(rows), k = static_cast<Eigen::Index>(inner), c = static_cast<Eigen::Index>(columns);
  Eigen::Map<RowMajor>(out, r, c).noalias() = Eigen::Map<const RowMajor>(x, r, k) * Eigen::Map<const RowMajor>(w, k, c);
}

}  // namespace

const RidgeKernels& ridge_kernels() {
  static constexpr RidgeKernels kernels{pack_rows,   update_tile,  add_compensated, all_finite,  factor_block,
                                        solve_panel, update_panel, solve_lower,     solve_upper, multiply};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
