// Where a layer's input comes from: rows of a clocked matrix, produced block by block, so that a run of any length needs the
// memory of one block.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace rockpool {

class InputSource {
 public:
  virtual ~InputSource() = default;
  virtual std::size_t channels() const = 0;
  /// Rows of the absolute time steps first .. first + rows - 1, into out [rows x channels]. NaN where nothing is defined.
  virtual void read(std::uint64_t first, std::size_t rows, double* out) const = 0;
  /// Any rows, in ascending order.
  virtual void gather(std::span<const std::uint32_t> rows, double* out) const;
};

/// A matrix whose row 0 belongs to the time step `origin`.
class MatrixSource final : public InputSource {
 public:
  MatrixSource(std::span<const double> data, std::size_t channels, std::uint64_t origin)
      : data_(data), channels_(channels), origin_(origin) {}
  std::size_t channels() const override { return channels_; }
  void read(std::uint64_t first, std::size_t rows, double* out) const override {
    const double* from = data_.data() + static_cast<std::size_t>(first - origin_) * channels_;
    std::copy(from, from + rows * channels_, out);
  }

 private:
  std::span<const double> data_;
  std::size_t channels_;
  std::uint64_t origin_;
};

/// Reads rows as a layer of `inputs` channels sees them: one channel feeds all inputs, what is undefined counts as 0.
void read_input(const InputSource& source, std::uint64_t first, std::size_t rows, std::size_t inputs, double* out);

/// Throws ERR_SHAPE unless `source` has `inputs` channels, or one.
void check_input_channels(const InputSource& source, std::size_t inputs);

}  // namespace rockpool
