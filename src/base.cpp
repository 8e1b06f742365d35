// Build information, concurrency, instruction set, random numbers for weight generators.
#include "args.h"
#include "environment.h"
#include "errors.h"
#include "modules.h"
#include "rockpool/build_info.h"
#include "rockpool/random.h"
#include "rockpool/simd.h"
#include "rockpool/thread_pool.h"

namespace glue {

namespace {

Napi::Value build_info(const Napi::CallbackInfo& info) {
  const auto env = info.Env();
  const auto b = rockpool::build_info();
  auto result = Napi::Object::New(env);
  result.Set("version", b.version);
  result.Set("compiler", b.compiler);
  result.Set("eigen", b.eigen);
  auto targets = Napi::Array::New(env, b.targets.size());
  for (std::size_t i = 0; i < b.targets.size(); ++i) targets.Set(static_cast<std::uint32_t>(i), b.targets[i]);
  result.Set("targets", targets);
  result.Set("target", b.target);
  result.Set("threads", b.threads);
  result.Set("sanitized", b.sanitized);
  return result;
}

Napi::Value set_concurrency(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::ThreadPool::instance().set_concurrency(static_cast<unsigned>(std::min<std::uint64_t>(args.size(0, "n"), 1024)));
  return info.Env().Undefined();
}

Napi::Value get_concurrency(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), rockpool::ThreadPool::instance().concurrency());
}

Napi::Value set_error_class(const Napi::CallbackInfo& info) {
  const Args args(info);
  Environment::of(info.Env()).rockpool_error = Napi::Persistent(args.function(0, "RockpoolError"));
  return info.Env().Undefined();
}

// randomFill(kind: "uniform" | "normal", seed, stream, step, firstUnit, out: Float64Array)
Napi::Value random_fill(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto kind = args.string(0, "kind");
  const rockpool::RandomStream stream{args.size(1, "seed"), static_cast<std::uint32_t>(args.size(2, "stream"))};
  const auto step = args.size(3, "step");
  const auto first = static_cast<std::uint32_t>(args.size(4, "firstUnit"));
  const auto out = args.array<double>(5, "out");
  if (kind == "normal")
    rockpool::fill_normal(stream, step, first, out.data(), out.size());
  else
    rockpool::fill_uniform(stream, step, first, out.data(), out.size());
  return info.Env().Undefined();
}

// releaseHandle(handle): lets go of the object at once, since finalizers only run when the event loop does. A run goes on.
Napi::Value release_handle(const Napi::CallbackInfo& info) {
  Held* held = held_of(Args(info), 0);
  if (held == nullptr) rockpool::throw_type("handle", "a handle of this library", "something else");
  held->object.reset();
  const auto bytes = std::exchange(held->bytes, 0);
  if (bytes != 0) Napi::MemoryManagement::AdjustExternalMemory(info.Env(), -bytes);
  return info.Env().Undefined();
}

}  // namespace

void init_base(Napi::Object exports) {
  define<build_info>(exports, "buildInfo");
  define<set_concurrency>(exports, "setConcurrency");
  define<get_concurrency>(exports, "getConcurrency");
  define<set_error_class>(exports, "setErrorClass");
  define<random_fill>(exports, "randomFill");
  define<release_handle>(exports, "releaseHandle");
}

}  // namespace glue
