// Linear projections of many rows: out = x W + b.
//
//   parameter   shape               meaning
//   weight      [inputs, outputs]   [pre, post]
//   bias        [outputs]           added to every row; empty: none
//
// Blocks of rows that are mostly zeros (spikes) are summed over the rows of W that they name, the others are multiplied in
// tiles. Every sum runs over the inputs in ascending order with one accumulator, so both give the same bits, for any number of
// threads and however the rows are cut into calls.
#pragma once

#include <cstddef>
#include <span>

#include "rockpool/run_control.h"

namespace rockpool {

struct LinearParameters {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::span<const double> weight;
  std::span<const double> bias;
};

/// x [rows x inputs], out [rows x outputs], computed in the precision of these. Throws ERR_SHAPE.
void linear(const LinearParameters& parameters, std::span<const double> x, std::span<double> out, RunControl& control);
void linear(const LinearParameters& parameters, std::span<const float> x, std::span<float> out, RunControl& control);

}  // namespace rockpool
