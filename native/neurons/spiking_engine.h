// The step loop that every model of spiking neurons shares: input, synapses, delays, records, threads.
//
// The population is cut into blocks of neighbouring neurons. A block belongs to one thread of the run; all read the same list
// of spikes and meet once a step. Sums run in an order that knows nothing of blocks.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "neurons/iaf_kernels.h"
#include "rockpool/aligned.h"
#include "rockpool/spiking.h"
#include "synapses/block_rows.h"
#include "synapses/dense_kernels.h"

namespace rockpool {

/// The neurons of a block during a run.
template <typename T>
struct NeuronBlock {
  std::size_t first = 0, n = 0;
  AlignedArray<T> v, ready, adaptation, peak;
  std::array<AlignedArray<T>, kMaxCurrents> current;
  AlignedArray<std::uint32_t> spikes;
  const RunControl* control = nullptr;  // a model whose step may take long leaves it when a stop was asked for
};

/// The model of the membrane. One object for a plan; methods are called by several threads, each for its blocks.
template <typename T>
class Membrane {
 public:
  virtual ~Membrane() = default;
  /// Entries that `spikes` and `peak` of a block should have behind those for one spike of each neuron. A model whose neurons
  /// fire more often than that in a step makes room itself; a neuron that fired twice is in the list twice.
  virtual std::size_t spike_room() const { return 0; }
  /// What the step of a neuron costs, in steps of linear ones: progress is counted the more often.
  virtual std::size_t cost() const { return 1; }
  /// One step of a block. `now` counts like `ready`: neurons with ready > now are held.
  virtual IafSpikes step(NeuronBlock<T>& block, const T* drive, bool drive_uniform, T now, bool refractory) const = 0;
};

/// What a model hands to the engine. Factors are [units].
template <typename T>
struct SpikingSetup {
  std::size_t inputs = 0, units = 0;
  int currents = 0;
  bool adapts = false;
  bool any_refractory = false;
  std::unique_ptr<const Membrane<T>> membrane;
  /// drive = from_input u[n] + from_next u[n + 1] + constant + drive_from_xi xi
  std::vector<T> from_input, from_next, constant;
  std::vector<double> drive_from_xi;    // empty: no noise in the drive
  std::vector<double> current_from_xi;  // the same noise as a current, for records; or that of current 0
  bool noise_on_synapse = false;
  std::span<const double> w_in;
  std::array<std::shared_ptr<const SynapseRoute>, kMaxCurrents> in_route, rec_route;
  std::shared_ptr<const SpikingPlan> synapses_of;  // instead of routes
  std::span<const double> background_rate;
  double background_weight = 0.0;
  unsigned threads = 1;
};

template <typename T>
std::shared_ptr<const SpikingPlan> make_spiking_plan(SpikingSetup<T> setup);

}  // namespace rockpool
