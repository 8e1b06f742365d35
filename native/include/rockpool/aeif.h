// Adaptive exponential integrate-and-fire neurons with exponential synapses (Brette and Gerstner, "Adaptive exponential
// integrate-and-fire model as an effective description of neuronal activity", J. Neurophysiol. 94, 2005).
//
//   C dV/dt = -g (V - V_rest) + g Delta_T exp((V - V_thresh) / Delta_T) - w + I_0 + I_1 + I_ext + bias    not while refractory
//   tau_adapt dw/dt = a (V - V_rest) - w
//   dI_x/dt = -I_x / tau_syn_x + weighted spikes
//   V reaches V_peak:  spike, V <- V_reset, w <- w + b, refractory for the rest of the step and a number of steps
//
//   parameter         shape            unit    meaning
//   capacity          1 or [units]     nF      C
//   conductance       1 or [units]     nS      g; C / g is the membrane time constant
//   delta_t           1 or [units]     V       slope factor of the exponential term; 0: no such term
//   v_thresh          1 or [units]     V       where the exponential term balances the slope of the leak
//   v_peak            1 or [units]     V       where a spike is emitted; for Delta_T = 0 it is the threshold
//   v_reset, v_rest   1 or [units]     V
//   subthresh_adapt   1 or [units]     nS      a
//   spike_adapt       1 or [units]     nA      b
//   tau_adapt         1 or [units]     s       time constant of the adaptation current w (nA)
//   tau_syn[x]        1 or [units]     s       of synaptic current x; absent: no such current
//   bias              1 or [units]     nA      constant current
//   refractory_steps  1 or [units]     steps   that follow the one with the spike
//   w_in, in_route[x], rec_route[x]            as in rockpool/iaf.h; currents in nA
//
// V and w are integrated by Runge-Kutta-Fehlberg steps of order 4(5), shortened inside a time step until the error of each is
// estimated at no more than 1e-9 V and 1e-9 nA, in double precision; the synaptic currents enter with their exact decay. A
// spike and its reset happen where V meets V_peak, not at the end of a step, so that a neuron without refractory time may fire
// several times in one step. Sub-steps start anew in each step: nothing but V, w and the currents is carried on.
#pragma once

#include <array>
#include <memory>
#include <span>

#include "rockpool/spiking.h"

namespace rockpool {

struct AeifParameters {
  std::size_t inputs = 0;
  std::size_t units = 0;
  double dt = 1e-4;
  Precision precision = Precision::kFloat64;  // of what is kept from step to step
  std::span<const double> capacity, conductance, delta_t, v_thresh, v_peak, v_reset, v_rest, subthresh_adapt, spike_adapt,
      tau_adapt, bias, refractory_steps;
  std::array<std::span<const double>, 2> tau_syn;
  std::span<const double> w_in;
  std::array<std::shared_ptr<const SynapseRoute>, 2> in_route, rec_route;
  /// A plan whose synapses, and whose number of threads, this one shares; then there are no routes. Its size and precision must
  /// be the same.
  std::shared_ptr<const SpikingPlan> synapses_of;
  unsigned threads = 1;  // the population is prepared for so many; never changes a result
};

std::shared_ptr<const SpikingPlan> make_aeif_plan(const AeifParameters& parameters);

}  // namespace rockpool
