// Generators of weights within the limits of hardware, and the spectra of matrices.
#include "args.h"
#include "csr_args.h"
#include "errors.h"
#include "modules.h"
#include "rockpool/weights.h"
#include "weights_result.h"

namespace glue {

namespace {

// values, cumulative probabilities | undefined
rockpool::WeightChoice read_choice(const Args& args, std::size_t at) {
  rockpool::WeightChoice choice{args.array<double>(at, "values"), {}};
  if (!args.missing(at + 1)) choice.cumulative = args.array<double>(at + 1, "cumulative");
  return choice;
}

// conform(seed, rows, columns, excitatory, inhibitory, maxOutputs, excValues, excCumulative, inhValues, inhCumulative,
//         distinct: Float64Array): { indptr, indices, data, counts, byValue: [{ indptr, indices, data }] }
Napi::Value conform(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto env = info.Env();
  const rockpool::Conform o{args.size(0, "seed"),
                            static_cast<std::size_t>(args.size(1, "rows")),
                            static_cast<std::size_t>(args.size(2, "columns")),
                            static_cast<std::size_t>(args.size(3, "excitatory")),
                            static_cast<std::size_t>(args.size(4, "inhibitory")),
                            args.size(5, "maxOutputs"),
                            read_choice(args, 6),
                            read_choice(args, 8)};
  const double inputs = static_cast<double>(o.excitatory) + static_cast<double>(o.inhibitory);
  rockpool::ConnectionList list(o.rows, o.columns, inputs * static_cast<double>(o.columns));
  rockpool::conform(o, list);
  auto result = to_js_sparse(env, list.compress());
  const auto distinct = args.array<double>(10, "distinct");
  auto by_value = Napi::Array::New(env, distinct.size());
  for (std::size_t k = 0; k < distinct.size(); ++k)
    by_value.Set(static_cast<std::uint32_t>(k), to_js_sparse(env, list.count(distinct[k])));
  result.Set("byValue", by_value);
  return result;
}

// columnCounts(indices, counts, sums: Int32Array)
Napi::Value column_counts(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::column_counts(args.array<std::int32_t>(0, "indices"), args.array<std::int32_t>(1, "counts"),
                          args.array<std::int32_t>(2, "sums"));
  return info.Env().Undefined();
}

// freePlaces(sums, limit, most, free: Int32Array): places
Napi::Value free_places(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto total = rockpool::free_places(args.array<std::int32_t>(0, "sums"), args.size(1, "limit"), args.size(2, "most"),
                                           args.array<std::int32_t>(3, "free"));
  return Napi::Number::New(info.Env(), static_cast<double>(total));
}

// inputWeights(seed, channels, excitatory, inhibitory, free: Int32Array, excValues, excCumulative, inhValues, inhCumulative,
//              out | undefined)
Napi::Value input_weights(const Napi::CallbackInfo& info) {
  const Args args(info);
  const rockpool::InputWeights o{args.size(0, "seed"),
                                 static_cast<std::size_t>(args.size(1, "channels")),
                                 args.size(2, "excitatory"),
                                 args.size(3, "inhibitory"),
                                 args.array<std::int32_t>(4, "free"),
                                 read_choice(args, 5),
                                 read_choice(args, 7)};
  return deliver(args, 9, o.channels, o.free.size(), static_cast<double>(o.excitatory) + static_cast<double>(o.inhibitory),
                 [&](rockpool::WeightSink& sink) { rockpool::input_weights(o, sink); });
}

Napi::Value to_js_estimate(Napi::Env env, const rockpool::RadiusEstimate& e) {
  auto result = Napi::Object::New(env);
  result.Set("radius", e.radius);
  result.Set("residual", e.residual);
  result.Set("products", static_cast<double>(e.products));
  result.Set("converged", e.converged);
  return result;
}

rockpool::RadiusOptions read_options(const Args& args, std::size_t at) {
  return {args.number(at, "tolerance"), args.size(at + 1, "maxProducts")};
}

// krylovRadius(matrix, n, tolerance, maxProducts)
Napi::Value krylov_radius(const Napi::CallbackInfo& info) {
  const Args args(info);
  return to_js_estimate(info.Env(),
                        rockpool::krylov_radius(args.array<double>(0, "matrix"), static_cast<std::size_t>(args.size(1, "n")),
                                                read_options(args, 2)));
}

// krylovRadiusSparse(rows, columns, indptr, indices, data, tolerance, maxProducts)
Napi::Value krylov_radius_sparse(const Napi::CallbackInfo& info) {
  const Args args(info);
  return to_js_estimate(info.Env(), rockpool::krylov_radius(read_csr(args), read_options(args, 5)));
}

// largestSingularValue(rows, columns, indptr, indices, data, tolerance, maxProducts)
Napi::Value largest_singular_value(const Napi::CallbackInfo& info) {
  const Args args(info);
  return to_js_estimate(info.Env(), rockpool::largest_singular_value(read_csr(args), read_options(args, 5)));
}

// wipeNonSwitching(matrix, n, inhibitory: Int32Array, inhTauFactor, scale, weights, jacobian): number of modes
Napi::Value wipe_non_switching(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto wiped = rockpool::wipe_non_switching(
      args.array<double>(0, "matrix"), static_cast<std::size_t>(args.size(1, "n")),
      {args.array<std::int32_t>(2, "inhibitory"), args.number(3, "inhTauFactor"), args.number(4, "scale")},
      args.output<double>(5, "weights"), args.output<double>(6, "jacobian"));
  return Napi::Number::New(info.Env(), static_cast<double>(wiped));
}

}  // namespace

void init_weights_hardware(Napi::Object exports) {
  define<conform>(exports, "conform");
  define<column_counts>(exports, "columnCounts");
  define<free_places>(exports, "freePlaces");
  define<input_weights>(exports, "inputWeights");
  define<krylov_radius>(exports, "krylovRadius");
  define<krylov_radius_sparse>(exports, "krylovRadiusSparse");
  define<largest_singular_value>(exports, "largestSingularValue");
  define<wipe_non_switching>(exports, "wipeNonSwitching");
}

}  // namespace glue
