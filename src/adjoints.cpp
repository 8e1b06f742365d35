// Derivatives of projections, and what adjoints share.
#include "modules.h"
#include "operation.h"
#include "rockpool/columns.h"
#include "rockpool/lif_surrogate.h"
#include "rockpool/linear_adjoint.h"

namespace glue {

namespace {

// linearBackward(precision, onProgress, inputs, outputs, batch, steps, x, gradient, weight, inputGradient, weightSums,
// biasSums)
template <typename T>
class LinearBackward {
 public:
  LinearBackward(const Args& args, bool own)
      : x_(args, 6, "x", own),
        gradient_(args, 7, "gradient", own),
        weight_(args, 8, "weight", own),
        input_gradient_(args, 9, "inputGradient", own),
        weight_sums_(args, 10, "weightSums", own),
        bias_sums_(args, 11, "biasSums", own) {
    p_.inputs = args.size(2, "inputs"), p_.outputs = args.size(3, "outputs");
    p_.batch = args.size(4, "batch"), p_.steps = args.size(5, "steps");
    check_product({p_.batch, p_.steps, p_.inputs});
    check_product({p_.batch, p_.steps, p_.outputs});
    check_product({p_.inputs, p_.outputs});
    p_.x = x_.view(), p_.g = gradient_.view(), p_.sums = weight_sums_.view();
  }
  void run(rockpool::RunControl& control) {
    if (!weight_sums_.view().empty()) rockpool::add_outer_products(p_, control);
    if (!bias_sums_.view().empty()) rockpool::add_steps(p_.batch, p_.steps, p_.outputs, p_.g, bias_sums_.view());
    if (!input_gradient_.view().empty())
      rockpool::linear_input_gradient(p_.inputs, p_.outputs, weight_.view(), p_.g, input_gradient_.view(), control);
  }

 private:
  Tape<T> x_, gradient_;
  In<double> weight_;
  Out<T> input_gradient_;
  Out<double> weight_sums_, bias_sums_;
  rockpool::OuterProducts<T> p_;
};

// batchSum(values, out): out[j] = the sum over the batch of [batch, n], the first element first
Napi::Value batch_sum(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::sum_rows(args.array<double>(0, "values"), args.array<double>(1, "out"));
  return info.Env().Undefined();
}

// spreadColumns(values, factors, width, offset, out), collectColumns alike; addColumnProducts(a, b, width, offset, sums)
template <auto function>
Napi::Value columns(const Napi::CallbackInfo& info) {
  const Args args(info);
  function(args.array<double>(0, "the first array"), args.array<double>(1, "the second array"), args.size(2, "width"),
           args.size(3, "offset"), args.array<double>(4, "out"));
  return info.Env().Undefined();
}

rockpool::SurrogateShape surrogate_shape(const Args& args) {
  return {choose<rockpool::LifSurrogate>(args, 0, "kind", 2), args.number(1, "gain"), args.number(2, "shift")};
}

// stationaryNoise(gain, out)
Napi::Value stationary_noise(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::stationary_noise(args.array<double>(0, "gain"), args.array<double>(1, "out"));
  return info.Env().Undefined();
}

// lifSurrogate(kind, gain, shift, shiftV, vMem, spikes, v, u)
Napi::Value lif_surrogate(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::lif_surrogate(surrogate_shape(args), args.number(3, "shiftV"), args.array<double>(4, "vMem"),
                          args.array<double>(5, "spikes"), args.array<double>(6, "v"), args.array<double>(7, "u"));
  return info.Env().Undefined();
}

// addSurrogateGradient(kind, gain, shift, u, gradient, sums)
Napi::Value add_surrogate_gradient(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::add_surrogate_gradient(surrogate_shape(args), args.array<double>(3, "u"), args.array<double>(4, "gradient"),
                                   args.array<double>(5, "sums"));
  return info.Env().Undefined();
}

}  // namespace

void init_adjoints(Napi::Object exports) {
  define<run_now<LinearBackward>>(exports, "linearBackward");
  define<run_later<LinearBackward>>(exports, "linearBackwardAsync");
  define<batch_sum>(exports, "batchSum");
  define<columns<rockpool::spread_columns>>(exports, "spreadColumns");
  define<columns<rockpool::collect_columns>>(exports, "collectColumns");
  define<columns<rockpool::add_column_products>>(exports, "addColumnProducts");
  define<stationary_noise>(exports, "stationaryNoise");
  define<lif_surrogate>(exports, "lifSurrogate");
  define<add_surrogate_gradient>(exports, "addSurrogateGradient");
}

}  // namespace glue
