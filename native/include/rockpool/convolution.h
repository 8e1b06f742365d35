// A two-dimensional convolution as the weights of a layer with events as input: an event of an input pixel adds a column of
// kernel entries to the output pixels that it reaches, and nothing else is computed.
//
//   y[o, r, c] = sum over i, a, b of  w[o, i, a, b] x[i, r stride_rows + a - pad_top, c stride_columns + b - pad_left]
//
// with x = 0 outside of the image (a cross-correlation, as neural networks mean it). Images are flattened with the channel
// first, or last: then the channels of one pixel lie side by side.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace rockpool {

struct ConvolutionShape {
  std::size_t channels = 1, rows = 1, columns = 1;  // of the input
  std::size_t kernels = 1;                          // channels of the output
  std::size_t kernel_rows = 1, kernel_columns = 1;
  std::size_t stride_rows = 1, stride_columns = 1;
  std::size_t pad_top = 0, pad_bottom = 0, pad_left = 0, pad_right = 0;
  bool channels_last = false;
};

class Convolution {
 public:
  /// `weights`: kernels x channels x kernel rows x kernel columns. Throws ERR_VALUE, ERR_SHAPE.
  Convolution(const ConvolutionShape& shape, std::span<const double> weights);

  std::size_t inputs() const { return inputs_; }
  std::size_t units() const { return out_rows_ * out_columns_ * shape_.kernels; }
  std::size_t out_rows() const { return out_rows_; }
  std::size_t out_columns() const { return out_columns_; }

  /// Adds `value` times the weights of one input to `sums`, which has an element for each unit.
  void add(std::size_t input, double value, double* sums) const;

 private:
  ConvolutionShape shape_;
  std::size_t inputs_ = 0, out_rows_ = 0, out_columns_ = 0;
  std::vector<double> weights_;  // [channel][kernel row][kernel column][kernel]
};

}  // namespace rockpool
