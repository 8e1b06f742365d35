// Rows and columns of sample matrices: selecting, joining, repeating, merging in time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rockpool {

/// out[i, j] = in[i, columns[j]]; `in` has `width` columns, and every entry of `columns` must be in [0, width).
void take_columns(std::span<const double> in, std::size_t width, std::span<const std::int32_t> columns, double* out);

/// out[i, :] = a[i, :] followed by b[i, :]
void join_columns(std::span<const double> a, std::size_t a_width, std::span<const double> b, std::size_t b_width,
                  std::size_t rows, double* out);

/// out = in, again and again, until out is full.
void repeat(std::span<const double> in, std::span<double> out);

/// out = every row of `width` elements of in, `times` times. Out must have `times` times as many elements as in.
void repeat_rows(std::span<const double> in, std::size_t width, std::size_t times, std::span<double> out);

/// Merges series that stand one after the other in `times` and `samples` (`lengths[s]` rows of series s, sorted), by time; of
/// equal times the earlier series comes first. With `remove_duplicates` a row is left out when an earlier series has its time.
/// Returns how many rows were written to out_times and out_samples, which have room for all of them.
std::size_t merge_series(std::span<const double> times, std::span<const double> samples, std::size_t channels,
                         std::span<const double> lengths, bool remove_duplicates, std::span<double> out_times,
                         std::span<double> out_samples);

}  // namespace rockpool
