// Typed arrays whose size a user decides. Node-API ends the process when there is no memory for one; the constructor of
// JavaScript throws.
#pragma once

#include <cstdint>
#include <new>

#include "napi_setup.h"

namespace glue {

template <typename T>
struct ArrayConstructor;
template <>
struct ArrayConstructor<double> {
  static constexpr const char* name = "Float64Array";
};
template <>
struct ArrayConstructor<std::int32_t> {
  static constexpr const char* name = "Int32Array";
};
template <>
struct ArrayConstructor<std::uint32_t> {
  static constexpr const char* name = "Uint32Array";
};
template <>
struct ArrayConstructor<std::uint16_t> {
  static constexpr const char* name = "Uint16Array";
};
template <>
struct ArrayConstructor<std::uint8_t> {
  static constexpr const char* name = "Uint8Array";
};

/// A zeroed array. @throws std::bad_alloc
template <typename T>
Napi::TypedArrayOf<T> new_array(Napi::Env env, std::size_t size) {
  constexpr std::size_t kSmall = std::size_t{1} << 20;  // without memory for this much nothing else works either
  if (size <= kSmall) return Napi::TypedArrayOf<T>::New(env, size);
  const auto constructor = env.Global().Get(ArrayConstructor<T>::name).template As<Napi::Function>();
  try {
    return constructor.New({Napi::Number::New(env, static_cast<double>(size))}).template As<Napi::TypedArrayOf<T>>();
  } catch (const Napi::Error&) {
    throw std::bad_alloc();
  }
}

}  // namespace glue
