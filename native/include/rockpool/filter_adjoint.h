// The way back through the filter banks of rockpool/filters.h. With the gradients g of y, s0 and s1 of the states that a step
// hands on:
//
//   y  = b0 x + z0                     g  = g - a1 s0 - a2 s1
//   z0 <- b1 x + z1 - a1 y             dx = b0 g + b1 s0 + b2 s1
//   z1 <- b2 x - a2 y                  s1 <- s0,  s0 <- g
//
// from the last section to the first; rectification takes the sign of the band, 0 at 0. Batch elements are computed in
// parallel, in doubles; a run that is cut in pieces gives bit for bit the run in one piece.
#pragma once

#include <cstddef>
#include <span>

#include "rockpool/filters.h"
#include "rockpool/run_control.h"

namespace rockpool {

template <typename T>
struct FilterAdjointRun {
  std::size_t batch = 1;
  std::size_t steps = 0;
  std::span<const T> input;         // [batch, steps]
  std::span<const double> state;    // where it started: [filters, sections, 2], or one for each element
  std::span<const T> g_out;         // [batch, steps, filters], before normalisation and means
  std::span<const double> g_after;  // of the new state, [batch, filters, sections, 2]; or empty
  std::span<T> g_input;             // [batch, steps]
  std::span<double> g_state;        // [batch, filters, sections, 2]
};

/// Throws ERR_SHAPE.
void filter_bank_adjoint(const FilterBankParameters& parameters, const FilterAdjointRun<double>& run, RunControl& control);
void filter_bank_adjoint(const FilterBankParameters& parameters, const FilterAdjointRun<float>& run, RunControl& control);

}  // namespace rockpool
