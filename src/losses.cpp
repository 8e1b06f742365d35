// Losses of outputs, in either precision. Each writes its numbers into `result`.
#include "rockpool/losses.h"

#include "modules.h"
#include "operation.h"

namespace glue {

namespace {

// A base of operations on an output: (precision, onProgress, batch, steps, channels, output, gradient, result, ...)
constexpr std::size_t kOwn = 8;

template <typename T>
class OutputLoss {
 protected:
  OutputLoss(const Args& args, bool own)
      : shape_{args.size(2, "batch"), args.size(3, "steps"), args.size(4, "channels")},
        output_(args, 5, "output", own),
        gradient_(args, 6, "gradient", own),
        result_(args, 7, "result", own) {
    check_product({shape_.batch, shape_.steps, shape_.channels});
  }
  void put(std::initializer_list<double> numbers) {
    const auto out = result_.view();
    std::size_t i = 0;
    for (const double x : numbers)
      if (i < out.size()) out[i++] = x;
  }

  rockpool::LossShape shape_;
  In<T> output_;
  Out<T> gradient_;
  Out<double> result_;
};

// squaredError(..., target, skipNan, mean)
template <typename T>
class SquaredError : OutputLoss<T> {
 public:
  SquaredError(const Args& args, bool own)
      : OutputLoss<T>(args, own),
        target_(args, kOwn, "target", own),
        skip_nan_(args.boolean(kOwn + 1, "skipNan")),
        mean_(args.boolean(kOwn + 2, "mean")) {}
  void run(rockpool::RunControl&) {
    const auto v = rockpool::squared_error<T>(this->output_.view(), target_.view(), skip_nan_, mean_, this->gradient_.view());
    this->put({v.loss, v.count});
  }

 private:
  In<double> target_;
  bool skip_nan_, mean_;
};

// crossEntropy(..., over, labels, probabilities, eachStep)
template <typename T>
class CrossEntropy : OutputLoss<T> {
 public:
  CrossEntropy(const Args& args, bool own)
      : OutputLoss<T>(args, own),
        over_(choose<rockpool::OverTime>(args, kOwn, "over", 5)),
        labels_(args, kOwn + 1, "labels", own),
        probabilities_(args, kOwn + 2, "probabilities", own),
        each_step_(args.boolean(kOwn + 3, "eachStep")) {}
  void run(rockpool::RunControl&) {
    const auto v = rockpool::cross_entropy<T>(this->shape_, over_, {labels_.view(), probabilities_.view(), each_step_},
                                              this->output_.view(), this->gradient_.view());
    this->put({v.loss, v.count});
  }

 private:
  rockpool::OverTime over_;
  In<std::int32_t> labels_;
  In<double> probabilities_;
  bool each_step_;
};

// peakLoss(..., labels, binary, interval, weightNontarget, targetOutput, nontargetOutput)
template <typename T>
class Peak : OutputLoss<T> {
 public:
  Peak(const Args& args, bool own)
      : OutputLoss<T>(args, own),
        labels_(args, kOwn, "labels", own),
        binary_(args.boolean(kOwn + 1, "binary")),
        options_{args.size(kOwn + 2, "interval"), args.number(kOwn + 3, "weightNontarget"),
                 args.number(kOwn + 4, "targetOutput"), args.number(kOwn + 5, "nontargetOutput")} {}
  void run(rockpool::RunControl&) {
    const auto loss = binary_ ? rockpool::binary_peak_loss<T> : rockpool::peak_loss<T>;
    const auto v = loss(this->shape_, options_, labels_.view(), this->output_.view(), this->gradient_.view());
    this->put({v.loss, v.target, v.nontarget});
  }

 private:
  In<std::int32_t> labels_;
  bool binary_;
  rockpool::PeakOptions options_;
};

// ctcLoss(..., labels, labelLengths, lengths, blank, logits, perLabel, mean, zeroInfinity)
template <typename T>
class Ctc : OutputLoss<T> {
 public:
  Ctc(const Args& args, bool own)
      : OutputLoss<T>(args, own),
        labels_(args, kOwn, "labels", own),
        label_lengths_(args, kOwn + 1, "labelLengths", own),
        lengths_(args, kOwn + 2, "lengths", own),
        options_{args.size(kOwn + 3, "blank"), args.boolean(kOwn + 4, "logits"), args.boolean(kOwn + 5, "perLabel"),
                 args.boolean(kOwn + 6, "mean"), args.boolean(kOwn + 7, "zeroInfinity")} {}
  void run(rockpool::RunControl&) {
    const auto v = rockpool::ctc_loss<T>(this->shape_, options_, labels_.view(), label_lengths_.view(), lengths_.view(),
                                         this->output_.view(), this->gradient_.view());
    this->put({v.loss, v.count});
  }

