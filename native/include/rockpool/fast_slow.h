// Recurrent leaky integrate-and-fire neurons with a fast and a slow synaptic current each, whose spikes have precise times:
// forward Euler, and linear back-tracking to every crossing of a threshold.
//
//   tau_mem dV/dt = V_rest - V + F + S + I + b (+ teacher),   tau_fast dF/dt = -F,   tau_slow dS/dt = -S
//   V crosses the threshold: a spike. V is set to V_reset and held there for the refractory time; F and S of all neurons jump.
//
// One iteration goes on from the present time t, which lies in time step n of length dt, by a whole dt:
//
//   1 V of neurons that are held is V_reset
//   2 of the neurons above threshold the one that crossed first, by a line from V at the time before (tb) to V at t, spikes:
//     t is taken back to its crossing, but not to before tb + min_delta, and all V, F and S along their lines;
//     V of the neuron is V_reset, K_F and K_S are what it sends to the others. No such neuron: K_F = K_S = 0
//   3 F = F - dt / tau_fast F + K_F,  S = S - dt / tau_slow S + K_S
//   4 V = V + dt / tau_mem (V_rest - V + F + S + I[n] + b + c xi[n])
//   5 t = t + dt
//
// Other neurons above threshold have their turn in the iterations that follow. Since t starts anew from every spike, steps lie
// anywhere on the time axis; a run ends between two of them. What it hands on is the state at its end, on the line between the
// two, and in `pending` the two themselves, from which the next run goes on when nobody has changed the state: so a run that is
// cut in pieces gives bit for bit the run in one piece. Crossings before the end of a run are spikes of that run.
//
// The adaptive layer has in addition traces r of the spikes of each neuron, outputs O of the network, and a teacher:
//
//   O = O - dt / tau_out O + K_O,  r = r - dt / tau_rate r + (1 for the neuron that spiked),  V >= 0
//   e = target[n] - O,  V's input gets k w_in^T e;   at the end of a run  dW = sum over iterations of r (w_in^T e)^T
//
//   parameter           shape               unit  meaning
//   weights_fast        [units, units]      V     [post, pre]: column j is what a spike of neuron j adds to F
//   weights_slow        [units, units]      V     the same for S; by rows ([pre, post]) where `slow_by_pre`
//   weights_in          [outputs, units]    V     how the error of each output drives the neurons (adaptive)
//   weights_out         [units, outputs]    -     row j is what a spike of neuron j adds to O (adaptive)
//   bias                [units]             V     b
//   tau_mem, _fast, _slow [units], tau_out [outputs], tau_rate: s
//   v_thresh, v_reset, v_rest [units]       V
//   refractory          scalar              s     0 or less: none
//   noise_std           scalar              V     c = noise_std times the factor of NoiseScaling; one draw for each time step
//
// Noise comes from Philox, keyed by (seed, stream 0, absolute time step, neuron).
//
// Reference: Boerlin, Machens and Deneve, "Predictive coding of dynamical variables in balanced spiking networks", PLoS
// Computational Biology 9 (2013); for the learning Alemi et al., "Learning arbitrary dynamics in efficient, balanced spiking
// networks using local plasticity rules", arXiv:1705.08026.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "rockpool/input_source.h"
#include "rockpool/rate.h"
#include "rockpool/run_control.h"

namespace rockpool {

/// What the neurons are. `outputs` > 0 makes the layer adaptive; the last four are for such a one.
struct FastSlowParameters {
  std::size_t units = 0;
  std::size_t outputs = 0;
  std::span<const double> weights_fast;
  std::span<const double> weights_slow;
  bool slow_by_pre = false;
  std::span<const double> bias, tau_mem, tau_fast, tau_slow, v_thresh, v_reset, v_rest;
  double refractory = 0.0;
  double dt = 1e-4;
  double noise_std = 0.0;
  NoiseScaling noise_scaling = NoiseScaling::kStationary;
  std::span<const double> weights_in;
  std::span<const double> weights_out;
  std::span<const double> tau_out;
  double tau_rate = 1.0;
};

/// What changes when the neurons evolve, at the end of a run.
struct FastSlowState {
  std::span<double> v, fast, slow;         // [units]
  std::span<double> held;                  // [units] steps that a neuron is still held
  std::span<double> out;                   // [outputs]
  std::span<double> rate;                  // [units], adaptive only
  std::vector<double>* pending = nullptr;  // see above; empty: start from the state
};

/// One row for each iteration, and one for the end: the state at that time, after a spike of that time.
struct FastSlowRecord {
  std::vector<double> times;
  std::vector<double> v, fast, slow, dot_v, rate;  // [rows x units]
  std::vector<double> out;                         // [rows x outputs]
  std::span<double> static_input;                  // [steps x units] input with noise; empty: not wanted
};

struct FastSlowSpikes {
  std::vector<double> times;
  std::vector<std::int32_t> units;
};

struct FastSlowRun {
  std::uint64_t first_step = 0;
  std::uint64_t steps = 0;
  std::uint64_t seed = 0;
  double min_delta = 0.1;                // in time steps, below 1
  const InputSource* current = nullptr;  // [units] channels, or one
  const InputSource* target = nullptr;   // [outputs] channels; given: the teacher is there
  double k = 0.0;
  double eta = 0.0;
  std::span<double> learned;   // [units x units] slow weights, to which eta dW / (sum |dW| / units^2) is added
  std::size_t suppressed = 0;  // so many neurons from the first on are held in the time between the following two
  double suppress_from = 0.0, suppress_to = 0.0;
  FastSlowRecord* record = nullptr;
};

/// Prepared once from the parameters. Immutable; any thread may run it.
class FastSlowPlan {
 public:
  virtual ~FastSlowPlan() = default;
  virtual std::size_t units() const = 0;
  virtual std::size_t outputs() const = 0;
  virtual double dt() const = 0;

  /// Evolves `state` and appends to `spikes`. A run that throws has changed nothing but `spikes` and the record. Throws
  /// ERR_NOT_FINITE with the neuron and the step, ERR_NOMEM beyond 2^27 spikes.
  virtual void run(const FastSlowState& state, const FastSlowRun& run, FastSlowSpikes& spikes, RunControl& control) const = 0;
};

/// Throws ERR_SHAPE for a length that does not fit, ERR_VALUE for a value that does not.
std::shared_ptr<const FastSlowPlan> make_fast_slow_plan(const FastSlowParameters& parameters);

/// out = base round(w / base) with base = (max w - min w) / (levels - 1), halves rounded to even numbers. False, and nothing is
/// written, when all weights are equal.
bool discretize_weights(std::span<const double> w, std::uint64_t levels, std::span<double> out);

/// Weights for a chip of 4 cores of 256 neurons with 64 synapses each, of 31 magnitudes; a core may give 192 of its neurons for
/// as many more synapses of each of the other 64. Row i of w [neurons x neurons] holds the synapses of neuron i, of which
/// `available[i]` of its own are there. Those that lose most by that go to the cores of more synapses; each keeps its largest.
void quantize_weights_for_cores(std::span<const double> w, std::size_t neurons, std::span<const double> available,
                                bool use_dense, std::span<double> out);

}  // namespace rockpool
