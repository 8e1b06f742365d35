// What LIF neurons of the module API and their adjoint ask of parameters.
#pragma once

#include "rockpool/lif_batch.h"

namespace rockpool {

/// Throws ERR_SHAPE or ERR_VALUE.
void check_lif_parameters(const LifBatchParameters& parameters);

}  // namespace rockpool
