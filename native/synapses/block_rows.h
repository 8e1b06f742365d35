// The synapses onto a block of neighbouring neurons, as the step loop reads them.
//
// Rows are presynaptic neurons. A row's synapses are sorted by delay, then by target, so that those which are due together lie
// together: spikes are kept as they were fired and delivered when due, and no ring of future inputs exists. Targets take two
// bytes where the block is narrow enough; weights take none where a row has one weight, and four bytes where that loses
// nothing. A dense block is packed in panels (panels_inl.h) instead.
//
// Summation: spikes in the order of the list, one after another (sparse), or their rows summed first and added then (dense).
// Either depends on the block's synapses only, neither on its limits nor on threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "rockpool/aligned.h"
#include "rockpool/synapses.h"

namespace rockpool {

/// What delivery needs besides the synapses; one for each thread.
template <typename T>
struct DeliveryScratch {
  AlignedArray<T> sums;                // padded columns of the widest dense block
  AlignedArray<T> ones;                // as many as spikes at once
  std::vector<std::uint32_t> indices;  // spikes and the entries that reading ahead touches
};

template <typename T>
class BlockRows {
 public:
  virtual ~BlockRows() = default;
  /// The delays that occur, ascending.
  virtual std::span<const std::uint32_t> delays() const = 0;
  /// Adds the weights of the synapses of delay `delays()[slot]` of every row in the list to y, [columns of the block].
  virtual void deliver(std::span<const std::uint32_t> spikes, std::size_t slot, T* y, DeliveryScratch<T>& scratch) const = 0;
  /// Synapses of a row: how many events its spike makes.
  virtual std::uint64_t fan_out(std::size_t row) const = 0;
  virtual std::uint64_t synapses() const = 0;
  virtual std::uint64_t bytes() const = 0;
  /// Elements of DeliveryScratch::sums that it needs.
  virtual std::size_t sums() const { return 0; }
};

/// Whether a route is so dense that its rows are best read whole.
bool is_dense(const SynapseRoute& route);

/// The synapses of a route onto the neurons first ... last - 1; null when there are none.
template <typename T>
std::unique_ptr<const BlockRows<T>> make_block_rows(const SynapseRoute& route, bool dense, std::size_t first, std::size_t last);

}  // namespace rockpool
