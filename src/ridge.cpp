// Ridge regression: a handle around the accumulator, training here and now or on the pool, and helpers on sampled data.
#include "rockpool/ridge.h"

#include <atomic>
#include <cmath>
#include <type_traits>
#include <utility>

#include "args.h"
#include "errors.h"
#include "modules.h"
#include "regressors.h"
#include "task.h"
#include "typed_arrays.h"

namespace glue {

namespace {

constexpr napi_type_tag kRidgeTag{0x6f1d2c9b84a34e57ULL, 0x93b0e2d71c5a486fULL};

struct Ridge {
  explicit Ridge(const rockpool::RidgeOptions& options) : accumulator(options) {}
  rockpool::RidgeAccumulator accumulator;
  std::atomic<bool> busy{false};
};

/// Holds the accumulator for one call or one job.
class Use {
 public:
  explicit Use(std::shared_ptr<Ridge> ridge) : ridge_(std::move(ridge)) {
    if (ridge_->busy.exchange(true)) {
      ridge_.reset();
      throw rockpool::Error(rockpool::ErrorKind::kState, "ERR_BUSY",
                            "expected the regression to be idle, received a call while it is training");
    }
  }
  Use(Use&&) noexcept = default;
  ~Use() {
    if (ridge_) ridge_->busy = false;
  }
  rockpool::RidgeAccumulator* operator->() const { return &ridge_->accumulator; }
  rockpool::RidgeAccumulator& operator*() const { return ridge_->accumulator; }

