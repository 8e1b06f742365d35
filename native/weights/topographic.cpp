#include <algorithm>
#include <string>

#include "draws.h"
#include "rockpool/error.h"
#include "rockpool/weights.h"

namespace rockpool {

void neighbours_1d(std::size_t size, std::size_t reach, bool diagonal, WeightSink& sink) {
  for (std::size_t pre = 0; pre < size; ++pre) {
    const std::size_t first = pre - std::min(pre, reach), last = pre + std::min(size - 1 - pre, reach);
    for (std::size_t post = first; post <= last; ++post)
      if (diagonal || post != pre) sink.add(pre, post, 1.0);
  }
}

namespace {

/// For each column the rows with an element, ascending, the diagonal always among them.
class TakenRows {
 public:
  explicit TakenRows(const LongRange& o) : o_(o) {
    if (o.taken_sparse == nullptr) return;
    const CsrSpan& m = *o.taken_sparse;
    check_csr(m);
    if (m.rows != o.size || m.columns != o.size)
      throw_shape("weights", to_text(o.size) + " x " + to_text(o.size), to_text(m.rows) + " x " + to_text(m.columns));
    const auto present = [&](std::size_t k) { return m.data[m.data.size() == m.indices.size() ? k : 0] != 0; };
    start_.assign(o.size + 1, 0);
    for (std::size_t k = 0; k < m.indices.size(); ++k)
      if (present(k)) ++start_[static_cast<std::size_t>(m.indices[k]) + 1];
    for (std::size_t j = 0; j < o.size; ++j) start_[j + 1] += start_[j];
    rows_.resize(start_.back());
    std::vector<std::size_t> at(start_.begin(), start_.end() - 1);
    for (std::size_t i = 0; i < m.rows; ++i)
      for (auto k = static_cast<std::size_t>(m.indptr[i]); k < static_cast<std::size_t>(m.indptr[i + 1]); ++k)
        if (present(k)) rows_[at[static_cast<std::size_t>(m.indices[k])]++] = static_cast<std::int32_t>(i);
  }

  void of(std::size_t j, std::vector<std::int32_t>& out) const {
    out.clear();
    const auto own = static_cast<std::int32_t>(j);
    if (o_.taken_sparse != nullptr) {
      out.assign(rows_.begin() + static_cast<std::ptrdiff_t>(start_[j]),
                 rows_.begin() + static_cast<std::ptrdiff_t>(start_[j + 1]));
    } else if (!o_.taken_dense.empty()) {
      for (std::size_t i = 0; i < o_.size; ++i)
        if (o_.taken_dense[i * o_.size + j] != 0) out.push_back(static_cast<std::int32_t>(i));
    }
    const auto place = std::lower_bound(out.begin(), out.end(), own);
    if (place == out.end() || *place != own) out.insert(place, own);
  }

 private:
  const LongRange& o_;
  std::vector<std::size_t> start_;
  std::vector<std::int32_t> rows_;
};

/// The number `rank` of the numbers that are not in an ascending list.
std::size_t outside(const std::vector<std::int32_t>& list, std::uint64_t rank) {
  std::size_t low = 0, high = list.size();  // the smallest t with list[t] - t > rank
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (static_cast<std::uint64_t>(list[middle]) - middle > rank)
      high = middle;
    else
      low = middle + 1;
  }
  return static_cast<std::size_t>(rank) + low;
}

}  // namespace

