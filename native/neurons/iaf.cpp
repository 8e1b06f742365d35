#include "rockpool/iaf.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "neurons/iaf_kernels.h"
#include "neurons/spiking_engine.h"
#include "neurons/spiking_parameters.h"
#include "rockpool/error.h"

namespace rockpool {

namespace {

constexpr std::size_t kLaneRoom = 64;

/// Named after what they carry: v_from_i0 is what current 0 adds to V in a step.
struct IafPropagators {
  double v_from_v = 0.0;
  double v_from_i[kMaxCurrents] = {};
  double i_from_i[kMaxCurrents] = {};
  double v_from_input = 0.0;  // of the external current, of which `v_from_next` by the next sample
  double v_from_next = 0.0;
};

// (e^z - 1) / z
double phi(double z) {
  return std::fabs(z) < 1e-300 ? 1.0 : std::expm1(z) / z;
}

IafPropagators exact(double a, double r, bool leaks, double tau_mem, double dt, std::span<const double> tau_syn) {
  IafPropagators p;
  p.v_from_v = leaks ? std::exp(-a) : 1.0;
  p.v_from_input = r * (leaks ? -std::expm1(-a) : a);
  for (std::size_t x = 0; x < tau_syn.size(); ++x) {
    const double tau = tau_syn[x];
    p.i_from_i[x] = tau > 0.0 ? std::exp(-dt / tau) : 0.0;
    // R / tau_mem times the integral of e^-((dt - s) / tau_mem) e^-(s / tau): for tau = tau_mem it is R a e^-a.
    if (tau == 0.0)
      p.v_from_i[x] = r * p.v_from_v;
    else if (leaks)
      p.v_from_i[x] = r * a * std::exp(-a) * phi(dt * (tau - tau_mem) / (tau_mem * tau));
    else
      p.v_from_i[x] = r * a * phi(-dt / tau);
  }
  return p;
}

IafPropagators euler(double a, double r, bool leaks, double dt, std::span<const double> tau_syn) {
  IafPropagators p;
  p.v_from_v = leaks ? 1.0 - a : 1.0;
  p.v_from_input = r * a;
  for (std::size_t x = 0; x < tau_syn.size(); ++x) {
    p.i_from_i[x] = tau_syn[x] > 0.0 ? std::exp(-dt / tau_syn[x]) : 0.0;
    p.v_from_i[x] = tau_syn[x] > 0.0 ? r * a : r * p.v_from_v;
  }
  return p;
}

// 1 + z + z^2 / 2 + z^3 / 6 + z^4 / 24
double rk4_factor(double z) {
  return 1.0 + z * (1.0 + z / 2.0 * (1.0 + z / 3.0 * (1.0 + z / 4.0)));
}

// The step is the polynomial of the matrix [[-a, a R], [0, -b]]; this is its upper right element over R a.
double rk4_coupling(double a, double b) {
  double sum = 0.0, factorial = 1.0;
  for (int n = 1; n <= 4; ++n) {
    factorial *= n;
    double inner = 0.0;
    for (int k = 0; k < n; ++k) inner += std::pow(-a, k) * std::pow(-b, n - 1 - k);
    sum += inner / factorial;
  }
  return sum;
}

IafPropagators rk4(double a, double r, bool leaks, bool blend, double dt, std::span<const double> tau_syn) {
  const double leak = leaks ? a : 0.0;
  IafPropagators p;
  p.v_from_v = rk4_factor(-leak);
  p.v_from_input = r * a * rk4_coupling(leak, 0.0);
  if (blend) {
    p.v_from_next = r * a / 6.0;  // the last of the four evaluations
    p.v_from_input -= p.v_from_next;
  }
  for (std::size_t x = 0; x < tau_syn.size(); ++x) {
    const double b = tau_syn[x] > 0.0 ? dt / tau_syn[x] : 0.0;
    p.i_from_i[x] = tau_syn[x] > 0.0 ? rk4_factor(-b) : 0.0;
    p.v_from_i[x] = tau_syn[x] > 0.0 ? r * a * rk4_coupling(leak, b) : r * p.v_from_v;
  }
  return p;
}

IafPropagators propagators(const IafParameters& p, std::size_t j, int currents) {
  const double tau_mem = element(p.tau_mem, j, 20e-3), a = p.dt / tau_mem, r = element(p.resistance, j, 1.0);
  double tau_syn[kMaxCurrents] = {};
  for (int x = 0; x < currents; ++x) tau_syn[x] = element(p.tau_syn[x], j, 0.0);
  const std::span<const double> taus(tau_syn, static_cast<std::size_t>(currents));
  const bool constant = p.leak == IafLeak::kConstant || p.leak == IafLeak::kConstantLegacy;
  const bool leaks = p.leak == IafLeak::kExponential;
  if (constant || p.integrator == IafIntegrator::kEuler) return euler(a, r, leaks, p.dt, taus);
  if (p.integrator == IafIntegrator::kRk4) return rk4(a, r, leaks, p.blend_input, p.dt, taus);
  return exact(a, r, leaks, tau_mem, p.dt, taus);
}

/// A factor for every neuron, with room for whole vectors.
template <typename T, typename F>
AlignedArray<T> per_neuron(std::size_t n, F value) {
  AlignedArray<T> all(n + kLaneRoom);
  for (std::size_t j = 0; j < n; ++j) all[j] = static_cast<T>(value(j));
  return all;
}

template <typename T>
bool same(const AlignedArray<T>& a, std::size_t n) {
  for (std::size_t j = 1; j < n; ++j)
    if (a[j] != a[0]) return false;
  return true;
}

template <typename T>
class IafMembrane final : public Membrane<T> {
 public:
  IafMembrane(const IafParameters& p, const std::vector<IafPropagators>& carry, int currents)
      : kernels_(select()), currents_(currents), leak_(p.leak) {
    const std::size_t n = p.units;
    v_from_v_ = per_neuron<T>(n, [&](std::size_t j) { return carry[j].v_from_v; });
    for (int x = 0; x < currents; ++x) {
      v_from_i_[x] = per_neuron<T>(n, [&](std::size_t j) { return carry[j].v_from_i[x]; });
      i_from_i_[x] = per_neuron<T>(n, [&](std::size_t j) { return carry[j].i_from_i[x]; });
    }
    threshold_ = per_neuron<T>(n, [&](std::size_t j) {
      const auto v = static_cast<T>(element(p.v_thresh, j, 0.0));
      // V >= v is V > the number below v.
      return p.inclusive ? std::nextafter(v, -std::numeric_limits<T>::infinity()) : v;
    });
    reset_ = per_neuron<T>(n, [&](std::size_t j) { return element(p.v_reset, j, 0.0); });
    hold_ = per_neuron<T>(n, [&](std::size_t j) { return element(p.refractory_steps, j, 0.0); });
    uniform_ = same(v_from_v_, n) && same(threshold_, n) && same(reset_, n);
    for (int x = 0; x < currents; ++x) uniform_ = uniform_ && same(v_from_i_[x], n) && same(i_from_i_[x], n);
    if (leak_ != IafLeak::kConstant && leak_ != IafLeak::kConstantLegacy) return;
    loss_ = per_neuron<T>(n, [&](std::size_t j) { return element(p.leak_rate, j, 0.0) * p.dt; });
    if (!p.v_min.empty()) min_ = per_neuron<T>(n, [&](std::size_t j) { return element(p.v_min, j, 0.0); });
    if (!p.v_rest.empty()) rest_ = per_neuron<T>(n, [&](std::size_t j) { return element(p.v_rest, j, 0.0); });
    if (leak_ == IafLeak::kConstantLegacy)
      gain_ = per_neuron<T>(n, [&](std::size_t j) { return p.dt / element(p.tau_mem, j, 20e-3); });
    uniform_ = uniform_ && same(loss_, n);
    for (const auto* factors : {&rest_, &gain_, &min_}) uniform_ = uniform_ && (factors->empty() || same(*factors, n));
  }

