#include "rockpool/logistic.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "learning/logistic_kernels.h"
#include "rockpool/error.h"
#include "rockpool/random.h"

namespace rockpool {

namespace {

constexpr std::uint32_t kShuffleStream = 0x73687566;  // apart from those of noise

double sigmoid(double z) {
  if (z >= 0) return 1.0 / (1.0 + std::exp(-z));
  const double e = std::exp(z);
  return e / (1.0 + e);
}

/// -(y log sigma(z) + (1 - y) log(1 - sigma(z))), without overflow.
double cross_entropy(double z, double y) {
  return std::max(z, 0.0) - y * z + std::log1p(std::exp(-std::fabs(z)));
}

void check(const InputSource& x, std::span<const double> y, std::size_t rows, const LogisticOptions& o,
           std::span<double> weights, std::span<double> bias, std::span<double> loss) {
  const std::size_t outputs = bias.size();
  if (outputs == 0) throw_shape("bias", "one element or more", "none");
  if (weights.size() / outputs != x.channels() || weights.size() % outputs != 0)
    throw_shape("weights", to_text(x.channels()) + " x " + to_text(outputs), to_text(weights.size()) + " elements");
  if (rows == 0 || rows > std::numeric_limits<std::uint32_t>::max()) throw_range("rows", "from 1 to 2^32 - 1", to_text(rows));
  if (y.size() / outputs != rows || y.size() % outputs != 0)
    throw_shape("Y", to_text(rows) + " x " + to_text(outputs), to_text(y.size()) + " elements");
  if (loss.size() != o.epochs) throw_shape("loss", to_text(o.epochs) + " elements long", to_text(loss.size()) + " elements");
  if (!(o.learning_rate >= 0 && std::isfinite(o.learning_rate)))
    throw_range("learningRate", "a finite number of 0 or more", to_text(o.learning_rate));
  if (!(o.regularize >= 0 && std::isfinite(o.regularize)))
    throw_range("regularize", "a finite number of 0 or more", to_text(o.regularize));
  for (std::size_t i = 0; i < y.size(); ++i)
    if (!(y[i] >= 0 && y[i] <= 1))
      throw_range("Y[" + to_text(i / outputs) + ", " + to_text(i % outputs) + "]", "from 0 to 1", to_text(y[i]));
}

class Descent {
 public:
  Descent(const InputSource& x, std::span<const double> y, std::size_t rows, const LogisticOptions& options,
          std::span<const double> weights, std::span<const double> bias)
      : kernels_(ROCKPOOL_SELECT_KERNELS(logistic_kernels)),
        x_(x),
        y_(y),
        options_(options),
        features_(x.channels()),
        outputs_(bias.size()),
        block_(std::clamp<std::size_t>((std::size_t{1} << 18) / (features_ + outputs_), 16, 1024)),
        order_(rows),
        weights_(weights.size()),
        gradient_(weights.size()),
        bias_(bias.begin(), bias.end()),
        bias_gradient_(outputs_),
        values_(std::min(block_, rows) * features_),
        errors_(std::min(block_, rows) * outputs_) {
    for (std::size_t f = 0; f < features_; ++f)
      for (std::size_t o = 0; o < outputs_; ++o) weights_[o * features_ + f] = weights[f * outputs_ + o];
    std::iota(order_.begin(), order_.end(), 0u);
  }

  /// One pass over all rows; returns the mean loss.
  double pass(std::size_t number, RunControl& control) {
    if (number > 0) shuffled(options_.seed, number, order_);
    const std::size_t rows = order_.size();
    const std::size_t size = options_.batch_size == 0 ? rows : std::min(options_.batch_size, rows);
    double loss = 0;
    for (std::size_t first = 0; first < rows; first += size) {
      const std::span<std::uint32_t> batch(order_.data() + first, std::min(size, rows - first));
      // The order within a mini-batch does not matter, and ascending rows are cheaper to make.
      if (number > 0) std::sort(batch.begin(), batch.end());
      loss += gradient(batch, control);
      step(static_cast<double>(batch.size()));
    }
    if (!std::ranges::all_of(weights_, [](double w) { return std::isfinite(w); }) ||
        !std::ranges::all_of(bias_, [](double b) { return std::isfinite(b); }))
      throw Error(ErrorKind::kState, "ERR_NOT_FINITE",
                  "expected the gradient descent to converge, received weights that are not finite in pass " +
                      to_text(number + 1) + "; a smaller learningRate may help");
    return loss / static_cast<double>(rows) / static_cast<double>(outputs_);
  }