 private:
  In<std::int32_t> labels_, label_lengths_, lengths_;
  rockpool::CtcOptions options_;
};

// activityCost(precision, onProgress, cost, units, a, b, x, gradient, result)
template <typename T>
class Activity {
 public:
  Activity(const Args& args, bool own)
      : cost_(choose<rockpool::ActivityCost>(args, 2, "cost", 4)),
        units_(args.size(3, "units")),
        a_(args.number(4, "a")),
        b_(args.number(5, "b")),
        x_(args, 6, "x", own),
        gradient_(args, 7, "gradient", own),
        result_(args, 8, "result", own) {}
  void run(rockpool::RunControl&) {
    const double cost = rockpool::activity_cost<T>(cost_, units_, a_, b_, x_.view(), gradient_.view());
    if (!result_.view().empty()) result_.view()[0] = cost;
  }

 private:
  rockpool::ActivityCost cost_;
  std::uint64_t units_;
  double a_, b_;
  In<T> x_;
  Out<T> gradient_;
  Out<double> result_;
};

// softmaxAlong(precision, onProgress, outer, n, inner, temperature, logarithm, x, out)
template <typename T>
class SoftmaxAlong {
 public:
  SoftmaxAlong(const Args& args, bool own)
      : outer_(args.size(2, "outer")),
        n_(args.size(3, "n")),
        inner_(args.size(4, "inner")),
        temperature_(args.number(5, "temperature")),
        logarithm_(args.boolean(6, "logarithm")),
        x_(args, 7, "x", own),
        out_(args, 8, "out", own) {
    check_product({outer_, n_, inner_});
  }
  void run(rockpool::RunControl&) {
    rockpool::softmax_along<T>(x_.view(), outer_, n_, inner_, temperature_, logarithm_, out_.view());
  }

 private:
  std::uint64_t outer_, n_, inner_;
  double temperature_;
  bool logarithm_;
  In<T> x_;
  Out<T> out_;
};

// softmaxAlongAdjoint(precision, onProgress, outer, n, inner, temperature, logarithm, y, gradient, out)
template <typename T>
class SoftmaxAlongAdjoint {
 public:
  SoftmaxAlongAdjoint(const Args& args, bool own)
      : outer_(args.size(2, "outer")),
        n_(args.size(3, "n")),
        inner_(args.size(4, "inner")),
        temperature_(args.number(5, "temperature")),
        logarithm_(args.boolean(6, "logarithm")),
        y_(args, 7, "y", own),
        gradient_(args, 8, "gradient", own),
        out_(args, 9, "out", own) {
    check_product({outer_, n_, inner_});
  }
  void run(rockpool::RunControl&) {
    rockpool::softmax_along_adjoint<T>(y_.view(), gradient_.view(), outer_, n_, inner_, temperature_, logarithm_, out_.view());
  }

 private:
  std::uint64_t outer_, n_, inner_;
  double temperature_;
  bool logarithm_;
  In<T> y_, gradient_;
  Out<T> out_;
};

// addScaled(precision, onProgress, factor, x, out)
template <typename T>
class AddScaled {
 public:
  AddScaled(const Args& args, bool own) : factor_(args.number(2, "factor")), x_(args, 3, "x", own), out_(args, 4, "out", own) {}
  void run(rockpool::RunControl&) { rockpool::add_scaled<T>(factor_, x_.view(), out_.view()); }

 private:
  double factor_;
  In<T> x_;
  Out<T> out_;
};

}  // namespace

void init_losses(Napi::Object exports) {
  define<run_now<SquaredError>>(exports, "squaredError");
  define<run_now<CrossEntropy>>(exports, "crossEntropy");
  define<run_now<Peak>>(exports, "peakLoss");
  define<run_now<Ctc>>(exports, "ctcLoss");
  define<run_now<Activity>>(exports, "activityCost");
  define<run_now<SoftmaxAlong>>(exports, "softmaxAlong");
  define<run_now<SoftmaxAlongAdjoint>>(exports, "softmaxAlongAdjoint");
  define<run_now<AddScaled>>(exports, "addScaled");
}

}  // namespace glue
