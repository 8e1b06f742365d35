#include "synapses/block_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "rockpool/error.h"
#include "synapses/dense_kernels.h"

namespace rockpool {

namespace {

// A dense row costs a tenth of what as many scattered additions cost.
constexpr double kDenseShare = 0.2;

inline void prefetch(const void* p) {
#if defined(__GNUC__)
  __builtin_prefetch(p);
#else
  (void)p;
#endif
}

/// A synapse while rows are being prepared.
struct Synapse {
  std::uint32_t slot;
  std::uint32_t target;
  double weight;
};

bool wanted(WeightPart part, double w) {
  return part == WeightPart::kAll || (part == WeightPart::kPositive ? w > 0.0 : w < 0.0);
}

/// Calls body(row, synapses of the row onto the block); the synapses ascend by slot, then target.
template <typename Body>
void for_rows(const SynapseRoute& route, std::span<const std::uint32_t> slots, std::size_t first, std::size_t last, Body body) {
  const SynapseMatrix& m = *route.matrix;
  std::vector<Synapse> row;
  for (std::size_t r = 0; r < m.rows; ++r) {
    row.clear();
    const auto begin = m.targets.begin() + static_cast<std::ptrdiff_t>(m.starts[r]);
    const auto end = m.targets.begin() + static_cast<std::ptrdiff_t>(m.starts[r + 1]);
    for (auto at = std::lower_bound(begin, end, first); at != end && *at < last; ++at) {
      const auto k = static_cast<std::uint64_t>(at - m.targets.begin());
      const double w = m.weight(k);
      if (!wanted(route.part, w)) continue;
      const auto slot = route.delays.size() == 1 ? slots.begin() : std::ranges::lower_bound(slots, route.delays[k]);
      row.push_back({static_cast<std::uint32_t>(slot - slots.begin()), *at - static_cast<std::uint32_t>(first), w});
    }
    if (slots.size() > 1) std::ranges::stable_sort(row, [](const Synapse& a, const Synapse& b) { return a.slot < b.slot; });
    body(r, std::as_const(row));
  }
}

template <typename T>
class DenseBlock final : public BlockRows<T> {
 public:
  DenseBlock(const SynapseRoute& route, std::vector<std::uint32_t> slots, std::size_t first, std::size_t last)
      : kernels_(active_dense_kernels<T>()), slots_(std::move(slots)), rows_(route.matrix->rows), columns_(last - first) {
    std::vector<double> dense(rows_ * columns_);
    fan_out_.resize(rows_);
    for_rows(route, slots_, first, last, [&](std::size_t r, const std::vector<Synapse>& row) {
      for (const auto& s : row) dense[r * columns_ + s.target] = s.weight;
      fan_out_[r] = static_cast<std::uint32_t>(row.size());
      synapses_ += row.size();
    });
    packed_ = AlignedArray<T>(rows_ * padded());
    kernels_.pack(dense.data(), rows_, columns_, packed_.data());
  }

  std::span<const std::uint32_t> delays() const override { return slots_; }
  std::uint64_t fan_out(std::size_t row) const override { return fan_out_[row]; }
  std::uint64_t synapses() const override { return synapses_; }
  std::uint64_t bytes() const override { return packed_.size() * sizeof(T) + fan_out_.size() * 4; }
  std::size_t sums() const override { return padded(); }

  void deliver(std::span<const std::uint32_t> spikes, std::size_t, T* y, DeliveryScratch<T>& scratch) const override {
    const std::size_t m = spikes.size();
    if (m == 0) return;
    if (scratch.indices.size() < m + kPanelPrefetch) scratch.indices.resize(2 * m + kPanelPrefetch);
    if (scratch.ones.size() < m) {
      scratch.ones = AlignedArray<T>(2 * m);
      std::fill_n(scratch.ones.data(), 2 * m, T(1));
    }
    std::copy(spikes.begin(), spikes.end(), scratch.indices.begin());
    std::fill_n(scratch.indices.begin() + static_cast<std::ptrdiff_t>(m), kPanelPrefetch, spikes.back());
    T* sums = scratch.sums.data();
    kernels_.product(packed_.data(), rows_, columns_, scratch.indices.data(), scratch.ones.data(), m, sums, nullptr, nullptr);
    for (std::size_t j = 0; j < columns_; ++j) y[j] += sums[j];
  }

