#include "rockpool/convolution.h"

#include <cmath>
#include <string>

#include "rockpool/error.h"

namespace rockpool {

namespace {

constexpr std::size_t kMost = 0x7fffffffu;

void check_size(const char* name, std::size_t value, std::size_t least) {
  if (value < least || value > kMost)
    throw_range(name, std::to_string(least) + " or more, and below 2^31", std::to_string(value));
}

std::size_t product(const char* name, std::size_t a, std::size_t b, std::size_t c) {
  const double size = static_cast<double>(a) * static_cast<double>(b) * static_cast<double>(c);
  if (size > static_cast<double>(kMost)) throw_range(name, "below 2^31 in all", std::to_string(size));
  return a * b * c;
}

std::size_t out_size(const char* name, std::size_t padded, std::size_t kernel, std::size_t stride) {
  if (kernel > padded)
    throw_range(name, "at most as large as the padded image (" + std::to_string(padded) + ")", std::to_string(kernel));
  return (padded - kernel) / stride + 1;
}

// Output positions that an input position reaches through kernel position k: at most one, and it must exist.
bool reaches(std::size_t position, std::size_t k, std::size_t stride, std::size_t out, std::size_t& at) {
  if (position < k || (position - k) % stride != 0) return false;
  at = (position - k) / stride;
  return at < out;
}

}  // namespace

Convolution::Convolution(const ConvolutionShape& s, std::span<const double> weights) : shape_(s) {
  check_size("channels", s.channels, 1);
  check_size("rows", s.rows, 1);
  check_size("columns", s.columns, 1);
  check_size("kernels", s.kernels, 1);
  check_size("the rows of a kernel", s.kernel_rows, 1);
  check_size("the columns of a kernel", s.kernel_columns, 1);
  check_size("strides", s.stride_rows, 1);
  check_size("strides", s.stride_columns, 1);
  for (const auto padding : {s.pad_top, s.pad_bottom, s.pad_left, s.pad_right}) check_size("padding", padding, 0);
  inputs_ = product("the size of the image", s.channels, s.rows, s.columns);
  out_rows_ = out_size("the rows of a kernel", s.rows + s.pad_top + s.pad_bottom, s.kernel_rows, s.stride_rows);
  out_columns_ = out_size("the columns of a kernel", s.columns + s.pad_left + s.pad_right, s.kernel_columns, s.stride_columns);
  product("the size of the output", s.kernels, out_rows_, out_columns_);
  const std::size_t area = product("the size of a kernel", s.kernel_rows, s.kernel_columns, 1);
  const std::size_t count = product("the size of the kernels", s.kernels, s.channels, area);
  if (weights.size() != count)
    throw_shape("kernels", std::to_string(count) + " numbers", std::to_string(weights.size()) + " of them");
  weights_.resize(count);
  for (std::size_t o = 0; o < s.kernels; ++o)
    for (std::size_t i = 0; i < s.channels; ++i)
      for (std::size_t k = 0; k < area; ++k) {
        const double w = weights[(o * s.channels + i) * area + k];
        if (!std::isfinite(w)) throw_range("kernels", "finite", std::to_string(w));
        weights_[(i * area + k) * s.kernels + o] = w;
      }
}

void Convolution::add(std::size_t input, double value, double* sums) const {
  const auto& s = shape_;
  const std::size_t image = s.rows * s.columns;
  const std::size_t channel = s.channels_last ? input % s.channels : input / image;
  const std::size_t pixel = s.channels_last ? input / s.channels : input % image;
  const std::size_t row = pixel / s.columns + s.pad_top, column = pixel % s.columns + s.pad_left;
  const std::size_t out_pixels = out_rows_ * out_columns_;
  const std::size_t across = s.channels_last ? 1 : out_pixels;  // from one kernel's output to the next
  const std::size_t along = s.channels_last ? s.kernels : 1;    // from one pixel to the next
  const double* const own = weights_.data() + channel * s.kernel_rows * s.kernel_columns * s.kernels;
  for (std::size_t a = 0; a < s.kernel_rows; ++a) {
    std::size_t r = 0, c = 0;
    if (!reaches(row, a, s.stride_rows, out_rows_, r)) continue;
    for (std::size_t b = 0; b < s.kernel_columns; ++b) {
      if (!reaches(column, b, s.stride_columns, out_columns_, c)) continue;
      const double* const w = own + (a * s.kernel_columns + b) * s.kernels;
      double* const to = sums + (r * out_columns_ + c) * along;
      for (std::size_t o = 0; o < s.kernels; ++o) to[o * across] += value * w[o];
    }
  }
}

}  // namespace rockpool
