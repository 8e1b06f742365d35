// Columns of matrices that stand for the synapses of neurons: column j width + k belongs to synapse k of neuron j.
#pragma once

#include <cstddef>
#include <span>

namespace rockpool {

/// out [rows, n width] = values [rows, n], column j times factors[j] at column j width + offset; nothing else is written.
void spread_columns(std::span<const double> values, std::span<const double> factors, std::size_t width, std::size_t offset,
                    std::span<double> out);

/// The transpose: out [rows, n] = column j width + offset of values [rows, n width], times factors[j].
void collect_columns(std::span<const double> values, std::span<const double> factors, std::size_t width, std::size_t offset,
                     std::span<double> out);

/// sums[j] += sum over rows of a[r, j] times b[r, j width + offset].
void add_column_products(std::span<const double> a, std::span<const double> b, std::size_t width, std::size_t offset,
                         std::span<double> sums);

/// out[j] = the sum of column j of values [rows, n], the first row first.
void sum_rows(std::span<const double> values, std::span<double> out);

}  // namespace rockpool
