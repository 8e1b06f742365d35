// Steps of optimisers, costs and bounds of parameters, and rows of batches.
#include "rockpool/optimisers.h"

#include "modules.h"
#include "operation.h"
#include "rockpool/batches.h"
#include "rockpool/logistic.h"
#include "rockpool/parameter_costs.h"

namespace glue {

namespace {

rockpool::OptimiserArrays arrays(const Args& args) {
  return {args.array<double>(0, "p"), args.array<double>(1, "gradient"), args.array<double>(2, "newP")};
}

// adamStep(p, gradient, newP, m, v, newM, newV, stepSize, b1, b2, eps, weightDecay, decoupled, iteration)
Napi::Value adam_step(const Napi::CallbackInfo& info) {
  const Args args(info);
  const rockpool::AdamOptions options{args.number(7, "stepSize"), args.number(8, "b1"),           args.number(9, "b2"),
                                      args.number(10, "eps"),     args.number(11, "weightDecay"), args.boolean(12, "decoupled"),
                                      args.size(13, "iteration")};
  rockpool::adam_step(options, arrays(args), args.array<double>(3, "m"), args.array<double>(4, "v"),
                      args.array<double>(5, "newM"), args.array<double>(6, "newV"));
  return info.Env().Undefined();
}

// sgdStep(p, gradient, newP, velocity, newVelocity, stepSize, momentum, dampening, weightDecay, nesterov, iteration)
Napi::Value sgd_step(const Napi::CallbackInfo& info) {
  const Args args(info);
  const rockpool::SgdOptions options{args.number(5, "stepSize"),    args.number(6, "momentum"),  args.number(7, "dampening"),
                                     args.number(8, "weightDecay"), args.boolean(9, "nesterov"), args.size(10, "iteration")};
  rockpool::sgd_step(options, arrays(args), args.array<double>(3, "velocity"), args.array<double>(4, "newVelocity"));
  return info.Env().Undefined();
}

std::span<double> optional_output(const Args& args, std::size_t i, const char* name) {
  return args.missing(i) ? std::span<double>() : args.array<double>(i, name);
}

// parameterCost(cost, sigma, p, gradient) -> cost
Napi::Value parameter_cost(const Napi::CallbackInfo& info) {
  const Args args(info);
  const double cost = rockpool::parameter_cost(choose<rockpool::ParameterCost>(args, 0, "cost", 2), args.number(1, "sigma"),
                                               args.array<double>(2, "p"), optional_output(args, 3, "gradient"));
  return Napi::Number::New(info.Env(), cost);
}

// boundsCost(p, lower, upper, gradient) -> cost
Napi::Value bounds_cost(const Napi::CallbackInfo& info) {
  const Args args(info);
  const double cost = rockpool::bounds_cost(args.array<double>(0, "p"), args.array<double>(1, "lower"),
                                            args.array<double>(2, "upper"), optional_output(args, 3, "gradient"));
  return Napi::Number::New(info.Env(), cost);
}

// boundsClip(p, lower, upper, out)
Napi::Value bounds_clip(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::bounds_clip(args.array<double>(0, "p"), args.array<double>(1, "lower"), args.array<double>(2, "upper"),
                        args.array<double>(3, "out"));
  return info.Env().Undefined();
}

// sumOfSquares(x, result): scale, sum
Napi::Value sum_of_squares(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto sum = rockpool::sum_of_squares(args.array<double>(0, "x"));
  const auto result = args.array<double>(1, "result", 2);
  result[0] = sum.scale, result[1] = sum.sum;
  return info.Env().Undefined();
}

// scaleArray(factor, x, out)
Napi::Value scale_array(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::scale(args.number(0, "factor"), args.array<double>(1, "x"), args.array<double>(2, "out"));
  return info.Env().Undefined();
}

// gatherRows(precision, onProgress, width, rows, x, out)
template <typename T>
class GatherRows {
 public:
  GatherRows(const Args& args, bool own)
      : width_(args.size(2, "width")), rows_(args, 3, "rows", own), x_(args, 4, "x", own), out_(args, 5, "out", own) {
    check_product({width_, rows_.view().size()});
  }
  void run(rockpool::RunControl&) { rockpool::gather_rows<T>(x_.view(), width_, rows_.view(), out_.view()); }

 private:
  std::uint64_t width_;
  In<std::uint32_t> rows_;
  In<T> x_;
  Out<T> out_;
};

// shuffled(seed, pass, order)
Napi::Value shuffled(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::shuffled(args.size(0, "seed"), args.size(1, "pass"), args.array<std::uint32_t>(2, "order"));
  return info.Env().Undefined();
}

}  // namespace

void init_optimisers(Napi::Object exports) {
  define<adam_step>(exports, "adamStep");
  define<sgd_step>(exports, "sgdStep");
  define<parameter_cost>(exports, "parameterCost");
  define<bounds_cost>(exports, "boundsCost");
  define<bounds_clip>(exports, "boundsClip");
  define<sum_of_squares>(exports, "sumOfSquares");
  define<scale_array>(exports, "scaleArray");
  define<run_now<GatherRows>>(exports, "gatherRows");
  define<shuffled>(exports, "shuffled");
}

}  // namespace glue
