// Plans, input and output of spiking neurons, whatever their model.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "args.h"
#include "event_args.h"
#include "rockpool/spiking.h"
#include "run_args.h"

namespace glue {

/// nothing | 0, dt, ...sampler | 1, dt, countEvents, ...events. Borrowed, or owned by a job.
class SpikingInput {
 public:
  SpikingInput(const Args& args, std::size_t first, bool own) {
    if (args.count() <= first) return;
    const auto kind = args.size(first, "the kind of input");
    if (kind == 0) {
      current_.emplace(args, first + 1, own);
      return;
    }
    count_ = args.boolean(first + 2, "countEvents");
    const auto span = read_events(args, first + 3);
    if (own)
      events_ = (data_.emplace(span)).span();
    else
      events_ = span;
  }
  template <typename Run>
  void put(Run& run) const {
    if (current_) run.current = current_->source();
    if (events_) run.events = &*events_;
    run.count_events = count_;
  }

 private:
  std::optional<ContinuousInput> current_;
  std::optional<rockpool::EventData> data_;
  std::optional<rockpool::EventSpan> events_;
  bool count_ = true;
};

/// Sets elements 0 and 1 of `result`: times and channels of output spikes. Step k of a run lies at (first_step + k + offset)
/// dt.
void give_spikes(Napi::Env env, const rockpool::SpikeList& list, std::uint64_t first_step, double offset, double dt,
                 Napi::Array& result);

Napi::Value wrap_plan(Napi::Env env, std::shared_ptr<const rockpool::SpikingPlan> plan);

/// A plan to share the synapses of; null where the argument is missing.
std::shared_ptr<const rockpool::SpikingPlan> synapses_of(const Args& args, std::size_t i);

/// What iafConnect made; null where the argument is missing.
std::shared_ptr<const rockpool::SynapseRoute> route_of(const Args& args, std::size_t i, const char* name);

/// How many threads a population is worth: meeting once a step must cost little of it.
unsigned threads_for(std::size_t units, const std::array<std::shared_ptr<const rockpool::SynapseRoute>, 2>& in,
                     const std::array<std::shared_ptr<const rockpool::SynapseRoute>, 2>& rec);

}  // namespace glue
