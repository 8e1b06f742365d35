#include "rockpool/aeif.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "neurons/aeif_kernels.h"
#include "neurons/spiking_engine.h"
#include "neurons/spiking_parameters.h"
#include "rockpool/error.h"

namespace rockpool {

namespace {

// exp((V_peak - V_thresh) / Delta_T) and its products stay finite.
constexpr double kLargestExponent = 600.0;

/// A factor for every neuron, or one for all of them.
class Factor {
 public:
  template <typename F>
  Factor(std::size_t n, F value) : all_(n) {
    for (std::size_t j = 0; j < n; ++j) all_[j] = value(j);
  }
  bool uniform() const {
    return std::ranges::all_of(all_, [&](double x) { return x == all_[0]; });
  }
  const double* from(std::size_t first) const { return all_.data() + first; }

 private:
  std::vector<double> all_;
};

template <typename T>
class AeifMembrane final : public Membrane<T> {
 public:
  AeifMembrane(const AeifParameters& p, int currents) : kernels_(select()), dt_(p.dt), currents_(currents) {
    const std::size_t n = p.units;
    const auto add = [&](auto value) { factors_.emplace_back(n, value); };
    const auto given = [&](std::span<const double> v) { add([v](std::size_t j) { return element(v, j, 0.0); }); };
    add([&](std::size_t j) { return 1.0 / element(p.capacity, j, 0.0); });
    given(p.conductance);
    add([&](std::size_t j) { return element(p.conductance, j, 0.0) * element(p.delta_t, j, 0.0); });
    add([&](std::size_t j) { return element(p.delta_t, j, 0.0) > 0.0 ? 1.0 / element(p.delta_t, j, 0.0) : 0.0; });
    given(p.v_thresh), given(p.v_peak), given(p.v_rest), given(p.v_reset), given(p.subthresh_adapt), given(p.spike_adapt);
    add([&](std::size_t j) { return 1.0 / element(p.tau_adapt, j, 0.0); });
    add([&](std::size_t j) { return std::exp(-p.dt / element(p.tau_adapt, j, 0.0)); });
    for (int x = 0; x < currents; ++x) {
      const auto& tau = p.tau_syn[static_cast<std::size_t>(x)];
      for (const double at : kAeifStageTimes) add([&](std::size_t j) { return std::exp(-at * p.dt / element(tau, j, 0.0)); });
      add([&](std::size_t j) { return 1.0 / element(tau, j, 0.0); });
    }
    uniform_ = std::ranges::all_of(factors_, [](const Factor& f) { return f.uniform(); });
    hold_ = AlignedArray<T>(n);
    for (std::size_t j = 0; j < n; ++j) hold_[j] = static_cast<T>(element(p.refractory_steps, j, 0.0));
  }

  std::size_t spike_room() const override { return kAeifMostSpikes; }
  std::size_t cost() const override { return 100; }

  IafSpikes step(NeuronBlock<T>& b, const T* drive, bool drive_uniform, T now, bool refractory) const override {
    const AeifStep<T> s = step_of(b, drive, drive_uniform, now, refractory);
    IafSpikes found{0, b.n};
    AeifUnfinished left;
    for (std::size_t first = 0; first < b.n; first += kAeifStrip) {
      kernels_.attempt(s, first, left);
      for (std::size_t k = 0; k < left.count; ++k) {
        if (b.control->stop_requested()) return found;  // what was computed is thrown away
        const std::uint32_t j = left.neuron[k];
        make_room(b, found.count + kAeifMostSpikes);
        const auto end = kernels_.finish(s, j, left.error[k], b.peak.data() + found.count);
        if (end.outcome != AeifOutcome::kDone) return {found.count, j, end.outcome == AeifOutcome::kTooMuch};
        std::fill_n(b.spikes.data() + found.count, end.spikes, j);
        found.count += end.spikes;
      }
    }
    kernels_.decay(s);
    return found;
  }

 private:
  AeifStep<T> step_of(NeuronBlock<T>& b, const T* drive, bool drive_uniform, T now, bool refractory) const {
    AeifStep<T> s{};
    s.n = b.n;
    s.dt = dt_;
    s.uniform = uniform_;
    s.drive_uniform = drive_uniform;
    s.refractory = refractory;
    s.now = now;
    s.v = b.v.data();
    s.w = b.adaptation.data();
    s.ready = b.ready.data();
    s.hold = hold_.data() + b.first;
    s.drive = drive;
    std::size_t k = 0;
    const auto next = [&] { return factors_[k++].from(b.first); };
    AeifFactors& f = s.factors;
    for (const double** p : {&f.inverse_capacity, &f.conductance, &f.spike_gain, &f.inverse_slope, &f.threshold, &f.peak,
                             &f.rest, &f.reset, &f.adapt_gain, &f.adapt_jump, &f.adapt_rate, &f.adapt_kept})
      *p = next();
    for (int x = 0; x < currents_; ++x) {
      s.i[x] = b.current[static_cast<std::size_t>(x)].data();
      for (auto& at : f.current_at[x]) at = next();
      f.current_rate[x] = next();
    }
    return s;
  }

