// Leaky integrate-and-fire neurons of the module API: batches of sequences, several synapses per neuron, several spikes per
// step.
//
//   tau_syn dI/dt = -I + arrivals,   tau_mem dV/dt = -V + sum of I + b + noise,   every crossing of a multiple of theta is a
//   spike
//
// One step n, for neuron j with synapses k, alpha = v_from_v, beta = i_from_i, gamma = a_from_a:
//
//   R    = S W_rec                                     S: the spikes of step n - 1
//   I    = beta (I + u[n] + R)                         kAddThenDecay
//   I    = beta I + u[n] + R                           kDecayThenAdd
//   I    = I + beta (u[n] + R - I)                     kEuler; beta = dt / tau_syn
//   A    = gamma (A + S w_ahp)                         after-hyperpolarisation, where there is one
//   D    = sum over k of I[j, k] + A + b + c xi        without synapses: u[n] + b + c xi
//   V    = alpha V + D                                 kEuler: V + alpha (D - V); alpha = dt / tau_mem
//   S    = min(N, largest k with k theta <= V)         0 below theta, and always 0 with output_membrane
//   V    = V - S theta
//   output: S, or V with output_membrane
//
//   parameter    shape                    meaning
//   v_from_v     1 or [units]             alpha = exp(-dt / tau_mem), or dt / tau_mem
//   i_from_i     1 or [units, synapses]   beta; one row [1, synapses] serves all neurons
//   bias         1 or [units]             b
//   threshold    1 or [units]             theta, greater than 0
//   w_rec        [units, units synapses]  recurrent weights [pre, post]; none: no recurrence
//   a_from_a     1 or [units]             gamma; none: no after-hyperpolarisation
//   w_ahp        1 or [units]             its weights
//   noise_std                             see LifNoise
//   max_spikes                            N, of a step
//
// Input column j synapses + k feeds synapse k of neuron j; columns of w_rec alike. Batch elements are independent and computed
// in parallel; noise is drawn from Philox, keyed by (seed, batch element, absolute time step, neuron). A run in pieces gives
// bit for bit the run in one piece, on any number of threads.
//
// The model and its names: Rockpool 3's LIF modules. What a backward pass needs is what LifBatchRecord holds.
#pragma once

#include <cstdint>
#include <span>

#include "rockpool/run_control.h"

namespace rockpool {

enum class LifScheme { kAddThenDecay, kDecayThenAdd, kEuler };

/// kStationary: the free membrane has the standard deviation noise_std. kSqrtDt: c = noise_std sqrt(dt), the original's.
enum class LifNoise { kStationary, kSqrtDt };

/// What stands for the derivative of the number of spikes S(x, theta) of a potential x in gradients, with z = x / theta:
///
///   kStepPwl              dS/dx = 1 / theta for x >= theta - window, else 0
///   kPeriodicExponential  dS/dx = exp(-|x - c| / window) / theta, c the nearest of theta, 2 theta, ... max_spikes theta
///   either                dS/dtheta = -dS/dx z
struct LifSurrogate {
  enum class Kind { kStepPwl, kPeriodicExponential };
  Kind kind = Kind::kStepPwl;
  double window = 0.5;  // greater than 0
  bool masked = false;  // both derivatives are 0 for x > max_spikes theta
};

/// An empty span: absent.
struct LifBatchParameters {
  std::size_t units = 0;
  std::size_t synapses = 1;  // of a neuron; 0: the input is added to the membrane
  LifScheme scheme = LifScheme::kAddThenDecay;
  std::span<const double> v_from_v;
  std::span<const double> i_from_i;
  std::span<const double> bias;
  std::span<const double> threshold;
  std::span<const double> w_rec;
  std::span<const double> a_from_a;
  std::span<const double> w_ahp;
  double max_spikes = 65536.0;
  double noise_std = 0.0;
  LifNoise noise = LifNoise::kStationary;
  double dt = 1e-3;  // for kSqrtDt
  bool output_membrane = false;
  LifSurrogate surrogate = {};
  /// S is the function of z whose derivatives the surrogate names, its window in units of theta: for checks of gradients, as an
  /// absolute window leaves no function with both derivatives.
  bool smooth = false;

  std::size_t columns() const { return units * (synapses == 0 ? 1 : synapses); }  // of the input
};

/// Before a run, each for all batch elements, or the same for all: [units] or [batch, units]; i_syn [..., units, synapses].
struct LifBatchState {
  std::span<const double> v_mem, i_syn, spikes, i_ahp;
};

/// After it, [batch, ...]; written at the end only.
struct LifBatchNewState {
  std::span<double> v_mem, i_syn, spikes, i_ahp;
};

/// Arrays [batch, steps, units] to fill, or empty; with synapses, [..., units, synapses].
template <typename T>
struct LifBatchRecord {
  std::span<T> v_mem = {};         // after the reset
  std::span<T> v_mem_before = {};  // before it
  std::span<T> i_syn = {};
  std::span<T> i_rec = {};
  std::span<T> i_ahp = {};
  std::span<T> spikes = {};
};

template <typename T>
struct LifBatchRun {
  std::size_t batch = 1;
  std::size_t steps = 0;
  std::uint64_t first_step = 0;
  std::uint64_t seed = 0;
  std::span<const T> input;  // [batch, steps, columns]
  std::span<T> out;          // [batch, steps, units]
  LifBatchRecord<T> record = {};
};

/// Throws ERR_SHAPE, ERR_VALUE for a threshold that is not greater than 0, ERR_NOT_FINITE when a membrane potential is not.
void run_lif_batch(const LifBatchParameters& parameters, const LifBatchState& state, const LifBatchNewState& after,
                   const LifBatchRun<double>& run, RunControl& control);
void run_lif_batch(const LifBatchParameters& parameters, const LifBatchState& state, const LifBatchNewState& after,
                   const LifBatchRun<float>& run, RunControl& control);

}  // namespace rockpool
