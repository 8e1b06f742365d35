// What the addon keeps for one JavaScript environment (main thread or worker). Nothing of it is static.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "napi_setup.h"

namespace glue {

class RunningJob;

/// Counts the jobs that pool threads execute for an environment. Shared, because a queued job may outlive the environment.
struct JobGate {
  std::mutex mutex;
  std::condition_variable idle;  // signalled when `executing` falls to zero
  std::size_t executing = 0;
  bool closing = false;  // nothing may start any more
};

struct Environment {
  Napi::FunctionReference rockpool_error;  // lib/errors.ts sets it when it loads
  std::unordered_map<std::uint64_t, std::shared_ptr<RunningJob>> jobs;
  std::uint64_t next_job = 1;
  std::shared_ptr<JobGate> gate = std::make_shared<JobGate>();

  static Environment& of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }
};

}  // namespace glue