  void read(std::span<double> weights, std::span<double> bias) const {
    for (std::size_t f = 0; f < features_; ++f)
      for (std::size_t o = 0; o < outputs_; ++o) weights[f * outputs_ + o] = weights_[o * features_ + f];
    std::copy(bias_.begin(), bias_.end(), bias.begin());
  }

 private:
  /// Sums the gradients of a mini-batch and returns its summed loss.
  double gradient(std::span<const std::uint32_t> batch, RunControl& control) {
    std::fill(gradient_.begin(), gradient_.end(), 0.0);
    std::fill(bias_gradient_.begin(), bias_gradient_.end(), 0.0);
    double loss = 0;
    for (std::size_t first = 0; first < batch.size(); first += block_) {
      const auto rows = batch.subspan(first, std::min(block_, batch.size() - first));
      const std::size_t n = rows.size();
      if (rows.back() - rows.front() + 1 == n)
        x_.read(rows.front(), n, values_.data());
      else
        x_.gather(rows, values_.data());
      kernels_.forward(values_.data(), n, features_, weights_.data(), outputs_, errors_.data());
      for (std::size_t r = 0; r < n; ++r)
        for (std::size_t o = 0; o < outputs_; ++o) {
          double& e = errors_[r * outputs_ + o];
          const double z = e + bias_[o], y = y_[rows[r] * outputs_ + o];
          loss += cross_entropy(z, y);
          e = sigmoid(z) - y;
          bias_gradient_[o] += e;
        }
      kernels_.backward(values_.data(), n, features_, errors_.data(), outputs_, gradient_.data());
      control.advance(n);
    }
    return loss;
  }

  void step(double size) {
    const double decay = options_.regularize / static_cast<double>(features_), rate = options_.learning_rate;
    for (std::size_t i = 0; i < weights_.size(); ++i) weights_[i] -= rate * (gradient_[i] / size + decay * weights_[i]);
    for (std::size_t o = 0; o < outputs_; ++o) bias_[o] -= rate * (bias_gradient_[o] / size);
  }

  const LogisticKernels& kernels_;
  const InputSource& x_;
  std::span<const double> y_;
  LogisticOptions options_;
  std::size_t features_, outputs_, block_;
  std::vector<std::uint32_t> order_;
  std::vector<double> weights_, gradient_;  // outputs x features
  std::vector<double> bias_, bias_gradient_;
  std::vector<double> values_, errors_;
};

}  // namespace

void shuffled(std::uint64_t seed, std::uint64_t pass, std::span<std::uint32_t> order) {
  std::iota(order.begin(), order.end(), 0u);
  // Fisher and Yates; with 52 random bits the bias is at most 2^-20.
  for (std::size_t i = order.size(); i-- > 1;) {
    const auto words = random_block({seed, kShuffleStream}, pass, static_cast<std::uint32_t>(i));
    const double u = uniform_open(words[0], words[1]);
    const auto j = std::min(static_cast<std::size_t>(u * static_cast<double>(i + 1)), i);
    std::swap(order[i], order[j]);
  }
}

void train_logistic(const InputSource& x, std::span<const double> y, std::size_t rows, const LogisticOptions& options,
                    std::span<double> weights, std::span<double> bias, std::span<double> loss, RunControl& control) {
  check(x, y, rows, options, weights, bias, loss);
  control.set_total(rows * options.epochs);
  Descent descent(x, y, rows, options, weights, bias);
  for (std::size_t pass = 0; pass < options.epochs; ++pass) loss[pass] = descent.pass(pass, control);
  descent.read(weights, bias);
}

}  // namespace rockpool
