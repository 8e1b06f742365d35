// Streaming ridge regression (linear least squares with an L2 penalty).
//
// Model:      y = x W + b, fitted by (xtx + lambda I) [W; b] = xty
// Sums:       xtx = Z^T Z [F', F'], xty = Z^T Y [F', O], Z = [X, 1] with biases, else X; F' = its number of columns
// Standardise: X := (X - mean) / sd, mean and population sd those of the first batch (sd of a constant column: 1);
//             the solution is transformed back. Without biases the shift by the mean is lost.
// Fisher:     targets are labels 1 (true), 0 (false) or -1 (ignored). With n1 true and n0 false among all n rows of all
// batches,
//             weighted (B): samples weigh w1 = n/n1 or w0 = n/n0, targets are +-1, one system for each output;
//             relabelled (A): targets become +w1 or -w0, samples weigh 1.
//
// Batches are added with compensated (Kahan) summation; within a batch the products are ordinary ones, formed block by block of
// rows, so nothing of the size of X is ever copied; X may also be a source that makes its rows block by block, so that it never
// exists as a whole. Memory is O(F'^2). Results do not depend on the number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "rockpool/input_source.h"
#include "rockpool/run_control.h"

namespace rockpool {

enum class FisherMode { kNone, kRelabelled, kWeighted };

struct RidgeOptions {
  std::size_t num_features = 0;
  std::size_t num_outputs = 0;
  bool train_biases = true;
  bool standardize = false;
  FisherMode fisher = FisherMode::kNone;
};

/// How a system was solved, best first.
enum class SolveMethod { kCholesky, kLdlt, kOrthogonal };

struct RidgeSolution {
  std::vector<double> weights;                  // F x O, row-major
  std::vector<double> bias;                     // O; empty without biases
  std::vector<double> mse;                      // O: mean squared error over all batches, from the sums
  double condition = 0;                         // estimate (1-norm) of the worst system, features scaled to equal size
  std::size_t rank = 0;                         // smallest rank of the systems
  SolveMethod method = SolveMethod::kCholesky;  // the last resort that was needed
};

class RowBlocks;

class RidgeAccumulator {
 public:
  explicit RidgeAccumulator(const RidgeOptions& options);
  ~RidgeAccumulator();

  const RidgeOptions& options() const { return options_; }
  std::size_t num_effective() const { return options_.num_features + (options_.train_biases ? 1 : 0); }
  std::uint64_t rows() const;

  /// Adds a batch: x is rows x F, y is rows x O, both row-major. All or nothing: on an error (a value that is not finite, a
  /// wrong label, cancellation) nothing has changed. Counts rows on `control`.
  void train_batch(const double* x, const double* y, std::size_t rows, RunControl& control);
  /// The same with rows 0 ... rows - 1 of a source of F channels.
  void train_batch(const InputSource& x, const double* y, std::size_t rows, RunControl& control);

  /// Solves with what has been added so far.
  RidgeSolution solve(double regularize, bool regularize_bias, RunControl& control) const;

  /// Forgets all batches.
  void reset();

  /// A copy of the state, and the way back.
  struct State;
  std::shared_ptr<const State> snapshot() const;
  void restore(const std::shared_ptr<const State>& state);

  /// Copies of the sums. xtx has F' x F' elements (O x F' x F' when weighted), xty F' x O; `compensation` gives Kahan's terms.
  std::size_t xtx_size() const;
  void read_xtx(double* out, bool compensation) const;
  void read_xty(double* out, bool compensation) const;
  /// Mean and deviation of the first batch, F elements each; false before it or without standardisation.
  bool read_scaling(double* mean, double* sd) const;

 private:
  struct Batch;
  void add_batch(const RowBlocks& x, const double* y, RunControl& control);
  void add_grams(const RowBlocks& x, const double* y, Batch& batch, RunControl& control) const;
  void scan_labels(const double* y, std::size_t rows, Batch& batch) const;
  void class_weights(std::size_t output, double& w1, double& w0) const;
  double xtx_at(std::size_t output, std::size_t i, std::size_t j, bool compensation) const;
  double xty_at(std::size_t output, std::size_t i, bool compensation) const;

  RidgeOptions options_;
  std::unique_ptr<State> state_;
};

/// out = x weights + bias, with x rows x F, weights F x O, bias O elements or null, out rows x O.
void ridge_predict(const double* x, std::size_t rows, std::size_t features, const double* weights, const double* bias,
                   std::size_t outputs, double* out);

/// Mean squared error of the prediction for each of the outputs, and the prediction itself (rows x O) unless `predicted` is
/// null. With labels as targets (Fisher), the mean over the two classes of the mean squared error to +1 or -1.
void ridge_evaluate(const double* x, const double* y, std::size_t rows, std::size_t features, const RidgeSolution& solution,
                    bool labels, double* predicted, double* mse, RunControl& control);
void ridge_evaluate(const InputSource& x, const double* y, std::size_t rows, const RidgeSolution& solution, bool labels,
                    double* predicted, double* mse, RunControl& control);

}  // namespace rockpool
