// Digital integrate-and-fire neurons, driven by events: nothing is computed between two events. An event (t, c), with c an
// input, a recurrent neuron or the leak:
//
//   free = refractory end <= t                     of each neuron; only these change and spike
//   V    = cast(V + weights[c])                    (cast saturates at the limits of the state's type, integers are cut toward
//   zero)
//          the leak: weights = -leak, or with v_rest: toward it, and none at it
//   where V >= v_thresh: a spike at t, which arrives as an event of that neuron at t + delay, and is refractory until t +
//   refractory;
//          V = cast(V - v_subtract), and if that is still not below the threshold, a wake-up when the neuron is free again;
//          V = cast(v_reset) without v_subtract
//
// Events are processed by time, those of one time by channel: -1 wake-ups, then inputs, recurrent neurons, and the leak last.
//
//   parameter    shape             unit  meaning
//   weights_in   [inputs, units]
//   weights_rec  [units, units]
//   v_thresh     [units]                 threshold
//   v_reset      [units]                 potential after a spike, without v_subtract
//   v_rest       [units]                 where the leak leads; may be missing: it always goes down
//   v_subtract   [units]                 what a spike takes away, more than 0; may be missing
//   leak         [units]                 taken away by a leak event
//   refractory   [units]           s
//   delay                          s     of recurrent spikes, more than 0
//   tau_leak                       s     leak events are at its multiples, but not at 0
//
// The model: Rockpool's RecDIAF layer. Here an evolution processes the events of [start, stop), and refractory times outlast
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "rockpool/events.h"
#include "rockpool/run_control.h"
#include "rockpool/state_type.h"

namespace rockpool {

struct DigitalParameters {
  std::size_t inputs = 0;
  std::size_t units = 0;
  std::span<const double> weights_in, weights_rec;
  std::span<const double> v_thresh, v_reset, v_rest, v_subtract, leak, refractory;
  double delay = 1e-8;
  double tau_leak = 1e-3;
  StateType state_type = StateType::kInt8;
};

/// Events that are under way: absolute times, and channels as above.
struct DigitalQueue {
  std::vector<double> times;
  std::vector<std::int32_t> channels;
};

struct DigitalState {
  std::span<double> v;           // [units]
  std::span<double> refractory;  // [units] times at which refractory neurons are free again
  DigitalQueue* queue = nullptr;
};

struct DigitalRun {
  double t_start = 0.0;
  double t_stop = 0.0;
  std::uint64_t steps = 1;            // for progress
  const EventSpan* events = nullptr;  // input
  std::span<const std::int32_t> monitor;
};

struct DigitalOutput {
  std::vector<double> times;
  std::vector<std::int32_t> neurons;
  // With monitored neurons: at the start, then three rows for each event, before it, after it and after the reset. A row has
  // the states and the channel of the event, NaN but in the first of the three.
  std::vector<double> record_times;
  std::vector<double> record;
};

class DigitalPlan {
 public:
  virtual ~DigitalPlan() = default;
  virtual std::size_t inputs() const = 0;
  virtual std::size_t units() const = 0;
  /// Bits of a weight as the plan holds it.
  virtual int weight_bits() const = 0;

  /// Writes the state, appends to the output. Throws ERR_INDEX for events on unknown channels, ERR_VALUE when the delay is too
  /// small to be told from 0 at the end of the run, ERR_STATE for a state that v_subtract does not lower. What a run that
  /// throws leaves in the state says nothing.
  virtual void run(const DigitalState& state, const DigitalRun& run, DigitalOutput& out, RunControl& control) const = 0;
};

/// Packs the weights in the state's own type where that loses nothing, otherwise in double precision. Throws ERR_SHAPE,
/// ERR_VALUE.
std::shared_ptr<const DigitalPlan> make_digital_plan(const DigitalParameters& parameters);

/// What the state becomes when it is set. In place; throws ERR_VALUE for NaN.
void cast_states(StateType type, std::span<double> v);

/// Whether all of these are integers.
bool all_integers(std::span<const double> values);

}  // namespace rockpool
