#include "dynapse/event_fifo.h"

#include <algorithm>

#include "rockpool/dynapse/protocol.h"

namespace rockpool::dynapse {

namespace {

constexpr std::size_t kPacketWords = 256;  // 512 bytes
constexpr std::uint64_t kMostWraps = 4095;

}  // namespace

EventFifo::EventFifo(std::size_t words) : ring_(std::max<std::size_t>(words, kPacketWords)) {}

void EventFifo::run_timestamps(bool on) {
  if (on && !timestamps_) {
    origin_ = now_;
    wraps_ = pending_wraps_ = 0;
    stamp_ = -1;
  }
  timestamps_ = on;
}

void EventFifo::reset_timestamps() {
  origin_ = now_;
  wraps_ = pending_wraps_ = 0;
  stamp_ = -1;
  pending_reset_ = true;
  flush_marks();
}

void EventFifo::clear() {
  first_ = count_ = ready_ = 0;
  pending_reset_ = false;
  pending_wraps_ = 0;
  stamp_ = -1;
}

void EventFifo::clock(std::uint64_t microsecond) {
  now_ = std::max(now_, microsecond);
  const std::uint64_t wraps = timestamps_ ? (now_ - origin_) / kWrapMicroseconds : wraps_;
  while (wraps_ < wraps) {
    ++wraps_, ++pending_wraps_;
    stamp_ = -1;
    if (flush_marks()) continue;
    pending_wraps_ += wraps - wraps_;
    wraps_ = wraps;
  }
  if (count_ > ready_ && now_ - waiting_since_ >= delay_) ready_ = count_;
}

bool EventFifo::spike(unsigned core, unsigned neuron, unsigned nibble) {
  if (!flush_marks()) return false;
  const auto stamp = static_cast<std::int64_t>((now_ - origin_) % kWrapMicroseconds);
  const bool stamped = timestamps_ && stamp != stamp_;
  if (!room(stamped ? 2 : 1)) return false;
  if (stamped) push(timestamp_word(static_cast<std::uint32_t>(stamp)));
  if (stamped) stamp_ = stamp;
  push(spike_word(core, neuron, nibble));
  return true;
}

bool EventFifo::word(std::uint16_t word) {
  if (!flush_marks() || !room(1)) return false;
  push(word);
  return true;
}

/// Writes the marks of time that are due; false when some remain.
bool EventFifo::flush_marks() {
  if (pending_reset_) {
    if (!room(1)) return false;
    push(kResetWord);
    pending_reset_ = false;
  }
  while (pending_wraps_ > 0) {
    if (!room(1)) return false;
    const std::uint64_t wraps = std::min(pending_wraps_, kMostWraps);
    push(wrap_word(static_cast<std::uint32_t>(wraps)));
    pending_wraps_ -= wraps;
  }
  return true;
}

void EventFifo::push(std::uint16_t word) {
  if (count_ == ready_) waiting_since_ = now_;
  std::size_t at = first_ + count_;
  if (at >= ring_.size()) at -= ring_.size();
  ring_[at] = word;
  ++count_;
  if (count_ - ready_ < kPacketWords) return;
  ready_ += kPacketWords;
  waiting_since_ = now_;
}

std::size_t EventFifo::read(std::span<std::uint8_t> out) {
  const std::size_t words = std::min(ready_, out.size() / 2);
  for (std::size_t i = 0; i < words; ++i) {
    const std::uint16_t word = ring_[first_];
    out[2 * i] = static_cast<std::uint8_t>(word);
    out[2 * i + 1] = static_cast<std::uint8_t>(word >> 8);
    if (++first_ == ring_.size()) first_ = 0;
  }
  count_ -= words;
  ready_ -= words;
  flush_marks();
  return 2 * words;
}

}  // namespace rockpool::dynapse
