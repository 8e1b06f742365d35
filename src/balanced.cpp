// Weights of balanced networks.
#include "rockpool/balanced.h"

#include "args.h"
#include "errors.h"
#include "modules.h"

namespace glue {

namespace {

// balancedWeights(dimensions, units, a, gamma, vThresh, vRest, mu, nu, tauMem, tauFast, tauSlow, fast, slow, in, out, vReset)
Napi::Value balanced_weights(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::BalancedProblem problem;
  problem.dimensions = static_cast<std::size_t>(args.size(0, "dimensions"));
  problem.units = static_cast<std::size_t>(args.size(1, "units"));
  problem.a = args.array<double>(2, "a");
  problem.gamma = args.array<double>(3, "gamma");
  problem.v_thresh = args.array<double>(4, "vThresh");
  problem.v_rest = args.array<double>(5, "vRest");
  problem.mu = args.number(6, "mu");
  problem.nu = args.number(7, "nu");
  problem.tau_mem = args.number(8, "tauMem");
  problem.tau_fast = args.number(9, "tauFast");
  problem.tau_slow = args.number(10, "tauSlow");
  rockpool::balanced_weights(problem,
                             {args.array<double>(11, "fast"), args.array<double>(12, "slow"), args.array<double>(13, "in"),
                              args.array<double>(14, "out"), args.array<double>(15, "vReset")});
  return info.Env().Undefined();
}

// scaleColumns(matrix, columns, sum)
Napi::Value scale_columns(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::scale_columns(args.array<double>(0, "matrix"), static_cast<std::size_t>(args.size(1, "columns")),
                          args.number(2, "sum"));
  return info.Env().Undefined();
}

}  // namespace

void init_balanced(Napi::Object exports) {
  define<balanced_weights>(exports, "balancedWeights");
  define<scale_columns>(exports, "scaleColumns");
}

}  // namespace glue
