// The one way to compute off the event loop.
//
// A Job owns copies of its inputs and of the state. It computes on a thread of our pool, and `settle` runs on the JavaScript
// thread, only after success: it writes outputs into arrays that nobody else has and hands them out. A job that failed or was
// cancelled has written nothing that anybody can see.
#pragma once

#include <chrono>
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

/// Runs a job here and now, without progress.
inline Napi::Value run_job(Napi::Env env, Job&& job) {
  rockpool::RunControl control;
  job.execute(control);
  return job.settle(env);
}

/// As start_job, for a job that mostly waits, for a device: on a thread of its own, so that it neither takes a computing thread
/// nor waits for one. It must heed the control within 10 ms of waiting, or end by itself in finite time.
Napi::Value start_waiting_job(Napi::Env env, std::unique_ptr<Job> job, Napi::Value on_progress);

/// When the process exits: until no waiting job's thread runs, or the time is over.
void await_waiting_jobs(std::chrono::milliseconds limit);

/// Per-environment set-up: cancels and waits for this environment's jobs when it ends.
void init_tasks(Napi::Env env);

}  // namespace glue
