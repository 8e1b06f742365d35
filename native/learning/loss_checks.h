// Checks and sums that the losses share.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>

#include "rockpool/error.h"

namespace rockpool {

inline void check_elements(const char* name, std::size_t got, std::size_t expected) {
  if (got != expected) throw_shape(name, to_text(expected) + " elements long", to_text(got) + " elements");
}

/// As many as expected, or none.
inline void check_optional(const char* name, std::size_t got, std::size_t expected) {
  if (got != 0) check_elements(name, got, expected);
}

/// The sum of term(i), i < n, in eight interleaved sums: one order for every machine, and vectors for the compiler.
template <typename Term>
double lane_sum(std::size_t n, Term term) {
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> sums{};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (std::size_t k = 0; k < kLanes; ++k) sums[k] += term(i + k);
  for (; i < n; ++i) sums[i % kLanes] += term(i);
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

/// The class of an element; throws what is wrong with it.
inline std::size_t check_label(std::int32_t label, std::size_t classes, std::size_t i, bool may_skip) {
  if (label < (may_skip ? -1 : 0) || label >= static_cast<std::int64_t>(classes))
    throw_range(
        "label " + to_text(i),
        "an integer from 0 to " + to_text(static_cast<std::int64_t>(classes) - 1) + (may_skip ? ", or -1 for none" : ""),
        to_text(label));
  return static_cast<std::size_t>(label);
}

}  // namespace rockpool
