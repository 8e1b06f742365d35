// The multi-spike tempotron in its simple form: which synapses helped a neuron to fire, and what to change in them.
//
//   e[i, j] = sum over spikes s of input i, sum over recorded times t >= s of  K_j(t - s) (V_j(t) - V_rest,j)
//   n_j     = number of spikes of neuron j
//   d_j     = -lambda where n_j is above the target, lambda where below, 0 otherwise
//   dW[i, j] = d_j for the `eligible` inputs i of largest e[i, j], else 0;  dW += momentum dW before;  W += dW
//
// K_j(t) is the potential after a spike of weight 1. The sums run over spikes and times once, backwards in time, since K and
// the exponential exp(-t / tau_syn) carry each other: K(t + d) = exp(-d / tau_mem) K(t) + K(d) exp(-t / tau_syn).
//
// Reference: Guetig, "Spiking neurons can discover predictive features by aggregate-label learning", Science 351 (2016).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "rockpool/run_control.h"

namespace rockpool {

/// What was recorded of the neurons, and what they are.
struct TempotronNeurons {
  std::span<const double> times;             // recorded, ascending
  std::span<const double> v;                 // [times x units]
  std::span<const double> v_rest;            // [units]
  std::span<const double> tau_syn, tau_mem;  // [units]
};

/// A list of spikes by time.
struct TempotronSpikes {
  std::span<const double> times;
  std::span<const std::int32_t> channels;
};

/// e, [inputs x units]. Throws ERR_INDEX for spikes on channels that there are not.
void tempotron_eligibility(const TempotronSpikes& input, std::size_t inputs, const TempotronNeurons& neurons,
                           std::span<double> eligibility, RunControl& control);

struct TempotronRule {
  double lambda = 1e-5;
  double momentum = 0.0;
  std::size_t eligible = 0;
  double from = 0.0, to = 0.0;  // output spikes count from the first to the second time, both included
  std::span<const double> target;
};

/// Writes `counts` [units], `change` [inputs x units], which holds the change before, and `weights` [inputs x units].
void tempotron_update(std::span<const double> eligibility, const TempotronSpikes& output, const TempotronRule& rule,
                      std::span<double> counts, std::span<double> change, std::span<double> weights);

}  // namespace rockpool
