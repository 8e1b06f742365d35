// States that became infinite or NaN.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "rockpool/error.h"

namespace rockpool {

/// The first of n elements that is not finite, or n.
template <typename T>
std::size_t first_not_finite(const T* x, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j)
    if (!std::isfinite(x[j])) return j;
  return n;
}

/// `x` begins with the state of `first_neuron`. Throws ERR_NOT_FINITE, naming the first such neuron, when one of its states is
/// not finite after that absolute time step.
template <typename T>
void check_finite(const char* what, const T* x, std::size_t n, std::uint64_t step, std::size_t first_neuron = 0) {
  const std::size_t j = first_not_finite(x, n);
  if (j == n) return;
  const char* value = std::isnan(x[j]) ? "NaN" : x[j] > T(0) ? "Infinity" : "-Infinity";
  throw Error(ErrorKind::kState, "ERR_NOT_FINITE",
              std::string("expected the ") + what + " of neuron " + to_text(first_neuron + j) + " to be finite, received " +
                  value + " at time step " + to_text(step));
}

}  // namespace rockpool