void long_range(std::uint64_t seed, std::uint32_t stream, const LongRange& o, WeightSink& sink) {
  if (!o.taken_dense.empty() && (o.taken_dense.size() % o.size != 0 || o.taken_dense.size() / o.size != o.size))
    throw_shape("weights", to_text(o.size) + " x " + to_text(o.size), to_text(o.taken_dense.size()) + " elements");
  const TakenRows taken_rows(o);
  std::vector<std::int32_t> taken;
  for (std::size_t post = 0; post < o.size && o.number > 0; ++post) {
    taken_rows.of(post, taken);
    const std::uint64_t candidates = o.size - taken.size();
    if (candidates < (o.multiple ? 1 : o.number))
      throw_range("numLongRange",
                  "at most the number of free partners of each neuron, " + to_text(candidates) + " for neuron " + to_text(post),
                  to_text(o.number));
    Draws draws({seed, stream}, post);
    const auto add = [&](std::uint64_t rank) { sink.add(o.offset + outside(taken, rank), o.offset + post, 1.0); };
    if (o.multiple) {
      for (std::size_t k = 0; k < o.number; ++k) add(draws.below(candidates));
    } else {
      PartialShuffle shuffle(candidates, o.number);
      for (std::size_t k = 0; k < o.number; ++k) add(shuffle.next(draws));
    }
  }
}

void project(std::uint64_t seed, std::uint32_t stream, const Projection& p, std::span<const std::int32_t> chosen,
             WeightSink& sink) {
  if (p.number == 0) return;
  if (p.sources == 0 || (!p.multiple && p.number > p.sources))
    throw_range("the number of connections", "at most the number of sources, " + to_text(p.sources), to_text(p.number));
  PartialShuffle shuffle(p.multiple ? 1 : p.sources, p.multiple ? 1 : p.number);
  const std::size_t receivers = chosen.empty() ? p.receivers : chosen.size();  // without a choice the first ones
  for (std::size_t r = 0; r < receivers; ++r) {
    const std::size_t post = chosen.empty() ? r : static_cast<std::size_t>(chosen[r]);
    Draws draws({seed, stream}, post);
    for (std::size_t k = 0; k < p.number; ++k) {
      const std::uint64_t pre = p.multiple ? draws.below(p.sources) : shuffle.next(draws);
      const bool minus = p.random_sign && draws.below(2) == 0;
      sink.add(p.source_offset + static_cast<std::size_t>(pre), p.receiver_offset + post, minus ? -p.value : p.value);
    }
    if (!p.multiple) shuffle.reset();
  }
}

std::vector<std::int32_t> choose(std::uint64_t seed, std::uint32_t stream, std::size_t population, std::size_t number) {
  if (number > population) throw_range("number", "at most " + to_text(population), to_text(number));
  Draws draws({seed, stream}, 0);
  PartialShuffle shuffle(population, number);
  std::vector<std::int32_t> out;
  for (std::size_t k = 0; k < number; ++k) out.push_back(static_cast<std::int32_t>(shuffle.next(draws)));
  std::sort(out.begin(), out.end());
  return out;
}

void ring(std::size_t size, std::size_t offset, WeightSink& sink) {
  for (std::size_t k = 0; k < size; ++k) sink.add(offset + (k + 1) % size, offset + k, 1.0);
}

void partitioned_sheet(const PartitionedSheet& o, WeightSink& sink) {
  const std::size_t rec = o.inputs, inh = o.inputs + o.sheet.size;
  Projection in{.sources = o.inputs,
                .receivers = std::min(o.input_receivers, o.sheet.size),
                .number = o.input_number,
                .receiver_offset = rec};
  if (o.inputs > 0) {
    const auto chosen = o.random_receivers ? choose(o.seed, 5, o.sheet.size, in.receivers) : std::vector<std::int32_t>{};
    project(o.seed, 0, in, chosen, sink);
  }
  neighbours_2d(o.seed, 1, o.sheet, rec, sink);
  long_range(o.seed, 2, {.size = o.sheet.size, .number = o.long_number, .offset = rec}, sink);
  if (o.inhibitory == 0) return;
  Projection to_pool{.sources = o.sheet.size,
                     .receivers = o.inhibitory,
                     .number = o.to_pool_number,
                     .source_offset = rec,
                     .receiver_offset = inh};
  Projection from_pool{.sources = o.inhibitory,
                       .receivers = o.sheet.size,
                       .number = o.from_pool_number,
                       .source_offset = inh,
                       .receiver_offset = rec,
                       .value = -1};
  project(o.seed, 3, to_pool, {}, sink);
  project(o.seed, 4, from_pool, {}, sink);
}

}  // namespace rockpool