  template <typename U>
  static void grow(AlignedArray<U>& array) {
    AlignedArray<U> larger(2 * array.size());
    std::copy_n(array.data(), array.size(), larger.data());
    array = std::move(larger);
  }
  static void make_room(NeuronBlock<T>& b, std::size_t entries) {
    while (b.spikes.size() < entries) grow(b.spikes);
    while (b.peak.size() < entries) grow(b.peak);
  }

  static const AeifKernelsOf<T>& select() {
    const auto& kernels = ROCKPOOL_SELECT_KERNELS(aeif_kernels);
    if constexpr (std::is_same_v<T, double>)
      return kernels.f64;
    else
      return kernels.f32;
  }

  const AeifKernelsOf<T>& kernels_;
  double dt_;
  int currents_;
  bool uniform_ = false;
  std::vector<Factor> factors_;  // in the order of step_of
  AlignedArray<T> hold_;
};

void check(const AeifParameters& p, int currents) {
  constexpr double kAny = -std::numeric_limits<double>::infinity(), kPositive = std::numeric_limits<double>::min();
  const std::size_t n = p.units;
  check_population(p.inputs, n, p.dt, p.refractory_steps, p.tau_syn, p.w_in);
  check_values(p.capacity, n, "capacity", kPositive, true);
  check_values(p.conductance, n, "conductance", kPositive, true);
  check_values(p.delta_t, n, "deltaT", 0.0, true);
  check_values(p.v_thresh, n, "vThresh", kAny, true);
  check_values(p.v_peak, n, "vPeak", kAny, true);
  check_values(p.v_reset, n, "vReset", kAny, true);
  check_values(p.v_rest, n, "vRest", kAny, true);
  check_values(p.subthresh_adapt, n, "subthreshAdapt", kAny, true);
  check_values(p.spike_adapt, n, "spikeAdapt", kAny, true);
  check_values(p.tau_adapt, n, "tauAdapt", kPositive, true);
  check_values(p.bias, n, "bias", kAny, false);
  for (int x = 0; x < currents; ++x) check_values(p.tau_syn[static_cast<std::size_t>(x)], n, "tauSyn", kPositive, true);
  for (std::size_t j = 0; j < n; ++j) {
    const double peak = element(p.v_peak, j, 0.0), reset = element(p.v_reset, j, 0.0), slope = element(p.delta_t, j, 0.0);
    const double above = peak - element(p.v_thresh, j, 0.0);
    if (!(reset < peak)) throw_range("vReset", "below vPeak, " + to_text(peak), to_text(reset));
    if (!(above >= 0.0)) throw_range("vPeak", "vThresh or more", to_text(peak));
    if (slope > 0.0 && !(above / slope <= kLargestExponent))
      throw_range("deltaT", "0 or at least 1 / 600 of vPeak - vThresh, " + to_text(above), to_text(slope));
  }
}

template <typename T>
std::shared_ptr<const SpikingPlan> make(const AeifParameters& p) {
  const int currents = p.tau_syn[0].empty() ? 0 : p.tau_syn[1].empty() ? 1 : 2;
  check(p, currents);
  const std::size_t n = p.units;
  SpikingSetup<T> s;
  s.inputs = p.inputs;
  s.units = n;
  s.currents = currents;
  s.adapts = true;
  s.any_refractory = std::ranges::any_of(p.refractory_steps, [](double r) { return r > 0.0; });
  s.membrane = std::make_unique<AeifMembrane<T>>(p, currents);
  s.from_input.assign(n, T(1));
  s.from_next.assign(n, T(0));
  for (std::size_t j = 0; j < n; ++j) s.constant.push_back(static_cast<T>(element(p.bias, j, 0.0)));
  s.w_in = p.w_in;
  s.in_route = p.in_route;
  s.rec_route = p.rec_route;
  s.synapses_of = p.synapses_of;
  s.threads = p.threads;
  return make_spiking_plan<T>(std::move(s));
}

}  // namespace

std::shared_ptr<const SpikingPlan> make_aeif_plan(const AeifParameters& p) {
  return p.precision == Precision::kFloat32 ? make<float>(p) : make<double>(p);
}

}  // namespace rockpool
