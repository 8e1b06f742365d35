// Rounding, dropout and perturbation of parameters.
#include "rockpool/parameter_transforms.h"

#include "errors.h"
#include "modules.h"
#include "run_args.h"

namespace glue {

namespace {

rockpool::RandomKey key(const Args& args, std::size_t i) {
  return {args.size(i, "seed"), args.size(i + 1, "step")};
}

std::optional<rockpool::ValueRange> range(const Args& args, std::size_t i, const char* name) {
  if (args.missing(i)) return {};
  const auto ends = args.array<double>(i, name, 2);
  return rockpool::ValueRange{ends[0], ends[1]};
}

// roundToLevels(value, columns, levels, maintainZero, stochastic, input, output, seed, step, out, slope)
Napi::Value round_to_levels(const Napi::CallbackInfo& info) {
  const Args args(info);
  const rockpool::RoundingOptions options{args.size(2, "levels"),        args.boolean(3, "maintainZero"),
                                          args.boolean(4, "stochastic"), range(args, 5, "input"),
                                          range(args, 6, "output"),      key(args, 7)};
  rockpool::round_to_levels(options, args.size(1, "columns"), args.array<double>(0, "value"), args.array<double>(9, "out"),
                            args.array<double>(10, "slope"));
  return info.Env().Undefined();
}

// roundToIntegers(value, bits, mostBits, maintainZero, mapToMax, out) -> scale
Napi::Value round_to_integers(const Napi::CallbackInfo& info) {
  const Args args(info);
  const rockpool::IntegerOptions options{choose<unsigned>(args, 1, "bits", 64), choose<unsigned>(args, 2, "mostBits", 64),
                                         args.boolean(3, "maintainZero"), args.boolean(4, "mapToMax")};
  const double scale = rockpool::round_to_integers(options, args.array<double>(0, "value"), args.array<double>(5, "out"));
  return Napi::Number::New(info.Env(), scale);
}

// roundAtRandom(value, seed, step, out)
Napi::Value round_at_random(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::round_at_random(key(args, 1), args.array<double>(0, "value"), args.array<double>(3, "out"));
  return info.Env().Undefined();
}

// dropElements(value, probability, seed, step, out)
Napi::Value drop_elements(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::drop(args.number(1, "probability"), key(args, 2), args.array<double>(0, "value"), args.array<double>(4, "out"));
  return info.Env().Undefined();
}

// roundDecays(decay, out)
Napi::Value round_decays(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::round_decays(args.array<double>(0, "decay"), args.array<double>(1, "out"));
  return info.Env().Undefined();
}

// perturb(p, factor, out)
Napi::Value perturb(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::perturb(args.array<double>(0, "p"), args.array<double>(1, "factor"), args.array<double>(2, "out"));
  return info.Env().Undefined();
}

// addPerturbedGradient(p, factor, g, out)
Napi::Value add_perturbed_gradient(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::add_perturbed_gradient(args.array<double>(0, "p"), args.array<double>(1, "factor"), args.array<double>(2, "g"),
                                   args.array<double>(3, "out"));
  return info.Env().Undefined();
}

// addSigns(step, g, factor)
Napi::Value add_signs(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::add_signs(args.number(0, "step"), args.array<double>(1, "g"), args.array<double>(2, "factor"));
  return info.Env().Undefined();
}

// divergence(columns, target, output, byTarget, byOutput) -> divergence
Napi::Value divergence(const Napi::CallbackInfo& info) {
  const Args args(info);
  const double value =
      rockpool::divergence(args.size(0, "columns"), args.array<double>(1, "target"), args.array<double>(2, "output"),
                           args.array<double>(3, "byTarget"), args.array<double>(4, "byOutput"));
  return Napi::Number::New(info.Env(), value);
}

}  // namespace

void init_parameter_transforms(Napi::Object exports) {
  define<round_to_levels>(exports, "roundToLevels");
  define<round_to_integers>(exports, "roundToIntegers");
  define<round_at_random>(exports, "roundAtRandom");
  define<drop_elements>(exports, "dropElements");
  define<round_decays>(exports, "roundDecays");
  define<perturb>(exports, "perturb");
  define<add_perturbed_gradient>(exports, "addPerturbedGradient");
  define<add_signs>(exports, "addSigns");
  define<divergence>(exports, "divergence");
}

}  // namespace glue
