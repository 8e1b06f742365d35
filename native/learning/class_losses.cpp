// Losses of outputs that name a class: cross-entropy and peak losses.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "learning/loss_checks.h"
#include "rockpool/losses.h"

namespace rockpool {

namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

template <typename T>
void check_shape(const LossShape& shape, std::span<const T> output, std::span<T> gradient) {
  check_elements("output", output.size(), shape.batch * shape.steps * shape.channels);
  check_optional("gradient", gradient.size(), output.size());
}

/// What a reduction over time gives of one element, and the way back.
template <typename T>
class Reduced {
 public:
  Reduced(const LossShape& shape, OverTime over)
      : over_(over), steps_(shape.steps), classes_(shape.channels), z_(classes_), at_(classes_) {}

  const std::vector<double>& forward(const T* x) {
    std::fill(z_.begin(), z_.end(), over_ == OverTime::kMax ? -std::numeric_limits<double>::infinity() : 0.0);
    const std::size_t first = over_ == OverTime::kLast ? steps_ - 1 : 0;
    for (std::size_t n = first; n < steps_; ++n)
      for (std::size_t c = 0; c < classes_; ++c) {
        const auto value = static_cast<double>(x[n * classes_ + c]);
        if (over_ != OverTime::kMax)
          z_[c] += value;
        else if (value > z_[c] || value != value)
          z_[c] = value, at_[c] = n;
      }
    if (over_ == OverTime::kMean)
      for (auto& z : z_) z /= static_cast<double>(steps_);
    return z_;
  }

  /// `g`: with respect to what forward() returned; `out` is zero before.
  void backward(const std::vector<double>& g, T* out) const {
    const double share = over_ == OverTime::kMean ? 1.0 / static_cast<double>(steps_) : 1.0;
    for (std::size_t c = 0; c < classes_; ++c) {
      if (over_ == OverTime::kMax)
        out[at_[c] * classes_ + c] = static_cast<T>(g[c]);
      else
        for (std::size_t n = over_ == OverTime::kLast ? steps_ - 1 : 0; n < steps_; ++n)
          out[n * classes_ + c] = static_cast<T>(g[c] * share);
    }
  }

 private:
  OverTime over_;
  std::size_t steps_, classes_;
  std::vector<double> z_;
  std::vector<std::size_t> at_;
};

/// The targets of row i of `rows`.
class Targets {
 public:
  Targets(const ClassTargets& targets, std::size_t rows, std::size_t classes, std::size_t repeats)
      : targets_(targets), classes_(classes), repeats_(repeats) {
    const std::size_t given = rows / repeats;
    if (targets.probabilities.empty()) check_elements("labels", targets.labels.size(), given);
    check_optional("probabilities", targets.probabilities.size(), given * classes);
    for (std::size_t i = 0; i < targets.labels.size(); ++i) check_label(targets.labels[i], classes, i, true);
    for (std::size_t i = 0; i < targets.probabilities.size(); ++i)
      if (const double p = targets.probabilities[i]; !(p >= 0.0 && p <= std::numeric_limits<double>::max()))
        throw_range("target[" + to_text(i) + "]", "a probability of 0 or more", to_text(p));
  }

  bool counted(std::size_t row) const { return soft() || targets_.labels[row / repeats_] >= 0; }
  double probability(std::size_t row, std::size_t c) const {
    const std::size_t i = row / repeats_;
    return soft() ? targets_.probabilities[i * classes_ + c] : static_cast<std::size_t>(targets_.labels[i]) == c ? 1.0 : 0.0;
  }