 private:
  std::size_t padded() const { return (columns_ + kernels_.panel - 1) / kernels_.panel * kernels_.panel; }

  const DenseKernelsOf<T>& kernels_;
  std::vector<std::uint32_t> slots_;
  std::size_t rows_, columns_;
  AlignedArray<T> packed_;
  std::vector<std::uint32_t> fan_out_;
  std::uint64_t synapses_ = 0;
};

/// Where the synapses of a row and a slot lie.
class RowIndex {
 public:
  explicit RowIndex(std::size_t slots) : slots_(slots) {}

  void reserve(std::size_t rows) { starts_.reserve(rows * slots_ + 1), starts_.push_back(0); }
  void close(std::uint64_t end) { starts_.push_back(end); }

  std::pair<std::uint64_t, std::uint64_t> range(std::size_t row, std::size_t slot) const {
    const std::uint64_t* p = starts_.data() + row * slots_ + slot;
    return {p[0], p[1]};
  }
  std::uint64_t row_length(std::size_t row) const { return starts_[(row + 1) * slots_] - starts_[row * slots_]; }
  const void* address(std::size_t row, std::size_t slot) const { return starts_.data() + row * slots_ + slot; }
  std::uint64_t bytes() const { return starts_.size() * 8; }

 private:
  std::size_t slots_;
  std::vector<std::uint64_t> starts_;
};

/// The same for many delays, most of which a row does not have: its segments, searched by slot.
class SegmentIndex {
 public:
  void reserve(std::size_t rows) { rows_.reserve(rows + 1), rows_.push_back(0), starts_.push_back(0); }
  void segment(std::uint32_t slot, std::uint64_t end) { slots_.push_back(slot), starts_.push_back(end); }
  void close() { rows_.push_back(slots_.size()); }

  std::pair<std::uint64_t, std::uint64_t> range(std::size_t row, std::size_t slot) const {
    const auto begin = slots_.begin() + static_cast<std::ptrdiff_t>(rows_[row]);
    const auto end = slots_.begin() + static_cast<std::ptrdiff_t>(rows_[row + 1]);
    const auto at = std::lower_bound(begin, end, slot);
    if (at == end || *at != slot) return {0, 0};
    const auto k = static_cast<std::size_t>(at - slots_.begin());
    return {starts_[k], starts_[k + 1]};
  }
  std::uint64_t row_length(std::size_t row) const { return starts_[rows_[row + 1]] - starts_[rows_[row]]; }
  const void* address(std::size_t row, std::size_t) const { return rows_.data() + row; }
  std::uint64_t bytes() const { return rows_.size() * 8 + starts_.size() * 8 + slots_.size() * 4; }

 private:
  std::vector<std::uint64_t> rows_;    // [rows + 1] first segment of a row
  std::vector<std::uint32_t> slots_;   // of each segment
  std::vector<std::uint64_t> starts_;  // [segments + 1] first synapse of a segment
};

/// Weight: T, float, or void when every row has one weight.
template <typename T, typename Target, typename Weight, typename Index>
class SparseBlock final : public BlockRows<T> {
  static constexpr bool kRowWeight = std::is_void_v<Weight>;
  using Stored = std::conditional_t<kRowWeight, T, Weight>;

 public:
  SparseBlock(const SynapseRoute& route, std::vector<std::uint32_t> slots, std::size_t first, std::size_t last,
              std::uint64_t synapses, Index index)
      : slots_(std::move(slots)), index_(std::move(index)) {
    targets_.reserve(synapses);
    weights_.reserve(kRowWeight ? route.matrix->rows : synapses);
    index_.reserve(route.matrix->rows);
    for_rows(route, slots_, first, last, [&](std::size_t, const std::vector<Synapse>& row) { append(row); });
  }

