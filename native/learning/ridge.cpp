#include "rockpool/ridge.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "learning/gram.h"
#include "learning/ridge_kernels.h"
#include "learning/row_blocks.h"
#include "learning/spd_solve.h"
#include "rockpool/error.h"

namespace rockpool {

namespace {

// A compensated sum of tiles. Nothing is allocated before the first batch, and no compensation before the second.
struct TileSum {
  AlignedDoubles sum;
  AlignedDoubles compensation;

  void add(AlignedDoubles&& update, const RidgeKernels& kernels) {
    if (sum.size() == 0) {
      sum = std::move(update);
      return;
    }
    kernels.add_compensated(sum.data(), compensation.data(), update.data(), sum.size());
  }
  /// What `add` needs, allocated while failing is still harmless.
  void prepare() {
    if (sum.size() != 0 && compensation.size() == 0) compensation = AlignedDoubles(sum.size());
  }
  double get(std::size_t at, bool kahan) const {
    const auto& values = kahan ? compensation : sum;
    return values.size() == 0 ? 0.0 : values.data()[at];
  }
};

struct ScalarSums {
  std::vector<double> sum, compensation;
  explicit ScalarSums(std::size_t n = 0) : sum(n, 0.0), compensation(n, 0.0) {}
};

std::string element(std::size_t row, std::size_t column) {
  return '[' + to_text(row) + ", " + to_text(column) + ']';
}

std::string number_text(double v) {
  if (std::isnan(v)) return "NaN";
  if (std::isinf(v)) return v > 0 ? "Infinity" : "-Infinity";
  return to_text(v);
}

// `values` begins with row `first`.
[[noreturn]] void throw_not_finite(const char* name, std::size_t first, const double* values, std::size_t rows,
                                   std::size_t columns) {
  for (std::size_t i = 0; i < rows * columns; ++i)
    if (!std::isfinite(values[i]))
      throw_range(name + element(first + i / columns, i % columns), "a finite number", number_text(values[i]));
  throw_range(name, "small enough for its squares to be finite", "larger values");
}

// Fills packed columns from `column` on. `value(row, k)` is the k-th of `count` columns.
template <typename Value>
void pack_columns(std::size_t column, std::size_t count, std::size_t first, std::size_t last, double* packed,
                  std::size_t stride, const Value& value) {
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t c = column + k;
    double* to = packed + (c / kRidgePanel) * stride + c % kRidgePanel;
    for (std::size_t r = first; r < last; ++r) to[r * kRidgePanel] = value(r, k);
  }
}

// [X, 1, Y]
class PlainSource final : public GramSource {
 public:
  bool bias = false;
  const double* y = nullptr;
  std::size_t outputs = 0;

  void pack_rest(std::size_t row, std::size_t first, std::size_t last, double* packed, std::size_t stride) const override {
    if (bias) pack_columns(x_columns, 1, first, last, packed, stride, [](std::size_t, std::size_t) { return 1.0; });
    const double* from = y + row * outputs;
    pack_columns(x_columns + bias, outputs, first, last, packed, stride,
                 [&](std::size_t r, std::size_t k) { return from[r * outputs + k]; });
  }
};

// [X, 1, is true..., is false...]
class IndicatorSource final : public GramSource {
 public:
  bool bias = false;
  const std::int8_t* labels = nullptr;
  std::size_t outputs = 0;

  void pack_rest(std::size_t row, std::size_t first, std::size_t last, double* packed, std::size_t stride) const override {
    if (bias) pack_columns(x_columns, 1, first, last, packed, stride, [](std::size_t, std::size_t) { return 1.0; });
    const std::int8_t* from = labels + row * outputs;
    for (const int label : {1, 0})
      pack_columns(x_columns + bias + (label == 1 ? 0 : outputs), outputs, first, last, packed, stride,
                   [&](std::size_t r, std::size_t k) { return from[r * outputs + k] == label ? 1.0 : 0.0; });
  }
};

// [X, 1 (bias), 1 (target)] over the rows of one class
class ClassSource final : public GramSource {
 public:
  std::size_t ones = 1;

