// From the biases of a core to the parameters of its simulated neurons.
//
// The digital side of the chip is known, the analogue side is not: this mapping is a choice of ours. It has three anchors: the
// neuron is that of VirtualDynapse; at the low-power biases a core has VirtualDynapse's defaults; and a current acts as the
// circuit's equations say, in proportion. With nominal currents (coarse full scale times fine / 255), I_0 those of low power:
//
//   tau_mem_1, _2    20 ms I_0 / I of IF_TAU1_N, IF_TAU2_N         0.1 ms to 10 s
//   tau_syn_exc      50 ms I_0 / I of NPDPIE_TAU_F_P, or of _S_P where the fast one is off; I_0 of the fast one; same limits
//   tau_syn_inh      50 ms I_0 / I of NPDPII_TAU_F_P, or of _S_P where the fast one is off; I_0 of the slow one; same limits
//   gain             I / I_0 of IF_THR_N, at most 100
//   pulse            I_0 / I of PULSE_PWLK_P, at most 100
//   weight           20 mV / uA I of PS_WEIGHT_*, times gain and pulse, at most 1 V; inhibitory ones count negative
//   bias             v_thresh (I / I_0 - 1) of IF_DC_P times gain, from 0 to 1 V
//   refractory       1 ms I_0 / I of IF_RFR_N, at most 1 s
//   spike_adapt      20 mV / uA I of IF_AHW_P, at most 1 V;  tau_adapt  100 ms I_0 / I of IF_AHTAU_N, 0.1 ms to 10 s
//   v_thresh 10 mV, delta_t 2 mV
//
// Fast and slow synapses of one sign share a current, as VirtualDynapse has two. All other biases, and the flags for low bias,
// cascode and type, are stored and have no effect; a bias that is not enabled counts as 0.
#pragma once

#include <array>

#include "dynapse/chip_memory.h"

namespace rockpool::dynapse {

struct CoreParameters {
  std::array<double, 2> tau_mem{};
  double tau_syn_exc = 0.0, tau_syn_inh = 0.0;
  std::array<double, 4> weight{};  // by Synapse, volts
  double bias = 0.0, refractory = 0.0, v_thresh = 0.0, spike_adapt = 0.0, tau_adapt = 0.0, delta_t = 0.0;
};

CoreParameters core_parameters(const ChipMemory& memory, unsigned core);

}  // namespace rockpool::dynapse
