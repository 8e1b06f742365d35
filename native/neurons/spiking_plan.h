// The prepared form of a population, shared by all its runs.
#pragma once

#include "neurons/poisson.h"
#include "neurons/spiking_engine.h"

namespace rockpool {

/// What belongs to the neurons first ... first + n - 1.
template <typename T>
struct PlannedBlock {
  std::size_t first = 0, n = 0, stride = 0;  // stride: elements of a row of the drive
  AlignedArray<T> w_in;                      // packed inputs x n
  AlignedArray<T> from_input, from_next, constant;
  std::array<std::shared_ptr<const BlockRows<T>>, kMaxCurrents> in, rec;  // may belong to several plans
};

template <typename T>
class SpikingPlanOf final : public SpikingPlan {
 public:
  explicit SpikingPlanOf(SpikingSetup<T> setup);

  std::size_t inputs() const override { return inputs_; }
  std::size_t units() const override { return units_; }
  int currents() const override { return currents_; }
  bool adapts() const override { return adapts_; }
  std::uint64_t synapse_bytes() const override;
  std::uint64_t synapses() const override;
  std::uint64_t synaptic_events(std::span<const std::int32_t> neurons, bool of_input) const override;
  void run(const SpikingState& state, const SpikingRun& run, SpikeList& spikes, RunControl& control) const override;

 private:
  template <typename>
  friend class SpikingRunner;

  void connect(const SpikingSetup<T>& setup);
  void share_synapses(const SpikingSetup<T>& setup, const SpikingPlan& other);
  PlannedBlock<T> plan_block(const SpikingSetup<T>& setup, std::size_t first, std::size_t n) const;
  void check(const SpikingState& state, const SpikingRun& run) const;

  const DenseKernelsOf<T>& dense_;
  std::size_t inputs_, units_;
  int currents_;
  bool adapts_, any_refractory_;
  std::unique_ptr<const Membrane<T>> membrane_;
  bool weighted_;  // the external current has weights
  bool blend_;     // it looks at the next sample as well
  bool constant_uniform_;
  std::vector<double> drive_from_xi_, current_from_xi_;
  bool noise_on_synapse_;
  PoissonBackground background_;
  std::uint32_t most_delay_in_ = 0, most_delay_rec_ = 1;
  std::vector<PlannedBlock<T>> blocks_;
};

}  // namespace rockpool