  void pack_rest(std::size_t, std::size_t first, std::size_t last, double* packed, std::size_t stride) const override {
    pack_columns(x_columns, ones, first, last, packed, stride, [](std::size_t, std::size_t) { return 1.0; });
  }
};

}  // namespace

struct RidgeAccumulator::State {
  std::uint64_t rows = 0;
  std::vector<TileSum> grams;         // one; weighted: output o, class c at 2 o + c, class 0 being true
  ScalarSums squares;                 // of the targets, by output
  std::vector<std::uint64_t> counts;  // Fisher: true and false rows, output o at 2 o and 2 o + 1
  std::vector<double> mean, sd;       // of the first batch

  GramLayout layout;
};

// What a batch adds.
struct RidgeAccumulator::Batch {
  std::vector<AlignedDoubles> grams;
  std::vector<double> squares;
  std::vector<std::uint64_t> counts;
  std::vector<std::int8_t> labels;
  std::vector<double> mean, sd;
};

RidgeAccumulator::RidgeAccumulator(const RidgeOptions& options) : options_(options), state_(std::make_unique<State>()) {
  if (options.num_features == 0) throw_range("numFeatures", "1 or more", "0");
  if (options.num_outputs == 0) throw_range("numOutputs", "1 or more", "0");
  reset();
}

RidgeAccumulator::~RidgeAccumulator() = default;

std::uint64_t RidgeAccumulator::rows() const {
  return state_->rows;
}

void RidgeAccumulator::reset() {
  auto state = std::make_unique<State>();
  const std::size_t outputs = options_.num_outputs;
  state->layout.features = num_effective();
  switch (options_.fisher) {
    case FisherMode::kNone: state->layout.targets = outputs; break;
    case FisherMode::kRelabelled: state->layout.targets = 2 * outputs; break;
    case FisherMode::kWeighted: state->layout.targets = 1; break;
  }
  state->grams.resize(options_.fisher == FisherMode::kWeighted ? 2 * outputs : 1);
  if (options_.fisher == FisherMode::kNone)
    state->squares = ScalarSums(outputs);
  else
    state->counts.assign(2 * outputs, 0);
  state_ = std::move(state);
}

std::shared_ptr<const RidgeAccumulator::State> RidgeAccumulator::snapshot() const {
  return std::make_shared<const State>(*state_);
}

void RidgeAccumulator::restore(const std::shared_ptr<const State>& state) {
  state_ = std::make_unique<State>(*state);
}

void RidgeAccumulator::scan_labels(const double* y, std::size_t rows, Batch& batch) const {
  const std::size_t outputs = options_.num_outputs;
  const bool ignorable = options_.fisher == FisherMode::kWeighted;
  batch.labels.resize(rows * outputs);
  batch.counts.assign(2 * outputs, 0);
  for (std::size_t i = 0; i < rows * outputs; ++i) {
    const double label = std::nearbyint(y[i]);
    if (label == 1.0 || label == 0.0)
      ++batch.counts[2 * (i % outputs) + (label == 1.0 ? 0 : 1)];
    else if (!(ignorable && label == -1.0))
      throw_range("Y" + element(i / outputs, i % outputs), ignorable ? "a label: 1, 0 or -1" : "a label: 1 or 0",
                  number_text(y[i]));
    batch.labels[i] = static_cast<std::int8_t>(label);
  }
}

