#include "rockpool/input_source.h"

#include <cmath>
#include <string>

#include "rockpool/error.h"

namespace rockpool {

void InputSource::gather(std::span<const std::uint32_t> rows, double* out) const {
  for (const auto row : rows) {
    read(row, 1, out);
    out += channels();
  }
}

void read_input(const InputSource& source, std::uint64_t first, std::size_t rows, std::size_t inputs, double* out) {
  source.read(first, rows, out);
  if (source.channels() == inputs) {
    for (std::size_t i = 0; i < rows * inputs; ++i) out[i] = out[i] == out[i] ? out[i] : 0.0;
    return;
  }
  // One channel: spread from the last row down, so that no row is overwritten before it is read.
  for (std::size_t k = rows; k-- > 0;) {
    const double value = out[k] == out[k] ? out[k] : 0.0;
    std::fill(out + k * inputs, out + (k + 1) * inputs, value);
  }
}

void check_input_channels(const InputSource& source, std::size_t inputs) {
  if (source.channels() != inputs && source.channels() != 1)
    throw_shape("the input", to_text(inputs) + " channels wide, or one", to_text(source.channels()) + " channels");
}

}  // namespace rockpool
