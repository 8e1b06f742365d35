// Synapses: which spike reaches which neuron, how strongly, and how many time steps later.
//
// A SynapseMatrix says what there is, [pre, post], and never changes. Plans of neurons share it and prepare from it what their
// step loop reads (native/synapses/block_rows.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace rockpool {

/// A matrix of weights in compressed rows; the columns of a row ascend and differ. Weights are kept in single precision where
/// that loses nothing.
struct SynapseMatrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<std::uint64_t> starts;   // [rows + 1]
  std::vector<std::uint32_t> targets;  // [stored]
  std::vector<double> weights64;       // [stored], or empty
  std::vector<float> weights32;        // [stored], or empty
  double shared_weight = 0.0;          // of all, when both are empty
  std::uint64_t entries = 0;           // rows x columns of a dense matrix that this was made from, otherwise 0

  std::uint64_t stored() const { return targets.size(); }
  double weight(std::uint64_t k) const {
    return !weights64.empty() ? weights64[k] : !weights32.empty() ? static_cast<double>(weights32[k]) : shared_weight;
  }
  std::uint64_t bytes() const { return starts.size() * 8 + targets.size() * 4 + weights64.size() * 8 + weights32.size() * 4; }
};

using SynapseMatrixPointer = std::shared_ptr<const SynapseMatrix>;

/// From row-major weights: what is 0 is no synapse. Throws ERR_VALUE for a weight that is not finite.
SynapseMatrixPointer make_dense_synapses(std::size_t rows, std::size_t columns, std::span<const double> weights);

/// From compressed rows; `starts` has rows + 1 entries, `weights` one or as many as `targets`. Targets of a row that occur more
/// than once are added up. Throws ERR_SHAPE, ERR_INDEX, ERR_VALUE.
SynapseMatrixPointer make_sparse_synapses(std::size_t rows, std::size_t columns, std::span<const double> starts,
                                          std::span<const std::int32_t> targets, std::span<const double> weights);

/// Every pair is connected with the same probability, independently, by the same weight; reproducible from the seed. A matrix
/// onto itself may leave the diagonal out.
SynapseMatrixPointer make_random_synapses(std::size_t rows, std::size_t columns, double probability, double weight,
                                          std::uint64_t seed, bool diagonal);

enum class WeightPart : int { kAll = 0, kPositive = 1, kNegative = 2 };

/// How the spikes of one population reach one synaptic current of another: a matrix, or the weights of one sign of it, and the
/// delays. A spike of step n arrives at the end of step n + delay - 1, so that delay 1 is felt in step n + 1; delay 0, for
/// input only, is felt in step n itself.
struct SynapseRoute {
  SynapseMatrixPointer matrix;
  WeightPart part = WeightPart::kAll;
  std::vector<std::uint32_t> delays;  // in time steps: one for all, or one for each stored synapse
};

/// Checks the number of delays and returns the route. Throws ERR_SHAPE.
std::shared_ptr<const SynapseRoute> make_route(SynapseMatrixPointer matrix, WeightPart part, std::vector<std::uint32_t> delays);

}  // namespace rockpool
