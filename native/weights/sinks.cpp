#include <limits>
#include <string>

#include "rockpool/error.h"
#include "rockpool/weights.h"

namespace rockpool {

namespace {

constexpr std::size_t kMostRows = std::numeric_limits<std::int32_t>::max();

/// Stable counting sort: `order` becomes the one in which keys ascend.
void sort_by(std::span<const std::int32_t> keys, std::size_t count, std::vector<std::uint32_t>& order) {
  std::vector<std::uint32_t> at(count + 1, 0);
  for (const std::int32_t key : keys) ++at[static_cast<std::size_t>(key) + 1];
  for (std::size_t k = 1; k <= count; ++k) at[k] += at[k - 1];
  std::vector<std::uint32_t> sorted(order.size());
  for (const std::uint32_t e : order) sorted[at[static_cast<std::size_t>(keys[e])]++] = e;
  order.swap(sorted);
}

}  // namespace

DenseSink::DenseSink(std::size_t rows, std::size_t columns, std::span<double> out) : columns_(columns), out_(out) {
  if (columns == 0 || out.size() % columns != 0 || out.size() / columns != rows)
    throw_shape("out", to_text(rows) + " x " + to_text(columns), to_text(out.size()) + " elements");
}

ConnectionList::ConnectionList(std::size_t rows, std::size_t columns, double expected) : rows_(rows), columns_(columns) {
  if (rows > kMostRows || columns > kMostRows)
    throw_range("size", "at most " + to_text(kMostRows), to_text(rows) + " x " + to_text(columns));
  if (!(expected <= static_cast<double>(kMostEntries)))
    throw_range("the number of connections", "at most " + to_text(kMostEntries), to_text(static_cast<std::uint64_t>(expected)));
  const auto room = static_cast<std::size_t>(expected);
  pre_.reserve(room);
  post_.reserve(room);
  value_.reserve(room);
}

void ConnectionList::add(std::size_t pre, std::size_t post, double value) {
  if (value_.size() == kMostEntries) throw_range("the number of connections", "at most " + to_text(kMostEntries), "more");
  pre_.push_back(static_cast<std::int32_t>(pre));
  post_.push_back(static_cast<std::int32_t>(post));
  value_.push_back(value);
}

SparseWeights ConnectionList::compress(bool drop_zeros) const {
  std::vector<std::uint32_t> order(value_.size());
  for (std::size_t e = 0; e < order.size(); ++e) order[e] = static_cast<std::uint32_t>(e);
  sort_by(post_, columns_, order);
  sort_by(pre_, rows_, order);
  SparseWeights out;
  out.indptr.assign(rows_ + 1, 0.0);
  std::size_t row = 0;
  const auto drop_last = [&] {
    if (!drop_zeros || out.data.empty() || out.data.back() != 0.0) return;
    if (static_cast<double>(out.data.size()) <= out.indptr[row]) return;  // of a row that is done
    out.data.pop_back();
    out.indices.pop_back();
    out.counts.pop_back();
  };
  for (const std::uint32_t e : order) {
    const auto pre = static_cast<std::size_t>(pre_[e]);
    if (pre != row) {
      drop_last();
      while (row < pre) out.indptr[++row] = static_cast<double>(out.data.size());
    }
    const bool again = static_cast<double>(out.data.size()) > out.indptr[row] && out.indices.back() == post_[e];
    if (again) {
      out.data.back() += value_[e];
      ++out.counts.back();
      continue;
    }
    drop_last();
    out.indices.push_back(post_[e]);
    out.data.push_back(value_[e]);
    out.counts.push_back(1);
  }
  drop_last();
  while (row < rows_) out.indptr[++row] = static_cast<double>(out.data.size());
  return out;
}

SparseWeights ConnectionList::count(double value) const {
  ConnectionList some(rows_, columns_);
  for (std::size_t e = 0; e < value_.size(); ++e)
    if (value_[e] == value) some.add(static_cast<std::size_t>(pre_[e]), static_cast<std::size_t>(post_[e]), 1.0);
  return some.compress();
}

void add_entries(const CsrSpan& m, WeightSink& sink) {
  for (std::size_t i = 0; i < m.rows; ++i)
    for (auto k = static_cast<std::size_t>(m.indptr[i]); k < static_cast<std::size_t>(m.indptr[i + 1]); ++k)
      sink.add(i, static_cast<std::size_t>(m.indices[k]), m.data[m.data.size() == m.indices.size() ? k : 0]);
}

}  // namespace rockpool
