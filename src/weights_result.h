// How generated weights get to JavaScript: into a dense array that it made, or as compressed rows.
#pragma once

#include <algorithm>
#include <vector>

#include "args.h"
#include "rockpool/weights.h"
#include "typed_arrays.h"

namespace glue {

template <typename T>
Napi::Value to_js_array(Napi::Env env, const std::vector<T>& values) {
  auto array = new_array<T>(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

/// { indptr, indices, data, counts }
inline Napi::Object to_js_sparse(Napi::Env env, const rockpool::SparseWeights& weights) {
  auto result = Napi::Object::New(env);
  result.Set("indptr", to_js_array(env, weights.indptr));
  result.Set("indices", to_js_array(env, weights.indices));
  result.Set("data", to_js_array(env, weights.data));
  result.Set("counts", to_js_array(env, weights.counts));
  return result;
}

/// Generates into the array at argument `out`, or, without one, compressed rows. `expected`: connections to make room for.
template <typename Generate>
Napi::Value deliver(const Args& args, std::size_t out, std::size_t rows, std::size_t columns, double expected,
                    Generate&& generate, bool drop_zeros = false) {
  if (!args.missing(out)) {
    rockpool::DenseSink sink(rows, columns, args.output<double>(out, "out"));
    generate(sink);
    return args.env().Undefined();
  }
  rockpool::ConnectionList list(rows, columns, expected);
  generate(list);
  return to_js_sparse(args.env(), list.compress(drop_zeros));
}

}  // namespace glue
