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

// One run_team. A helper's ticket says that it came, or, when its job was dropped unrun, that it never will.
struct Team {
  std::mutex mutex;
  std::condition_variable changed;
  unsigned expected = 0;
  unsigned joined = 0;
  unsigned finished = 0;
  bool complete = false;  // everybody who was expected came or was dropped
  const std::function<void(unsigned, unsigned)>* body = nullptr;

  void help() {
    unsigned rank = 0, size = 0;
    {
      std::unique_lock lock(mutex);
      rank = ++joined;
      changed.notify_all();
      changed.wait(lock, [&] { return complete; });
      size = joined + 1;
    }
    (*body)(rank, size);
    const std::lock_guard lock(mutex);
    ++finished;
    changed.notify_all();
  }
  void drop() {
    const std::lock_guard lock(mutex);
    --expected;
    changed.notify_all();
  }
};

struct Ticket {
  explicit Ticket(std::shared_ptr<Team> t) : team(std::move(t)) {}
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  ~Ticket() {
    if (!used) team->drop();
  }
  void run() {
    used = true;
    team->help();
  }
  std::shared_ptr<Team> team;
  bool used = false;
};

inline void relax() noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

void TeamBarrier::wait() noexcept {
  const unsigned round = round_.load(std::memory_order_relaxed);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size_) {
    arrived_.store(0, std::memory_order_relaxed);
    round_.store(round + 1, std::memory_order_release);
    return;
  }
  // A member may have lost its processor: after some microseconds give way.
  for (unsigned spins = 0; round_.load(std::memory_order_acquire) == round; ++spins) {
    if (spins < 4000)
      relax();
    else
      std::this_thread::yield();
  }
}

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
  if (!queue_.empty()) ensure_threads();
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

void ThreadPool::run_team(unsigned most, const std::function<void(unsigned, unsigned)>& body) {
  auto team = std::make_shared<Team>();
  team->body = &body;
  const unsigned limit = std::min(most, concurrency());
  if (limit > 1) {
    const std::lock_guard lock(mutex_);
    if (!exiting_) {
      ensure_threads();
      const unsigned wanted = concurrency_ == 0 ? hardware_threads() : concurrency_;
      const auto threads = std::min<std::size_t>(threads_.size(), wanted);
      // Threads that neither run nor are about to take what is queued.
      const std::size_t taken = busy_ + queue_.size();
      const std::size_t idle = threads > taken ? threads - taken : 0;
      try {
        for (std::size_t i = std::min<std::size_t>(idle, limit - 1); i > 0; --i) {
          auto ticket = std::make_shared<Ticket>(team);
          ++team->expected;
          queue_.push_front({[ticket] { ticket->run(); }, std::stop_source(std::nostopstate), true});
          ++awaited_;
        }
      } catch (const std::bad_alloc&) {
        // A smaller team does the same.
      }
      wake_.notify_all();
    }
  }
  unsigned size = 1;
  {
    std::unique_lock lock(team->mutex);
    team->changed.wait(lock, [&] { return team->joined >= team->expected; });
    team->complete = true;
    size = team->joined + 1;
    team->changed.notify_all();
  }
  body(0, size);
  std::unique_lock lock(team->mutex);
  team->changed.wait(lock, [&] { return team->finished + 1 == size; });
}

// The first item, or the first that somebody waits for.
ThreadPool::Item ThreadPool::take(bool any) {
  const auto at = any ? queue_.begin() : std::find_if(queue_.begin(), queue_.end(), [](const Item& i) { return i.awaited; });
  Item item = std::move(*at);
  queue_.erase(at);
  if (item.awaited) --awaited_;
  return item;
}

void ThreadPool::work(std::size_t index) {
  std::unique_lock lock(mutex_);
  for (;;) {
    // Threads beyond a lowered concurrency sleep; their index decides.
    bool within = true;
    wake_.wait(lock, [&] {
      const unsigned wanted = concurrency_ == 0 ? hardware_threads() : concurrency_;
      within = index < wanted;
      return exiting_ || (!queue_.empty() && (within || awaited_ > 0));
    });
    if (exiting_) return;
    Item item = take(within);
    running_[index] = item.source;
    ++busy_;
    lock.unlock();
    item.job();
    item.job = nullptr;
    lock.lock();
    --busy_;
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
