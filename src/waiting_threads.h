// Threads for jobs that wait for devices.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace glue {

/// As many as there are jobs. One that has nothing to do stays for a while: whoever streams asks again at once, and to start a
/// thread costs the JavaScript thread more than all else.
class WaitingThreads {
 public:
  static WaitingThreads& instance() {
    static WaitingThreads& threads = *new WaitingThreads();  // idle threads use it while the process exits
    return threads;
  }

  void run(std::function<void()> work) {
    std::unique_lock lock(mutex_);
    queue_.push_back(std::move(work));
    if (idle_ >= queue_.size()) {
      lock.unlock();
      wake_.notify_one();
      return;
    }
    try {
      std::thread([this] { serve(); }).detach();
    } catch (...) {
      queue_.pop_back();
      throw;
    }
  }

 private:
  static constexpr std::chrono::seconds kLinger{1};

  void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      ++idle_;
      const bool found = wake_.wait_for(lock, kLinger, [this] { return !queue_.empty(); });
      --idle_;
      if (!found) return;
      auto work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      work();
      work = nullptr;
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  std::size_t idle_ = 0;
};

}  // namespace glue
