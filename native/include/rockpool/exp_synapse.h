// Exponential synapses: currents that jump with every event and decay in between, exact at the time steps.
//
//   dI/dt = -I / tau + sum over events of w delta(t - t_event) + noise
//
// One step of length dt, with s the numbers of events of the step, u the input current and xi a standard normal:
//
//   x[n + 1] = beta .* x[n] + s[n] W + u[n] + c .* xi[n],     beta = exp(-dt / tau)
//
// What is recorded is x[n] + b before every step and once more after the last (T + 1 rows: an event of step n shows, undecayed,
// in row n + 1), or x[n + 1] W_out after every step (T rows).
//
//   parameter     shape              unit      meaning, default
//   weights       [inputs, units]    current   W, [pre, post]; none: input i drives unit i
//   w_out         [units, outputs]   -         readout; none: x + b is recorded
//   tau           1 or [units]       s         time constants
//   bias          1 or [units]       current   b, 0
//   dt            scalar             s         time step
//   noise_std     scalar             current   s; see SynapseNoise
//
// Events stay events: each adds one row of W, nothing of the size of steps x inputs exists. Noise is drawn from Philox, keyed
// by (seed, stream 0, absolute time step, unit). A run that is cut in pieces gives bit for bit the run in one piece, and so
// does any number of threads. What has decayed to less than 2^-500 (2^-100 in single precision) becomes 0. Precision: x is held
// and stepped in float or in double; state and records are doubles.
//
// The models: Rockpool's FFExpSyn and FFExpSynJax layers; the recursion: any textbook, e.g. Dayan and Abbott, "Theoretical
// Neuroscience", section 5.8.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "rockpool/aligned.h"
#include "rockpool/events.h"
#include "rockpool/input_source.h"
#include "rockpool/rate.h"
#include "rockpool/run_control.h"

namespace rockpool {

/// How x decays in a step without input, a being dt / tau: kEuler 1 - a; kExact exp(-a); kRk4 the series of exp(-a) up to a^4.
enum class SynapseDecay { kEuler, kExact, kRk4 };

/// The factor c of the noise. kLegacy: s sqrt(2 a), with other decays than the exact one (1 - beta) s sqrt(2 / a): both have a
/// stationary deviation of about s. kStationary: s sqrt(1 - beta^2), whose stationary deviation is s. kUnscaled: s.
enum class SynapseNoise { kLegacy, kStationary, kUnscaled };

/// An empty span: absent (weights), or its default.
struct ExpSynapseParameters {
  std::size_t inputs = 0;
  std::size_t units = 0;
  std::size_t outputs = 0;  // columns of w_out
  std::span<const double> weights;
  std::span<const double> w_out;
  std::span<const double> tau;
  std::span<const double> bias;
  double dt = 1.0;
  double noise_std = 0.0;
  SynapseNoise noise = SynapseNoise::kLegacy;
  SynapseDecay decay = SynapseDecay::kExact;
  Precision precision = Precision::kFloat64;
  std::uint64_t block_steps = 0;  // at most so many steps at a time; 0: as many as suit the machine
};

/// The events that drive synapses, on a grid of steps that begins at time 0.
struct EventDrive {
  EventSpan events;
  bool count = true;  // false: a channel counts once in a step however many events it has
};

/// One run: which steps, what drives them, where the rows go.
struct ExpSynapseRun {
  std::uint64_t first_step = 0;
  std::uint64_t steps = 0;
  std::uint64_t seed = 0;
  const EventDrive* events = nullptr;  // none: no events
  const InputSource* input = nullptr;  // currents, one for each unit (or one for all); none: none
  std::span<double> out;               // [rows(steps) x columns()]
};

/// Prepared once from the parameters. Immutable; any thread may run it.
class ExpSynapsePlan {
 public:
  virtual ~ExpSynapsePlan() = default;

  virtual std::size_t inputs() const = 0;
  virtual std::size_t units() const = 0;
  /// Columns and rows of the record.
  virtual std::size_t columns() const = 0;
  virtual std::uint64_t rows(std::uint64_t steps) const = 0;

  /// Evolves x [units] and fills `run.out`. x is written at the end only, so a run that throws has not changed it.
  /// Throws ERR_INDEX for an event on a channel that there is not, ERR_VALUE for events that are not sorted, ERR_NOT_FINITE,
  /// with unit and step, when x becomes infinite or NaN.
  virtual void run(std::span<double> x, const ExpSynapseRun& run, RunControl& control) const = 0;

  /// Whether a plan of these parameters would have the same weights, readout, biases, time constants and time step.
  virtual bool matches(const ExpSynapseParameters& parameters) const = 0;
};

/// Throws ERR_SHAPE when a length does not fit, ERR_VALUE when a weight or a bias is not finite or a time constant not
/// positive.
void check_exp_synapse_parameters(const ExpSynapseParameters& parameters);

/// The same, and prepares.
std::shared_ptr<const ExpSynapsePlan> make_exp_synapse_plan(const ExpSynapseParameters& parameters);

/// What filtered events are made of: rows k = 0 .. rows - 1 at the times t0 + k dt.
struct FilterParameters {
  std::size_t channels = 0;
  std::size_t rows = 0;
  double tau = 1.0;
  double t0 = 0.0;
  double dt = 1.0;
  bool count = true;  // as in EventDrive
};

/// Events filtered by exponential synapses without weights, as rows of a matrix that is never held as a whole:
/// row 0 is the initial state, row k + 1 = beta row k + (events of the step from t0 + k dt on). Any row can be read at any
/// time; a state is kept every `kStride` rows to start from.
class FilteredEvents final : public InputSource {
 public:
  static constexpr std::size_t kStride = 128;

  /// `initial`: one number for each channel, or none for zeros. Copies the events. Throws ERR_SHAPE, ERR_VALUE.
  FilteredEvents(const FilterParameters& parameters, const EventSpan& events, std::span<const double> initial);

  std::size_t channels() const override { return parameters_.channels; }
  std::size_t rows() const { return parameters_.rows; }

  /// Bins the events and passes over all rows. To be called before the rest; a second call does nothing. Throws ERR_INDEX for
  /// an event on a channel that there is not.
  void prepare(RunControl& control);

  /// Any rows [first, first + rows) of them.
  void read(std::uint64_t first, std::size_t rows, double* out) const override;

  void gather(std::span<const std::uint32_t> rows, double* out) const override;

  /// The last row, and the row that would follow it.
  std::span<const double> last() const { return last_; }
  std::span<const double> next() const { return next_; }

 private:
  class Cursor {
   public:
    explicit Cursor(const FilteredEvents& filtered);
    void read(std::size_t first, std::size_t rows, double* out);

   private:
    const FilteredEvents& filtered_;
    std::vector<double> x_;  // row `at_`
    std::size_t at_;
  };

  void step(std::size_t event, std::size_t first, std::size_t rows, double* x, double* out) const;

  FilterParameters parameters_;
  EventData events_;
  std::vector<double> last_, next_;
  AlignedArray<double> decay_;
  BinnedEvents binned_;
  std::vector<std::size_t> first_event_;  // of every kStride-th row
  std::vector<double> kept_;              // every kStride-th row
  std::mutex mutex_;
  bool prepared_ = false;
};

}  // namespace rockpool
