// Operations on typed arrays in either precision, the same arguments here and now or on a pool thread.
//
// An operation is a class template over the element type whose constructor reads the arguments and whose run(control) computes.
// Argument 0 is the precision (0 double, 1 float), argument 1 what start_job() calls with the progress. It reads from its
// inputs, which a job copies, and writes to arrays that JavaScript made for it and has shown to nobody.
#pragma once

#include <optional>
#include <vector>

#include "errors.h"
#include "rockpool/rate.h"
#include "run_args.h"
#include "task.h"

namespace glue {

/// Read by an operation; empty when it is missing. Borrowed, or copied with `own`.
template <typename T>
class In {
 public:
  In(const Args& args, std::size_t i, const char* name, bool own) {
    if (args.missing(i)) return;
    if (own) copy_ = args.copy<T>(i, name);
    view_ = own ? std::span<const T>(copy_) : std::span<const T>(args.array<T>(i, name));
  }
  In(const In&) = delete;
  In& operator=(const In&) = delete;
  std::span<const T> view() const { return view_; }

 private:
  std::vector<T> copy_;
  std::span<const T> view_;
};

/// Written by an operation; empty when it is missing.
template <typename T>
class Out {
 public:
  Out(const Args& args, std::size_t i, const char* name, bool own) {
    if (args.missing(i)) return;
    view_ = args.output<T>(i, name);
    if (own) held_ = Napi::Persistent(args.object(i, name));
  }
  std::span<T> view() const { return view_; }

 private:
  // SAFETY: as in OutputArray: held until the job ends, known to nobody else.
  std::span<T> view_;
  Napi::ObjectReference held_;
};

/// Read by an operation as In is, but never copied: an array of a tape, which JavaScript made for it and has shown to nobody.
template <typename T>
class Tape {
 public:
  Tape(const Args& args, std::size_t i, const char* name, bool own) {
    if (args.missing(i)) return;
    view_ = args.array<T>(i, name);
    if (own) held_ = Napi::Persistent(args.object(i, name));
  }
  std::span<const T> view() const { return view_; }

 private:
  // SAFETY: as in OutputArray.
  std::span<const T> view_;
  Napi::ObjectReference held_;
};

/// Sizes whose products the core may form.
inline void check_product(std::initializer_list<std::uint64_t> sizes) {
  double product = 1.0;
  for (const auto n : sizes) product *= static_cast<double>(n);
  if (product > 9007199254740992.0)
    rockpool::throw_range("the sizes", "below 2^53 elements in all", rockpool::to_text(product));
}

template <template <typename> class Operation, typename T>
class OperationJob final : public Job {
 public:
  explicit OperationJob(const Args& args) : operation_(args, true) {}
  void execute(rockpool::RunControl& control) override { operation_.run(control); }
  Napi::Value settle(Napi::Env env) override { return env.Undefined(); }

 private:
  Operation<T> operation_;
};

template <template <typename> class Operation>
Napi::Value run_now(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::RunControl control;
  if (choose<rockpool::Precision>(args, 0, "precision", 2) == rockpool::Precision::kFloat64)
    Operation<double>(args, false).run(control);
  else
    Operation<float>(args, false).run(control);
  return info.Env().Undefined();
}

template <template <typename> class Operation>
Napi::Value run_later(const Napi::CallbackInfo& info) {
  const Args args(info);
  std::unique_ptr<Job> job;
  if (choose<rockpool::Precision>(args, 0, "precision", 2) == rockpool::Precision::kFloat64)
    job = std::make_unique<OperationJob<Operation, double>>(args);
  else
    job = std::make_unique<OperationJob<Operation, float>>(args);
  return start_job(info.Env(), std::move(job), args.value(1));
}

}  // namespace glue