 private:
  bool soft() const { return !targets_.probabilities.empty(); }
  const ClassTargets& targets_;
  std::size_t classes_, repeats_;
};

/// -sum p log softmax(z); g becomes its derivative, times `scale`.
double entropy_row(const std::vector<double>& z, const Targets& targets, std::size_t row, double scale,
                   std::vector<double>& g) {
  const double largest = *std::max_element(z.begin(), z.end());
  double sum = 0.0, loss = 0.0, mass = 0.0;
  for (const double value : z) sum += std::exp(value - largest);
  const double log_sum = std::log(sum);
  for (std::size_t c = 0; c < z.size(); ++c) {
    const double p = targets.probability(row, c);
    if (p != 0.0) loss -= p * (z[c] - largest - log_sum);  // a class that does not count may be impossible
    mass += p;
  }
  for (std::size_t c = 0; c < z.size(); ++c)
    g[c] = scale * (mass * std::exp(z[c] - largest) / sum - targets.probability(row, c));
  return loss;
}

/// (mean of `interval` values from the peak on, minus what it should be)^2, and its derivative times `scale`.
template <typename T>
double peak_error(const LossShape& shape, const PeakOptions& options, const T* x, std::size_t channel, double scale,
                  T* gradient) {
  const auto value = [&](std::size_t n) { return static_cast<double>(x[n * shape.channels + channel]); };
  std::size_t k = 0;
  for (std::size_t n = 1; n < shape.steps; ++n)
    if (value(n) > value(k)) k = n;
  const std::size_t left = shape.steps - k, interval = options.interval;
  const auto times = [&](std::size_t i) { return interval / left + (i < interval % left ? 1 : 0); };  // that it is counted
  double sum = 0.0;
  for (std::size_t i = 0; i < std::min(left, interval); ++i) sum += static_cast<double>(times(i)) * value(k + i);
  const double error = sum / static_cast<double>(interval) - options.target_output;
  if (gradient != nullptr)
    for (std::size_t i = 0; i < std::min(left, interval); ++i)
      gradient[(k + i) * shape.channels + channel] =
          static_cast<T>(scale * 2.0 * error * static_cast<double>(times(i)) / static_cast<double>(interval));
  return error * error;
}

/// Sum of (x - nontarget_output)^2 in all channels but one, and its derivative times `scale`.
template <typename T>
double silent_error(const LossShape& shape, const PeakOptions& options, const T* x, std::size_t but, double scale,
                    T* gradient) {
  double sum = 0.0;
  for (std::size_t n = 0; n < shape.steps; ++n)
    for (std::size_t c = 0; c < shape.channels; ++c) {
      if (c == but) continue;
      const double error = static_cast<double>(x[n * shape.channels + c]) - options.nontarget_output;
      sum += error * error;
      if (gradient != nullptr) gradient[n * shape.channels + c] = static_cast<T>(scale * 2.0 * error);
    }
  return sum;
}

double share(double whole) {
  return whole > 0 ? 1.0 / whole : 0.0;
}

template <typename T>
void check_peak(const LossShape& shape, const PeakOptions& options, std::span<const std::int32_t> labels,
                std::span<const T> output, std::span<T> gradient, std::size_t classes) {
  check_shape(shape, output, gradient);
  check_elements("labels", labels.size(), shape.batch);
  if (options.interval == 0) throw_range("maxInterval", "1 or more", "0");
  if (shape.steps == 0) throw_shape("output", "of one time step or more", "none");
  for (std::size_t i = 0; i < labels.size(); ++i) check_label(labels[i], classes, i, false);
  std::fill(gradient.begin(), gradient.end(), T(0));
}

}  // namespace

