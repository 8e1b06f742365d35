#include "errors.h"

namespace glue {

namespace {

Napi::Value make(Napi::Env env, rockpool::ErrorKind kind, const std::string& code, const std::string& message) {
  const auto text = Napi::String::New(env, message);
  napi_value error = nullptr;
  napi_status status;
  if (kind == rockpool::ErrorKind::kType) {
    status = napi_create_type_error(env, nullptr, text, &error);
  } else if (kind == rockpool::ErrorKind::kRange) {
    status = napi_create_range_error(env, nullptr, text, &error);
  } else {
    const auto& constructor = Environment::of(env).rockpool_error;
    if (!constructor.IsEmpty()) return constructor.New({Napi::String::New(env, code), text});
    status = napi_create_error(env, nullptr, text, &error);
  }
  if (status != napi_ok) return env.Undefined();
  Napi::Object object(env, error);
  object.Set("code", Napi::String::New(env, code));
  return object;
}

}  // namespace

Napi::Value to_js_error(Napi::Env env, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const rockpool::Error& e) {
    return make(env, e.kind(), e.code(), e.what());
  } catch (const Napi::Error& e) {
    return e.Value();
  } catch (const std::bad_alloc&) {
    return make(env, rockpool::ErrorKind::kState, "ERR_NOMEM", "not enough memory for this operation");
  } catch (const std::length_error&) {
    return make(env, rockpool::ErrorKind::kState, "ERR_NOMEM", "this operation needs an array larger than memory can hold");
  } catch (const std::exception& e) {
    return make(env, rockpool::ErrorKind::kState, "ERR_INTERNAL", std::string("internal error: ") + e.what());
  } catch (...) {
    return make(env, rockpool::ErrorKind::kState, "ERR_INTERNAL", "internal error of unknown kind");
  }
}

}  // namespace glue
