// What a solution of ridge regression predicts, and how well.
#include <algorithm>
#include <cmath>
#include <limits>

#include "learning/ridge_kernels.h"
#include "learning/row_blocks.h"
#include "rockpool/ridge.h"
#include "rockpool/thread_pool.h"

namespace rockpool {

namespace {

constexpr std::size_t kRowsPerTask = 512;

class ErrorSums {
 public:
  ErrorSums(std::size_t outputs, bool labels) : outputs_(outputs), labels_(labels), sums_(2 * outputs), counts_(2 * outputs) {}

  void add(const double* predicted, const double* target, std::size_t rows) {
    for (std::size_t i = 0; i < rows * outputs_; ++i) {
      const double label = labels_ ? std::nearbyint(target[i]) : 0.0;
      if (label < 0) continue;
      const bool is_true = label == 1.0;
      const double error = predicted[i] - (labels_ ? (is_true ? 1.0 : -1.0) : target[i]);
      const std::size_t at = 2 * (i % outputs_) + (is_true ? 1 : 0);
      sums_[at] += error * error;
      ++counts_[at];
    }
  }

  void means(double* mse) const {
    for (std::size_t o = 0; o < outputs_; ++o) {
      double total = 0;
      int classes = 0;
      for (std::size_t at = 2 * o; at < 2 * o + 2; ++at)
        if (counts_[at] > 0) total += sums_[at] / static_cast<double>(counts_[at]), ++classes;
      mse[o] = classes == 0 ? std::numeric_limits<double>::quiet_NaN() : total / classes;
    }
  }

 private:
  std::size_t outputs_;
  bool labels_;
  std::vector<double> sums_;
  std::vector<std::size_t> counts_;
};

void evaluate(const RowBlocks& x, const double* y, const RidgeSolution& s, bool labels, double* predicted, double* mse,
              RunControl& control) {
  const std::size_t outputs = s.mse.size();
  const double* bias = s.bias.empty() ? nullptr : s.bias.data();
  constexpr std::size_t kRows = 8 * kRowsPerTask;
  std::vector<double> part(predicted == nullptr ? std::min(kRows, x.rows()) * outputs : 0);
  ErrorSums errors(outputs, labels);
  x.visit([&](std::size_t first, std::size_t rows, const double* block) {
    for (std::size_t r = 0; r < rows; r += kRows) {
      const std::size_t n = std::min(kRows, rows - r);
      double* to = predicted == nullptr ? part.data() : predicted + (first + r) * outputs;
      ridge_predict(block + r * x.columns(), n, x.columns(), s.weights.data(), bias, outputs, to);
      errors.add(to, y + (first + r) * outputs, n);
      control.advance(0);
    }
    return true;
  });
  errors.means(mse);
}

}  // namespace

void ridge_predict(const double* x, std::size_t rows, std::size_t features, const double* weights, const double* bias,
                   std::size_t outputs, double* out) {
  const auto& kernels = ROCKPOOL_SELECT_KERNELS(ridge_kernels);
  ThreadPool::instance().parallel_for((rows + kRowsPerTask - 1) / kRowsPerTask, [&](std::size_t block) {
    const std::size_t first = block * kRowsPerTask, n = std::min(kRowsPerTask, rows - first);
    double* to = out + first * outputs;
    kernels.multiply(x + first * features, n, features, weights, outputs, to);
    if (bias == nullptr) return;
    for (std::size_t r = 0; r < n; ++r)
      for (std::size_t o = 0; o < outputs; ++o) to[r * outputs + o] += bias[o];
  });
}

void ridge_evaluate(const double* x, const double* y, std::size_t rows, std::size_t features, const RidgeSolution& solution,
                    bool labels, double* predicted, double* mse, RunControl& control) {
  evaluate(RowBlocks(x, rows, features), y, solution, labels, predicted, mse, control);
}

void ridge_evaluate(const InputSource& x, const double* y, std::size_t rows, const RidgeSolution& solution, bool labels,
                    double* predicted, double* mse, RunControl& control) {
  evaluate(RowBlocks(x, rows), y, solution, labels, predicted, mse, control);
}

}  // namespace rockpool