  IafSpikes step(NeuronBlock<T>& b, const T* drive, bool drive_uniform, T now, bool refractory) const override {
    const std::size_t at = b.first;
    IafStep<T> s{};
    s.n = b.n;
    s.currents = currents_;
    s.uniform = uniform_;
    s.drive_uniform = drive_uniform;
    s.refractory = refractory;
    s.now = now;
    s.v = b.v.data();
    s.ready = b.ready.data();
    s.hold = hold_.data() + at;
    s.drive = drive;
    s.v_from_v = v_from_v_.data() + at;
    for (int x = 0; x < currents_; ++x) {
      s.i[x] = b.current[x].data();
      s.v_from_i[x] = v_from_i_[x].data() + at;
      s.i_from_i[x] = i_from_i_[x].data() + at;
    }
    s.threshold = threshold_.data() + at;
    s.reset = reset_.data() + at;
    s.spikes = b.spikes.data();
    s.peak = b.peak.data();
    if (loss_.empty()) return kernels_.step(s);
    return kernels_.constant_leak({s, rest_.empty() ? nullptr : rest_.data() + at, loss_.data() + at,
                                   gain_.empty() ? nullptr : gain_.data() + at, min_.empty() ? nullptr : min_.data() + at});
  }

 private:
  static const IafKernelsOf<T>& select() {
    const auto& kernels = ROCKPOOL_SELECT_KERNELS(iaf_kernels);
    if constexpr (std::is_same_v<T, double>)
      return kernels.f64;
    else
      return kernels.f32;
  }

