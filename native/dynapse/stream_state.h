// The bulk reads of a driver and its queue. Handlers run on the transport's event thread, which must not wait: what has to
// (taking a halt off, telling a reader) is done by a thread of our own, the keeper.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "rockpool/dynapse/event_stream.h"
#include "rockpool/dynapse/transport.h"

namespace rockpool::dynapse {

class StreamState : public std::enable_shared_from_this<StreamState> {
 public:
  StreamState(Connection& connection, std::size_t transfers, std::size_t transfer_bytes, std::size_t queue_events);
  ~StreamState();

  void begin_keeper();
  /// Submits the reads. Fewer than wanted are fine. @throws Error when none could be
  void begin();
  /// No resubmission from now on, and cancels what is under way; waits until all have ended or the limit has passed.
  void end(std::chrono::milliseconds limit);
  /// Unplugged: ends with a reason.
  void lose(const std::string& why);
  void shut_down();

  bool running() const;
  bool lost() const;
  StreamCounts counts() const;
  EventQueue& queue() { return queue_; }
  /// True when no more events will come, and why.
  bool ended(std::string& why) const;
  void when_ready(std::size_t events, std::chrono::milliseconds latency, std::function<void()> ready);

 private:
  static constexpr unsigned kRetries = 8;  // failures in a row, of all reads together

  using Clock = std::chrono::steady_clock;
  void completed(BulkRead& read);
  void decode(const BulkRead& read);
  void retire(BulkRead& read, const char* why);  // mutex held
  void keep();
  bool ready_now();  // mutex held
  void heal(std::unique_lock<std::mutex>& lock);

  Connection& connection_;
  const std::size_t transfer_bytes_;
  std::vector<std::unique_ptr<BulkRead>> reads_;
  EventQueue queue_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t flying_ = 0;
  bool running_ = false;
  bool ended_ = true;
  bool lost_ = false;
  bool quit_ = false;
  unsigned failures_ = 0;
  std::string why_;
  std::vector<BulkRead*> halted_;

  std::function<void()> ready_;
  std::size_t wanted_ = 0;
  std::chrono::milliseconds latency_{0};
  std::optional<Clock::time_point> deadline_;  // of a reader that has less than it wants
  StreamCounts published_;

  // Event thread alone.
  EventDecoder decoder_;
  EventDecoder::Batch batch_;

  std::thread keeper_;
};

}  // namespace rockpool::dynapse
