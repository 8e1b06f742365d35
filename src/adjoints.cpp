// Derivatives of projections, and what adjoints share.
#include "modules.h"
#include "operation.h"
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
  const auto values = args.array<double>(0, "values");
  const auto out = args.array<double>(1, "out");
  if (out.empty() || values.size() % out.size() != 0)
    rockpool::throw_shape("out", "as long as a row of values", rockpool::to_text(out.size()) + " elements");
  for (auto& o : out) o = 0.0;
  for (std::size_t i = 0; i < values.size(); i += out.size())
    for (std::size_t j = 0; j < out.size(); ++j) out[j] += values[i + j];
  return info.Env().Undefined();
}

}  // namespace

void init_adjoints(Napi::Object exports) {
  define<run_now<LinearBackward>>(exports, "linearBackward");
  define<run_later<LinearBackward>>(exports, "linearBackwardAsync");
  define<batch_sum>(exports, "batchSum");
}

}  // namespace glue
