// The way of a spike from the AER bus to the bulk pipe: event words with their timestamps in a FIFO of limited depth.
//
// Timestamps count microseconds; a stamp is written in front of the first spike that has it, a wrap word every 2^15 us. A spike
// without room for itself and its stamp is refused; wraps and resets are never lost but written as soon as there is room, wraps
// then as one word with a multiplier.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace rockpool::dynapse {

class EventFifo {
 public:
  explicit EventFifo(std::size_t words);

  /// Timestamps start from 0 when they begin to run; that is our choice.
  void run_timestamps(bool on);
  /// The pulse: the counter starts from 0, and a reset word tells so.
  void reset_timestamps();
  /// Microseconds of a short packet's delay.
  void set_packet_delay(std::uint64_t microseconds) { delay_ = microseconds; }
  /// Forgets what is not read.
  void clear();

  /// Time goes on, to this microsecond of the board.
  void clock(std::uint64_t microsecond);
  /// False when there is no room.
  bool spike(unsigned core, unsigned neuron, unsigned nibble);
  /// A word without timestamp.
  bool word(std::uint16_t word);

  /// Bytes of whole words that are ready, at most as many as fit.
  std::size_t read(std::span<std::uint8_t> out);
  std::size_t size() const { return count_; }

 private:
  bool flush_marks();
  bool room(std::size_t words) const { return ring_.size() - count_ >= words; }
  void push(std::uint16_t word);

  std::vector<std::uint16_t> ring_;
  std::size_t first_ = 0, count_ = 0;
  std::size_t ready_ = 0;  // words in packets that are committed
  std::uint64_t waiting_since_ = 0, delay_ = 0;
  std::uint64_t now_ = 0, origin_ = 0;
  std::uint64_t wraps_ = 0;          // of the counter
  std::uint64_t pending_wraps_ = 0;  // not written yet
  std::int64_t stamp_ = -1;          // last written, -1: none since the last wrap
  bool timestamps_ = false, pending_reset_ = false;
};

}  // namespace rockpool::dynapse
