// Leaky integrate-and-fire neurons with exponential synapses.
//
//   tau_mem dV/dt = V_rest - V + R (bias + I_ext + I_0 + I_1),      not while refractory
//   dI_x/dt = -I_x / tau_syn_x + weighted spikes
//   V > V_thresh:  spike, V <- V_reset, refractory for a number of steps
//
//   parameter         shape            unit    meaning
//   tau_mem           1 or [units]     s       membrane time constant
//   tau_syn[x]        1 or [units]     s       of synaptic current x; absent: no such current; 0: a spike moves V at once
//   v_thresh          1 or [units]     V       threshold
//   v_reset           1 or [units]     V       V after a spike
//   v_rest            1 or [units]     V       rest; may be absent with a constant leak: the leak is always downwards
//   bias              1 or [units]     A       constant current (R is 1 Ohm by default, so that it counts in volts)
//   resistance        1 or [units]     Ohm     R
//   refractory_steps  1 or [units]     steps   that follow a spike without update
//   leak_rate         1 or [units]     V/s     of a constant leak
//   v_min             1 or [units]     V       smallest V with a constant leak; absent: none
//   w_in              [inputs, units]          of the external current; absent: input i drives neuron i
//   in_route[x], rec_route[x]                  synapses of input events and of spikes onto current x
//
// Integrators: Euler (V) with exactly decaying currents; exact, for constant input over a step (Rotter and Diesmann, "Exact
// digital simulation of time-invariant linear systems", Biol. Cybern. 81, 1999); the classical fourth-order Runge-Kutta step,
// which on this linear system is a polynomial of the step. All become one linear step with other factors.
#pragma once

#include <array>
#include <memory>
#include <span>

#include "rockpool/spiking.h"

namespace rockpool {

enum class IafIntegrator : int { kEuler = 0, kExact = 1, kRk4 = 2 };

/// kConstant: V moves towards the rest by leak_rate dt per step, not beyond. kConstantLegacy: by dt / tau_mem times that,
/// beyond the rest as well, without bias, and upwards without a rest.
enum class IafLeak : int { kExponential = 0, kNone = 1, kConstant = 2, kConstantLegacy = 3 };

struct IafParameters {
  std::size_t inputs = 0;
  std::size_t units = 0;
  double dt = 1e-4;
  Precision precision = Precision::kFloat64;
  IafIntegrator integrator = IafIntegrator::kExact;
  IafLeak leak = IafLeak::kExponential;
  bool inclusive = false;    // V >= V_thresh fires
  bool blend_input = false;  // the end of a Runge-Kutta step sees the next sample of the current; the last one is repeated
  double noise_std = 0.0;    // V
  /// kStationary: V would fluctuate by noise_std without other input. kLegacy: a current of 1.63 sqrt(2 tau_mem / dt)
  /// noise_std.
  NoiseScaling noise_scaling = NoiseScaling::kStationary;
  bool noise_on_synapse = false;  // legacy noise is added to current 0, which filters it
  std::span<const double> tau_mem, v_thresh, v_reset, v_rest, bias, resistance, refractory_steps, leak_rate, v_min;
  std::array<std::span<const double>, 2> tau_syn;
  std::span<const double> w_in;
  std::array<std::shared_ptr<const SynapseRoute>, 2> in_route, rec_route;
  /// Poisson events that arrive at current 0 of each neuron, before the update: mean number per step, and their weight.
  std::span<const double> background_rate;
  double background_weight = 0.0;
  /// A plan whose synapses, and whose number of threads, this one shares; then there are no routes. Its size and precision must
  /// be the same.
  std::shared_ptr<const SpikingPlan> synapses_of;
  unsigned threads = 1;  // the population is prepared for so many; never changes a result
};

std::shared_ptr<const SpikingPlan> make_iaf_plan(const IafParameters& parameters);

}  // namespace rockpool
