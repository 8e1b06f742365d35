// The way back through the rate neurons of rockpool/rate_batch.h.
//
// Forward, with r[-1] = H(x0 - theta):
//
//   z[n] = u[n] + c xi[n] + b + r[n-1] W_rec,   x[n] = x[n-1] + a (z[n] - x[n-1]),   r[n] = H(x[n] - theta)
//
// Backward, with the gradients e of r, l of x, s of the state that a step hands on, and h = H'(x - theta), from the last step:
//
//   l[n]    = s[n] + h[n] e[n] + dL/dx[n]                    dL/dx[n]: of what was recorded
//   du[n]   = a l[n]
//   dR[n]   = a l[n] + dL/dR[n]                              R = r[n-1] W_rec
//   s[n-1]  = (1 - a) l[n] + h[n-1] (dR[n] W_rec^T)
//
//   db      = sum of a l[n]
//   a dL/da = sum of l[n] (x[n] - x[n-1]) + l[n] a^2 c'(a) xi[n]
//   dtheta  = sum of -h e - h (dR W_rec^T)
//   dW_rec  = sum of r[n-1]^T dR[n]: the caller's, from `activity_start`, the outputs and `g_rec`
//
// Where H has a kink the derivative is that of the side that is active: ReLU 0 at 0, leaky ReLU 1 at 0.
//
// Batch elements are computed in parallel, those of a task step by step together, so that the weights are read once for all of
// them. Sums are doubles that are added into, one after the other, backwards in time, for each element: a run that is cut into
// pieces gives bit for bit the same as the run in one piece, on any number of threads. A run that was cancelled leaves them
// half-way.
#pragma once

#include <cstdint>
#include <span>

#include "rockpool/rate_batch.h"
#include "rockpool/run_control.h"

namespace rockpool {

/// An empty span: absent.
template <typename T>
struct RateAdjointRun {
  std::size_t batch = 1;
  std::size_t steps = 0;
  std::uint64_t first_step = 0;  // this and the seed as forward: the noise's size depends on the leak
  std::uint64_t seed = 0;

  // What the forward run left.
  std::span<const double> x_start;  // [units] or [batch, units]
  std::span<const T> x;             // [batch, steps, units], after each update
  std::span<const T> activity;      // its output
  // For kGiven, the derivatives of the activation with respect to x and to theta, at x_start and after each update.
  std::span<const T> slope_start, theta_slope_start;  // [batch, units]
  std::span<const T> slope, theta_slope;              // [batch, steps, units]

  // Gradients that come in.
  std::span<const T> g_out;           // [batch, steps, units]
  std::span<const T> g_x, g_i_rec;    // of the records; or empty
  std::span<const double> g_x_after;  // [batch, units], of the new state; or empty: 0

  // And go out.
  std::span<T> g_input;              // [batch, steps, units]
  std::span<T> g_rec;                // dR; only together with g_i_rec, otherwise dR = du
  std::span<double> g_x_start;       // [batch, units]
  std::span<double> activity_start;  // H(x_start - theta) [batch, units]; or empty

  // Added into, [batch, units].
  std::span<double> log_leak, bias, threshold;
};

/// `parameters` as forward. Throws ERR_SHAPE.
void run_rate_adjoint(const RateBatchParameters& parameters, const RateAdjointRun<double>& run, RunControl& control);
void run_rate_adjoint(const RateBatchParameters& parameters, const RateAdjointRun<float>& run, RunControl& control);

/// The way back through activate(): g_in = H'(x) g_out, from out = H(x).
void activate_adjoint(BatchActivation activation, std::span<const double> out, std::span<const double> g_out,
                      std::span<double> g_in, RunControl& control);
void activate_adjoint(BatchActivation activation, std::span<const float> out, std::span<const float> g_out,
                      std::span<float> g_in, RunControl& control);

}  // namespace rockpool