  const IafKernelsOf<T>& kernels_;
  int currents_;
  IafLeak leak_;
  bool uniform_ = false;
  AlignedArray<T> v_from_v_, threshold_, reset_, hold_, loss_, rest_, gain_, min_;
  std::array<AlignedArray<T>, kMaxCurrents> v_from_i_, i_from_i_;
};

void check(const IafParameters& p, int currents) {
  constexpr double kAny = -std::numeric_limits<double>::infinity();
  const std::size_t n = p.units;
  check_population(p.inputs, n, p.dt, p.refractory_steps, p.tau_syn, p.w_in);
  check_values(p.tau_mem, n, "tauMem", std::numeric_limits<double>::min(), true);
  check_values(p.v_thresh, n, "vThresh", kAny, true);
  check_values(p.v_reset, n, "vReset", kAny, true);
  const bool constant = p.leak == IafLeak::kConstant || p.leak == IafLeak::kConstantLegacy;
  check_values(p.v_rest, n, "vRest", kAny, !constant && p.leak != IafLeak::kNone);
  check_values(p.bias, n, "bias", kAny, false);
  check_values(p.resistance, n, "resistance", std::numeric_limits<double>::min(), false);
  check_values(p.leak_rate, n, "leakRate", 0.0, constant);
  check_values(p.v_min, n, "stateMin", kAny, false);
  for (int x = 0; x < currents; ++x) check_values(p.tau_syn[x], n, "tauSyn", 0.0, true);
  if (!(p.noise_std >= 0.0 && std::isfinite(p.noise_std)))
    throw_range("noiseStd", "a finite number of 0 or more", to_text(p.noise_std));
  if (p.noise_on_synapse && currents == 0) throw_shape("noiseOnSynapse", "false without a synaptic current", "true");
}

template <typename T>
std::shared_ptr<const SpikingPlan> make(const IafParameters& p) {
  const int currents = p.tau_syn[0].empty() ? 0 : p.tau_syn[1].empty() ? 1 : 2;
  check(p, currents);
  const std::size_t n = p.units;
  std::vector<IafPropagators> carry(n);
  for (std::size_t j = 0; j < n; ++j) carry[j] = propagators(p, j, currents);
  SpikingSetup<T> s;
  s.inputs = p.inputs;
  s.units = n;
  s.currents = currents;
  s.any_refractory = std::ranges::any_of(p.refractory_steps, [](double r) { return r > 0.0; });
  s.membrane = std::make_unique<IafMembrane<T>>(p, carry, currents);
  const bool rests = p.leak == IafLeak::kExponential, biased = p.leak != IafLeak::kConstantLegacy;
  for (std::size_t j = 0; j < n; ++j) {
    const double input = carry[j].v_from_input, next = carry[j].v_from_next, r = element(p.resistance, j, 1.0);
    s.from_input.push_back(static_cast<T>(input));
    s.from_next.push_back(static_cast<T>(next));
    const double bias = biased ? element(p.bias, j, 0.0) * (input + next) : 0.0;
    s.constant.push_back(static_cast<T>(bias + (rests ? element(p.v_rest, j, 0.0) * (input + next) / r : 0.0)));
    if (!(p.noise_std > 0.0)) continue;
    const double tau = element(p.tau_mem, j, 20e-3), v = carry[j].v_from_v;
    const double legacy = p.noise_std * std::sqrt(2.0 * tau / p.dt) * 1.63;
    // Without a leak V wanders: by as much per step as with one.
    const double stationary = p.noise_std * std::sqrt(rests ? std::max(0.0, 1.0 - v * v) : 2.0 * p.dt / tau);
    const bool as_current = p.noise_scaling != NoiseScaling::kStationary;
    const double per_volt = input + next;
    s.current_from_xi.push_back(as_current ? legacy : stationary / per_volt);
    if (!p.noise_on_synapse) s.drive_from_xi.push_back(as_current ? legacy * per_volt : stationary);
  }
  s.noise_on_synapse = p.noise_on_synapse && p.noise_std > 0.0;
  s.w_in = p.w_in;
  s.in_route = p.in_route;
  s.rec_route = p.rec_route;
  s.synapses_of = p.synapses_of;
  s.background_rate = p.background_rate;
  s.background_weight = p.background_weight;
  s.threads = p.threads;
  return make_spiking_plan<T>(std::move(s));
}

}  // namespace

std::shared_ptr<const SpikingPlan> make_iaf_plan(const IafParameters& p) {
  return p.precision == Precision::kFloat32 ? make<float>(p) : make<double>(p);
}

}  // namespace rockpool
