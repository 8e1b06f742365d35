#include "rockpool/tempotron.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "neurons/potential.h"
#include "rockpool/error.h"

namespace rockpool {

namespace {

constexpr std::size_t kWork = std::size_t{1} << 16;  // exponentials between two looks for a stop: a few milliseconds

void check_channels(const TempotronSpikes& spikes, std::size_t channels, const char* name) {
  if (spikes.times.size() != spikes.channels.size())
    throw_shape(name, "as many channels as times", std::to_string(spikes.channels.size()) + " channels");
  for (const auto c : spikes.channels)
    if (c < 0 || static_cast<std::size_t>(c) >= channels)
      throw Error(ErrorKind::kRange, "ERR_INDEX",
                  std::string("expected ") + name + " to be on channels below " + std::to_string(channels) + ", received " +
                      std::to_string(c));
}

/// What later recorded times mean for a spike at the present one, for each neuron: sums over these times t of
/// exp(-(t - now) / tau_syn) and of K(t - now), weighted by the potentials.
class LaterPotentials {
 public:
  explicit LaterPotentials(const TempotronNeurons& neurons)
      : neurons_(neurons),
        decayed_(neurons.v_rest.size()),
        after_spike_(neurons.v_rest.size()),
        synapse_(neurons.v_rest.size()),
        membrane_(neurons.v_rest.size()),
        rise_(neurons.v_rest.size()) {}

  /// Back to an earlier time.
  void go_to(double time) {
    if (!begun_ || time == now_) {
      now_ = time;
      begun_ = true;
      return;
    }
    prepare(now_ - time);
    now_ = time;
    for (std::size_t j = 0; j < decayed_.size(); ++j) {
      after_spike_[j] = membrane_[j] * after_spike_[j] + rise_[j] * decayed_[j];
      decayed_[j] *= synapse_[j];
    }
  }

  /// Adds the potentials of the present time.
  void add(const double* v) {
    for (std::size_t j = 0; j < decayed_.size(); ++j) decayed_[j] += v[j] - neurons_.v_rest[j];
  }

  const std::vector<double>& after_spike() const { return after_spike_; }

 private:
  /// Propagators over a distance. Recorded times lie at equal ones, but for rounding.
  void prepare(double distance) {
    if (std::fabs(distance - distance_) <= 1e-9 * distance_) return;
    distance_ = distance;
    for (std::size_t j = 0; j < decayed_.size(); ++j) {
      const double tau_syn = neurons_.tau_syn[j], tau_mem = neurons_.tau_mem[j];
      synapse_[j] = std::exp(-distance / tau_syn);
      membrane_[j] = std::exp(-distance / tau_mem);
      rise_[j] = potential_after_spike(distance, tau_syn, tau_mem);
    }
  }

  const TempotronNeurons& neurons_;
  std::vector<double> decayed_, after_spike_;
  std::vector<double> synapse_, membrane_, rise_;
  double now_ = 0.0, distance_ = -1.0;
  bool begun_ = false;
};

}  // namespace

void tempotron_eligibility(const TempotronSpikes& input, std::size_t inputs, const TempotronNeurons& neurons,
                           std::span<double> eligibility, RunControl& control) {
  const std::size_t n = neurons.v_rest.size();
  const auto need = [](std::size_t size, std::size_t expected, const char* name) {
    if (size != expected) throw_shape(name, std::to_string(expected) + " elements long", std::to_string(size) + " elements");
  };
  need(neurons.v.size(), neurons.times.size() * n, "v");
  need(neurons.tau_syn.size(), n, "tauSyn");
  need(neurons.tau_mem.size(), n, "tauMem");
  need(eligibility.size(), inputs * n, "eligibility");
  check_channels(input, inputs, "the input");
  std::ranges::fill(eligibility, 0.0);
  LaterPotentials later(neurons);
  std::size_t recorded = neurons.times.size(), work = 0;
  for (std::size_t s = input.times.size(); s-- > 0;) {
    for (; recorded > 0 && neurons.times[recorded - 1] >= input.times[s]; --recorded) {
      later.go_to(neurons.times[recorded - 1]);
      later.add(neurons.v.data() + (recorded - 1) * n);
      if ((work += n) >= kWork) control.advance(work = 0);
    }
    if (recorded == neurons.times.size()) continue;  // nothing was recorded after it
    later.go_to(input.times[s]);
    double* row = eligibility.data() + static_cast<std::size_t>(input.channels[s]) * n;
    for (std::size_t j = 0; j < n; ++j) row[j] += later.after_spike()[j];
    if ((work += n) >= kWork) control.advance(work = 0);
  }
}

void tempotron_update(std::span<const double> eligibility, const TempotronSpikes& output, const TempotronRule& rule,
                      std::span<double> counts, std::span<double> change, std::span<double> weights) {
  const std::size_t n = counts.size();
  const std::size_t inputs = n > 0 ? weights.size() / n : 0;
  if (rule.target.size() != n || change.size() != weights.size() || eligibility.size() != weights.size() ||
      weights.size() != inputs * n || rule.eligible > inputs)
    throw_shape("weights", "as many elements as eligibility and change", std::to_string(weights.size()) + " elements");
  check_channels(output, n, "the output");
  if (!std::ranges::all_of(eligibility, [](double e) { return std::isfinite(e); }))
    throw Error(ErrorKind::kState, "ERR_NOT_FINITE",
                "expected the eligibility of all synapses to be finite, received one that is not");
  std::ranges::fill(counts, 0.0);
  for (std::size_t s = 0; s < output.times.size(); ++s)
    if (output.times[s] >= rule.from && output.times[s] <= rule.to) counts[static_cast<std::size_t>(output.channels[s])] += 1.0;
  for (double& dw : change) dw *= rule.momentum;
  std::vector<std::size_t> order(inputs);
  for (std::size_t j = 0; j < n; ++j) {
    const double d = counts[j] > rule.target[j] ? -rule.lambda : counts[j] < rule.target[j] ? rule.lambda : 0.0;
    if (d == 0.0) continue;
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(rule.eligible),
                              [&](std::size_t a, std::size_t b) {
                                const double ea = eligibility[a * n + j], eb = eligibility[b * n + j];
                                return ea > eb || (ea == eb && a < b);
                              });
    for (std::size_t k = 0; k < rule.eligible; ++k) change[order[k] * n + j] += d;
  }
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] += change[i];
}

}  // namespace rockpool
