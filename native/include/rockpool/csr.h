// Sparse matrices in compressed rows: row i holds the entries indptr[i] .. indptr[i + 1] - 1, each a column and a value,
// columns ascending.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace rockpool {

/// A borrowed matrix. `data` has one value for each entry, or one that all share.
struct CsrSpan {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::span<const double> indptr;  // rows + 1; doubles, since there may be more than 2^31 entries
  std::span<const std::int32_t> indices;
  std::span<const double> data;
};

/// Throws ERR_SHAPE or ERR_VALUE unless row ends ascend from 0 to the number of entries, columns exist and ascend within each
/// row, and values are finite.
void check_csr(const CsrSpan& matrix);

/// Column numbers from doubles; throws ERR_VALUE for what is no integer of 0 to `columns` - 1.
void read_columns(std::span<const double> values, std::size_t columns, std::span<std::int32_t> out);

/// The row-major matrix.
void csr_to_dense(const CsrSpan& matrix, std::span<double> dense);

/// The elements of a row-major matrix of the same shape at the places of the entries.
void csr_gather(const CsrSpan& matrix, std::span<const double> dense, std::span<double> values);

/// Whole time steps of delays: round(seconds / dt) + extra. Throws ERR_VALUE for a delay of less than one step.
void delay_steps(std::span<const double> seconds, double dt, std::uint64_t extra, const std::string& name,
                 std::span<double> steps);

}  // namespace rockpool
