// Maps what the core throws to JavaScript errors with a stable code, in one place.
#pragma once

#include <exception>
#include <new>

#include "environment.h"
#include "napi_setup.h"
#include "rockpool/error.h"

namespace glue {

/// The JavaScript error for a C++ exception: TypeError, RangeError or RockpoolError, each with `code`.
Napi::Value to_js_error(Napi::Env env, const std::exception_ptr& error);

/// Wraps a native function so that whatever it throws becomes a JavaScript exception.
template <Napi::Value (*Function)(const Napi::CallbackInfo&)>
Napi::Value guarded(const Napi::CallbackInfo& info) {
  try {
    return Function(info);
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    const Napi::Value error = to_js_error(info.Env(), std::current_exception());
    napi_throw(info.Env(), error);
    return Napi::Value();
  }
}

/// exports.NAME = guarded FUNCTION
template <Napi::Value (*Function)(const Napi::CallbackInfo&)>
void define(Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New<guarded<Function>>(exports.Env(), name));
}

}  // namespace glue
