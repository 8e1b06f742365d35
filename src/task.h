// The one way to compute off the event loop.
//
// A Job owns copies of its inputs and of the state. It computes on a thread of our pool, and `settle` runs on the JavaScript
// thread, only after success: it writes outputs into arrays that nobody else has and hands them out. A job that failed or was
// cancelled has written nothing that anybody can see.
#pragma once

#include <memory>

#include "napi_setup.h"
#include "rockpool/run_control.h"

namespace glue {

class Job {
 public:
  virtual ~Job() = default;
  /// On a pool thread. Must call control.advance() at least every 10 ms of computing.
  virtual void execute(rockpool::RunControl& control) = 0;
  /// On the JavaScript thread, after execute returned. The value resolves the promise.
  virtual Napi::Value settle(Napi::Env env) = 0;
};

/// Starts a job. Returns { promise, cancel() }; `on_progress` is a function (done, total) or undefined, called at most 20
/// times a second. The promise rejects with ERR_ABORTED after cancel().
Napi::Value start_job(Napi::Env env, std::unique_ptr<Job> job, Napi::Value on_progress);

/// Per-environment set-up: cancels and waits for this environment's jobs when it ends.
void init_tasks(Napi::Env env);

}  // namespace glue