namespace {
// Mean and population deviation of each column; exact for constant columns, whose deviation counts as 1.
void column_scaling(const RowBlocks& x, std::vector<double>& mean, std::vector<double>& sd, RunControl& control) {
  constexpr std::size_t kBlock = 256;
  const std::size_t columns = x.columns();
  const double n = static_cast<double>(x.rows());
  std::vector<double> sum(columns, 0.0), part(columns), first_row;
  std::vector<std::uint8_t> varies(columns, 0);
  const auto pass = [&](auto&& term) {
    std::fill(sum.begin(), sum.end(), 0.0);
    x.visit([&](std::size_t, std::size_t rows, const double* block) {
      if (first_row.empty()) first_row.assign(block, block + columns);
      for (std::size_t first = 0; first < rows; first += kBlock) {
        std::fill(part.begin(), part.end(), 0.0);
        for (std::size_t r = first; r < std::min(first + kBlock, rows); ++r)
          for (std::size_t c = 0; c < columns; ++c) part[c] += term(block[r * columns + c], c);
        for (std::size_t c = 0; c < columns; ++c) sum[c] += part[c];
        control.advance(0);
      }
      return true;
    });
  };
  pass([&](double v, std::size_t c) {
    varies[c] |= v != first_row[c];
    return v;
  });
  mean.resize(columns);
  for (std::size_t c = 0; c < columns; ++c) mean[c] = varies[c] ? sum[c] / n : first_row[c];
  pass([&](double v, std::size_t c) { return (v - mean[c]) * (v - mean[c]); });
  sd.resize(columns);
  for (std::size_t c = 0; c < columns; ++c) {
    sd[c] = varies[c] ? std::sqrt(sum[c] / n) : 1.0;
    if (sd[c] == 0) sd[c] = 1.0;
  }
}

void check_rows_finite(const RowBlocks& x, const RidgeKernels& kernels) {
  x.visit([&](std::size_t first, std::size_t rows, const double* block) {
    if (!kernels.all_finite(block, rows * x.columns())) throw_not_finite("X", first, block, rows, x.columns());
    return true;
  });
}
}  // namespace

void RidgeAccumulator::train_batch(const double* x, const double* y, std::size_t rows, RunControl& control) {
  add_batch(RowBlocks(x, rows, options_.num_features), y, control);
}

void RidgeAccumulator::train_batch(const InputSource& x, const double* y, std::size_t rows, RunControl& control) {
  if (x.channels() != options_.num_features)
    throw_shape("X", to_text(options_.num_features) + " columns wide", to_text(x.channels()) + " columns");
  add_batch(RowBlocks(x, rows), y, control);
}

void RidgeAccumulator::add_batch(const RowBlocks& x, const double* y, RunControl& control) {
  const auto& kernels = ROCKPOOL_SELECT_KERNELS(ridge_kernels);
  const std::size_t rows = x.rows(), outputs = options_.num_outputs;
  if (rows == 0) return;
  if (rows > std::numeric_limits<std::uint32_t>::max()) throw_range("X", "at most 2^32 - 1 rows", to_text(rows) + " rows");
  if (!kernels.all_finite(y, rows * outputs)) throw_not_finite("Y", 0, y, rows, outputs);
  control.set_total(options_.fisher == FisherMode::kWeighted ? rows * outputs : rows);

  Batch batch;
  if (options_.fisher != FisherMode::kNone) scan_labels(y, rows, batch);
  if (options_.standardize && state_->mean.empty()) {
    check_rows_finite(x, kernels);
    column_scaling(x, batch.mean, batch.sd, control);
  }
  add_grams(x, y, batch, control);
  if (options_.fisher == FisherMode::kNone) {
    batch.squares.assign(outputs, 0.0);
    for (std::size_t i = 0; i < rows * outputs; ++i) batch.squares[i % outputs] += y[i] * y[i];
  }

  // All that can fail, fails before the first sum changes.
  State& state = *state_;
  for (auto& gram : state.grams) gram.prepare();
  for (std::size_t g = 0; g < state.grams.size(); ++g) state.grams[g].add(std::move(batch.grams[g]), kernels);
  if (!batch.squares.empty())
    kernels.add_compensated(state.squares.sum.data(), state.squares.compensation.data(), batch.squares.data(), outputs);
  for (std::size_t i = 0; i < batch.counts.size(); ++i) state.counts[i] += batch.counts[i];
  if (!batch.mean.empty()) {
    state.mean = std::move(batch.mean);
    state.sd = std::move(batch.sd);
  }
  state.rows += rows;
}

