// Integrate-and-fire neurons and their synapses.
#include "rockpool/iaf.h"

#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "args.h"
#include "errors.h"
#include "modules.h"
#include "rockpool/synapses.h"
#include "rockpool/thread_pool.h"
#include "run_args.h"
#include "spiking_args.h"
#include "task.h"

namespace glue {

namespace {

using rockpool::SynapseMatrix;
using rockpool::SynapseRoute;

constexpr napi_type_tag kMatrixTag = {0x2f60d1a94b6e4f0d, 0x8c1a7b3e95d20f46};
constexpr napi_type_tag kRouteTag = {0x7a2b90c4e1f84d35, 0xb6e80d1f73a5c29e};

Napi::Value wrap_matrix(Napi::Env env, rockpool::SynapseMatrixPointer matrix) {
  const std::uint64_t bytes = matrix->bytes();
  return wrap_handle(env, std::const_pointer_cast<SynapseMatrix>(std::move(matrix)), kMatrixTag, bytes);
}

// iafMatrixDense(rows, columns, weights: Float64Array)
Napi::Value matrix_dense(const Napi::CallbackInfo& info) {
  const Args args(info);
  return wrap_matrix(info.Env(), rockpool::make_dense_synapses(static_cast<std::size_t>(args.size(0, "rows")),
                                                               static_cast<std::size_t>(args.size(1, "columns")),
                                                               args.array<double>(2, "weights")));
}

// iafMatrixCsr(rows, columns, indptr: Float64Array, indices: Int32Array, data: Float64Array)
Napi::Value matrix_csr(const Napi::CallbackInfo& info) {
  const Args args(info);
  return wrap_matrix(
      info.Env(), rockpool::make_sparse_synapses(
                      static_cast<std::size_t>(args.size(0, "rows")), static_cast<std::size_t>(args.size(1, "columns")),
                      args.array<double>(2, "indptr"), args.array<std::int32_t>(3, "indices"), args.array<double>(4, "data")));
}

// iafMatrixRandom(rows, columns, probability, weight, seed, diagonal)
Napi::Value matrix_random(const Napi::CallbackInfo& info) {
  const Args args(info);
  return wrap_matrix(info.Env(), rockpool::make_random_synapses(static_cast<std::size_t>(args.size(0, "rows")),
                                                                static_cast<std::size_t>(args.size(1, "columns")),
                                                                args.number(2, "probability"), args.number(3, "weight"),
                                                                args.size(4, "seed"), args.boolean(5, "diagonal")));
}

std::shared_ptr<SynapseMatrix> matrix_of(const Args& args, std::size_t i = 0) {
  return unwrap_handle<SynapseMatrix>(args, i, "matrix", kMatrixTag);
}

// iafMatrixInfo(matrix): [rows, columns, stored synapses, bytes]
Napi::Value matrix_info(const Napi::CallbackInfo& info) {
  const auto m = matrix_of(Args(info));
  auto result = Napi::Array::New(info.Env(), 4);
  const double numbers[] = {static_cast<double>(m->rows), static_cast<double>(m->columns), static_cast<double>(m->stored()),
                            static_cast<double>(m->bytes())};
  for (std::uint32_t i = 0; i < 4; ++i) result.Set(i, numbers[i]);
  return result;
}

// iafMatrixRead(matrix, indptr: Float64Array(rows + 1), indices: Int32Array(stored), data: Float64Array(stored))
Napi::Value matrix_read(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto m = matrix_of(args);
  const auto stored = static_cast<std::size_t>(m->stored());
  const auto indptr = args.array<double>(1, "indptr", m->rows + 1);
  const auto indices = args.array<std::int32_t>(2, "indices", stored);
  const auto data = args.array<double>(3, "data", stored);
  for (std::size_t r = 0; r <= m->rows; ++r) indptr[r] = static_cast<double>(m->starts[r]);
  for (std::size_t k = 0; k < stored; ++k) {
    indices[k] = static_cast<std::int32_t>(m->targets[k]);
    data[k] = m->weight(k);
  }
  return info.Env().Undefined();
}

// iafConnect(matrix, part, delaySteps: Float64Array)
Napi::Value connect(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto part = choose<rockpool::WeightPart>(args, 1, "part", 3);
  std::vector<std::uint32_t> delays;
  for (const double d : args.array<double>(2, "delays")) {
    if (!(d >= 0.0 && d <= 1e6 + 1.0) || d != std::floor(d))
      rockpool::throw_range("delays", "whole time steps from 0 to a million", rockpool::to_text(d));
    delays.push_back(static_cast<std::uint32_t>(d));
  }
  return wrap_handle(info.Env(),
                     std::const_pointer_cast<SynapseRoute>(rockpool::make_route(matrix_of(args), part, std::move(delays))),
                     kRouteTag);
}

// iafPlan(inputs, units, dt, precision, integrator, leak, leakRate, vMin, inclusive, blendInput, noiseStd, noiseScaling,
// noiseOnSynapse, tauMem, vThresh, vReset, vRest, bias, resistance, refractorySteps, tauSyn0, tauSyn1, wIn, inRoute0, inRoute1,
// recRoute0, recRoute1, synapsesOf, backgroundRate, backgroundWeight)
Napi::Value iaf_plan(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::IafParameters p;
  p.inputs = static_cast<std::size_t>(args.size(0, "inputs"));
  p.units = static_cast<std::size_t>(args.size(1, "units"));
  p.dt = args.number(2, "dt");
  p.precision = choose<rockpool::Precision>(args, 3, "precision", 2);
  p.integrator = choose<rockpool::IafIntegrator>(args, 4, "integrator", 3);
  p.leak = choose<rockpool::IafLeak>(args, 5, "leak", 4);
  p.leak_rate = optional_array(args, 6, "leakRate");
  p.v_min = optional_array(args, 7, "stateMin");
  p.inclusive = args.boolean(8, "inclusive");
  p.blend_input = args.boolean(9, "blendInput");
  p.noise_std = args.number(10, "noiseStd");
  p.noise_scaling = choose<rockpool::NoiseScaling>(args, 11, "noiseScaling", 2);
  p.noise_on_synapse = args.boolean(12, "noiseOnSynapse");
  p.tau_mem = optional_array(args, 13, "tauMem");
  p.v_thresh = optional_array(args, 14, "vThresh");
  p.v_reset = optional_array(args, 15, "vReset");
  p.v_rest = optional_array(args, 16, "vRest");
  p.bias = optional_array(args, 17, "bias");
  p.resistance = optional_array(args, 18, "resistance");
  p.refractory_steps = optional_array(args, 19, "refractory");
  p.tau_syn = {optional_array(args, 20, "tauSyn0"), optional_array(args, 21, "tauSyn1")};
  p.w_in = optional_array(args, 22, "weights");
  p.in_route = {route_of(args, 23, "inRoute0"), route_of(args, 24, "inRoute1")};
  p.rec_route = {route_of(args, 25, "recRoute0"), route_of(args, 26, "recRoute1")};
  p.synapses_of = synapses_of(args, 27);
  p.background_rate = optional_array(args, 28, "backgroundRate");
  if (!args.missing(29)) p.background_weight = args.number(29, "backgroundWeight");
  p.threads = threads_for(p.units, p.in_route, p.rec_route);
  return wrap_plan(info.Env(), rockpool::make_iaf_plan(p));
}

}  // namespace

std::shared_ptr<const SynapseRoute> route_of(const Args& args, std::size_t i, const char* name) {
  if (args.missing(i)) return nullptr;
  return unwrap_handle<SynapseRoute>(args, i, name, kRouteTag);
}

void init_iaf(Napi::Object exports) {
  define<matrix_dense>(exports, "iafMatrixDense");
  define<matrix_csr>(exports, "iafMatrixCsr");
  define<matrix_random>(exports, "iafMatrixRandom");
  define<matrix_info>(exports, "iafMatrixInfo");
  define<matrix_read>(exports, "iafMatrixRead");
  define<connect>(exports, "iafConnect");
  define<iaf_plan>(exports, "iafPlan");
}

}  // namespace glue
