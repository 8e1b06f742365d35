// From the bytes of the bulk pipe to events with 64-bit time, through a bounded queue.
//
// Time: the board sends 15 bits of microseconds, wraps, and resets. Here it only ever counts on: a reset makes the board's
// clock begin at 0 again, and `origin` is the time of that 0. Loss is never silent: what does not fit in the queue is counted
// and told between the events where it happened. A reset is told in order and never lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "rockpool/dynapse/protocol.h"

namespace rockpool::dynapse {

/// What a decoder has met since its birth.
struct StreamCounts {
  std::uint64_t events = 0;      // spikes decoded
  std::uint64_t lost = 0;        // of these, not taken by the queue
  std::uint64_t unroutable = 0;  // spikes with a chip nibble outside 1..4, left out
  std::uint64_t unknown = 0;     // words without a meaning, left out
  std::uint64_t backwards = 0;   // timestamps before the one before them; order and times are kept as they came
  std::uint64_t wraps = 0;       // of the 15-bit timestamp
  std::uint64_t resets = 0;
  std::uint64_t odd_bytes = 0;  // transfers of an odd length, whose last byte was dropped
  std::uint64_t bytes = 0;
  std::uint64_t transfers = 0;
  std::uint64_t failed_transfers = 0;
};

/// Decodes words. Not thread safe.
class EventDecoder {
 public:
  struct Reset {
    std::size_t position;  // events of this batch that came before it
    double origin;         // the time that the board's new zero stands for
  };
  /// Of one transfer.
  struct Batch {
    std::vector<double> times;             // microseconds since the stream began
    std::vector<std::uint32_t> addresses;  // chip * 1024 + core * 256 + neuron
    std::vector<Reset> resets;
    std::size_t size = 0;  // of times and addresses; these keep their length
  };

  /// Replaces what the batch holds.
  void decode(std::span<const std::uint8_t> bytes, Batch& batch);
  const StreamCounts& counts() const { return counts_; }
  StreamCounts& counts() { return counts_; }
  double time() const { return static_cast<double>(origin_ + base_ + stamp_); }

 private:
  std::int64_t origin_ = 0;  // of the board's clock
  std::int64_t base_ = 0;    // by wraps
  std::int64_t stamp_ = 0;
  StreamCounts counts_;
};

/// The queue between the event thread, which must never wait, and a reader. Thread safe.
class EventQueue {
 public:
  explicit EventQueue(std::size_t capacity);

  /// Takes what fits; the newest are lost. Returns how many were.
  std::size_t push(const EventDecoder::Batch& batch);
  std::size_t available() const;
  bool has_notice() const;
  void clear();

  struct Taken {
    std::size_t events = 0;
    std::uint64_t lost = 0;    // events that were lost right after these
    std::uint64_t resets = 0;  // of the board's clock, right after these
    double origin = 0.0;       // time of the last of them
  };
  /// The oldest events, up to the first loss or reset; that one is told along with them.
  Taken take(std::span<double> times, std::span<std::uint32_t> addresses);

 private:
  struct Notice {
    std::uint64_t position;  // events ever taken into the queue before it
    std::uint64_t lost = 0;
    std::uint64_t resets = 0;
    double origin = 0.0;
  };
  std::size_t place(std::uint64_t position) const { return static_cast<std::size_t>((position - begin_) % times_.size()); }
  Notice& notice_here();
  void append(const EventDecoder::Batch& batch, std::size_t from, std::size_t to, std::size_t& lost);
  void copy_out(std::size_t count, double* times, std::uint32_t* addresses) const;

  mutable std::mutex mutex_;
  std::vector<double> times_;
  std::vector<std::uint32_t> addresses_;
  std::uint64_t head_ = 0;      // events ever put in
  std::uint64_t tail_ = 0;      // events ever taken out
  std::uint64_t begin_ = 0;     // the position that is at the beginning of the arrays
  std::deque<Notice> notices_;  // at most one for each place between events
};

}  // namespace rockpool::dynapse
