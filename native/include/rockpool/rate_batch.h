// Leaky rate neurons of the module API: batches of sequences, a threshold inside the activation, a bias outside.
//
//   tau dx/dt = -x + u + b + r W_rec + noise,     r = H(x - theta)
//
// One step n, with a = dt / tau:
//
//   R  = r W_rec                           r: activity after step n - 1
//   x += a (-x + u[n] + c xi + b + R)
//   r  = H(x - theta), the output
//
//   parameter        shape             meaning
//   leak             1 or [units]      a
//   bias, threshold  1 or [units]      b, theta
//   w_rec            [units, units]    recurrent weights [pre, post]; none: no recurrence
//   noise_std                          kStationary: the free state has this standard deviation; kSqrtDt: c = noise_std sqrt(dt)
//
// With kGiven the activity comes from outside, for the one step of a run, and the output is not written: for activations that
// are written in another language. Batches, noise and pieces as in lif_batch.h.
#pragma once

#include <cstdint>
#include <span>

#include "rockpool/lif_batch.h"
#include "rockpool/run_control.h"

namespace rockpool {

/// H(z): z; max(0, z); z or 0.01 z below 0; tanh z; (tanh z + 1) / 2; from outside.
enum class BatchActivation { kIdentity, kRelu, kLeakyRelu, kTanh, kSigmoid, kGiven };

struct RateBatchParameters {
  std::size_t units = 0;
  BatchActivation activation = BatchActivation::kRelu;
  std::span<const double> leak, bias, threshold;
  std::span<const double> w_rec;
  double noise_std = 0.0;
  LifNoise noise = LifNoise::kStationary;
  double dt = 1e-3;  // for kSqrtDt
};

template <typename T>
struct RateBatchRun {
  std::size_t batch = 1;
  std::size_t steps = 0;
  std::uint64_t first_step = 0;
  std::uint64_t seed = 0;
  std::span<const T> input;        // [batch, steps, units]
  std::span<const T> activity;     // [batch, units], for kGiven
  std::span<T> out;                // [batch, steps, units]
  std::span<T> x_record = {};      // after the update; or empty
  std::span<T> i_rec_record = {};  // R; or empty
};

/// `x`: [units] or [batch, units]. Throws ERR_SHAPE, ERR_NOT_FINITE.
void run_rate_batch(const RateBatchParameters& parameters, std::span<const double> x, std::span<double> new_x,
                    const RateBatchRun<double>& run, RunControl& control);
void run_rate_batch(const RateBatchParameters& parameters, std::span<const double> x, std::span<double> new_x,
                    const RateBatchRun<float>& run, RunControl& control);

/// out = H(x).
void activate(BatchActivation activation, std::span<const double> x, std::span<double> out, RunControl& control);
void activate(BatchActivation activation, std::span<const float> x, std::span<float> out, RunControl& control);

}  // namespace rockpool
