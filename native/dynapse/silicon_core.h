// The simulated neurons of one core: the adaptive exponential neurons of VirtualDynapse, step by step.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dynapse/bias_map.h"
#include "rockpool/aeif.h"
#include "rockpool/dynapse/mismatch.h"

namespace rockpool::dynapse {

class SiliconCore {
 public:
  /// @param first Board number of the core's first neuron. @param step Seconds.
  SiliconCore(std::uint32_t first, double step, std::uint64_t seed, bool mismatch);

  /// Biases or switches have changed.
  void configure(const ChipMemory& memory, unsigned core);
  /// An event arrives at a synapse; it acts from the next step on.
  void arrive(const Target& target);
  /// Whether the next step can change anything.
  bool awake() const { return awake_ || arrivals_; }
  /// One step, then the arrivals. The spikes are board numbers modulo 256, ascending.
  std::span<const std::int32_t> step(std::uint64_t number);
  /// Potentials to rest, currents to 0, as without power.
  void reset();
  double potential(unsigned neuron) const { return v_[neuron]; }
  const CoreParameters& parameters() const { return parameters_; }

 private:
  void make_plan();
  bool settled() const;
  std::vector<double> spread(double value, MismatchRow row) const;

  std::uint32_t first_;
  double step_;
  std::uint64_t seed_;
  bool mismatch_, awake_ = false, arrivals_ = false;
  bool driven_ = false;  // without weights and direct current nothing moves the neurons: they rest
  CoreParameters parameters_;
  std::vector<bool> tau2_;
  std::vector<float> synapse_factors_;  // [neuron x cell]; empty: all 1
  std::shared_ptr<const SpikingPlan> plan_;
  std::vector<double> v_, before_, exc_, inh_, adaptation_;
  std::array<std::vector<double>, 2> arriving_;  // excitatory, inhibitory
  std::vector<std::int32_t> held_;
  std::vector<PendingSpike> no_spikes_, no_events_;
  SpikeList spikes_;
};

}  // namespace rockpool::dynapse
