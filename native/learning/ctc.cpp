// Connectionist temporal classification, forwards and backwards in logarithms.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "learning/loss_checks.h"
#include "rockpool/losses.h"

namespace rockpool {

namespace {

constexpr double kImpossible = -std::numeric_limits<double>::infinity();

/// log(exp x + exp y)
double log_add(double x, double y) {
  if (x != x || y != y) return x + y;
  const double larger = x > y ? x : y, smaller = x > y ? y : x;
  if (larger == kImpossible) return kImpossible;
  return larger + std::log1p(std::exp(smaller - larger));
}

/// One label sequence against one element of the batch.
class Alignment {
 public:
  /// l' = blank, l_1, blank, l_2, ..., blank
  Alignment(std::span<const std::int32_t> labels, std::size_t blank) : states_(2 * labels.size() + 1, blank) {
    for (std::size_t i = 0; i < labels.size(); ++i) states_[2 * i + 1] = static_cast<std::size_t>(labels[i]);
  }

  /// Log probability of all alignments to log_p [steps x classes].
  double forward(const std::vector<double>& log_p, std::size_t steps, std::size_t classes, std::size_t blank) {
    const std::size_t n = states_.size();
    if (steps == 0) return n == 1 ? 0.0 : kImpossible;
    a_.assign(steps * n, kImpossible);
    a_[0] = log_p[states_[0]];
    if (n > 1) a_[1] = log_p[states_[1]];
    for (std::size_t t = 1; t < steps; ++t) {
      const double* before = a_.data() + (t - 1) * n;
      for (std::size_t j = 0; j < n; ++j) {
        double sum = before[j];
        if (j > 0) sum = log_add(sum, before[j - 1]);
        if (skips(j, blank)) sum = log_add(sum, before[j - 2]);
        a_[t * n + j] = sum + log_p[t * classes + states_[j]];
      }
    }
    const double* last = a_.data() + (steps - 1) * n;
    return n > 1 ? log_add(last[n - 1], last[n - 2]) : last[0];
  }

  /// share[t, c] += probability, given that the labels came, that time step t said class c.
  void occupancy(const std::vector<double>& log_p, std::size_t steps, std::size_t classes, std::size_t blank, double total,
                 std::vector<double>& share) const {
    const std::size_t n = states_.size();
    std::vector<double> b(n, kImpossible), next(n);
    b[n - 1] = 0.0;
    if (n > 1) b[n - 2] = 0.0;
    for (std::size_t t = steps; t-- > 0;) {
      for (std::size_t j = 0; j < n; ++j) share[t * classes + states_[j]] += std::exp(a_[t * n + j] + b[j] - total);
      for (std::size_t j = 0; j < n; ++j) next[j] = b[j] + log_p[t * classes + states_[j]];
      for (std::size_t j = 0; j < n; ++j) {
        b[j] = next[j];
        if (j + 1 < n) b[j] = log_add(b[j], next[j + 1]);
        if (j + 2 < n && skips(j + 2, blank)) b[j] = log_add(b[j], next[j + 2]);
      }
    }
  }

 private:
  /// State j can follow state j - 2.
  bool skips(std::size_t j, std::size_t blank) const { return j > 1 && states_[j] != blank && states_[j] != states_[j - 2]; }

  std::vector<std::size_t> states_;
  std::vector<double> a_;
};

/// Rows of log probabilities, from logits with log soft-max.
template <typename T>
std::vector<double> log_probabilities(const T* output, std::size_t steps, std::size_t classes, bool logits) {
  std::vector<double> x(output, output + steps * classes);
  if (logits) {
    const std::vector<double> copy = x;
    softmax_along<double>(copy, steps, classes, 1, 1.0, true, x);
  }
  return x;
}

void check_lengths(const char* name, std::span<const std::int32_t> lengths, std::size_t batch, std::size_t most) {
  check_elements(name, lengths.size(), batch);
  for (std::size_t i = 0; i < batch; ++i)
    if (lengths[i] < 0 || static_cast<std::size_t>(lengths[i]) > most)
      throw_range(std::string(name) + "[" + to_text(i) + "]", "an integer from 0 to " + to_text(most), to_text(lengths[i]));
}

}  // namespace

template <typename T>
LossValue ctc_loss(const LossShape& shape, const CtcOptions& options, std::span<const std::int32_t> labels,
                   std::span<const std::int32_t> label_lengths, std::span<const std::int32_t> lengths,
                   std::span<const T> output, std::span<T> gradient) {
  const auto [batch, steps, classes] = shape;
  check_elements("output", output.size(), batch * steps * classes);
  check_optional("gradient", gradient.size(), output.size());
  if (options.blank >= classes) throw_range("blank", "less than " + to_text(classes), to_text(options.blank));
  const std::size_t longest = batch == 0 ? 0 : labels.size() / batch;
  check_elements("labels", labels.size(), batch * longest);
  check_lengths("labelLengths", label_lengths, batch, longest);
  check_lengths("lengths", lengths, batch, steps);
  std::fill(gradient.begin(), gradient.end(), T(0));
  double sum = 0.0;
  for (std::size_t b = 0; b < batch; ++b) {
    const auto own = labels.subspan(b * longest, static_cast<std::size_t>(label_lengths[b]));
    for (std::size_t i = 0; i < own.size(); ++i)
      if (check_label(own[i], classes, b * longest + i, false) == options.blank)
        throw_range("label " + to_text(b * longest + i), "a class other than the blank", to_text(own[i]));
    const auto count = static_cast<std::size_t>(lengths[b]);
    const T* x = output.data() + b * steps * classes;
    const auto log_p = log_probabilities(x, count, classes, options.logits);
    Alignment alignment(own, options.blank);
    const double total = alignment.forward(log_p, count, classes, options.blank);
    const double scale = (options.mean ? 1.0 / static_cast<double>(batch) : 1.0) /
                         (options.per_label && !own.empty() ? static_cast<double>(own.size()) : 1.0);
    if (total == kImpossible) {
      if (!options.zero_infinity) sum = -kImpossible;
      continue;
    }
    sum -= scale * total;
    if (gradient.empty()) continue;
    std::vector<double> share(count * classes, 0.0);
    alignment.occupancy(log_p, count, classes, options.blank, total, share);
    for (std::size_t i = 0; i < share.size(); ++i)
      gradient[b * steps * classes + i] = static_cast<T>(scale * ((options.logits ? std::exp(log_p[i]) : 0.0) - share[i]));
  }
  return {sum, static_cast<double>(batch)};
}

template LossValue ctc_loss<double>(const LossShape&, const CtcOptions&, std::span<const std::int32_t>,
                                    std::span<const std::int32_t>, std::span<const std::int32_t>, std::span<const double>,
                                    std::span<double>);
template LossValue ctc_loss<float>(const LossShape&, const CtcOptions&, std::span<const std::int32_t>,
                                   std::span<const std::int32_t>, std::span<const std::int32_t>, std::span<const float>,
                                   std::span<float>);

}  // namespace rockpool
