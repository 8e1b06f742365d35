// What is done to all rows of a filter bank's output together.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "rockpool/run_control.h"

namespace rockpool {

/// Calls body(from, to) for consecutive groups of rows, and asks between them whether to stop.
template <typename Body>
void for_row_groups(std::size_t rows, RunControl& control, Body body) {
  constexpr std::size_t kRowsPerPass = 1024;
  for (std::size_t from = 0; from < rows; from += kRowsPerPass) {
    body(from, std::min(from + kRowsPerPass, rows));
    control.advance(0);
  }
}

/// Silence stays silence.
template <typename T>
void divide_by_largest(std::span<T> out, std::size_t columns, RunControl& control) {
  T largest = 0;
  const std::size_t rows = out.size() / columns;
  for_row_groups(rows, control, [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from * columns; i < to * columns; ++i) largest = std::max(largest, std::fabs(out[i]));
  });
  if (largest == 0) return;
  for_row_groups(rows, control, [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from * columns; i < to * columns; ++i) out[i] /= largest;
  });
}

template <typename T>
void subtract_means(std::span<T> out, std::size_t columns, RunControl& control) {
  const std::size_t rows = out.size() / columns;
  if (rows == 0) return;
  std::vector<double> mean(columns), part(columns);  // sums of sums: rounding errors stay small
  for_row_groups(rows, control, [&](std::size_t from, std::size_t to) {
    std::ranges::fill(part, 0.0);
    for (std::size_t k = from; k < to; ++k)
      for (std::size_t j = 0; j < columns; ++j) part[j] += static_cast<double>(out[k * columns + j]);
    for (std::size_t j = 0; j < columns; ++j) mean[j] += part[j];
  });
  for (double& m : mean) m /= static_cast<double>(rows);
  for_row_groups(rows, control, [&](std::size_t from, std::size_t to) {
    for (std::size_t k = from; k < to; ++k)
      for (std::size_t j = 0; j < columns; ++j)
        out[k * columns + j] = static_cast<T>(static_cast<double>(out[k * columns + j]) - mean[j]);
  });
}

}  // namespace rockpool
