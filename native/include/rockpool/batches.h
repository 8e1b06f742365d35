// Batches of samples: which, in which order.
#pragma once

#include <cstdint>
#include <span>

namespace rockpool {

/// out[r] = x[rows[r]] for rows of `width` elements. Throws ERR_INDEX for a row that there is not.
template <typename T>
void gather_rows(std::span<const T> x, std::size_t width, std::span<const std::uint32_t> rows, std::span<T> out);

}  // namespace rockpool
