// Results of runs that a run itself decides the size of.
#pragma once

#include <algorithm>
#include <vector>

#include "napi_setup.h"
#include "typed_arrays.h"

namespace glue {

/// A new array with the content of a vector.
template <typename T>
Napi::Value give(Napi::Env env, const std::vector<T>& from) {
  auto to = new_array<T>(env, from.size());
  std::copy(from.begin(), from.end(), to.Data());
  return to;
}

}  // namespace glue