 private:
  std::shared_ptr<Ridge> ridge_;
};

Use use(const Args& args) {
  return Use(unwrap_handle<Ridge>(args, 0, "regression", kRidgeTag));
}

Napi::Float64Array to_array(Napi::Env env, const std::vector<double>& values) {
  auto array = new_array<double>(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

// What a call finds out after adding its batch.
struct Answer {
  rockpool::RidgeSolution solution;
  std::vector<double> batch_mse, predicted;
};

Napi::Object to_object(Napi::Env env, const rockpool::RidgeSolution& s) {
  static constexpr const char* kMethods[] = {"cholesky", "ldlt", "orthogonal"};
  auto result = Napi::Object::New(env);
  result.Set("weights", to_array(env, s.weights));
  result.Set("bias", to_array(env, s.bias));
  result.Set("mse", to_array(env, s.mse));
  result.Set("condition", s.condition);
  result.Set("rank", static_cast<double>(s.rank));
  result.Set("method", kMethods[static_cast<int>(s.method)]);
  return result;
}

Napi::Object to_object(Napi::Env env, const Answer& answer) {
  auto result = to_object(env, answer.solution);
  if (!answer.batch_mse.empty()) result.Set("batchMse", to_array(env, answer.batch_mse));
  if (!answer.predicted.empty()) result.Set("predicted", to_array(env, answer.predicted));
  return result;
}

// What a call does after adding its batch.
struct Solve {
  bool wanted = false;
  double regularize = 0;
  bool regularize_bias = true;
  std::uint64_t evaluate = 0;  // 1: the errors of the batch, 2: its prediction too
};

// regularize | undefined, regularizeBias, evaluate
Solve read_solve(const Args& args, std::size_t at) {
  if (args.missing(at)) return {};
  return {true, args.number(at, "regularize"), args.boolean(at + 1, "regularizeBias"), args.size(at + 2, "evaluate")};
}

void evaluate(const rockpool::RidgeAccumulator& accumulator, const Regressors& x, const double* y, std::size_t rows,
              const Solve& solve, rockpool::RunControl& control, Answer& answer) {
  if (solve.evaluate == 0) return;
  const auto& options = accumulator.options();
  const bool labels = options.fisher == rockpool::FisherMode::kWeighted;
  answer.batch_mse.resize(options.num_outputs);
  answer.predicted.resize(solve.evaluate > 1 ? rows * options.num_outputs : 0);
  double* predicted = solve.evaluate > 1 ? answer.predicted.data() : nullptr;
  x.visit(control, [&](const auto& source) {
    if constexpr (std::is_pointer_v<std::decay_t<decltype(source)>>)
      rockpool::ridge_evaluate(source, y, rows, options.num_features, answer.solution, labels, predicted,
                               answer.batch_mse.data(), control);
    else
      rockpool::ridge_evaluate(source, y, rows, answer.solution, labels, predicted, answer.batch_mse.data(), control);
  });
}

// Adds and solves; when solving fails, the batch has not been added.
bool train(rockpool::RidgeAccumulator& accumulator, const Regressors& x, const double* y, std::size_t rows, const Solve& solve,
           rockpool::RunControl& control, Answer& answer) {
  const auto add = [&] { x.visit(control, [&](const auto& source) { accumulator.train_batch(source, y, rows, control); }); };
  if (!solve.wanted) {
    add();
    return false;
  }
  const bool fresh = accumulator.rows() == 0;
  const auto before = fresh ? nullptr : accumulator.snapshot();
  try {
    add();
    answer.solution = accumulator.solve(solve.regularize, solve.regularize_bias, control);
    evaluate(accumulator, x, y, rows, solve, control, answer);
  } catch (...) {
    if (fresh)
      accumulator.reset();
    else
      accumulator.restore(before);
    throw;
  }
  return true;
}

// ridgeNew(numFeatures, numOutputs, trainBiases, standardize, fisher: 0 none, 1 relabelled, 2 weighted) -> handle
Napi::Value ridge_new(const Napi::CallbackInfo& info) {
  const Args args(info);
  rockpool::RidgeOptions options{args.size(0, "numFeatures"), args.size(1, "numOutputs"), args.boolean(2, "trainBiases"),
                                 args.boolean(3, "standardize")};
  const auto fisher = args.size(4, "fisher");
  if (fisher > 2) rockpool::throw_range("fisher", "0, 1 or 2", rockpool::to_text(fisher));
  if (options.num_features > (1u << 24) || options.num_outputs > (1u << 24))
    rockpool::throw_range("numFeatures and numOutputs", "at most 2^24", rockpool::to_text(options.num_features));
  options.fisher = static_cast<rockpool::FisherMode>(fisher);
  return wrap_handle(info.Env(), std::make_shared<Ridge>(options), kRidgeTag);
}

std::size_t read_rows(const Args& args, const rockpool::RidgeOptions& options) {
  const auto rows = args.size(3, "rows");
  if (rows > SIZE_MAX / 16 / std::max(options.num_features, options.num_outputs))
    rockpool::throw_range("rows", "fewer rows", rockpool::to_text(rows));
  return rows;
}

// ridgeTrain(handle, x | rows, y, rows, regularize | undefined, regularizeBias, evaluate) -> answer | undefined
Napi::Value ridge_train(const Napi::CallbackInfo& info) {
  const Args args(info);
  const Use ridge = use(args);
  const auto& options = ridge->options();
  const auto rows = read_rows(args, options);
  const Regressors x(args, 1, rows, options.num_features, false);
  const auto y = args.array<double>(2, "Y", rows * options.num_outputs);
  rockpool::RunControl control;
  Answer answer;
  if (!train(*ridge, x, y.data(), rows, read_solve(args, 4), control, answer)) return info.Env().Undefined();
  return to_object(info.Env(), answer);
}

class TrainJob final : public Job {
 public:
  TrainJob(Use ridge, Regressors x, std::vector<double> y, std::size_t rows, const Solve& solve)
      : ridge_(std::move(ridge)), x_(std::move(x)), y_(std::move(y)), rows_(rows), solve_(solve) {}

  void execute(rockpool::RunControl& control) override {
    solved_ = train(*ridge_, x_, y_.data(), rows_, solve_, control, answer_);
  }
  Napi::Value settle(Napi::Env env) override { return solved_ ? Napi::Value(to_object(env, answer_)) : env.Undefined(); }

 private:
  Use ridge_;
  Regressors x_;
  std::vector<double> y_;
  std::size_t rows_;
  Solve solve_;
  bool solved_ = false;
  Answer answer_;
};

// ridgeTrainAsync(handle, x | rows, y, rows, regularize | undefined, regularizeBias, evaluate, onProgress) -> job
Napi::Value ridge_train_async(const Napi::CallbackInfo& info) {
  const Args args(info);
  Use ridge = use(args);
  const auto& options = ridge->options();
  const auto rows = read_rows(args, options);
  Regressors x(args, 1, rows, options.num_features, true);
  args.array<double>(2, "Y", rows * options.num_outputs);
  auto job = std::make_unique<TrainJob>(std::move(ridge), std::move(x), args.copy<double>(2, "Y"), rows, read_solve(args, 4));
  return start_job(info.Env(), std::move(job), args.value(7));
}

// ridgeSolve(handle, regularize, regularizeBias) -> solution
Napi::Value ridge_solve(const Napi::CallbackInfo& info) {
  const Args args(info);
  const Use ridge = use(args);
  rockpool::RunControl control;
  return to_object(info.Env(), ridge->solve(args.number(1, "regularize"), args.boolean(2, "regularizeBias"), control));
}

// ridgeReset(handle)
Napi::Value ridge_reset(const Napi::CallbackInfo& info) {
  const Args args(info);
  use(args)->reset();
  return info.Env().Undefined();
}

// ridgeRows(handle) -> rows added since the last reset
Napi::Value ridge_rows(const Napi::CallbackInfo& info) {
  const Args args(info);
  return Napi::Number::New(info.Env(), static_cast<double>(use(args)->rows()));
}

// ridgeRead(handle, "xtx" | "xty" | "cxtx" | "cxty" | "mean" | "sd") -> Float64Array, undefined for a scaling that there is not
Napi::Value ridge_read(const Napi::CallbackInfo& info) {
  const Args args(info);
  const Use ridge = use(args);
  const auto what = args.string(1, "what");
  std::vector<double> out;
  if (what == "xtx" || what == "cxtx") {
    out.resize(ridge->xtx_size());
    ridge->read_xtx(out.data(), what == "cxtx");
  } else if (what == "xty" || what == "cxty") {
    out.resize(ridge->num_effective() * ridge->options().num_outputs);
    ridge->read_xty(out.data(), what == "cxty");
  } else {
    std::vector<double> other(ridge->options().num_features);
    out.resize(other.size());
    if (!ridge->read_scaling(what == "mean" ? out.data() : other.data(), what == "mean" ? other.data() : out.data()))
      return info.Env().Undefined();
  }
  return to_array(info.Env(), out);
}

// ridgePredict(x, rows, features, weights, bias | null, outputs, out)
Napi::Value ridge_predict(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto rows = args.size(1, "rows"), features = args.size(2, "features"), outputs = args.size(5, "outputs");
  if (features == 0 || outputs == 0 || features > (1u << 24) || outputs > (1u << 24) ||
      rows > SIZE_MAX / 16 / std::max(features, outputs))
    rockpool::throw_range("rows, features and outputs", "sizes of arrays", rockpool::to_text(rows));
  const auto x = args.array<double>(0, "X", rows * features);
  const auto weights = args.array<double>(3, "weights", features * outputs);
  const double* bias = args.missing(4) ? nullptr : args.array<double>(4, "bias", outputs).data();
  const auto out = args.array<double>(6, "out", rows * outputs);
  rockpool::ridge_predict(x.data(), rows, features, weights.data(), bias, outputs, out.data());
  return info.Env().Undefined();
}

// findNan(values, found: Uint32Array) -> how many there are; the first positions in `found`
Napi::Value find_nan(const Napi::CallbackInfo& info) {
  const Args args(info);
  const auto values = args.array<double>(0, "values");
  const auto found = args.array<std::uint32_t>(1, "found");
  std::size_t count = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (std::isnan(values[i])) {
      if (count < found.size()) found[count] = static_cast<std::uint32_t>(i);
      ++count;
    }
  return Napi::Number::New(info.Env(), static_cast<double>(count));
}

// zeroNan(values) -> how many there were
Napi::Value zero_nan(const Napi::CallbackInfo& info) {
  const Args args(info);
  std::size_t count = 0;
  for (double& value : args.array<double>(0, "values"))
    if (std::isnan(value)) value = 0, ++count;
  return Napi::Number::New(info.Env(), static_cast<double>(count));
}

}  // namespace

void init_ridge(Napi::Object exports) {
  define<ridge_new>(exports, "ridgeNew");
  define<ridge_train>(exports, "ridgeTrain");
  define<ridge_train_async>(exports, "ridgeTrainAsync");
  define<ridge_solve>(exports, "ridgeSolve");
  define<ridge_reset>(exports, "ridgeReset");
  define<ridge_rows>(exports, "ridgeRows");
  define<ridge_read>(exports, "ridgeRead");
  define<ridge_predict>(exports, "ridgePredict");
  define<find_nan>(exports, "findNan");
  define<zero_nan>(exports, "zeroNan");
}

}  // namespace glue