// The products of a batch, summed over its blocks.
void RidgeAccumulator::add_grams(const RowBlocks& x, const double* y, Batch& batch, RunControl& control) const {
  const auto& kernels = ROCKPOOL_SELECT_KERNELS(ridge_kernels);
  const std::size_t outputs = options_.num_outputs;
  for (std::size_t g = 0; g < state_->grams.size(); ++g) batch.grams.emplace_back(state_->layout.size());
  const auto& scaling = state_->mean.empty() ? batch.mean : state_->mean;
  const double* mean = options_.standardize ? scaling.data() : nullptr;
  const double* sd = options_.standardize ? (state_->mean.empty() ? batch.sd : state_->sd).data() : nullptr;
  std::vector<std::uint32_t> index;
  x.visit([&](std::size_t first, std::size_t rows, const double* block) {
    const auto add = [&](GramSource& source, std::size_t source_rows, AlignedDoubles& tiles) {
      source.x = block;
      source.x_columns = options_.num_features;
      source.rows = source_rows;
      source.mean = mean;
      source.sd = sd;
      if (!add_gram(state_->layout, source, tiles.data(), 1, control) || !kernels.all_finite(tiles.data(), tiles.size()))
        throw_not_finite("X", first, block, rows, options_.num_features);
    };
    if (options_.fisher == FisherMode::kNone) {
      PlainSource source;
      source.bias = options_.train_biases;
      source.y = y + first * outputs;
      source.outputs = outputs;
      add(source, rows, batch.grams[0]);
    } else if (options_.fisher == FisherMode::kRelabelled) {
      IndicatorSource source;
      source.bias = options_.train_biases;
      source.labels = batch.labels.data() + first * outputs;
      source.outputs = outputs;
      add(source, rows, batch.grams[0]);
    } else {
      for (std::size_t o = 0; o < outputs; ++o)
        for (const int label : {1, 0}) {
          index.clear();
          for (std::size_t r = 0; r < rows; ++r)
            if (batch.labels[(first + r) * outputs + o] == label) index.push_back(static_cast<std::uint32_t>(r));
          ClassSource source;
          source.ones = options_.train_biases ? 2 : 1;
          source.index = index.data();
          add(source, index.size(), batch.grams[2 * o + (label == 1 ? 0 : 1)]);
        }
    }
    return true;
  });
}

void RidgeAccumulator::class_weights(std::size_t output, double& w1, double& w0) const {
  const auto n = static_cast<double>(state_->rows);
  const auto n1 = state_->counts[2 * output], n0 = state_->counts[2 * output + 1];
  w1 = n1 == 0 ? 0.0 : n / static_cast<double>(n1);
  w0 = n0 == 0 ? 0.0 : n / static_cast<double>(n0);
}

double RidgeAccumulator::xtx_at(std::size_t output, std::size_t i, std::size_t j, bool compensation) const {
  const std::size_t at = state_->layout.at(std::max(i, j), std::min(i, j));
  if (options_.fisher != FisherMode::kWeighted) return state_->grams[0].get(at, compensation);
  double w1, w0;
  class_weights(output, w1, w0);
  return w1 * state_->grams[2 * output].get(at, compensation) + w0 * state_->grams[2 * output + 1].get(at, compensation);
}

double RidgeAccumulator::xty_at(std::size_t output, std::size_t i, bool compensation) const {
  const GramLayout& layout = state_->layout;
  const std::size_t first = layout.features;
  if (options_.fisher == FisherMode::kNone) return state_->grams[0].get(layout.at(first + output, i), compensation);
  double w1, w0;
  class_weights(output, w1, w0);
  if (options_.fisher == FisherMode::kRelabelled)
    return w1 * state_->grams[0].get(layout.at(first + output, i), compensation) -
           w0 * state_->grams[0].get(layout.at(first + options_.num_outputs + output, i), compensation);
  const std::size_t at = layout.at(first, i);
  return w1 * state_->grams[2 * output].get(at, compensation) - w0 * state_->grams[2 * output + 1].get(at, compensation);
}

std::size_t RidgeAccumulator::xtx_size() const {
  const std::size_t n = num_effective();
  return n * n * (options_.fisher == FisherMode::kWeighted ? options_.num_outputs : 1);
}

