// Progress and cancellation of a long computation. A default-constructed control never stops and counts nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <stop_token>

namespace rockpool {

class RunControl {
 public:
  RunControl() = default;
  RunControl(std::stop_token token, std::function<void(std::uint64_t done, std::uint64_t total)> on_progress)
      : token_(std::move(token)), on_progress_(std::move(on_progress)) {}

  /// The amount of work that `done` counts towards, in the operation's own unit (steps, rows, events).
  void set_total(std::uint64_t total) { total_ = total; }

  /// Counts work done and throws ERR_ABORTED when a stop was asked for.
  /// Call it at least every 10 ms of computing; it costs an atomic load.
  void advance(std::uint64_t amount) {
    done_ += amount;
    if (token_.stop_requested()) stop();
    if (on_progress_) on_progress_(done_, total_);
  }

  /// A control for a part whose work does not count: it stops with this one.
  RunControl quiet() const { return {token_, {}}; }

  bool stop_requested() const noexcept { return token_.stop_requested(); }

 private:
  [[noreturn]] static void stop();

  std::stop_token token_;
  std::function<void(std::uint64_t, std::uint64_t)> on_progress_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace rockpool
