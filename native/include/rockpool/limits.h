// What this machine allows spiking networks: seconds that one neuron update, one synaptic event or one Poisson draw takes in a
// loop that does nothing else. For benchmarks, which print what share of it a simulation reaches.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rockpool/rate.h"

namespace rockpool {

/// Updating one of `units` neurons: V from V and two decaying currents, refractoriness and threshold, in one pass over them.
/// Measures for about `seconds`; the best round.
double neuron_update_limit(std::size_t units, Precision precision, double seconds);

/// Adding one weight, the same for all, to the target of one of `synapses` synapses: whole rows, one after another, each with
/// ascending targets among `units` neurons. Targets take two bytes where they fit.
double synaptic_event_limit(std::size_t units, std::uint64_t synapses, std::size_t rows, Precision precision, double seconds);

/// Drawing one number of events of mean 2 by inversion of a hashed counter, and adding it to one of `units` values.
double poisson_draw_limit(std::size_t units, Precision precision, double seconds);

}  // namespace rockpool
