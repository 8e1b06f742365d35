// Reads the arguments of a native call. The facade has checked them for friendliness; these checks are for safety.
//
// Views borrow JavaScript memory: valid during a synchronous call only. A job copies what it needs.
#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "napi_setup.h"
#include "rockpool/error.h"
#include "rockpool/memory.h"

namespace glue {

template <typename T>
struct ArrayType;
template <>
struct ArrayType<double> {
  static constexpr napi_typedarray_type type = napi_float64_array;
  static constexpr const char* name = "a Float64Array";
};
template <>
struct ArrayType<float> {
  static constexpr napi_typedarray_type type = napi_float32_array;
  static constexpr const char* name = "a Float32Array";
};
template <>
struct ArrayType<std::int32_t> {
  static constexpr napi_typedarray_type type = napi_int32_array;
  static constexpr const char* name = "an Int32Array";
};
template <>
struct ArrayType<std::uint32_t> {
  static constexpr napi_typedarray_type type = napi_uint32_array;
  static constexpr const char* name = "a Uint32Array";
};
template <>
struct ArrayType<std::uint16_t> {
  static constexpr napi_typedarray_type type = napi_uint16_array;
  static constexpr const char* name = "a Uint16Array";
};
template <>
struct ArrayType<std::uint8_t> {
  static constexpr napi_typedarray_type type = napi_uint8_array;
  static constexpr const char* name = "a Uint8Array";
};

class Args {
 public:
  explicit Args(const Napi::CallbackInfo& info) : info_(info), env_(info.Env()) {}

  Napi::Env env() const { return env_; }
  std::size_t count() const { return info_.Length(); }
  bool missing(std::size_t i) const { return i >= info_.Length() || info_[i].IsUndefined() || info_[i].IsNull(); }

  /// A typed array of T; a detached one is empty. Any byte offset is fine.
  template <typename T>
  std::span<T> array(std::size_t i, const char* name) const {
    napi_typedarray_type type;
    std::size_t length = 0;
    void* data = nullptr;
    if (i >= info_.Length() || napi_get_typedarray_info(env_, info_[i], &type, &length, &data, nullptr, nullptr) != napi_ok ||
        type != ArrayType<T>::type)
      rockpool::throw_type(name, ArrayType<T>::name, kind(i));
    return {static_cast<T*>(data), length};
  }

  /// The same, checked to hold exactly `length` elements.
  template <typename T>
  std::span<T> array(std::size_t i, const char* name, std::size_t length) const {
    const auto view = array<T>(i, name);
    if (view.size() != length)
      rockpool::throw_shape(name, rockpool::to_text(length) + " elements long", rockpool::to_text(view.size()) + " elements");
    return view;
  }

  /// An array that the call writes as a whole.
  template <typename T>
  std::span<T> output(std::size_t i, const char* name) const {
    const auto view = array<T>(i, name);
    rockpool::prefer_huge_pages(view.data(), view.size_bytes());
    return view;
  }

  /// A copy, for a job that outlives the call.
  template <typename T>
  std::vector<T> copy(std::size_t i, const char* name) const {
    const auto view = array<T>(i, name);
    return {view.begin(), view.end()};
  }

  double number(std::size_t i, const char* name) const {
    if (i >= info_.Length() || !info_[i].IsNumber()) rockpool::throw_type(name, "a number", kind(i));
    return info_[i].As<Napi::Number>().DoubleValue();
  }

  /// An integer in [0, 2^53].
  std::uint64_t size(std::size_t i, const char* name) const {
    const double value = number(i, name);
    if (!(value >= 0) || value > 9007199254740992.0 || value != std::floor(value))
      rockpool::throw_range(name, "an integer of 0 or more", rockpool::to_text(value));
    return static_cast<std::uint64_t>(value);
  }

  /// An integer in [-2^53, 2^53].
  std::int64_t integer(std::size_t i, const char* name) const {
    const double value = number(i, name);
    if (!(std::fabs(value) <= 9007199254740992.0) || value != std::floor(value))
      rockpool::throw_range(name, "an integer", rockpool::to_text(value));
    return static_cast<std::int64_t>(value);
  }

