// Logistic regression on rows that are made as they are needed, here and now or on the pool.
#include "rockpool/logistic.h"

#include <utility>
#include <vector>

#include "args.h"
#include "errors.h"
#include "modules.h"
#include "regressors.h"
#include "task.h"
#include "typed_arrays.h"

namespace glue {

namespace {

class Training final : public Job {
 public:
  // rows, y, numRows, weights, bias, learningRate, regularize, batchSize, epochs, seed
  explicit Training(const Args& args)
      : rows_(unwrap_handle<rockpool::FilteredEvents>(args, 0, "rows", kRegressorRowsTag)),
        y_(args.copy<double>(1, "Y")),
        num_rows_(args.size(2, "numRows")),
        weights_(args.copy<double>(3, "weights")),
        bias_(args.copy<double>(4, "bias")) {
    if (num_rows_ != rows_->rows())
      rockpool::throw_shape("rows", rockpool::to_text(num_rows_), rockpool::to_text(rows_->rows()));
    options_.learning_rate = args.number(5, "learningRate");
    options_.regularize = args.number(6, "regularize");
    options_.batch_size = args.size(7, "batchSize");
    options_.epochs = args.size(8, "epochs");
    options_.seed = args.size(9, "seed");
    loss_.resize(options_.epochs);
  }

  void execute(rockpool::RunControl& control) override {
    rows_->prepare(control);
    rockpool::train_logistic(*rows_, y_, num_rows_, options_, weights_, bias_, loss_, control);
  }

  Napi::Value settle(Napi::Env env) override {
    auto result = Napi::Object::New(env);
    const auto set = [&](const char* name, const std::vector<double>& values) {
      auto array = new_array<double>(env, values.size());
      std::ranges::copy(values, array.Data());
      result.Set(name, array);
    };
    set("weights", weights_);
    set("bias", bias_);
    set("crossEntropy", loss_);
    return result;
  }

 private:
  std::shared_ptr<rockpool::FilteredEvents> rows_;
  std::vector<double> y_;
  std::size_t num_rows_;
  std::vector<double> weights_, bias_, loss_;
  rockpool::LogisticOptions options_;
};

// logisticTrain(...arguments of Training) -> { weights, bias, crossEntropy }
Napi::Value logistic_train(const Napi::CallbackInfo& info) {
  return run_job(info.Env(), Training(Args(info)));
}

// logisticTrainAsync(...arguments of Training, onProgress)
Napi::Value logistic_train_async(const Napi::CallbackInfo& info) {
  const Args args(info);
  return start_job(info.Env(), std::make_unique<Training>(args), args.value(10));
}

}  // namespace

void init_logistic(Napi::Object exports) {
  define<logistic_train>(exports, "logisticTrain");
  define<logistic_train_async>(exports, "logisticTrainAsync");
}

}  // namespace glue
