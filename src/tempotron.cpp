// The multi-spike tempotron.
#include "rockpool/tempotron.h"

#include "args.h"
#include "errors.h"
#include "modules.h"

namespace glue {

namespace {

// tempotronEligibility(inputTimes, inputChannels, inputs, recordedTimes, v, vRest, tauSyn, tauMem, out)
Napi::Value eligibility(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::RunControl control;
  rockpool::tempotron_eligibility(
      {args.array<double>(0, "inputTimes"), args.array<std::int32_t>(1, "inputChannels")},
      static_cast<std::size_t>(args.size(2, "inputs")),
      {args.array<double>(3, "recordedTimes"), args.array<double>(4, "v"), args.array<double>(5, "vRest"),
       args.array<double>(6, "tauSyn"), args.array<double>(7, "tauMem")},
      args.array<double>(8, "out"), control);
  return info.Env().Undefined();
}

// tempotronUpdate(eligibility, outputTimes, outputChannels, lambda, momentum, eligible, from, to, target, counts, change,
// weights)
Napi::Value update(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::TempotronRule rule;
  rule.lambda = args.number(3, "lambda");
  rule.momentum = args.number(4, "momentum");
  rule.eligible = static_cast<std::size_t>(args.size(5, "eligible"));
  rule.from = args.number(6, "from");
  rule.to = args.number(7, "to");
  rule.target = args.array<double>(8, "target");
  rockpool::tempotron_update(args.array<double>(0, "eligibility"),
                             {args.array<double>(1, "outputTimes"), args.array<std::int32_t>(2, "outputChannels")}, rule,
                             args.array<double>(9, "counts"), args.array<double>(10, "change"),
                             args.array<double>(11, "weights"));
  return info.Env().Undefined();
}

}  // namespace

void init_tempotron(Napi::Object exports) {
  define<eligibility>(exports, "tempotronEligibility");
  define<update>(exports, "tempotronUpdate");
}

}  // namespace glue
