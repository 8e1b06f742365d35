// Gradients of LIF neurons of the module API by going back through their steps (backpropagation through time).
//
// With the model of lif_batch.h and g the derivative of a loss with respect to what follows it, f_v = dS/dV and f_theta =
// dS/dtheta of the surrogate, one step n, backwards; "carried" is what step n + 1 left, at the last step what the caller gives
// for the state:
//
//   gS   = g out + g spikes + carried              gV = g vmem + carried
//   gV'  = gV + f_v (gS - theta gV)                of the potential before the reset; gV' = gV + g out with output_membrane
//   gtheta += f_theta (gS - theta gV) - S gV
//   gD   = gV', kEuler: alpha gV'                  gb += gD
//   carried gV = alpha gV', kEuler: (1 - alpha) gV'
//   gA   = gD + g iahp + carried                   carried gA = gamma gA,  carried gS = w_ahp gamma gA
//   gI   = gD + g isyn + carried                   carried gI = beta gI, kEuler: (1 - beta) gI
//   gu   = beta gI, kDecayThenAdd: gI              gR = gu + g irec
//   carried gS += gR W_rec^T
//
// The reset is differentiated too. Noise is a constant, and so is the clipping at max_spikes.
//
// Batch elements of a task take each step together, so that W_rec is read once for all of them. Every sum over steps runs
// backwards in doubles, one for each batch element: a run in pieces gives bit for bit what the run in one piece does, on any
// number of threads; for those of w_rec as linear_adjoint.h says.
#pragma once

#include <span>

#include "rockpool/lif_batch.h"
#include "rockpool/signal_batch.h"

namespace rockpool {

/// Gradients that are added into, [batch, units], i_from_i [batch, units, synapses]; w_rec of its own shape. An empty span: not
/// wanted.
struct LifAdjointSums {
  std::span<double> v_from_v = {}, i_from_i = {}, bias = {}, threshold = {}, a_from_a = {}, w_ahp = {};
  std::span<double> w_rec = {};  // needs g_input, or g_arrival where there is g_i_rec
};

template <typename T>
struct LifAdjointRun {
  std::size_t batch = 1;
  std::size_t steps = 0;
  // What the run recorded, [batch, steps, ...].
  std::span<const T> v_mem_before = {};
  std::span<const T> spikes = {};  // not with output_membrane
  std::span<const T> i_syn = {};   // for the gradients of i_from_i
  std::span<const T> i_ahp = {};   // for those of a_from_a
  // For gradients of i_from_i = 0 with kAddThenDecay, which i_syn does not tell: without these they are 0.
  std::span<const T> input = {}, i_rec = {};
  // Gradients of what came out of it; an empty span: zeros.
  std::span<const T> g_out = {};
  std::span<const T> g_v_mem = {}, g_i_syn = {}, g_i_rec = {}, g_i_ahp = {}, g_spikes = {};
  // Results.
  std::span<T> g_input = {};    // gu, [batch, steps, columns]; may be the memory of i_syn; empty: not wanted
  std::span<T> g_arrival = {};  // gR, where there is g_i_rec
};

/// `before`: the state that the run started from; `g_after`: gradients of the one after it, [batch, ...] or empty for zeros;
/// `g_before`: gradients of the one before it, [batch, ...]. Throws ERR_SHAPE, or ERR_VALUE for parameters.
void run_lif_adjoint(const LifBatchParameters& parameters, const LifBatchState& before, const LifBatchState& g_after,
                     const LifBatchNewState& g_before, const LifAdjointSums& sums, const LifAdjointRun<double>& run,
                     RunControl& control);
void run_lif_adjoint(const LifBatchParameters& parameters, const LifBatchState& before, const LifBatchState& g_after,
                     const LifBatchNewState& g_before, const LifAdjointSums& sums, const LifAdjointRun<float>& run,
                     RunControl& control);

/// Gradients by decays, or with `euler` by steps dt / tau, become those by the leaks in this form: each is multiplied by the
/// derivative at its value.
void chain_leak(Leak form, bool euler, double dt, std::span<const double> values, std::span<double> gradients);

}  // namespace rockpool