  std::span<const std::uint32_t> delays() const override { return slots_; }
  std::uint64_t fan_out(std::size_t row) const override { return index_.row_length(row); }
  std::uint64_t synapses() const override { return targets_.size(); }
  std::uint64_t bytes() const override {
    return targets_.size() * sizeof(Target) + weights_.size() * sizeof(Stored) + index_.bytes();
  }

  void deliver(std::span<const std::uint32_t> spikes, std::size_t slot, T* y, DeliveryScratch<T>&) const override {
    constexpr std::size_t kIndexAhead = 16, kDataAhead = 8;
    const std::size_t n = spikes.size();
    for (std::size_t k = 0; k < n; ++k) {
      if (k + kIndexAhead < n) prefetch(index_.address(spikes[k + kIndexAhead], slot));
      if (k + kDataAhead < n) {
        const auto ahead = index_.range(spikes[k + kDataAhead], slot);
        prefetch(targets_.data() + ahead.first);
        if constexpr (kRowWeight)
          prefetch(weights_.data() + spikes[k + kDataAhead]);
        else
          prefetch(weights_.data() + ahead.first);
      }
      const auto [begin, end] = index_.range(spikes[k], slot);
      if constexpr (kRowWeight)
        add_constant(targets_.data() + begin, end - begin, weights_[spikes[k]], y);
      else
        add(targets_.data() + begin, weights_.data() + begin, end - begin, y);
    }
  }

 private:
  void append(const std::vector<Synapse>& row) {
    if constexpr (kRowWeight) weights_.push_back(row.empty() ? T(0) : static_cast<T>(row[0].weight));
    std::size_t k = 0;
    const auto put = [&] {
      targets_.push_back(static_cast<Target>(row[k].target));
      if constexpr (!kRowWeight) weights_.push_back(static_cast<Stored>(row[k].weight));
      ++k;
    };
    if constexpr (std::is_same_v<Index, RowIndex>) {
      for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
        while (k < row.size() && row[k].slot == slot) put();
        index_.close(targets_.size());
      }
    } else {
      while (k < row.size()) {
        const std::uint32_t slot = row[k].slot;
        while (k < row.size() && row[k].slot == slot) put();
        index_.segment(slot, targets_.size());
      }
      index_.close();
    }
  }

  // The targets of a segment differ, so four additions may overlap.
  static void add_constant(const Target* t, std::uint64_t n, T w, T* y) {
    std::uint64_t i = 0;
    for (; i + 4 <= n; i += 4) {
      const auto a = t[i], b = t[i + 1], c = t[i + 2], d = t[i + 3];
      const T ya = y[a] + w, yb = y[b] + w, yc = y[c] + w, yd = y[d] + w;
      y[a] = ya, y[b] = yb, y[c] = yc, y[d] = yd;
    }
    for (; i < n; ++i) y[t[i]] += w;
  }
  static void add(const Target* t, const Stored* w, std::uint64_t n, T* y) {
    std::uint64_t i = 0;
    for (; i + 4 <= n; i += 4) {
      const auto a = t[i], b = t[i + 1], c = t[i + 2], d = t[i + 3];
      const T ya = y[a] + static_cast<T>(w[i]), yb = y[b] + static_cast<T>(w[i + 1]);
      const T yc = y[c] + static_cast<T>(w[i + 2]), yd = y[d] + static_cast<T>(w[i + 3]);
      y[a] = ya, y[b] = yb, y[c] = yc, y[d] = yd;
    }
    for (; i < n; ++i) y[t[i]] += static_cast<T>(w[i]);
  }

