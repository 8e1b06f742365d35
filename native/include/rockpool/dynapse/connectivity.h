// Connections between the neurons of a DYNAP-SE board, as whole numbers of synapses: positive ones excite, negative ones
// inhibit. Matrices are [pre, post]; the board's neurons are numbered 1024 chip + 256 core + index, input channels 0 to 1023.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "rockpool/csr.h"

namespace rockpool::dynapse {

struct CountMatrix {
  std::vector<double> indptr;
  std::vector<std::int32_t> indices;
  std::vector<double> data;
  bool truncated = false;  // some value was no whole number
};

/// `base` with the connections between some rows and columns replaced by those of `block`, or with these added. Values of the
/// block are cut to whole numbers towards 0; numbers of the block's rows and columns must differ. Throws ERR_SHAPE, ERR_INDEX,
/// ERR_VALUE.
CountMatrix connect(const CsrSpan& base, const CsrSpan& block, std::span<const std::int32_t> rows,
                    std::span<const std::int32_t> columns, bool add);

/// The elements of some rows and columns, row by row. Throws ERR_INDEX, ERR_SHAPE.
void read_block(const CsrSpan& matrix, std::span<const std::int32_t> rows, std::span<const std::int32_t> columns,
                std::span<double> out);

/// Two or more sources of one name (number within their chip) whose events one core receives. Input from outside counts as
/// chip 4.
struct Alias {
  std::int32_t core;   // of the board, 0 to 15
  std::int32_t name;   // 0 to 1023
  std::int32_t chips;  // a bit for each, 0 to 4
};

struct ConnectivityReport {
  std::vector<std::int32_t> fan_in;   // neurons with more than 64 synapses
  std::vector<std::int32_t> fan_out;  // neurons with targets on more than 3 chips
  std::vector<Alias> aliases;
};

/// Checks the connections of the whole board: `recurrent` 4096 x 4096, `external` at most 1024 x 4096. A weight w takes
/// ceil(|w| / resolution) cells. Throws ERR_SHAPE.
ConnectivityReport check_connectivity(const CsrSpan& recurrent, const std::optional<CsrSpan>& external, double resolution);

/// How parameters spread over neurons: not at all, by a seed, or by a matrix of factors (kMismatchRows x 4096).
struct Mismatch {
  bool on = false;
  std::uint64_t seed = 0;
  std::span<const double> factors;  // empty: by the seed
};

/// One parameter of all neurons from its values for the 16 cores.
void spread(std::span<const double> cores, const Mismatch& mismatch, std::uint32_t row, std::span<double> neurons);

/// The weights of connections: number of synapses x base weight of the target's core x factor of the synapses from that source.
void connection_weights(const CsrSpan& connections, std::span<const double> base_exc, std::span<const double> base_inh,
                        const Mismatch& mismatch, std::span<double> weights);

}  // namespace rockpool::dynapse
