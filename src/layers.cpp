// Preparation of layers and generators of weights.
#include "args.h"
#include "errors.h"
#include "modules.h"
#include "rockpool/layer_input.h"
#include "rockpool/weights.h"

namespace glue {

namespace {

// timeTrace(t0, dt, out)
Napi::Value time_trace(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::time_trace(args.number(0, "t0"), args.number(1, "dt"), args.array<double>(2, "out"));
  return info.Env().Undefined();
}

// prepareSamples(samples, columns, sizeIn, out)
Napi::Value prepare_samples(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::prepare_samples(args.array<double>(0, "samples"), args.size(1, "columns"), args.size(2, "sizeIn"),
                            args.array<double>(3, "out"));
  return info.Env().Undefined();
}

// maxChannel(channels): number
Napi::Value max_channel(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Number::New(info.Env(), rockpool::max_channel(args.array<std::int32_t>(0, "channels")));
}

// firstNotFinite(array): index, or the number of elements
Napi::Value first_not_finite(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Number::New(info.Env(), static_cast<double>(rockpool::first_not_finite(args.array<double>(0, "array"))));
}

// randomizeState(seed, factor, state)
Napi::Value randomize_state(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::randomize_state(args.size(0, "seed"), args.number(1, "factor"), args.array<double>(2, "state"));
  return info.Env().Undefined();
}

// randomizeBetween(seed, low, high, state)
Napi::Value randomize_between(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::randomize_between(args.size(0, "seed"), args.array<double>(1, "low"), args.array<double>(2, "high"),
                              args.array<double>(3, "state"));
  return info.Env().Undefined();
}

// meanMagnitude(values): number
Napi::Value mean_magnitude(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Number::New(info.Env(), rockpool::mean_magnitude(args.array<double>(0, "values")));
}

// potentialKernel(times, tauSyn, tauMem, out)
Napi::Value potential_kernel(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::potential_kernel(args.array<double>(0, "times"), args.array<double>(1, "tauSyn"), args.array<double>(2, "tauMem"),
                             args.array<double>(3, "out"));
  return info.Env().Undefined();
}

// normalMatrix(seed, stream, columns, mean, deviation, out)
Napi::Value normal_matrix(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::normal_matrix(args.size(0, "seed"), static_cast<std::uint32_t>(args.size(1, "stream")), args.size(2, "columns"),
                          args.number(3, "mean"), args.number(4, "deviation"), args.array<double>(5, "out"));
  return info.Env().Undefined();
}

// eigenvalues(matrix, n, real, imaginary)
Napi::Value eigenvalues(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::eigenvalues(args.array<double>(0, "matrix"), args.size(1, "n"), args.array<double>(2, "real"),
                        args.array<double>(3, "imaginary"));
  return info.Env().Undefined();
}

// spectralRadius(matrix, n): number
Napi::Value spectral_radius(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Number::New(info.Env(), rockpool::spectral_radius(args.array<double>(0, "matrix"), args.size(1, "n")));
}

// scaleInPlace(array, factor)
Napi::Value scale_in_place(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::scale(args.array<double>(0, "array"), args.number(1, "factor"));
  return info.Env().Undefined();
}

}  // namespace

void init_layers(Napi::Object exports) {
  define<time_trace>(exports, "timeTrace");
  define<prepare_samples>(exports, "prepareSamples");
  define<max_channel>(exports, "maxChannel");
  define<first_not_finite>(exports, "firstNotFinite");
  define<randomize_state>(exports, "randomizeState");
  define<randomize_between>(exports, "randomizeBetween");
  define<mean_magnitude>(exports, "meanMagnitude");
  define<potential_kernel>(exports, "potentialKernel");
  define<normal_matrix>(exports, "normalMatrix");
  define<eigenvalues>(exports, "eigenvalues");
  define<spectral_radius>(exports, "spectralRadius");
  define<scale_in_place>(exports, "scaleInPlace");
}

}  // namespace glue
