// From connections between neurons to what the chips hold, and to the words that change only what differs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "rockpool/csr.h"
#include "rockpool/dynapse/protocol.h"

namespace rockpool::dynapse {

/// The connectivity that all chips hold.
struct BoardImage {
  std::vector<std::uint16_t> cams;  // [neuron x 64], source (core << 8 | neuron) | type << 10; 0: empty
  std::vector<SramWord> srams;      // [neuron x 4]
};

/// As after clearing: no input synapses, cell 0 of every neuron its monitor route, no other routes.
BoardImage cleared_image();

/// All connections of a board, as whole numbers of synapses, [pre, post]; positive ones excite.
struct BoardConnections {
  CsrSpan recurrent;                // 4096 x 4096
  std::optional<CsrSpan> external;  // at most 1024 x 4096: from virtual neurons, by the events that the FPGA sends
  std::span<const std::uint8_t> excitatory, inhibitory;  // synapse types of each board neuron's connections, [4096] or [1]
  Synapse external_excitatory = Synapse::kFastExc, external_inhibitory = Synapse::kFastInh;
};

/// The image with exactly these connections. What of them is there already stays where it is; cells 0 stay as they are.
/// @throws Error ERR_FAN_IN, ERR_FAN_OUT, ERR_ALIASING beyond the limits of the hardware; ERR_VALUE for a source with number 0
/// within its chip, to which all empty cells listen, for a type of the wrong sign, and for synapses that are no whole numbers
BoardImage place_connections(const BoardImage& before, const BoardConnections& connections);

/// The words that turn one image of a chip into another: routes, then input synapses, by neuron.
std::vector<std::uint32_t> image_words(const BoardImage& before, const BoardImage& after, unsigned chip);

}  // namespace rockpool::dynapse
