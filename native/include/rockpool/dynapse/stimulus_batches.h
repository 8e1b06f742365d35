// Long stimuli for the FPGA's spike generator, cut into parts whose trains (rockpool/dynapse/train.h) it can hold. Time counts
// in steps of the generator's unit.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rockpool/dynapse/protocol.h"

namespace rockpool::dynapse {

/// A part of a stimulus: steps, and the events in them.
struct StimulusBatch {
  std::uint64_t first_step = 0, end_step = 0;
  std::size_t first_event = 0, end_event = 0;
  bool operator==(const StimulusBatch&) const = default;
};

struct BatchLimits {
  std::uint64_t max_steps = 0;                 // 0: no limit
  std::uint64_t max_events = kMaxTrainEvents;  // the events of the stimulus; with those for silence at most 65535
  std::uint64_t max_trials = 0;                // 0: trials do not count
};

/// Cuts a stimulus of `total` steps: by trials, where a maximum is set and there are any, so many in a part as steps and events
/// allow, too; otherwise by steps and events. A part whose train would still be too long is halved by time, again and again.
/// @param steps Of the events, ascending. @param trials Steps in which trials start, ascending.
/// @throws Error ERR_VALUE for a step with more events than a train can have, and for a trial with more than the limits allow
std::vector<StimulusBatch> plan_batches(std::span<const double> steps, std::uint64_t total, std::span<const double> trials,
                                        const BatchLimits& limits);

}  // namespace rockpool::dynapse
