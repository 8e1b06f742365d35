// Random numbers of the weight generators, one after the other, and what is chosen with them.
//
// Draw number u of a sequence is what `fill_uniform` gives unit u of that seed, stream and step, so a generator that gives each
// neuron a sequence of its own does not depend on the order in which neurons are made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "rockpool/random.h"

namespace rockpool {

/// One sequence of draws. At most 2^33 of them.
class Draws {
 public:
  Draws(const RandomStream& stream, std::uint64_t step) : stream_(stream), step_(step) {}

  /// Uniform on (0, 1).
  double uniform() {
    const auto [high, low] = words();
    return uniform_open(high, low);
  }

  /// A standard normal.
  double normal() { return normal_quantile(uniform()); }

  /// A whole number from 0 to n - 1, all equally likely; n > 0. Takes another draw where the first would favour small numbers.
  std::uint64_t below(std::uint64_t n) {
    const std::uint64_t surplus = (0 - n) % n;  // 2^64 mod n
    for (;;) {
      const auto [high, low] = words();
      const std::uint64_t bits = (std::uint64_t{high} << 32) | low;
      if (bits >= surplus) return bits % n;
    }
  }

  /// Puts the elements in random order (Fisher-Yates, from the first on).
  template <typename T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = 0; i + 1 < items.size(); ++i) std::swap(items[i], items[i + below(items.size() - i)]);
  }

 private:
  struct Pair {
    std::uint32_t high, low;
  };

  Pair words() {
    const bool second = (unit_ & 1u) != 0;
    if (!second) block_ = random_block(stream_, step_, static_cast<std::uint32_t>(unit_ >> 1));
    ++unit_;
    return second ? Pair{block_[2], block_[3]} : Pair{block_[0], block_[1]};
  }

  RandomStream stream_;
  std::uint64_t step_;
  std::uint64_t unit_ = 0;
  PhiloxCounter block_{};
};

/// Draws from 0 .. population - 1 without replacement: the first elements of a Fisher-Yates shuffle. Where few of many are
/// drawn only the elements that moved are stored; the draws are the same.
class PartialShuffle {
 public:
  /// `most`: the largest number of draws between two resets.
  PartialShuffle(std::uint64_t population, std::uint64_t most) : population_(population) {
    if (population <= 1024 || most >= population / 4) {
      order_.resize(population);
      std::iota(order_.begin(), order_.end(), std::uint64_t{0});
    } else {
      std::size_t capacity = 16;
      while (capacity < 2 * most) capacity *= 2;
      moved_.assign(capacity, {kFree, 0});
    }
  }

  std::uint64_t next(Draws& draws) {
    const std::uint64_t r = taken_ + draws.below(population_ - taken_);
    std::uint64_t& slot = at(r);
    const std::uint64_t value = slot;
    const std::uint64_t head = at_or_same(taken_);
    slot = head;
    ++taken_;
    touched_.push_back(r);
    return value;
  }

  /// Puts everything back.
  void reset() {
    if (!order_.empty())
      for (const std::uint64_t r : touched_) order_[r] = r;
    else if (touched_.size() * 8 > moved_.size())
      for (auto& entry : moved_) entry.key = kFree;
    else
      clear_touched();
    touched_.clear();
    taken_ = 0;
  }

 private:
  struct Entry {
    std::uint64_t key, value;
  };
  static constexpr std::uint64_t kFree = std::numeric_limits<std::uint64_t>::max();

  std::size_t find(std::uint64_t key) const {
    std::size_t i = static_cast<std::size_t>((key * 0x9E3779B97F4A7C15u) >> 20) & (moved_.size() - 1);
    while (moved_[i].key != kFree && moved_[i].key != key) i = (i + 1) & (moved_.size() - 1);
    return i;
  }

  std::uint64_t& at(std::uint64_t r) {
    if (!order_.empty()) return order_[r];
    Entry& entry = moved_[find(r)];
    if (entry.key == kFree) entry = {r, r};
    return entry.value;
  }

  std::uint64_t at_or_same(std::uint64_t r) const {
    if (!order_.empty()) return order_[r];
    const Entry& entry = moved_[find(r)];
    return entry.key == kFree ? r : entry.value;
  }

  // All entries go, so no chain of collisions has to stay whole; every place is found before any is freed.
  void clear_touched() {
    for (std::uint64_t& r : touched_) r = find(r);
    for (const std::uint64_t i : touched_) moved_[i].key = kFree;
  }

  std::uint64_t population_;
  std::uint64_t taken_ = 0;
  std::vector<std::uint64_t> order_;  // all elements, or
  std::vector<Entry> moved_;          // those that are not in their own place
  std::vector<std::uint64_t> touched_;
};

/// Draws elements by integer weights that fall by one with each draw (a Fenwick tree).
class UrnOfSlots {
 public:
  UrnOfSlots(std::size_t elements, std::uint64_t slots_each) : tree_(elements + 1), total_(elements * slots_each) {
    for (std::size_t i = 1; i <= elements; ++i) tree_[i] = (i & (~i + 1)) * slots_each;
  }

  /// Slots that are left.
  std::uint64_t total() const { return total_; }

  /// An element, as likely as it has slots; takes one of them. Only while there are any.
  std::size_t take(Draws& draws) {
    std::uint64_t rank = draws.below(total_);
    std::size_t at = 0, stride = 1;
    while (2 * stride < tree_.size()) stride *= 2;
    for (; stride > 0; stride /= 2) {
      const std::size_t next = at + stride;
      if (next >= tree_.size() || tree_[next] > rank) {
        if (next < tree_.size()) --tree_[next];  // the element lies in this range
        continue;
      }
      rank -= tree_[next];
      at = next;
    }
    --total_;
    return at;
  }

 private:
  std::vector<std::uint64_t> tree_;
  std::uint64_t total_;
};

}  // namespace rockpool
