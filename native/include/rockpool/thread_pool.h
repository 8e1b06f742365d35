// The process-wide pool of worker threads: long jobs off the event loop, and loops split between cores.
//
// Threads start on first use. When the process exits, running jobs are asked to stop through their stop source, queued ones
// are dropped and the threads are joined, so `process.exit()` during a run neither crashes nor waits for its end.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace rockpool {

class ThreadPool {
 public:
  static ThreadPool& instance();

  /// How many threads compute at the same time; default: the machine's hardware threads. At least 1.
  unsigned concurrency() const;
  void set_concurrency(unsigned n);

  /// Queues a job. `source` is asked to stop when the process exits while the job runs or waits.
  void submit(std::function<void()> job, std::stop_source source);

  /// Calls body(i) for every i in [0, n), on the calling thread and on idle pool threads; returns when all are done.
  /// The first exception is rethrown. `body` must not depend on which thread runs it, nor on the order.
  void parallel_for(std::size_t n, const std::function<void(std::size_t)>& body);

  /// Calls body(rank, size) at the same time on the calling thread (rank 0) and on as many idle pool threads as there are, at
  /// most `most` in all and never more than `concurrency`; returns when all are done. All of them run for certain, so they may
  /// wait for each other. `body` must not throw.
  void run_team(unsigned most, const std::function<void(unsigned rank, unsigned size)>& body);

  ~ThreadPool();

 private:
  struct Item {
    std::function<void()> job;
    std::stop_source source;
    bool awaited = false;  // somebody does nothing until it runs: threads beyond a lowered concurrency take it too
  };

  ThreadPool() = default;
  void ensure_threads();
  Item take(bool any);
  void work(std::size_t index);

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> queue_;
  std::vector<std::thread> threads_;
  std::vector<std::stop_source> running_;  // by thread
  unsigned concurrency_ = 0;               // 0: not set, use the hardware's
  unsigned busy_ = 0;                      // threads that run a job
  unsigned awaited_ = 0;                   // queued items that somebody waits for
  bool exiting_ = false;
};

/// Where the members of a team wait for each other. They spin: a meeting every few microseconds is what it is for.
class TeamBarrier {
 public:
  explicit TeamBarrier(unsigned size) : size_(size) {}
  void wait() noexcept;

 private:
  const unsigned size_;
  alignas(64) std::atomic<unsigned> arrived_{0};
  alignas(64) std::atomic<unsigned> round_{0};
};

}  // namespace rockpool
