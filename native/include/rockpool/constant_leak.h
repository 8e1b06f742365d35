// Integrate-and-fire neurons with a constant leak, clocked, as digital chips have them. In step n, with the events x of the
// input and the spikes s of the neurons:
//
//   u = x W_in + s(n - delay) W_rec + bias     (bias in every `bias_every`-th step; u = 0 while a neuron is refractory)
//   V = cast(V + u)                            (cast saturates at the limits of the state's type, integers are cut toward zero)
//   where V >= v_thresh, and not refractory, k spikes and a reset:
//     without v_subtract             k = 1,  V = cast(v_reset)
//     with refractory neurons        k = 1,  V = cast(V - v_subtract)
//     otherwise                      V = cast(V - v_subtract), as often as it takes: k times
//
//   parameter   shape             unit   meaning
//   weights_in  [inputs, units]          or a convolution
//   weights_rec [units, units]           may be missing
//   bias        [units]                  the leak, when negative
//   v_thresh    [units]                  threshold
//   v_reset     [units]                  potential after a spike, without v_subtract
//   v_subtract  [units]                  what a spike takes away, more than 0; may be missing
//   refractory  [units]           steps  after a spike without update and without spike; may be missing
//   delay                         steps  until a spike arrives, at least 1
//
// Soft-max: the neurons never spike, and the output is exp(V) / sum(exp(V)) after each step.
//
// The model: Rockpool's FFCLIAF, RecCLIAF, SoftMaxLayer and FFCLIAFCNNTorch layers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "rockpool/convolution.h"
#include "rockpool/events.h"
#include "rockpool/run_control.h"
#include "rockpool/spiking.h"
#include "rockpool/state_type.h"

namespace rockpool {

struct ConstantLeakParameters {
  std::size_t inputs = 0;
  std::size_t units = 0;
  std::span<const double> weights_in;  // empty: a convolution, or the drive of a run
  std::shared_ptr<const Convolution> convolution;
  std::span<const double> weights_rec;
  std::span<const double> bias;
  std::span<const double> v_thresh;
  std::span<const double> v_reset;
  std::span<const double> v_subtract;
  std::span<const double> refractory;
  std::uint64_t delay = 1;
  std::uint64_t bias_every = 1;
  StateType state_type = StateType::kFloat64;
  bool soft_max = false;
};

/// Spikes of one neuron that arrive so many steps after the present one.
struct DelayedSpikes {
  std::uint64_t steps;
  std::uint32_t neuron;
  std::uint64_t count;
};

struct ConstantLeakState {
  std::span<double> v;                            // [units]
  std::span<std::int32_t> refractory;             // [units], or empty without refractory neurons: steps that are left
  std::vector<DelayedSpikes>* pending = nullptr;  // by steps, then neuron; none without recurrent weights
};

struct ConstantLeakRun {
  std::uint64_t first_step = 0;
  std::uint64_t steps = 0;
  double dt = 1.0;
  const EventSpan* events = nullptr;  // input, in bins that begin at multiples of dt
  bool count_events = true;           // otherwise several events of a channel in a step count once
  std::span<const double> drive;      // [steps, units] input that is weighted already; then there are no events
  std::span<const std::int32_t> monitor;
  std::span<double> record;  // [2 steps + 1, monitor]: at the start, then before and after the reset of each step; or empty
  std::span<double> out;     // [steps, units]: soft-max
};

class ConstantLeakPlan {
 public:
  /// Throws ERR_SHAPE, ERR_VALUE.
  explicit ConstantLeakPlan(const ConstantLeakParameters& parameters);

  std::size_t inputs() const { return inputs_; }
  std::size_t units() const { return units_; }
  bool recurrent() const { return !weights_rec_.empty(); }
  bool refractory() const { return !refractory_.empty(); }
  double cast(double v) const { return cast_(v); }

  /// Writes the state, appends the spikes. Throws ERR_INDEX for events on unknown channels, ERR_STATE for a state that
  /// v_subtract does not lower, or with soft-max one that reaches v_thresh. What a run that throws leaves in the state says
  /// nothing.
  void run(const ConstantLeakState& state, const ConstantLeakRun& run, SpikeList& spikes, RunControl& control) const;

 private:
  friend class ConstantLeakRunner;

  std::size_t inputs_, units_;
  std::uint64_t delay_, bias_every_;
  StateCast cast_;
  bool soft_max_;
  std::shared_ptr<const Convolution> convolution_;
  std::vector<double> weights_in_, weights_rec_, bias_, v_thresh_, v_reset_, v_subtract_;
  std::vector<std::int32_t> refractory_;  // empty when all are 0
};

/// Pending spikes after the delay was changed by so many steps. Those that would have arrived already are dropped; returns how
/// many.
std::uint64_t shift_pending(std::vector<DelayedSpikes>& pending, std::int64_t steps);

/// A record of a run as rows of [time, neuron, state]: 3 (2 steps + 1) x monitor numbers.
void list_constant_leak_record(std::span<const double> record, std::span<const std::int32_t> monitor, std::uint64_t first_step,
                               double dt, std::span<double> out);

/// The times of the rows of a record.
void constant_leak_record_times(std::uint64_t first_step, double dt, std::span<double> out);

}  // namespace rockpool
