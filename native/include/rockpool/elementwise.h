// Arithmetic on matrices of samples, with broadcasting.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rockpool {

/// In sums and differences a NaN on one side counts as 0; everything else gives NaN where either side is NaN.
enum class BinaryOp : std::uint8_t { kAdd = 0, kSub, kMul, kDiv, kFloorDiv, kPow };
enum class CompareOp : std::uint8_t { kEq = 0, kNe, kLt, kLe, kGt, kGe };

/// A row-major matrix. One row or one column stands for as many as the other operand has.
struct Operand {
  std::span<const double> data;
  std::size_t rows = 0;
  std::size_t columns = 0;
};

/// out = a OP b, rows x columns, where each operand has `rows` or 1 rows and `columns` or 1 columns.
void combine(BinaryOp op, const Operand& a, const Operand& b, std::size_t rows, std::size_t columns, double* out);
void compare(CompareOp op, const Operand& a, const Operand& b, std::size_t rows, std::size_t columns, std::uint8_t* out);

/// out = a + b. Unlike the sum of series, a NaN on one side stays one.
void add(std::span<const double> a, std::span<const double> b, std::span<double> out);

/// out = -x, or |x|
void negate(std::span<const double> x, double* out);
void absolute(std::span<const double> x, double* out);

/// Smallest and largest value, NaN left out; NaN when there is none.
struct Limits {
  double smallest, largest;
};
Limits limits(std::span<const double> x);

/// out = a (rows x inner) times b (inner x columns), all row-major.
void multiply(const double* a, std::size_t rows, std::size_t inner, const double* b, std::size_t columns, double* out);

}  // namespace rockpool
