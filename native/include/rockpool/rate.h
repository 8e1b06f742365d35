// Leaky rate neurons, integrated by the forward Euler method.
//
//   tau dx/dt = -x + g .* (u W_in) + b_d + F + r W_rec + s zeta,     r = H(x + b_a)
//
// One step of length dt, with a = dt / tau and xi a standard normal:
//
//   x += a (drive - x + r W_rec),     drive = g .* (u W_in) + b_d + F + c xi
//
// and what is recorded is r (or r W_out), before or after the update.
//
//   parameter        shape               unit   meaning, default
//   w_in             [inputs, units]     -      weights [pre, post]; none: input i drives unit i
//   w_rec            [units, units]      -      recurrent weights [pre, post]; none: no recurrence
//   w_out            [units, outputs]    -      readout; none: the activity itself is recorded
//   gain             1 or [units]        -      of the weighted input, 1
//   bias             1 or [units]        -      inside the activation (b_a) or in the derivative (b_d), 0
//   tau              1 or [units]        s      time constants
//   dt               scalar              s      time step
//   noise_std        scalar              x      s; see NoiseScaling
//
// A run can record more than the activity, where it is asked to: u W_in, r W_rec and r itself, one row for each step. With
// check_finite it fails (ERR_NOT_FINITE) as soon as a state is not, and names the unit and the step; otherwise NaN spreads.
//
// Noise is drawn from Philox, keyed by (seed, stream 0, absolute time step, unit). A run that is cut in pieces gives bit for
// bit the run in one piece. Precision: all of a step is computed in float or in double; state and records are doubles.
//
// The model and its names: Rockpool's rate layers; forward Euler: any textbook, e.g. Dayan and Abbott, "Theoretical
// Neuroscience", chapter 7.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "rockpool/input_source.h"
#include "rockpool/run_control.h"

namespace rockpool {

enum class RateActivation : int;
enum class RateBias { kActivation, kDerivative };
enum class RateRecord { kPre, kPost };
enum class Precision { kFloat64, kFloat32 };

/// kLegacy: c = s sqrt(2 / a), the original's, whose stationary deviation is s / sqrt(1 - a / 2).
/// kStationary: c = s sqrt(1 - (1 - a)^2) / a, whose stationary deviation is s.
/// kUnscaled: c = s.
enum class NoiseScaling { kLegacy, kStationary, kUnscaled };

/// What the neurons are. An empty span: absent (weights), or its default.
struct RateParameters {
  std::size_t inputs = 0;
  std::size_t units = 0;
  std::size_t outputs = 0;  // columns of w_out
  std::span<const double> w_in;
  std::span<const double> w_rec;
  std::span<const double> w_out;
  std::span<const double> gain;
  std::span<const double> bias;
  std::span<const double> tau;
  double dt = 1.0;
  double noise_std = 0.0;
  NoiseScaling noise_scaling = NoiseScaling::kLegacy;
  RateActivation activation{};
  RateBias bias_in = RateBias::kActivation;
  RateRecord record = RateRecord::kPre;
  bool final_record = true;   // one more row: the activity after the last step
  bool check_finite = false;  // a state that is not finite is an error
  Precision precision = Precision::kFloat64;
};

/// What changes from step to step.
struct RateState {
  std::span<double> x;  // [units]
};

/// One run: which steps, what drives them, where the rows go.
struct RateRun {
  std::uint64_t first_step = 0;
  std::uint64_t steps = 0;
  std::uint64_t seed = 0;
  const InputSource* input = nullptr;  // none: no input
  const InputSource* force = nullptr;  // [units] channels, added to the derivative
  std::span<double> out;               // [rows(steps) x columns()]
  // Each [steps x units], or empty: not recorded.
  std::span<double> weighted_input = {};   // u W_in, without gain
  std::span<double> recurrent_input = {};  // r W_rec; zeros without recurrent weights
  std::span<double> activities = {};       // r, before or after the update as RateRecord says
};

/// Prepared once from the parameters: packed weights, propagators, the instruction set. Immutable; any thread may run it.
class RatePlan {
 public:
  virtual ~RatePlan() = default;

  virtual std::size_t inputs() const = 0;
  virtual std::size_t units() const = 0;
  /// Columns and rows of the record.
  virtual std::size_t columns() const = 0;
  virtual std::uint64_t rows(std::uint64_t steps) const = 0;

  /// Evolves `state` and fills `run.out`. The state is written at the end only, so a run that throws has not changed it.
  virtual void run(RateState state, const RateRun& run, RunControl& control) const = 0;

  /// out = H(x + b_a), with H the plan's activation.
  virtual void activity(std::span<const double> x, std::span<double> out) const = 0;

  /// Whether a plan of these parameters would have the same weights, gains, biases, time constants and time step.
  virtual bool matches(const RateParameters& parameters) const = 0;

  /// A row of the record of that activity [units]: the activity itself, or r W_out [columns()].
  virtual void project(std::span<const double> activity, std::span<double> out) const = 0;

  /// One step of `run` whose activity [units] is given from outside; records weighted and recurrent input where asked.
  virtual void step(RateState state, const RateRun& run, std::span<const double> activity) const = 0;
};

/// Throws ERR_SHAPE when a length does not fit.
void check_rate_parameters(const RateParameters& parameters);

/// The same, and prepares.
std::shared_ptr<const RatePlan> make_rate_plan(const RateParameters& parameters);

/// The activation of a name: relu, tanh, sigmoid (= (tanh x + 1) / 2), linear. Throws ERR_VALUE for any other.
RateActivation rate_activation(const std::string& name);

/// Bytes per second at which this thread reads a block of `bytes` again and again for about `seconds`; the best round.
double read_bandwidth(std::size_t bytes, double seconds);

/// out = H(x).
void apply_activation(RateActivation activation, std::span<const double> x, std::span<double> out);

}  // namespace rockpool