  bool boolean(std::size_t i, const char* name) const {
    if (i >= info_.Length() || !info_[i].IsBoolean()) rockpool::throw_type(name, "a boolean", kind(i));
    return info_[i].As<Napi::Boolean>().Value();
  }

  std::string string(std::size_t i, const char* name) const {
    if (i >= info_.Length() || !info_[i].IsString()) rockpool::throw_type(name, "a string", kind(i));
    return info_[i].As<Napi::String>().Utf8Value();
  }

  Napi::Value value(std::size_t i) const { return i < info_.Length() ? info_[i] : env_.Undefined(); }

  Napi::Function function(std::size_t i, const char* name) const {
    if (i >= info_.Length() || !info_[i].IsFunction()) rockpool::throw_type(name, "a function", kind(i));
    return info_[i].As<Napi::Function>();
  }

  Napi::Object object(std::size_t i, const char* name) const {
    if (i >= info_.Length() || !info_[i].IsObject()) rockpool::throw_type(name, "an object", kind(i));
    return info_[i].As<Napi::Object>();
  }

 private:
  std::string kind(std::size_t i) const {
    if (i >= info_.Length()) return "nothing";
    switch (info_[i].Type()) {
      case napi_undefined: return "undefined";
      case napi_null: return "null";
      case napi_boolean: return "a boolean";
      case napi_number: return "a number";
      case napi_string: return "a string";
      case napi_symbol: return "a symbol";
      case napi_function: return "a function";
      case napi_bigint: return "a bigint";
      case napi_external: return "a native handle";
      default: return info_[i].IsTypedArray() ? "a typed array of another element type" : "an object";
    }
  }

  const Napi::CallbackInfo& info_;
  Napi::Env env_;
};

/// What stands behind a handle: a native object, shared, since a running job holds its own reference.
struct Held {
  napi_type_tag kind;
  std::shared_ptr<void> object;  // null: released
  std::int64_t bytes;            // that the collector of JavaScript was told of
};

constexpr napi_type_tag kHandleTag = {0x4be90d2f7c1a4f83, 0x9d06f3b85ea1c742};

/// A handle of a kind. `bytes`: what the object takes, where that is much; the collector sees the handle alone.
template <typename T>
Napi::Value wrap_handle(Napi::Env env, std::shared_ptr<T> object, const napi_type_tag& kind, std::uint64_t bytes = 0) {
  auto* held = new Held{kind, std::move(object), static_cast<std::int64_t>(bytes)};
  auto external = Napi::External<Held>::New(env, held, [](Napi::Env e, Held* p) {
    if (p->bytes != 0) Napi::MemoryManagement::AdjustExternalMemory(e, -p->bytes);
    delete p;
  });
  if (bytes != 0) Napi::MemoryManagement::AdjustExternalMemory(env, held->bytes);
  napi_type_tag_object(env, external, &kHandleTag);
  return external;
}

/// What a plan takes that keeps these arrays, at most.
inline std::uint64_t bytes_of(std::initializer_list<std::span<const double>> arrays) {
  std::uint64_t bytes = 0;
  for (const auto& array : arrays) bytes += array.size_bytes();
  return bytes;
}

/// Null where the argument is no handle of this library.
inline Held* held_of(const Args& args, std::size_t i) {
  bool ours = false;
  const Napi::Value value = args.value(i);
  if (!value.IsExternal() || napi_check_object_type_tag(args.env(), value, &kHandleTag, &ours) != napi_ok || !ours)
    return nullptr;
  return value.As<Napi::External<Held>>().Data();
}

template <typename T>
std::shared_ptr<T> unwrap_handle(const Args& args, std::size_t i, const char* name, const napi_type_tag& kind) {
  const Held* held = held_of(args, i);
  if (held == nullptr || held->kind.lower != kind.lower || held->kind.upper != kind.upper)
    rockpool::throw_type(name, "a handle that this library made for it", "something else");
  if (held->object == nullptr) rockpool::throw_type(name, "a handle that was not released", "one that was");
  return std::static_pointer_cast<T>(held->object);
}

}  // namespace glue
