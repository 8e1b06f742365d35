// Neurons of the exchange format NIR, under a discretisation that is said.
//
//   tau_syn dI/dt = -I + w_in S                 with a synapse (CubaLIF, CubaLI); S = u + R + c
//   tau_mem dV/dt = (v_leak - V) + r D          D = I, or S without a synapse (LIF, LI)
//           dV/dt = r S                         without a leak (IF, I)
//
// One step n of length dt, with S held constant over it and the new I used for V:
//
//   R    = spikes of step n - 1 times w_rec
//   I    = beta I + (1 - beta) w_in S
//   V    = alpha V + (1 - alpha) (v_leak + r D);  V + dt r S without a leak
//   kExponential: alpha = exp(-dt / tau_mem), beta = exp(-dt / tau_syn);  kEuler: alpha = 1 - dt / tau_mem, beta alike
//   reset at the next step: where the neuron spiked in step n - 1, V = V - v_threshold or V = v_reset
//   spikes = 1 where V > v_threshold (with `reached`, V >= v_threshold)
//            up to max_spikes with kSubtract at the spike: the largest k with V > k v_threshold
//   reset at the spike: V = V - spikes v_threshold or V = v_reset
//   output: spikes; V of neurons without a threshold
//
//   parameter    shape             meaning
//   tau_mem      [units]           seconds; none: no leak
//   tau_syn      [units]           seconds; none: no synapse
//   r            [units]           resistance
//   v_leak       [units]           with a leak
//   w_in         [units]           with a synapse
//   v_threshold  [units]           none: no spikes
//   v_reset      [units]           for kValue
//   w_rec        [units, units]    [pre, post]; none: no recurrence
//   rec_bias     [units]           c, what the recurrent connection adds in every step; none: 0
//
// The equations are those of https://neuroir.org; how a toolkit reads them is a choice of the caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "rockpool/run_control.h"

namespace rockpool {

enum class NirIntegration { kExponential, kEuler };
enum class NirReset { kSubtract, kValue };

/// An empty span: absent.
struct NirNeuronParameters {
  std::size_t units = 0;
  double dt = 1e-3;
  NirIntegration integration = NirIntegration::kExponential;
  NirReset reset = NirReset::kSubtract;
  bool reset_next = false;
  bool reached = false;
  double max_spikes = 1.0;
  std::span<const double> tau_mem, tau_syn, r, v_leak, w_in, v_threshold, v_reset, w_rec, rec_bias;
};

/// [batch, units], before and after a run; the new ones are written at the end only.
struct NirNeuronState {
  std::span<const double> v_mem, i_syn, spikes;
};
struct NirNeuronNewState {
  std::span<double> v_mem, i_syn, spikes;
};

struct NirNeuronRun {
  std::size_t batch = 1;
  std::size_t steps = 0;
  std::span<const double> input;         // [batch, steps, units]
  std::span<double> out;                 // [batch, steps, units]
  std::span<double> v_record, i_record;  // [batch, steps, units] or empty
};

/// Throws ERR_SHAPE, ERR_VALUE for a time constant that is not greater than 0 or for Euler steps longer than 2 time constants,
/// and ERR_NOT_FINITE when a membrane potential is not.
void run_nir_neurons(const NirNeuronParameters& parameters, const NirNeuronState& state, const NirNeuronNewState& after,
                     const NirNeuronRun& run, RunControl& control);

/// Index of the first element that is not finite or not greater than `bound` (with `or_equal`, smaller); the size when there is
/// none.
std::size_t first_outside(std::span<const double> x, double bound, bool or_equal);

/// out [columns, rows] = x [rows, columns], transposed.
void transpose(std::span<const double> x, std::size_t rows, std::size_t columns, std::span<double> out);

}  // namespace rockpool