  std::vector<std::uint32_t> slots_;
  Index index_;
  std::vector<Target> targets_;
  std::vector<Stored> weights_;
};

struct Survey {
  std::uint64_t synapses = 0;
  bool row_weight = true;  // every row has one weight
  bool single = true;      // every weight is a float
};

template <typename T>
Survey survey(const SynapseRoute& route, std::span<const std::uint32_t> slots, std::size_t first, std::size_t last) {
  Survey s;
  for_rows(route, slots, first, last, [&](std::size_t, const std::vector<Synapse>& row) {
    s.synapses += row.size();
    for (const auto& synapse : row) {
      s.row_weight = s.row_weight && synapse.weight == row[0].weight;
      if (!std::isfinite(static_cast<T>(synapse.weight)))
        throw_range("weights", "numbers that single precision holds", to_text(synapse.weight));
      s.single = s.single && static_cast<double>(static_cast<float>(synapse.weight)) == synapse.weight;
    }
  });
  return s;
}

template <typename T, typename Target, typename Weight>
std::unique_ptr<const BlockRows<T>> make_indexed(const SynapseRoute& route, std::vector<std::uint32_t> slots, std::size_t first,
                                                 std::size_t last, const Survey& s) {
  // A table of all slots may take as much memory as half of the synapses.
  const double table = static_cast<double>(route.matrix->rows) * static_cast<double>(slots.size()) * 8.0;
  if (slots.size() == 1 || table <= 4.0 * static_cast<double>(s.synapses)) {
    const RowIndex index(slots.size());
    return std::make_unique<SparseBlock<T, Target, Weight, RowIndex>>(route, std::move(slots), first, last, s.synapses, index);
  }
  return std::make_unique<SparseBlock<T, Target, Weight, SegmentIndex>>(route, std::move(slots), first, last, s.synapses,
                                                                        SegmentIndex());
}

template <typename T, typename Target>
std::unique_ptr<const BlockRows<T>> make_sparse(const SynapseRoute& route, std::vector<std::uint32_t> slots, std::size_t first,
                                                std::size_t last, const Survey& s) {
  if (s.row_weight) return make_indexed<T, Target, void>(route, std::move(slots), first, last, s);
  if (s.single) return make_indexed<T, Target, float>(route, std::move(slots), first, last, s);
  return make_indexed<T, Target, T>(route, std::move(slots), first, last, s);
}

std::vector<std::uint32_t> distinct_delays(const SynapseRoute& route) {
  std::vector<std::uint32_t> slots = route.delays;
  std::ranges::sort(slots);
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  return slots;
}

}  // namespace

bool is_dense(const SynapseRoute& route) {
  const SynapseMatrix& m = *route.matrix;
  const std::uint32_t delay = route.delays.empty() ? 0 : route.delays[0];
  if (!std::ranges::all_of(route.delays, [&](std::uint32_t d) { return d == delay; })) return false;
  std::uint64_t count = m.stored();
  if (route.part != WeightPart::kAll) {
    count = 0;
    for (std::uint64_t k = 0; k < m.stored(); ++k) count += wanted(route.part, m.weight(k)) ? 1 : 0;
  }
  return static_cast<double>(count) > kDenseShare * static_cast<double>(m.rows) * static_cast<double>(m.columns);
}

template <typename T>
std::unique_ptr<const BlockRows<T>> make_block_rows(const SynapseRoute& route, bool dense, std::size_t first,
                                                    std::size_t last) {
  auto slots = distinct_delays(route);
  const Survey s = survey<T>(route, slots, first, last);
  if (s.synapses == 0) return nullptr;
  if (dense) return std::make_unique<DenseBlock<T>>(route, std::move(slots), first, last);
  if (last - first <= 65536) return make_sparse<T, std::uint16_t>(route, std::move(slots), first, last, s);
  return make_sparse<T, std::uint32_t>(route, std::move(slots), first, last, s);
}

template std::unique_ptr<const BlockRows<float>> make_block_rows(const SynapseRoute&, bool, std::size_t, std::size_t);
template std::unique_ptr<const BlockRows<double>> make_block_rows(const SynapseRoute&, bool, std::size_t, std::size_t);

}  // namespace rockpool
