// Derivatives of linear projections out = x W + b of batches of sequences.
//
//   dx = g W^T,   dW = sum over elements and steps of x^T g,   db = sum of g          g: the derivative of a loss by out
//
// Sums are ADDED to what is there, in doubles: a run that is gone through in pieces, the last one first, adds up. The grid of
// the sums is kOuterSteps steps from the beginning of a piece; pieces that begin at multiples of it give bit for bit the sums
// of the run in one piece, on any number of threads.
#pragma once

#include <cstddef>
#include <span>

#include "rockpool/linear.h"
#include "rockpool/run_control.h"

namespace rockpool {

/// Steps that are summed before they are added: pieces of a run begin at multiples of it.
inline constexpr std::size_t kOuterSteps = 32;

template <typename T>
struct OuterProducts {
  std::size_t batch = 0, steps = 0, inputs = 0, outputs = 0;
  std::span<const T> x = {};           // [batch, steps, inputs]
  std::span<const double> first = {};  // [batch, inputs]: row n is x[n - 1] then, and row 0 is this one; or empty
  std::span<const T> g = {};           // [batch, steps, outputs]
  std::span<double> sums = {};         // [inputs, outputs]
};

/// sums[i, o] += sum over b and n of x[b, n, i] g[b, n, o]. Throws ERR_SHAPE.
void add_outer_products(const OuterProducts<double>& products, RunControl& control);
void add_outer_products(const OuterProducts<float>& products, RunControl& control);

/// sums[b, j] += sum over n of g[b, n, j], the last step first. Throws ERR_SHAPE.
void add_steps(std::size_t batch, std::size_t steps, std::size_t width, std::span<const double> g, std::span<double> sums);
void add_steps(std::size_t batch, std::size_t steps, std::size_t width, std::span<const float> g, std::span<double> sums);

/// dx [rows x inputs] = g [rows x outputs] W^T. Throws ERR_SHAPE.
void linear_input_gradient(std::size_t inputs, std::size_t outputs, std::span<const double> weight, std::span<const double> g,
                           std::span<double> dx, RunControl& control);
void linear_input_gradient(std::size_t inputs, std::size_t outputs, std::span<const double> weight, std::span<const float> g,
                           std::span<float> dx, RunControl& control);

}  // namespace rockpool
