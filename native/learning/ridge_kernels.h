// Kernels of ridge regression: the symmetric product Z^T Z in tiles, and the blocks of a Cholesky factorisation.
//
// Packed rows: panel p holds columns 24 p .. 24 p + 23, as depth x 24 doubles, 64-byte aligned; panels are `panel_stride`
// apart. One packed copy serves both sides of the product. A tile is 24 x 24, element (i, j) at j * 24 + i. Matrices of the
// factorisation are column-major, lower triangle.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rockpool/simd.h"

namespace rockpool {

inline constexpr std::size_t kRidgePanel = 24;  // a multiple of three vectors of every instruction set

struct RidgeKernels {
  // Packs rows [first, last) of x (row `index[r]`, or r itself when index is null) to packed rows [first, last), standardised
  // when mean is given. False when a value is not finite.
  bool (*pack_rows)(const double* x, std::size_t columns, const std::uint32_t* index, std::size_t first, std::size_t last,
                    const double* mean, const double* sd, double* packed, std::size_t panel_stride);
  // tile += a^T b over `depth` packed rows.
  void (*update_tile)(const double* a, const double* b, std::size_t depth, double* tile);
  // Kahan: sum += update.
  void (*add_compensated)(double* sum, double* compensation, const double* update, std::size_t n);
  bool (*all_finite)(const double* x, std::size_t n);

  // Cholesky factor of an n x n diagonal block, in place; false when it is not positive definite.
  bool (*factor_block)(double* a, std::size_t ld, std::size_t n);
  // b := b L^-T, b is rows x n.
  void (*solve_panel)(const double* l, std::size_t ld_l, std::size_t n, double* b, std::size_t ld_b, std::size_t rows);
  // c -= a b^T below the diagonal; c is rows x columns with the diagonal block at the top, rows >= columns.
  void (*update_panel)(const double* a, const double* b, std::size_t ld, std::size_t depth, double* c, std::size_t rows,
                       std::size_t columns);
  // b := L^-1 b and b := L^-T b, b is n x columns.
  void (*solve_lower)(const double* l, std::size_t n, double* b, std::size_t columns);
  void (*solve_upper)(const double* l, std::size_t n, double* b, std::size_t columns);
  // out = x w, all row-major: rows x inner times inner x columns.
  void (*multiply)(const double* x, std::size_t rows, std::size_t inner, const double* w, std::size_t columns, double* out);
};

}  // namespace rockpool

ROCKPOOL_DECLARE_KERNELS(RidgeKernels, ridge_kernels)
