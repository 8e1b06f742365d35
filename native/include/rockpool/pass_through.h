// A weighted copy of the input with an optional delay of whole time steps.
//
//   y[n]   = u[n] W + s xi[n]
//   q      = (buffer, y)                   the D rows of the buffer first, oldest first
//   out[n] = q[n] + b,  n = 0 .. T - 1
//   buffer = q[T .. T + D - 1],  state = q[T - 1]
//
//   parameter   shape             unit     meaning, default
//   weights     [inputs, units]   -        [pre, post]
//   bias        1 or [units]      output   b, 0
//   noise_std   scalar            output   s: per sample, not scaled by the time step
//
// Noise as in rate.h. The model: Rockpool's PassThrough layer.
#pragma once

#include <memory>

#include "rockpool/rate.h"

namespace rockpool {

struct PassThroughParameters {
  std::size_t inputs = 0;
  std::size_t units = 0;
  std::span<const double> weights;
  std::span<const double> bias;
  double noise_std = 0.0;
  Precision precision = Precision::kFloat64;
};

struct PassThroughState {
  std::span<double> last;    // [units] the last row emitted, without bias
  std::span<double> buffer;  // [D x units], oldest row first; empty without delay
};

class PassThroughPlan {
 public:
  virtual ~PassThroughPlan() = default;
  virtual std::size_t inputs() const = 0;
  virtual std::size_t units() const = 0;

  /// Fills run.out [steps x units]. The state is written at the end only. `run.force` is not used.
  virtual void run(PassThroughState state, const RateRun& run, RunControl& control) const = 0;
};

/// Throws ERR_SHAPE when a length does not fit.
std::shared_ptr<const PassThroughPlan> make_pass_through_plan(const PassThroughParameters& parameters);

}  // namespace rockpool
