// Leaky integrate-and-fire neurons with several spikes per step and a smooth surrogate of them, forward Euler.
//
//   tau_syn dI/dt = -I + arrivals,   tau_mem dV/dt = -V + I + external + b + noise,   threshold 0, a spike takes 1 from V
//
// One step n of length dt, with alpha = dt / tau_mem, beta = exp(-dt / tau_syn) and xi a standard normal:
//
//   I_rec = S W_rec                                    S: the spikes of step n - 1
//   I_syn = beta I_syn + s[n] W_in + I_rec             s: numbers of input events, or
//   V     = V - S
//   V     = V + alpha (I_syn + u[n] W_in + b + c xi - V)    u: input current, one of the two
//   S     = max(0, floor(V + 1))
//   U     = sigma(V), output: U or U W_out
//
//   parameter        shape               unit   meaning, default
//   w_in             [inputs, units]     -      weights [pre, post]; none: input i drives neuron i
//   w_rec            [units, units]      -      recurrent weights [pre, post]; none: no recurrence
//   w_out            [units, outputs]    -      readout of the surrogate; none: the surrogate itself
//   tau_mem, tau_syn 1 or [units]        s      time constants of membrane and synapse
//   bias             1 or [units]        -      b, a constant input, 0
//   dt               scalar              s      time step
//   noise_std        scalar              -      c = noise_std times the factor of NoiseScaling; kUnscaled is the original's
//   surrogate                                   sigma: logistic(gain V + shift), or (1 + tanh(gain V + shift)) / 2
//
// S is sparse: only rows of neurons that spiked and of channels with events are read, and nothing of the size steps x units is
// allocated; records are written where the caller gives arrays for them. Noise is drawn from Philox, keyed by (seed, stream 0,
// absolute time step, neuron). A run that is cut in pieces gives bit for bit the run in one piece. Precision: all of a step is
// computed in float or in double; state and records are doubles.
//
// Reference: Zenke and Ganguli, "SuperSpike", Neural Computation 30 (2018), for neurons of this kind and their surrogates.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "rockpool/events.h"
#include "rockpool/input_source.h"
#include "rockpool/rate.h"
#include "rockpool/run_control.h"
#include "rockpool/spiking.h"

namespace rockpool {

enum class LifSurrogate { kLogistic, kTanh };

/// What the neurons are. An empty span: absent (weights), or its default.
struct LifParameters {
  std::size_t inputs = 0;
  std::size_t units = 0;
  std::size_t outputs = 0;  // columns of w_out
  std::span<const double> w_in;
  std::span<const double> w_rec;
  std::span<const double> w_out;
  std::span<const double> tau_mem;
  std::span<const double> tau_syn;
  std::span<const double> bias;
  double dt = 1.0;
  double noise_std = 0.0;
  NoiseScaling noise_scaling = NoiseScaling::kUnscaled;
  LifSurrogate surrogate = LifSurrogate::kTanh;
  double surrogate_gain = 20.0;
  double surrogate_shift = 1.0;
  Precision precision = Precision::kFloat64;
};

/// What changes from step to step.
struct LifState {
  std::span<double> v_mem;   // [units] before the reset by `spikes`
  std::span<double> i_syn;   // [units]
  std::span<double> spikes;  // [units] of the last step
};

/// Arrays [steps x units] to fill, or empty.
struct LifRecord {
  std::span<double> v_mem = {};  // before the reset
  std::span<double> i_syn = {};
  std::span<double> i_rec = {};
  std::span<double> spikes = {};  // numbers of spikes
  std::span<double> surrogate = {};
};

/// One run: which steps, what drives them, where the results go.
struct LifRun {
  std::uint64_t first_step = 0;
  std::uint64_t steps = 0;
  std::uint64_t seed = 0;
  const InputSource* current = nullptr;  // [inputs] channels, or none
  const EventSpan* events = nullptr;     // channels below `inputs`, or none
  bool count_events = true;              // otherwise several events of a channel in a step are one
  std::span<double> out = {};            // [steps x columns()], or empty: not wanted
  SpikeList* spikes = nullptr;           // appended to: a neuron with k spikes stands k times; null: not wanted
  LifRecord record = {};
};

/// Prepared once from the parameters. Immutable; any thread may run it.
class LifPlan {
 public:
  virtual ~LifPlan() = default;

  virtual std::size_t inputs() const = 0;
  virtual std::size_t units() const = 0;
  /// Columns of the output.
  virtual std::size_t columns() const = 0;
  virtual double dt() const = 0;

  /// Evolves `state`, which is written at the end only: a run that throws has not changed it. Throws ERR_NOT_FINITE, with the
  /// neuron and the step, as soon as a membrane potential is infinite or NaN, ERR_INDEX for an event on a channel that there is
  /// not.
  virtual void run(const LifState& state, const LifRun& run, RunControl& control) const = 0;

  /// Whether a plan of these parameters would have the same weights, biases, time constants and time step.
  virtual bool matches(const LifParameters& parameters) const = 0;
};

/// Throws ERR_SHAPE for a length that does not fit, ERR_VALUE for a time constant that is not greater than 0.
std::shared_ptr<const LifPlan> make_lif_plan(const LifParameters& parameters);

}  // namespace rockpool
