#include "rockpool/batches.h"

#include <algorithm>
#include <string>

#include "learning/loss_checks.h"

namespace rockpool {

template <typename T>
void gather_rows(std::span<const T> x, std::size_t width, std::span<const std::uint32_t> rows, std::span<T> out) {
  check_elements("out", out.size(), rows.size() * width);
  const std::size_t count = width == 0 ? 0 : x.size() / width;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (width == 0) continue;
    if (rows[r] >= count)
      throw Error(ErrorKind::kRange, "ERR_INDEX",
                  "expected row " + to_text(r) + " to be less than " + to_text(count) + ", received " + to_text(rows[r]));
    std::copy_n(x.data() + std::size_t{rows[r]} * width, width, out.data() + r * width);
  }
}

template void gather_rows<double>(std::span<const double>, std::size_t, std::span<const std::uint32_t>, std::span<double>);
template void gather_rows<float>(std::span<const float>, std::size_t, std::span<const std::uint32_t>, std::span<float>);

}  // namespace rockpool