template <typename T>
LossValue cross_entropy(const LossShape& shape, OverTime over, const ClassTargets& targets, std::span<const T> output,
                        std::span<T> gradient) {
  check_shape(shape, output, gradient);
  if (shape.channels == 0 || shape.steps == 0) throw_shape("output", "of one time step and one channel or more", "none");
  if (targets.each_step && over != OverTime::kEach) throw_range("time", "'each' for targets of each time step", "another");
  const LossShape rows{over == OverTime::kEach ? shape.batch * shape.steps : shape.batch,
                       over == OverTime::kEach ? 1 : shape.steps, shape.channels};
  const Targets wanted(targets, rows.batch, shape.channels, over == OverTime::kEach && !targets.each_step ? shape.steps : 1);
  double count = 0.0;
  for (std::size_t r = 0; r < rows.batch; ++r) count += wanted.counted(r) ? 1.0 : 0.0;
  std::fill(gradient.begin(), gradient.end(), T(0));
  Reduced<T> reduced(rows, over);
  std::vector<double> g(shape.channels);
  const std::size_t stride = rows.steps * rows.channels;
  double sum = 0.0;
  for (std::size_t r = 0; r < rows.batch; ++r) {
    if (!wanted.counted(r)) continue;
    sum += entropy_row(reduced.forward(output.data() + r * stride), wanted, r, 1.0 / count, g);
    if (!gradient.empty()) reduced.backward(g, gradient.data() + r * stride);
  }
  return {sum * share(count), count};
}

template <typename T>
PeakValue peak_loss(const LossShape& shape, const PeakOptions& options, std::span<const std::int32_t> labels,
                    std::span<const T> output, std::span<T> gradient) {
  check_peak(shape, options, labels, output, gradient, shape.channels);
  const auto batch = static_cast<double>(shape.batch);
  const std::size_t stride = shape.steps * shape.channels;
  const double others = share(batch * static_cast<double>(shape.steps) * (static_cast<double>(shape.channels) - 1.0));
  PeakValue value;
  for (std::size_t b = 0; b < shape.batch; ++b) {
    const auto label = static_cast<std::size_t>(labels[b]);
    const T* x = output.data() + b * stride;
    T* g = gradient.empty() ? nullptr : gradient.data() + b * stride;
    value.target += peak_error(shape, options, x, label, 1.0 / batch, g);
    value.nontarget += silent_error(shape, options, x, label, options.weight_nontarget * others, g);
  }
  value.target *= share(batch);
  value.nontarget *= others;
  value.loss = value.target + options.weight_nontarget * value.nontarget;
  return value;
}

template <typename T>
PeakValue binary_peak_loss(const LossShape& shape, const PeakOptions& options, std::span<const std::int32_t> labels,
                           std::span<const T> output, std::span<T> gradient) {
  if (shape.channels != 1) throw_shape("output", "of one channel", to_text(shape.channels) + " channels");
  check_peak(shape, options, labels, output, gradient, 2);
  const auto ones = static_cast<double>(std::count(labels.begin(), labels.end(), 1));
  const double positive = share(ones);
  const double negative = share((static_cast<double>(shape.batch) - ones) * static_cast<double>(shape.steps));
  PeakValue value;
  for (std::size_t b = 0; b < shape.batch; ++b) {
    const T* x = output.data() + b * shape.steps;
    T* g = gradient.empty() ? nullptr : gradient.data() + b * shape.steps;
    if (labels[b] == 1)
      value.target += peak_error(shape, options, x, 0, positive, g);
    else
      value.nontarget += silent_error(shape, options, x, kNone, options.weight_nontarget * negative, g);
  }
  value.target *= positive;
  value.nontarget *= negative;
  value.loss = value.target + options.weight_nontarget * value.nontarget;
  return value;
}

#define ROCKPOOL_CLASS_LOSSES(T)                                                                                           \
  template LossValue cross_entropy<T>(const LossShape&, OverTime, const ClassTargets&, std::span<const T>, std::span<T>);  \
  template PeakValue peak_loss<T>(const LossShape&, const PeakOptions&, std::span<const std::int32_t>, std::span<const T>, \
                                  std::span<T>);                                                                           \
  template PeakValue binary_peak_loss<T>(const LossShape&, const PeakOptions&, std::span<const std::int32_t>,              \
                                         std::span<const T>, std::span<T>);
ROCKPOOL_CLASS_LOSSES(double)
ROCKPOOL_CLASS_LOSSES(float)
#undef ROCKPOOL_CLASS_LOSSES

}  // namespace rockpool
