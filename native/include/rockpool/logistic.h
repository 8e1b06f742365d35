// Logistic regression by mini-batch gradient descent.
//
// Model:     p = sigma(x W + b), sigma(z) = 1 / (1 + exp(-z)), one probability for each output
// Loss:      L = -mean(y log p + (1 - y) log(1 - p)), the mean over rows and outputs
// One step over the rows B of a mini-batch, E = sigma(X_B W + b) - Y_B:
//   W -= rate (X_B^T E / |B| + (lambda / F) W),     b -= rate mean(E)
//
// In the first pass rows come in their order, later passes shuffle them: a permutation of its own for every pass, drawn from
// Philox and keyed by the seed and the number of the pass. The rows of X come from a source and are never held as a whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "rockpool/input_source.h"
#include "rockpool/run_control.h"

namespace rockpool {

struct LogisticOptions {
  double learning_rate = 0.0;
  double regularize = 0.0;     // lambda
  std::size_t batch_size = 0;  // 0: all rows
  std::size_t epochs = 1;      // passes
  std::uint64_t seed = 0;
};

/// Improves weights [F x O] and bias [O] in place; y is rows x O in [0, 1]. `loss` gets one number for each pass: that of the
/// mini-batches, each before its step. Counts rows on `control`. An error leaves weights and bias as they were: ERR_SHAPE,
/// ERR_VALUE, and ERR_NOT_FINITE when the descent does not converge.
void train_logistic(const InputSource& x, std::span<const double> y, std::size_t rows, const LogisticOptions& options,
                    std::span<double> weights, std::span<double> bias, std::span<double> loss, RunControl& control);

/// A random order of the numbers 0 ... n - 1: that of pass `pass` under `seed`.
void shuffled(std::uint64_t seed, std::uint64_t pass, std::span<std::uint32_t> order);

}  // namespace rockpool
