// Losses of a module's output and their gradients with respect to it.
//
// Outputs are [batch, steps, channels], row-major, in either precision; sums are doubles, in an order that nothing changes.
// `gradient` is as large as the output and written as a whole, or empty when it is not wanted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rockpool {

struct LossShape {
  std::size_t batch = 0;
  std::size_t steps = 0;
  std::size_t channels = 0;
};

/// A loss, and what it is the sum or mean of.
struct LossValue {
  double loss = 0.0;
  double count = 0.0;
};

/// Mean or sum of (output - target)^2. With `skip_nan`, elements whose target is NaN do not count; a mean of none is 0.
template <typename T>
LossValue squared_error(std::span<const T> output, std::span<const double> target, bool skip_nan, bool mean,
                        std::span<T> gradient);

/// x as [outer, n, inner]: exp(x / temperature) / sum over n, or the logarithm of that. An empty n gives nothing.
template <typename T>
void softmax_along(std::span<const T> x, std::size_t outer, std::size_t n, std::size_t inner, double temperature,
                   bool logarithm, std::span<T> out);

/// The gradient with respect to x from that with respect to the result y of softmax_along().
template <typename T>
void softmax_along_adjoint(std::span<const T> y, std::span<const T> gradient, std::size_t outer, std::size_t n,
                           std::size_t inner, double temperature, bool logarithm, std::span<T> out);

/// What the classes are read from: a reduction of the output over time, or each time step by itself.
enum class OverTime : std::uint8_t { kMean = 0, kLast, kSum, kMax, kEach };

/// What the output should say: one class of an element, or one of each time step. Either labels (-1: not counted) or
/// probabilities of all channels; the other is empty.
struct ClassTargets {
  std::span<const std::int32_t> labels;
  std::span<const double> probabilities;
  bool each_step = false;  // needs OverTime::kEach
};

/// Mean of -sum p log softmax(output) over all that have a target; a mean of none is 0. A step with the largest value is the
/// first of equal ones.
template <typename T>
LossValue cross_entropy(const LossShape& shape, OverTime over, const ClassTargets& targets, std::span<const T> output,
                        std::span<T> gradient);

struct PeakOptions {
  std::size_t interval = 1;
  double weight_nontarget = 1.0;
  double target_output = 1.0;
  double nontarget_output = 0.0;
};

struct PeakValue {
  double loss = 0.0;
  double target = 0.0;
  double nontarget = 0.0;
};

/// With k the time of the largest output of the labelled channel and m the mean of `interval` outputs from there (one beyond
/// the end starts again at k): mean over the batch of (m - target_output)^2, plus weight_nontarget times the mean square of
/// output - nontarget_output in the other channels.
template <typename T>
PeakValue peak_loss(const LossShape& shape, const PeakOptions& options, std::span<const std::int32_t> labels,
                    std::span<const T> output, std::span<T> gradient);

/// The same for one channel and labels 0 or 1: elements with label 1 have a peak, those with label 0 are silent.
template <typename T>
PeakValue binary_peak_loss(const LossShape& shape, const PeakOptions& options, std::span<const std::int32_t> labels,
                           std::span<const T> output, std::span<T> gradient);

struct CtcOptions {
  std::size_t blank = 0;
  bool logits = false;         // the output is not normalised yet: log soft-max first
  bool per_label = false;      // each loss is divided by the number of its labels (at least 1)
  bool mean = true;            // over the batch, or the sum
  bool zero_infinity = false;  // what no alignment gives counts as 0 rather than infinity
};

/// Connectionist temporal classification: minus the logarithm of the probability of all alignments of a label sequence (Graves
/// et al., "Connectionist temporal classification", ICML 2006). `output` holds logarithms of probabilities; `labels`
/// [batch, longest], of which the first label_lengths[b] count, of the first lengths[b] time steps.
template <typename T>
LossValue ctc_loss(const LossShape& shape, const CtcOptions& options, std::span<const std::int32_t> labels,
                   std::span<const std::int32_t> label_lengths, std::span<const std::int32_t> lengths,
                   std::span<const T> output, std::span<T> gradient);

/// What is asked of a recorded signal, for each unit by its mean over batch and time.
enum class ActivityCost : std::uint8_t { kMean = 0, kMeanSquare, kTargetRate, kRateBounds };

/// kMean, kMeanSquare: mean of x or x^2 over all elements. kTargetRate: mean over units of (rate - a)^2. kRateBounds: mean over
/// units of max(0, a - rate)^2 + max(0, rate - b)^2. `x` is rows x units.
template <typename T>
double activity_cost(ActivityCost cost, std::size_t units, double a, double b, std::span<const T> x, std::span<T> gradient);

/// out += factor * x
template <typename T>
void add_scaled(double factor, std::span<const T> x, std::span<T> out);

}  // namespace rockpool
