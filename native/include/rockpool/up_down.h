// Delta modulation: a signal as events that say when it has moved up or down by a threshold, and the signal from the events.
//
// Each input has a reference s. One step of length dt, with u the input, d = 1 - dt / tau (1 without decay) and xi a standard
// normal:
//
//   u   <- u + c xi
//   s   <- d s
//   up   = max(0, floor((u - s) / thr_up)),   down = max(0, floor((s - u) / thr_down))         with multiplexing
//   up   = u > s + thr_up,   down = u < s - thr_down                                           without
//   s   <- s + thr_up up - thr_down down
//
// A reference that is NaN becomes the input of the first step. Input i gives its up-events to direction 2 i and its down-events
// to direction 2 i + 1, each of them `repeat` times; a direction has `spread` output channels, which take turns.
//
//   parameter   shape      unit    meaning
//   thr_up      [inputs]   input   what one up-event stands for; above 0 with multiplexing, else 0 or more
//   thr_down    [inputs]   input   the same for down-events
//   tau         [inputs]   s       decay of the reference, dt or more; infinite: none
//   noise_std   scalar     input   c: per step, not scaled by its length
//
// The decoder runs the same references on the events, so that it follows the encoder's exactly: with multiplexing the signal is
// within one threshold of them after every step.
//
// Noise is drawn from Philox, keyed by (seed, stream 0, absolute time step, input). The model: Rockpool's FFUpDown layer; delta
// modulation: any textbook, e.g. Proakis and Salehi, "Digital Communications".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "rockpool/events.h"
#include "rockpool/input_source.h"
#include "rockpool/run_control.h"

namespace rockpool {

struct UpDownParameters {
  std::span<const double> thr_up, thr_down, tau;
  double dt = 1.0;
  double noise_std = 0.0;
  bool multiplex = true;
  std::uint64_t repeat = 1;
  std::uint32_t spread = 1;
  /// Each direction has turns of its own, which go on from run to run; otherwise all share one, which begins anew.
  bool own_turns = false;

  std::size_t inputs() const { return thr_up.size(); }
};

struct UpDownRun {
  std::uint64_t first_step = 0;
  std::uint64_t steps = 0;
  std::uint64_t seed = 0;
  const InputSource* input = nullptr;  // none: zeros
  double spike_offset = 0.5;           // where in its step an event lies, as a share of the step
};

/// The events of a run. Counted first, so that the caller can allocate.
class UpDownEvents {
 public:
  /// Evolves the references [inputs]; they are undefined when this throws. Throws ERR_SHAPE, ERR_VALUE for a parameter out of
  /// its bounds and for an input more than 2^31 thresholds away, ERR_NOT_FINITE for an infinite one, std::bad_alloc for more
  /// events than any memory holds.
  UpDownEvents(const UpDownParameters& parameters, const UpDownRun& run, std::span<double> reference, RunControl& control);

  std::uint64_t count() const { return count_; }

  /// By time step, then direction. With own turns, turns [2 inputs] are the next channels of the directions, from 0 on, and are
  /// moved on.
  void fill(double* times, std::int32_t* channels, std::span<double> turns, RunControl& control) const;

 private:
  struct Spike {
    std::uint64_t step;
    std::uint32_t direction;
    std::uint32_t count;
  };

  void step(std::uint64_t at, const double* u, std::span<const double> decay, std::span<double> reference);
  void add(std::uint64_t step, std::size_t direction, double count);

  UpDownParameters parameters_;
  UpDownRun run_;
  std::vector<Spike> spikes_;
  std::uint64_t count_ = 0;
};

/// The references after each step, out [steps x inputs], from the events of the steps; an event counts 1 / repeat. Of the
/// parameters noise_std, multiplex and own_turns are not used. Throws ERR_SHAPE, ERR_VALUE,
/// ERR_INDEX for an event on a channel that there is not.
void decode_up_down(const UpDownParameters& parameters, const EventSpan& events, std::uint64_t first_step, std::uint64_t steps,
                    std::span<double> reference, std::span<double> out, RunControl& control);

}  // namespace rockpool
