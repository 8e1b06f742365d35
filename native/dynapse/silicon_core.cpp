#include "dynapse/silicon_core.h"

#include <algorithm>
#include <cmath>

namespace rockpool::dynapse {

namespace {

constexpr std::size_t kSize = kCoreNeurons;
constexpr double kPeakAboveThreshold = 10e-3;
// A core whose currents, and whose potentials' changes in a step, are all smaller than this many volts sleeps until something
// arrives.
constexpr double kNothing = 1e-9;
// Factors of CAM cells follow those of the parameters.
constexpr std::uint32_t kFirstCellRow = kMismatchRows;

bool nothing(double x) {
  return std::abs(x) < kNothing;
}

}  // namespace

SiliconCore::SiliconCore(std::uint32_t first, double step, std::uint64_t seed, bool mismatch)
    : first_(first),
      step_(step),
      seed_(seed),
      mismatch_(mismatch),
      tau2_(kSize),
      v_(kSize),
      before_(kSize),
      exc_(kSize),
      inh_(kSize),
      adaptation_(kSize),
      held_(kSize) {
  for (auto& arriving : arriving_) arriving.assign(kSize, 0.0);
}

void SiliconCore::configure(const ChipMemory& memory, unsigned core) {
  parameters_ = core_parameters(memory, core);
  for (std::size_t j = 0; j < kSize; ++j) tau2_[j] = memory.uses_tau2(static_cast<unsigned>(core * kSize + j));
  plan_.reset();
  driven_ = parameters_.bias > 0.0 || std::ranges::any_of(parameters_.weight, [](double w) { return w != 0.0; });
  if (!driven_) reset();
  awake_ = driven_;
}

void SiliconCore::arrive(const Target& target) {
  const bool excites = target.type == Synapse::kFastExc || target.type == Synapse::kSlowExc;
  double weight = parameters_.weight[static_cast<std::size_t>(target.type)];
  if (weight == 0.0) return;
  if (mismatch_ && synapse_factors_.empty()) {
    synapse_factors_.resize(kSize * kCams);
    std::vector<double> row(kSize);
    for (std::uint32_t cam = 0; cam < kCams; ++cam) {
      mismatch_factors(seed_, kFirstCellRow + cam, first_, row);
      for (std::size_t j = 0; j < kSize; ++j) synapse_factors_[j * kCams + cam] = static_cast<float>(row[j]);
    }
  }
  if (mismatch_) weight *= static_cast<double>(synapse_factors_[std::size_t{target.neuron} * kCams + target.cam]);
  arriving_[excites ? 0 : 1][target.neuron] += weight;
  arrivals_ = true;
}

std::vector<double> SiliconCore::spread(double value, MismatchRow row) const {
  std::vector<double> values(kSize, value);
  if (!mismatch_) return values;
  std::vector<double> factors(kSize);
  mismatch_factors(seed_, static_cast<std::uint32_t>(row), first_, factors);
  for (std::size_t j = 0; j < kSize; ++j) values[j] *= factors[j];
  return values;
}

void SiliconCore::make_plan() {
  const CoreParameters& c = parameters_;
  AeifParameters p;
  p.units = kSize;
  p.dt = step_;
  auto tau_mem = spread(c.tau_mem[0], MismatchRow::kTauMem1);
  const auto tau_mem_2 = spread(c.tau_mem[1], MismatchRow::kTauMem2);
  for (std::size_t j = 0; j < kSize; ++j)
    if (tau2_[j]) tau_mem[j] = tau_mem_2[j];
  const auto bias = spread(c.bias, MismatchRow::kBias), delta_t = spread(c.delta_t, MismatchRow::kDeltaT);
  const auto v_thresh = spread(c.v_thresh, MismatchRow::kThreshold), jump = spread(c.spike_adapt, MismatchRow::kSpikeAdapt);
  const auto tau_adapt = spread(c.tau_adapt, MismatchRow::kTauAdapt);
  const auto tau_exc = spread(c.tau_syn_exc, MismatchRow::kTauSynExc), tau_inh = spread(c.tau_syn_inh, MismatchRow::kTauSynInh);
  auto held = spread(c.refractory, MismatchRow::kRefractory);
  for (double& seconds : held) seconds = std::round(seconds / step_);
  auto peak = v_thresh;
  for (double& v : peak) v += kPeakAboveThreshold;
  const std::vector<double> one{1.0}, zero{0.0};
  p.capacity = tau_mem, p.conductance = one, p.delta_t = delta_t, p.v_thresh = v_thresh, p.v_peak = peak;
  p.v_reset = zero, p.v_rest = zero, p.subthresh_adapt = zero, p.spike_adapt = jump, p.tau_adapt = tau_adapt, p.bias = bias;
  p.refractory_steps = held;
  p.tau_syn = {tau_exc, tau_inh};
  plan_ = make_aeif_plan(p);
}

std::span<const std::int32_t> SiliconCore::step(std::uint64_t number) {
  spikes_.steps.clear();
  spikes_.neurons.clear();
  if (awake_) {
    if (!plan_) make_plan();
    const bool held = std::ranges::any_of(held_, [](std::int32_t steps) { return steps > 0; });
    before_ = v_;
    SpikingState state{v_, {exc_, inh_}, adaptation_, held_, &no_spikes_, &no_events_};
    SpikingRun run;
    run.first_step = number;
    run.steps = 1;
    run.dt = step_;
    RunControl control;
    plan_->run(state, run, spikes_, control);
    awake_ = held || !spikes_.neurons.empty() || !settled();
  }
  if (arrivals_) {
    for (std::size_t j = 0; j < kSize; ++j) exc_[j] += arriving_[0][j], inh_[j] += arriving_[1][j];
    for (auto& arriving : arriving_) std::ranges::fill(arriving, 0.0);
    arrivals_ = false;
    awake_ = true;
  }
  return spikes_.neurons;
}

/// Whether all neurons are at a fixed point.
bool SiliconCore::settled() const {
  for (std::size_t j = 0; j < kSize; ++j)
    if (!nothing(v_[j] - before_[j]) || !nothing(exc_[j]) || !nothing(inh_[j]) || !nothing(adaptation_[j]) || held_[j] > 0)
      return false;
  return true;
}

void SiliconCore::reset() {
  for (auto* values : {&v_, &exc_, &inh_, &adaptation_, &arriving_[0], &arriving_[1]}) std::ranges::fill(*values, 0.0);
  std::ranges::fill(held_, 0);
  arrivals_ = false;
  awake_ = driven_;
}

}  // namespace rockpool::dynapse
