// Plans of spiking neurons as arguments, whatever their model.
#pragma once

#include <array>
#include <memory>

#include "args.h"
#include "rockpool/spiking.h"

namespace glue {

Napi::Value wrap_plan(Napi::Env env, std::shared_ptr<const rockpool::SpikingPlan> plan);

/// How many threads a population is worth: meeting once a step must cost little of it.
unsigned threads_for(std::size_t units, const std::array<std::shared_ptr<const rockpool::SynapseRoute>, 2>& in,
                     const std::array<std::shared_ptr<const rockpool::SynapseRoute>, 2>& rec);

}  // namespace glue
