// Populations of spiking neurons: what every model shares. A plan holds what was prepared once; a run is a pure function of
// (plan, state, input, steps, seed, first step), so a run cut in pieces is bit for bit the run in one piece, on any number of
// threads.
//
// Order within step n:
//   1 input events of bin n on routes of delay 0 are added to their synaptic current
//   2 neurons that are not refractory update V with the currents, the external current u[n] and the bias
//   3 the currents decay
//   4 V > threshold: spike, reset, refractory
//   5 what is due arrives: events of bin n' and spikes of step n' with n' + delay - 1 = n
// So a spike of delay 1 is felt, undecayed, in step n + 1.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "rockpool/events.h"
#include "rockpool/input_source.h"
#include "rockpool/rate.h"
#include "rockpool/run_control.h"
#include "rockpool/synapses.h"

namespace rockpool {

/// A spike, or an input event, that some synapses have not delivered yet.
struct PendingSpike {
  std::uint64_t step;  // absolute step in which it occurred
  std::uint32_t channel;
};

/// What changes from step to step.
struct SpikingState {
  std::span<double> v;                          // [units] membrane potentials
  std::array<std::span<double>, 2> currents;    // [units] each; empty where the model has none
  std::span<double> adaptation;                 // [units]; empty where the model has none
  std::span<std::int32_t> refractory;           // [units] steps that a neuron is still held
  std::vector<PendingSpike>* spikes = nullptr;  // by step; read and replaced
  std::vector<PendingSpike>* events = nullptr;
};

/// Which values of every `every`-th absolute step are written down. Arrays are [rows(first, steps) x channels].
struct SpikingRecord {
  std::uint64_t every = 0;  // 0: nothing
  bool all_channels = true;
  std::span<const std::int32_t> channels;     // in the order of the columns
  std::span<double> v_before;                 // V after the update, before the reset
  std::span<double> v_after;                  // V at the end of the step
  std::array<std::span<double>, 2> currents;  // as the update saw them
  std::span<double> total;                    // the sum of the synaptic and the external current, with noise, without bias

  std::uint64_t rows(std::uint64_t first, std::uint64_t steps) const {
    return every == 0 ? 0 : (first + steps + every - 1) / every - (first + every - 1) / every;
  }
};

struct SpikingRun {
  std::uint64_t first_step = 0;
  std::uint64_t steps = 0;
  std::uint64_t seed = 0;
  double dt = 1.0;  // of the events' clock
  const InputSource* current = nullptr;
  const EventSpan* events = nullptr;
  bool count_events = true;  // otherwise several events of a channel in a step are one
  SpikingRecord record;
};

/// The spikes of a run, by step, then neuron. Steps count from the first of the run.
struct SpikeList {
  std::vector<std::uint64_t> steps;
  std::vector<std::int32_t> neurons;
};

class SpikingPlan {
 public:
  virtual ~SpikingPlan() = default;
  virtual std::size_t inputs() const = 0;
  virtual std::size_t units() const = 0;
  /// How many synaptic currents there are.
  virtual int currents() const = 0;
  virtual bool adapts() const = 0;
  /// Bytes of the prepared synapses, and their number.
  virtual std::uint64_t synapse_bytes() const = 0;
  virtual std::uint64_t synapses() const = 0;
  /// How many synapses all spikes in the list reach.
  virtual std::uint64_t synaptic_events(std::span<const std::int32_t> neurons, bool of_input) const = 0;

  /// Evolves `state` and appends to `spikes`. A run that throws has changed nothing but `spikes` and the record.
  virtual void run(const SpikingState& state, const SpikingRun& run, SpikeList& spikes, RunControl& control) const = 0;
};

}  // namespace rockpool
