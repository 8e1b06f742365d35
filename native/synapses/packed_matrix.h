// Dense weights of a plan, packed in panels (panels_inl.h).
#pragma once

#include <cstddef>
#include <span>

#include "rockpool/aligned.h"
#include "synapses/dense_kernels.h"

namespace rockpool {

/// Whether a held number is this one, narrowed. A NaN equals itself here.
template <typename T>
bool same_number(double value, T held) {
  const T narrowed = static_cast<T>(value);
  return narrowed == held || (narrowed != narrowed && held != held);
}

/// [rows x columns], or empty: absent.
template <typename T>
class PackedMatrix {
 public:
  PackedMatrix() = default;
  /// Packs row-major w for these kernels; an empty span gives an empty matrix.
  PackedMatrix(const DenseKernelsOf<T>& kernels, std::span<const double> w, std::size_t rows, std::size_t columns)
      : rows_(rows),
        columns_(columns),
        panel_(kernels.panel),
        data_(w.empty() ? 0 : rows * ((columns + panel_ - 1) / panel_ * panel_)) {
    if (!w.empty()) kernels.pack(w.data(), rows, columns, data_.data());
  }

  bool empty() const { return data_.empty(); }
  std::size_t size() const { return data_.size(); }
  const T* data() const { return data_.data(); }

  /// Whether it was packed from these numbers.
  bool holds(std::span<const double> w, std::size_t rows, std::size_t columns) const {
    if (w.empty() || empty()) return w.empty() == empty();
    if (rows != rows_ || columns != columns_) return false;
    for (std::size_t i = 0; i < rows_; ++i)
      for (std::size_t j = 0; j < columns_; ++j)
        if (!same_number(w[i * columns_ + j], data_[(j / panel_ * rows_ + i) * panel_ + j % panel_])) return false;
    return true;
  }

 private:
  std::size_t rows_ = 0, columns_ = 0, panel_ = 1;
  AlignedArray<T> data_;
};

}  // namespace rockpool
