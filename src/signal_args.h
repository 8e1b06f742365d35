// The sizes of a run over signals, forward or back, as the operations of signal modules take them.
#pragma once

#include "operation.h"

namespace glue {

/// Where the own arguments of an operation begin: behind batch, steps, channels, firstStep, seed and two arrays.
inline constexpr std::size_t kSignalArgs = 9;

template <typename Run>
void read_signal_run(const Args& args, Run& run) {
  run.batch = args.size(2, "batch");
  run.steps = args.size(3, "steps");
  run.channels = args.size(4, "channels");
  run.first_step = args.size(5, "firstStep");
  run.seed = args.size(6, "seed");
  check_product({run.batch, run.steps, run.channels, 2});
}

}  // namespace glue
