#include "rockpool/dynapse/event_stream.h"

#include <algorithm>
#include <array>

#include "rockpool/error.h"

namespace rockpool::dynapse {

namespace {

/// The core of a spike by the upper four bits of its word; 4: no spike.
constexpr auto kCoreOfCode = [] {
  std::array<std::uint8_t, 16> table{};
  table.fill(kCores);
  for (std::uint8_t core = 0; core < kCores; ++core) table[kSpikeCodes[core]] = core;
  return table;
}();

}  // namespace

void EventDecoder::decode(std::span<const std::uint8_t> bytes, Batch& batch) {
  ++counts_.transfers;
  counts_.bytes += bytes.size();
  if (bytes.size() % 2 != 0) ++counts_.odd_bytes;
  const std::size_t words = bytes.size() / 2;
  if (batch.times.size() < words) {
    batch.times.resize(words);
    batch.addresses.resize(words);
  }
  batch.resets.clear();
  double* times = batch.times.data();
  std::uint32_t* addresses = batch.addresses.data();
  std::size_t n = 0;
  double now = time();
  std::uint64_t unroutable = 0;
  for (std::size_t i = 0; i < words; ++i) {
    const auto word = static_cast<std::uint16_t>(bytes[2 * i] | bytes[2 * i + 1] << 8);
    // Nearly all words: without a branch that depends on which core it was.
    if (const std::uint32_t core = kCoreOfCode[word >> 12]; core < kCores) {
      const std::uint32_t chip = (word & 15U) - 1U, neuron = word >> 4 & 255U;
      times[n] = now;
      addresses[n] = chip * kChipNeurons + core * kCoreNeurons + neuron;
      const bool good = chip < kChips;
      n += good ? 1 : 0;
      unroutable += good ? 0 : 1;
      continue;
    }
    const auto event = decode_event(word);
    switch (event.kind) {
      case EventKind::kSpike: break;  // above
      case EventKind::kTimestamp:
        if (event.value < stamp_) ++counts_.backwards;
        stamp_ = event.value;
        now = time();
        break;
      case EventKind::kWrap:
        base_ += static_cast<std::int64_t>(event.value) * kWrapMicroseconds;
        counts_.wraps += event.value;
        stamp_ = 0;
        now = time();
        break;
      case EventKind::kReset:
        origin_ += base_ + stamp_;
        base_ = stamp_ = 0;
        ++counts_.resets;
        now = time();
        batch.resets.push_back({n, now});
        break;
      case EventKind::kUnknown: ++counts_.unknown; break;
    }
  }
  counts_.unroutable += unroutable;
  batch.size = n;
  counts_.events += n;
}

EventQueue::EventQueue(std::size_t capacity) : times_(capacity), addresses_(capacity) {
  ROCKPOOL_INVARIANT(capacity > 0);
}

EventQueue::Notice& EventQueue::notice_here() {
  if (notices_.empty() || notices_.back().position != head_) notices_.push_back({head_});
  return notices_.back();
}

void EventQueue::append(const EventDecoder::Batch& batch, std::size_t from, std::size_t to, std::size_t& lost) {
  const std::size_t capacity = times_.size();
  const std::size_t fit = std::min(to - from, capacity - static_cast<std::size_t>(head_ - tail_));
  const std::size_t at = place(head_), first = std::min(fit, capacity - at);
  const auto put = [&](const auto& source, auto& target) {
    const auto begin = source.begin() + static_cast<std::ptrdiff_t>(from);
    std::copy_n(begin, first, target.begin() + static_cast<std::ptrdiff_t>(at));
    std::copy_n(begin + static_cast<std::ptrdiff_t>(first), fit - first, target.begin());
  };
  put(batch.times, times_);
  put(batch.addresses, addresses_);
  head_ += fit;
  if (fit == to - from) return;
  notice_here().lost += to - from - fit;
  lost += to - from - fit;
}

std::size_t EventQueue::push(const EventDecoder::Batch& batch) {
  const std::lock_guard lock(mutex_);
  std::size_t from = 0, lost = 0;
  for (const auto& reset : batch.resets) {
    append(batch, from, reset.position, lost);
    from = reset.position;
    auto& notice = notice_here();
    ++notice.resets;
    notice.origin = reset.origin;
  }
  append(batch, from, batch.size, lost);
  return lost;
}

std::size_t EventQueue::available() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(head_ - tail_);
}

bool EventQueue::has_notice() const {
  const std::lock_guard lock(mutex_);
  return !notices_.empty();
}

void EventQueue::clear() {
  const std::lock_guard lock(mutex_);
  tail_ = begin_ = head_;
  notices_.clear();
}

void EventQueue::copy_out(std::size_t count, double* times, std::uint32_t* addresses) const {
  const std::size_t at = place(tail_), first = std::min(count, times_.size() - at);
  std::copy_n(times_.data() + at, first, times);
  std::copy_n(times_.data(), count - first, times + first);
  std::copy_n(addresses_.data() + at, first, addresses);
  std::copy_n(addresses_.data(), count - first, addresses + first);
}

EventQueue::Taken EventQueue::take(std::span<double> times, std::span<std::uint32_t> addresses) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t end = notices_.empty() ? head_ : notices_.front().position;
  Taken taken;
  taken.events = static_cast<std::size_t>(std::min<std::uint64_t>(end - tail_, std::min(times.size(), addresses.size())));
  copy_out(taken.events, times.data(), addresses.data());
  tail_ += taken.events;
  if (tail_ == head_) begin_ = head_;  // from the start again: what is short stays in the cache
  if (!notices_.empty() && tail_ == end) {
    const auto& notice = notices_.front();
    taken.lost = notice.lost;
    taken.resets = notice.resets;
    taken.origin = notice.origin;
    notices_.pop_front();
  }
  return taken;
}

}  // namespace rockpool::dynapse
