#include "task.h"

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "environment.h"
#include "errors.h"
#include "rockpool/error.h"
#include "rockpool/thread_pool.h"
#include "waiting_threads.h"

namespace glue {

namespace {
constexpr auto kProgressInterval = std::chrono::milliseconds(50);

std::atomic<unsigned> waiting_jobs{0};  // of start_waiting_job()

}  // namespace

class RunningJob : public std::enable_shared_from_this<RunningJob> {
 public:
  RunningJob(Napi::Env env, std::unique_ptr<Job> job, Napi::Value on_progress)
      : gate_(Environment::of(env).gate), job_(std::move(job)), deferred_(Napi::Promise::Deferred::New(env)) {
    if (on_progress.IsFunction()) progress_ = Napi::Persistent(on_progress.As<Napi::Function>());
    id_ = Environment::of(env).next_job++;
    wake_ = Napi::ThreadSafeFunction::New(env, Napi::Function(), "rockpool job", 0, 1);
  }

  std::uint64_t id() const { return id_; }
  Napi::Promise promise() const { return deferred_->Promise(); }
  void cancel() { source_.request_stop(); }

  void start() {
    rockpool::ThreadPool::instance().submit([self = shared_from_this()] { self->run(); }, source_);
  }

  void start_waiting() {
    ++waiting_jobs;
    try {
      WaitingThreads::instance().run([self = shared_from_this()]() mutable {
        self->run();
        self.reset();
        --waiting_jobs;
      });
    } catch (...) {
      --waiting_jobs;
      throw;
    }
  }

  /// On the JavaScript thread while the environment ends and nothing executes: give up everything that is JavaScript's.
  void abandon() {
    job_.reset();
    progress_.Reset();
    deferred_.reset();
    if (!released_.exchange(true)) wake_.Abort();
  }

 private:
  void run() {
    {
      const std::lock_guard lock(gate_->mutex);
      if (gate_->closing) return;
      ++gate_->executing;
    }
    try {
      if (source_.stop_requested()) rockpool::throw_cancelled();
      rockpool::RunControl control(source_.get_token(), progress_.IsEmpty() ? nullptr : progress_callback());
      job_->execute(control);
    } catch (...) {
      error_ = std::current_exception();
    }
    // The callback owns a reference: this object may be forgotten by everyone else before the call returns.
    if (!released_.exchange(true)) {
      auto* self = new std::shared_ptr<RunningJob>(shared_from_this());
      if (wake_.NonBlockingCall(self, [](Napi::Env env, Napi::Function, std::shared_ptr<RunningJob>* held) {
            const std::unique_ptr<std::shared_ptr<RunningJob>> owner(held);
            if (env != nullptr) (*owner)->finish(env);
          }) != napi_ok)
        delete self;
      wake_.Release();
    }
    const std::lock_guard lock(gate_->mutex);
    if (--gate_->executing == 0) gate_->idle.notify_all();
  }

  std::function<void(std::uint64_t, std::uint64_t)> progress_callback() {
    return [this, last = std::chrono::steady_clock::now()](std::uint64_t done, std::uint64_t total) mutable {
      const auto now = std::chrono::steady_clock::now();
      if (now - last < kProgressInterval) return;
      last = now;
      done_.store(done, std::memory_order_relaxed);
      total_.store(total, std::memory_order_relaxed);
      if (progress_queued_.exchange(true)) return;  // the one that waits will read the newest values
      auto* self = new std::shared_ptr<RunningJob>(shared_from_this());
      if (wake_.NonBlockingCall(self, [](Napi::Env env, Napi::Function, std::shared_ptr<RunningJob>* held) {
            const std::unique_ptr<std::shared_ptr<RunningJob>> owner(held);
            if (env != nullptr) (*owner)->report(env);
          }) != napi_ok)
        delete self;
    };
  }

  void report(Napi::Env env) {
    progress_queued_ = false;
    if (progress_.IsEmpty() || source_.stop_requested()) return;
    const Napi::HandleScope scope(env);
    try {
      progress_.Call({Napi::Number::New(env, static_cast<double>(done_.load(std::memory_order_relaxed))),
                      Napi::Number::New(env, static_cast<double>(total_.load(std::memory_order_relaxed)))});
    } catch (const Napi::Error& e) {
      // A callback that throws stops the job; its error is what the promise rejects with.
      if (thrown_.IsEmpty() && e.Value().IsObject()) thrown_ = Napi::Persistent(e.Value());
      cancel();
    }
  }

  void finish(Napi::Env env) {
    const Napi::HandleScope scope(env);
    Environment::of(env).jobs.erase(id_);
    progress_.Reset();
    if (!deferred_) return;
    const auto deferred = *std::exchange(deferred_, std::nullopt);
    try {
      if (!thrown_.IsEmpty()) {
        const Napi::Value value = thrown_.Value();
        thrown_.Reset();
        job_.reset();
        deferred.Reject(value);
      } else if (error_) {
        job_.reset();
        deferred.Reject(to_js_error(env, error_));
      } else {
        Napi::Value value;
        try {
          value = job_->settle(env);
        } catch (...) {  // also what JavaScript threw, such as an array longer than it allows
          deferred.Reject(to_js_error(env, std::current_exception()));
          job_.reset();
          return;
        }
        job_.reset();
        deferred.Resolve(value);
      }
    } catch (const Napi::Error&) {
      // The environment is ending: nobody is left to be told.
    }
  }

  const std::shared_ptr<JobGate> gate_;
  std::unique_ptr<Job> job_;
  std::optional<Napi::Promise::Deferred> deferred_;
  Napi::FunctionReference progress_;
  Napi::ObjectReference thrown_;
  Napi::ThreadSafeFunction wake_;
  std::uint64_t id_ = 0;
  std::stop_source source_;
  std::exception_ptr error_;
  std::atomic<bool> released_{false};
  std::atomic<bool> progress_queued_{false};
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::uint64_t> total_{0};
};

namespace {

Napi::Value start(Napi::Env env, std::unique_ptr<Job> job, Napi::Value on_progress, void (RunningJob::*begin)()) {
  auto& environment = Environment::of(env);
  auto running = std::make_shared<RunningJob>(env, std::move(job), on_progress);
  environment.jobs.emplace(running->id(), running);
  auto result = Napi::Object::New(env);
  result.Set("promise", running->promise());
  result.Set("cancel", Napi::Function::New(env, [id = running->id()](const Napi::CallbackInfo& info) {
               auto& jobs = Environment::of(info.Env()).jobs;
               if (const auto found = jobs.find(id); found != jobs.end()) found->second->cancel();
             }));
  ((*running).*begin)();
  return result;
}

}  // namespace

Napi::Value start_job(Napi::Env env, std::unique_ptr<Job> job, Napi::Value on_progress) {
  return start(env, std::move(job), on_progress, &RunningJob::start);
}

Napi::Value start_waiting_job(Napi::Env env, std::unique_ptr<Job> job, Napi::Value on_progress) {
  return start(env, std::move(job), on_progress, &RunningJob::start_waiting);
}

void await_waiting_jobs(std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (waiting_jobs > 0 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void init_tasks(Napi::Env env) {
  env.AddCleanupHook(
      [](Environment* environment) {
        for (auto& [id, job] : environment->jobs) job->cancel();
        {
          auto& gate = *environment->gate;
          std::unique_lock lock(gate.mutex);
          gate.closing = true;
          gate.idle.wait(lock, [&gate] { return gate.executing == 0; });
        }
        for (auto& [id, job] : environment->jobs) job->abandon();
        environment->jobs.clear();
      },
      &Environment::of(env));
}

}  // namespace glue
