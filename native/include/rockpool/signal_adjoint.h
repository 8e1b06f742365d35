// The ways back through the modules of rockpool/signal_batch.h, on arrays [batch, steps, channels].
//
// Sums are doubles that are added into, one after the other, backwards in time, for each batch element: a run that is cut into
// pieces gives bit for bit the same as the run in one piece. Batch elements are computed in parallel. A run that was cancelled
// leaves sums half-way.
#pragma once

#include <cstdint>
#include <span>

#include "rockpool/run_control.h"
#include "rockpool/signal_batch.h"

namespace rockpool {

template <typename T>
struct SignalAdjointRun {
  std::size_t batch = 1;
  std::size_t steps = 0;
  std::size_t channels = 0;  // of the input
  std::uint64_t first_step = 0;
  std::uint64_t seed = 0;
  std::span<const T> g_out;
  std::span<T> g_input;
};

/// Through exp_filter(). With the gradient g of the currents i, that of the state that a step hands on included:
///
///   i = beta (i' + u + noise):   du = beta g,  g' = beta g,  beta dL/dbeta = sum of g i
///   i = beta i' + u + noise:     du = g,       g' = beta g,  beta dL/dbeta = sum of g beta i'
///
/// and what comes of the noise, whose size depends on beta. `currents`: what it put out, [batch, steps, channels]; with white
/// noise, which is added to the output alone, what it puts out without. `state`: where it started. `g_after`: [batch,
/// channels] or empty. `log_decay` [batch, channels] is added into.
template <typename T>
void exp_filter_adjoint(const SignalAdjointRun<T>& run, std::span<const double> decay, bool decay_first, double noise_std,
                        bool white_noise, std::span<const double> state, std::span<const T> currents,
                        std::span<const double> g_after, std::span<double> g_state, std::span<double> log_decay,
                        RunControl& control);

/// Through softmax(), from what it put out: y (g - sum of y g), or g - exp(y) times the sum of g.
template <typename T>
void softmax_adjoint(const SignalAdjointRun<T>& run, bool logarithm, std::span<const T> out, RunControl& control);

/// Through up_down(), where a count floor(x) has the derivative 1 for x >= 1/2 and 0 below; a count that was cut at 1 has none.
/// `input`, `state` and `parameters` as forward. `g_out`: [batch, steps, 2 channels]; `g_after` and `g_state`: of the
/// reference only, [batch, 2 channels] with zeros for the refractory steps, `g_after` may be empty. `thr_up` and `thr_down`
/// [batch, channels] are added into. A reference that starts at the first sample hands its gradient to it.
template <typename T>
void up_down_adjoint(const SignalAdjointRun<T>& run, const UpDownParameters& parameters, std::span<const T> input,
                     std::span<const double> state, std::span<const T> g_ref_record, std::span<const double> g_after,
                     std::span<double> g_state, std::span<double> thr_up, std::span<double> thr_down, RunControl& control);

/// dL/dtau, given a dL/da for leaks a = dt / max(tau, min_steps dt); 0 where tau is below.
void euler_leak_adjoint(double dt, double min_steps, std::span<const double> tau, std::span<const double> log_leak,
                        std::span<double> out);

/// dL/dtau, given beta dL/dbeta for decays beta = exp(-dt / tau).
void decay_adjoint(double dt, std::span<const double> tau, std::span<const double> log_decay, std::span<double> out);

}  // namespace rockpool
