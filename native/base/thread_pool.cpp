#include "rockpool/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <utility>

namespace rockpool {

namespace {

unsigned hardware_threads() {
  return std::max(1u, std::thread::hardware_concurrency());
}

// One parallel_for: helpers that start late find nothing left and touch only this block, which they keep alive.
struct Loop {
  std::size_t n = 0;
  const std::function<void(std::size_t)>* body = nullptr;
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::condition_variable finished;
  std::size_t done = 0;
  std::exception_ptr error;

  void run() {
    std::size_t mine = 0;
    for (std::size_t i; (i = next.fetch_add(1)) < n; ++mine) {
      try {
        (*body)(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
      }
    }
    if (mine == 0) return;
    const std::lock_guard lock(mutex);
    done += mine;
    if (done == n) finished.notify_all();
  }
};

}  // namespace

ThreadPool& ThreadPool::instance() {
  static ThreadPool pool;
  return pool;
}

unsigned ThreadPool::concurrency() const {
  const std::lock_guard lock(mutex_);
  return concurrency_ == 0 ? hardware_threads() : concurrency_;
}

void ThreadPool::set_concurrency(unsigned n) {
  const std::lock_guard lock(mutex_);
  concurrency_ = std::max(1u, n);
  wake_.notify_all();
}

void ThreadPool::ensure_threads() {
  const unsigned wanted = concurrency_ == 0 ? hardware_threads() : concurrency_;
  while (threads_.size() < wanted) {
    running_.emplace_back(std::nostopstate);
    try {
      threads_.emplace_back([this, index = threads_.size()] { work(index); });
    } catch (...) {
      running_.pop_back();
      if (threads_.empty()) throw;
      return;  // fewer threads than asked for still finish the work
    }
  }
}

void ThreadPool::submit(std::function<void()> job, std::stop_source source) {
  const std::lock_guard lock(mutex_);
  if (exiting_) return;
  ensure_threads();
  queue_.push_back({std::move(job), std::move(source)});
  wake_.notify_all();  // one of them might be a thread beyond a lowered concurrency, which would go on sleeping
}

void ThreadPool::parallel_for(std::size_t n, const std::function<void(std::size_t)>& body) {
  if (n == 0) return;
  const std::size_t helpers = std::min<std::size_t>(concurrency(), n) - 1;
  auto loop = std::make_shared<Loop>();
  loop->n = n;
  loop->body = &body;
  if (helpers > 0) {
    const std::lock_guard lock(mutex_);
    if (!exiting_) {
      ensure_threads();
      // To the front: the caller waits for these, while queued jobs are nobody's next line.
      for (std::size_t i = 0; i < helpers; ++i)
        queue_.push_front({[loop] { loop->run(); }, std::stop_source(std::nostopstate)});
      wake_.notify_all();
    }
  }
  loop->run();
  std::unique_lock lock(loop->mutex);
  loop->finished.wait(lock, [&] { return loop->done == n; });
  // Taken out of the block, so that no late helper holds a part of what the caller handles.
  if (const auto error = std::exchange(loop->error, nullptr)) std::rethrow_exception(error);
}

void ThreadPool::work(std::size_t index) {
  std::unique_lock lock(mutex_);
  for (;;) {
    // Threads beyond a lowered concurrency sleep; their index decides.
    wake_.wait(lock, [&] {
      const unsigned wanted = concurrency_ == 0 ? hardware_threads() : concurrency_;
      return exiting_ || (!queue_.empty() && index < wanted);
    });
    if (exiting_) return;
    Item item = std::move(queue_.front());
    queue_.pop_front();
    running_[index] = item.source;
    lock.unlock();
    item.job();
    item.job = nullptr;
    lock.lock();
    running_[index] = std::stop_source(std::nostopstate);
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    exiting_ = true;
    queue_.clear();
    for (auto& source : running_) source.request_stop();
    wake_.notify_all();
  }
  for (auto& thread : threads_) thread.join();
}

}  // namespace rockpool
