// The lower triangle of Z^T Z for Z = [X, constants, targets], in tiles, and one pass over rows that adds to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "learning/ridge_kernels.h"
#include "rockpool/run_control.h"

namespace rockpool {

/// Doubles on a cache line boundary. Zeroed.
class AlignedDoubles {
 public:
  AlignedDoubles() = default;
  explicit AlignedDoubles(std::size_t n);
  AlignedDoubles(const AlignedDoubles& other);
  AlignedDoubles(AlignedDoubles&&) noexcept = default;
  AlignedDoubles& operator=(AlignedDoubles&&) noexcept = default;

  double* data() { return data_.get(); }
  const double* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(double* p) const { ::operator delete (p, std::align_val_t{64}); }
  };
  std::unique_ptr<double, Free> data_;
  std::size_t size_ = 0;
};

/// Where things are: `features` columns that pair with each other, `targets` columns that pair with features only.
struct GramLayout {
  std::size_t features = 0;
  std::size_t targets = 0;

  std::size_t columns() const { return features + targets; }
  std::size_t panels() const { return (columns() + kRidgePanel - 1) / kRidgePanel; }
  std::size_t feature_panels() const { return (features + kRidgePanel - 1) / kRidgePanel; }
  /// Panels left of and including the diagonal that row panel `i` pairs with.
  std::size_t pairs(std::size_t i) const { return i < feature_panels() ? i + 1 : feature_panels(); }
  std::size_t tile(std::size_t i, std::size_t j) const {
    const std::size_t f = feature_panels();
    const std::size_t index = i < f ? i * (i + 1) / 2 + j : f * (f + 1) / 2 + (i - f) * f + j;
    return index * kRidgePanel * kRidgePanel;
  }
  std::size_t size() const { return tile(panels(), 0); }
  /// Offset of element (i, j), i >= j, j < features.
  std::size_t at(std::size_t i, std::size_t j) const {
    return tile(i / kRidgePanel, j / kRidgePanel) + (j % kRidgePanel) * kRidgePanel + i % kRidgePanel;
  }
};

/// What one pass reads. `targets` holds the columns after X: it fills packed rows [first, last), to be indexed as
/// `packed[(c / 24) * panel_stride + r * 24 + c % 24]`.
class GramSource {
 public:
  virtual ~GramSource() = default;
  virtual void pack_rest(std::size_t row, std::size_t first, std::size_t last, double* packed,
                         std::size_t panel_stride) const = 0;

  const double* x = nullptr;             // row-major, `x_columns` wide
  const std::uint32_t* index = nullptr;  // which rows; null: all in order
  std::size_t rows = 0;
  std::size_t x_columns = 0;
  const double* mean = nullptr;  // standardise
  const double* sd = nullptr;
};

/// Adds all rows of the source to `tiles`, calling control.advance for each row with `weight` per row. False, early, when a
/// value of X is not finite.
bool add_gram(const GramLayout& layout, const GramSource& source, double* tiles, std::uint64_t weight, RunControl& control);

}  // namespace rockpool
