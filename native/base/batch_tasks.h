// Independent parts of a computation, one task each, in parallel, with one progress count and one cancellation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>

#include "rockpool/run_control.h"
#include "rockpool/thread_pool.h"
#include "simd/denormals.h"

namespace rockpool {

/// What a task calls at least every 10 ms of computing. Throws when a stop was asked for.
class SharedControl {
 public:
  explicit SharedControl(RunControl& control) : control_(control) {}

  void advance(std::uint64_t amount) {
    const std::lock_guard lock(mutex_);
    control_.advance(amount);
  }
  bool stop_requested() const noexcept { return control_.stop_requested(); }

 private:
  std::mutex mutex_;
  RunControl& control_;
};

/// The form that kernels ask in.
inline bool stop_requested(const void* shared_control) {
  return static_cast<const SharedControl*>(shared_control)->stop_requested();
}

/// Calls task(i, control) for every i in [0, n). `total`: the amount that all tasks together count.
inline void run_tasks(std::size_t n, std::uint64_t total, RunControl& control,
                      const std::function<void(std::size_t, SharedControl&)>& task) {
  control.set_total(total);
  SharedControl shared(control);
  ThreadPool::instance().parallel_for(n, [&](std::size_t i) {
    const simd::FlushDenormals flush;
    task(i, shared);
  });
}

}  // namespace rockpool
