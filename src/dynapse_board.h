// What stands behind a handle of a board: the driver, and the model behind it where there is one.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "args.h"
#include "napi_setup.h"
#include "rockpool/dynapse/driver.h"
#include "rockpool/dynapse/local_transport.h"
#include "rockpool/dynapse/shared_model.h"
#include "task.h"

namespace glue {

struct DynapseBoard {
  std::shared_ptr<rockpool::dynapse::Driver> driver;
  std::shared_ptr<rockpool::dynapse::SharedModel> model;         // null for a board
  std::shared_ptr<rockpool::dynapse::LocalTransport> model_bus;  // as model
};

constexpr napi_type_tag kDynapseTag = {0x6d1f27a90c3e4b58, 0xb8350e7f42d916ca};

inline std::shared_ptr<DynapseBoard> dynapse_board(const Args& args, std::size_t i = 0) {
  return unwrap_handle<DynapseBoard>(args, i, "board", kDynapseTag);
}

Napi::Value give_dynapse_board(Napi::Env env, const DynapseBoard& board);

inline unsigned small(const Args& args, std::size_t i, const char* name) {
  const auto value = args.size(i, name);
  if (value > 0xFFFFFFFFU) rockpool::throw_range(name, "below 2^32", rockpool::to_text(value));
  return static_cast<unsigned>(value);
}

/// Work on a thread of its own, then a value. What `Work` returns is handed to `Give` (env, result) on the JavaScript thread.
template <typename Work, typename Give>
class DynapseJob final : public Job {
 public:
  DynapseJob(Work work, Give give) : work_(std::move(work)), give_(std::move(give)) {}
  void execute(rockpool::RunControl& control) override { result_.emplace(work_(control)); }
  Napi::Value settle(Napi::Env env) override { return give_(env, *result_); }

 private:
  using Result = std::invoke_result_t<Work, rockpool::RunControl&>;
  Work work_;
  Give give_;
  std::optional<Result> result_;
};

template <typename Work, typename Give>
Napi::Value dynapse_job(const Args& args, std::size_t progress, Work work, Give give) {
  return start_waiting_job(args.env(), std::make_unique<DynapseJob<Work, Give>>(std::move(work), std::move(give)),
                           args.value(progress));
}

/// The same of a command to the driver, without a result.
template <typename Command>
Napi::Value dynapse_command(const Args& args, std::size_t progress, Command command) {
  return dynapse_job(
      args, progress,
      [board = dynapse_board(args), command = std::move(command)](rockpool::RunControl& control) {
        command(*board->driver, control);
        return true;
      },
      [](Napi::Env env, bool) -> Napi::Value { return env.Undefined(); });
}

inline Napi::Value js(Napi::Env env, double value) {
  return Napi::Number::New(env, value);
}
inline Napi::Value js(Napi::Env env, std::uint64_t value) {
  return Napi::Number::New(env, static_cast<double>(value));
}
inline Napi::Value js(Napi::Env env, unsigned value) {
  return Napi::Number::New(env, value);
}
inline Napi::Value js(Napi::Env env, bool value) {
  return Napi::Boolean::New(env, value);
}
inline Napi::Value js(Napi::Env env, const std::string& value) {
  return Napi::String::New(env, value);
}

void init_dynapse_stream(Napi::Object exports);
void init_dynapse_model(Napi::Object exports);
void init_dynapse_events(Napi::Object exports);
void init_dynapse_capture(Napi::Object exports);
void init_dynapse_watch(Napi::Object exports);

}  // namespace glue
