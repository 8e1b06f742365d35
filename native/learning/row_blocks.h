// The rows of a matrix, block by block: one that is in memory as it is, one that is made by a source in a buffer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/input_source.h"

namespace rockpool {

class RowBlocks {
 public:
  RowBlocks(const double* x, std::size_t rows, std::size_t columns) : x_(x), rows_(rows), columns_(columns) {}
  RowBlocks(const InputSource& source, std::size_t rows) : source_(&source), rows_(rows), columns_(source.channels()) {}

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }

  /// fn(first, n, x) for consecutive blocks of rows [first, first + n), until it returns false.
  template <typename Fn>
  bool visit(Fn fn) const {
    if (source_ == nullptr) return rows_ == 0 || fn(std::size_t{0}, rows_, x_);
    constexpr std::size_t kDoubles = std::size_t{1} << 19;
    const std::size_t most = std::clamp(kDoubles / columns_ / kMultiple, std::size_t{1}, std::size_t{8}) * kMultiple;
    std::vector<double> buffer(std::min(most, rows_) * columns_);
    for (std::size_t first = 0; first < rows_; first += most) {
      const std::size_t n = std::min(most, rows_ - first);
      source_->read(first, n, buffer.data());
      if (!fn(first, n, static_cast<const double*>(buffer.data()))) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t kMultiple = 512;  // what sums over rows are grouped by: blocks then change no rounding

  const InputSource* source_ = nullptr;
  const double* x_ = nullptr;
  std::size_t rows_, columns_;
};

}  // namespace rockpool