void RidgeAccumulator::read_xtx(double* out, bool compensation) const {
  const std::size_t n = num_effective(), systems = options_.fisher == FisherMode::kWeighted ? options_.num_outputs : 1;
  for (std::size_t o = 0; o < systems; ++o, out += n * n)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j <= i; ++j) out[i * n + j] = out[j * n + i] = xtx_at(o, i, j, compensation);
}

void RidgeAccumulator::read_xty(double* out, bool compensation) const {
  const std::size_t n = num_effective(), outputs = options_.num_outputs;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t o = 0; o < outputs; ++o) out[i * outputs + o] = xty_at(o, i, compensation);
}

bool RidgeAccumulator::read_scaling(double* mean, double* sd) const {
  if (state_->mean.empty()) return false;
  std::copy(state_->mean.begin(), state_->mean.end(), mean);
  std::copy(state_->sd.begin(), state_->sd.end(), sd);
  return true;
}

RidgeSolution RidgeAccumulator::solve(double regularize, bool regularize_bias, RunControl& control) const {
  const State& state = *state_;
  const std::size_t features = options_.num_features, outputs = options_.num_outputs, n = num_effective();
  if (!(regularize >= 0) || std::isinf(regularize))
    throw_range("regularize", "a finite number of 0 or more", number_text(regularize));
  if (state.rows == 0)
    throw Error(ErrorKind::kState, "ERR_STATE", "expected at least one training batch before solving, received none");
  for (std::size_t o = 0; o < state.counts.size() / 2; ++o)
    for (const int c : {0, 1})
      if (state.counts[2 * o + c] == 0)
        throw_range("Y", "labels of both classes for output " + to_text(o), std::string("no ") + (c == 0 ? "1" : "0"));

  const bool weighted = options_.fisher == FisherMode::kWeighted;
  const std::size_t systems = weighted ? outputs : 1, columns = weighted ? 1 : outputs;
  RidgeSolution result;
  result.rank = n;
  result.weights.resize(features * outputs);
  result.bias.assign(options_.train_biases ? outputs : 0, 0.0);
  result.mse.resize(outputs);
  const std::unique_ptr<double[]> a(new double[n * n]);
  std::vector<double> b(n * columns), xty(n * columns);
  for (std::size_t s = 0; s < systems; ++s) {
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t i = j; i < n; ++i) a[j * n + i] = xtx_at(s, i, j, false);
      if (j < features || regularize_bias) a[j * n + j] += regularize;
    }
    for (std::size_t c = 0; c < columns; ++c)
      for (std::size_t i = 0; i < n; ++i) b[c * n + i] = xty[c * n + i] = xty_at(weighted ? s : c, i, false);
    const SpdResult solved = spd_solve(a.get(), n, b.data(), columns, control);
    result.condition = std::max(result.condition, solved.condition);
    result.rank = std::min(result.rank, solved.rank);
    result.method = std::max(result.method, solved.method);

    for (std::size_t c = 0; c < columns; ++c) {
      const std::size_t o = weighted ? s : c;
      const double* w = b.data() + c * n;
      // w^T xtx w = w^T xty - lambda |w|^2, since w solves the system.
      double explained = 0, penalty = 0;
      for (std::size_t i = 0; i < n; ++i) {
        explained += w[i] * xty[c * n + i];
        if (i < features || regularize_bias) penalty += w[i] * w[i];
      }
      const auto rows = static_cast<double>(state.rows);
      double squares = 0, weight = rows;
      if (options_.fisher == FisherMode::kNone) {
        squares = state.squares.sum[o];
      } else if (weighted) {
        squares = weight = 2.0 * rows;
      } else {
        double w1, w0;
        class_weights(o, w1, w0);
        squares = rows * (w1 + w0);
      }
      result.mse[o] = std::max(0.0, squares - explained - regularize * penalty) / weight;

      double shift = 0;
      for (std::size_t i = 0; i < features; ++i) {
        const double value = options_.standardize ? w[i] / state.sd[i] : w[i];
        result.weights[i * outputs + o] = value;
        if (options_.standardize) shift += state.mean[i] * value;
      }
      if (options_.train_biases) result.bias[o] = w[features] - shift;
    }
    control.advance(0);
  }
  return result;
}

}  // namespace rockpool
