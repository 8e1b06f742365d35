// Small stateful and stateless modules of the module API, on arrays [batch, steps, channels]. States are given for each batch
// element, or once for all, and come back for each. Batch elements are computed in parallel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "rockpool/run_control.h"

namespace rockpool {

template <typename T>
struct SignalRun {
  std::size_t batch = 1;
  std::size_t steps = 0;
  std::size_t channels = 0;
  std::uint64_t first_step = 0;
  std::uint64_t seed = 0;
  std::span<const T> input;
  std::span<T> out;
};

/// Exponential synapses. i = beta (i + u[n] + noise), or i = beta i + u[n] with decay_first; the output is i. `decay`: 1 or
/// [channels]. Noise: noise_std is the standard deviation of i without input.
template <typename T>
void exp_filter(const SignalRun<T>& run, std::span<const double> decay, bool decay_first, double noise_std, bool white_noise,
                std::span<const double> state, std::span<double> new_state, RunControl& control);

/// A latch: above threshold it becomes 1, below -threshold 0; the output is the state.
template <typename T>
void latch(const SignalRun<T>& run, double threshold, std::span<const double> state, std::span<double> new_state,
           RunControl& control);

/// Delta modulation into events of two channels for each of the input: [.., 2 i] up, [.., 2 i + 1] down.
///
///   d = u[n] - ref,  up = max(0, floor(d / thr_up)),  down = max(0, floor(-d / thr_down))
///   without refractory steps: ref += up thr_up - down thr_down
///   with: a refractory channel is silent, counts are 1 at most, a spike starts n_ref_steps steps (its own included) in which
///   ref = u[n]
///
/// With `smooth` a count is max(0, x - 1/2) in place of max(0, floor(x)): what the derivative of a count on the way back is
/// the derivative of.
///
/// State, [channels] each: ref (NaN: the first sample is taken) and the refractory steps that are left.
struct UpDownParameters {
  std::span<const double> thr_up, thr_down;  // 1 or [channels]
  std::uint64_t refractory_steps = 0;
  double repeat_output = 1.0;
  bool smooth = false;
};
template <typename T>
void up_down(const SignalRun<T>& run, const UpDownParameters& parameters, std::span<const double> state,
             std::span<double> new_state, std::span<T> ref_record, RunControl& control);

/// Dropout with probability p, keyed by (seed, batch element, step, channel). `whole`: one draw per channel for all steps
/// (keyed by first_step). What remains is multiplied by `scale`.
template <typename T>
void dropout(const SignalRun<T>& run, double p, bool whole, double scale, RunControl& control);

/// Soft-max over channels, shifted by the largest, or its logarithm.
template <typename T>
void softmax(const SignalRun<T>& run, bool logarithm, RunControl& control);

/// Representations of a leak of a time step dt.
enum class Leak { kTau, kDecay, kBitshift };

/// out = the same leaks in another representation: decay = exp(-dt / tau) = 1 - 2^-bitshift.
void convert_leak(Leak from, Leak to, double dt, std::span<const double> in, std::span<double> out);

/// Bit shifts for time constants: round(log2(tau / dt)) by `log_ratio`, else round(-log2(1 - exp(-dt / tau))); at least
/// `least`.
void round_bitshift(double dt, bool log_ratio, double least, std::span<const double> tau, std::span<double> out);

/// Steps of forward Euler: out = dt / tau, where a tau below min_steps dt counts as that.
void euler_leak(double dt, double min_steps, std::span<const double> tau, std::span<double> out);

/// The mean over the batch of [batch, n].
void batch_mean(std::span<const double> in, std::size_t n, std::span<double> out);

}  // namespace rockpool
