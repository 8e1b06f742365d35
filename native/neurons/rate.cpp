#include "rockpool/rate.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>

#include "neurons/finite.h"
#include "neurons/noise.h"
#include "neurons/rate_kernels.h"
#include "neurons/rate_select.h"
#include "rockpool/aligned.h"
#include "rockpool/error.h"
#include "rockpool/random.h"
#include "simd/denormals.h"
#include "synapses/packed_matrix.h"

namespace rockpool {

namespace {

void check_length(std::span<const double> v, std::size_t n, const char* name, bool scalar_too) {
  if (v.empty() || v.size() == n || (scalar_too && v.size() == 1)) return;
  throw_shape(name, to_text(n) + " elements long", to_text(v.size()) + " elements");
}

double element(std::span<const double> v, std::size_t i, double otherwise) {
  return v.empty() ? otherwise : v.size() == 1 ? v[0] : v[i];
}

bool stop_requested(const void* control) {
  return static_cast<const RunControl*>(control)->stop_requested();
}

/// Computed once from the parameters, named after what they carry.
template <typename T>
struct RatePropagators {
  AlignedArray<T> x_from_drive;        // a = dt / tau
  AlignedArray<double> drive_from_xi;  // c; empty without noise
};

/// Scratch of one run; nothing else is allocated while steps are computed.
template <typename T>
struct RateBuffers {
  AlignedArray<T> x, r, recurrent, projected, value, input, drive;
  AlignedArray<T> before;  // x at the start of the block; empty unless states are checked
  AlignedArray<double> sampled, xi;
  AlignedArray<std::uint32_t> index;
};

template <typename T>
class Plan final : public RatePlan {
 public:
  explicit Plan(const RateParameters& p)
      : kernels_(active_rate_kernels<T>()),
        dense_(active_dense_kernels<T>()),
        inputs_(p.inputs),
        units_(p.units),
        outputs_(p.w_out.empty() ? 0 : p.outputs),
        w_in_(dense_, p.w_in, inputs_, units_),
        w_rec_(dense_, p.w_rec, units_, units_),
        w_out_(dense_, p.w_out, units_, outputs_),
        activation_(p.activation),
        record_(p.record),
        final_record_(p.final_record),
        check_finite_(p.check_finite) {
    const std::size_t n = units_;
    const auto finite = [](double w) { return std::isfinite(static_cast<T>(w)); };
    all_active_ = !std::ranges::all_of(p.w_rec, finite) || !std::ranges::all_of(p.w_out, finite);

    const bool scaled = std::ranges::any_of(p.gain, [](double g) { return g != 1.0; });
    if (scaled && !p.w_in.empty()) gain_ = vector(p.gain);
    auto& bias = p.bias_in == RateBias::kActivation ? activation_bias_ : drive_bias_;
    if (std::ranges::any_of(p.bias, [](double b) { return b != 0.0; })) bias = vector(p.bias);

    carry_.x_from_drive = AlignedArray<T>(n);
    if (p.noise_std > 0.0) carry_.drive_from_xi = AlignedArray<double>(n);
    for (std::size_t j = 0; j < n; ++j) {
      const double a = p.dt / element(p.tau, j, 1.0);
      carry_.x_from_drive[j] = static_cast<T>(a);
      if (p.noise_std > 0.0) carry_.drive_from_xi[j] = p.noise_std * noise_factor(p.noise_scaling, a);
    }
  }

  std::size_t inputs() const override { return inputs_; }
  std::size_t units() const override { return units_; }
  std::size_t columns() const override { return w_out_.empty() ? units_ : outputs_; }
  std::uint64_t rows(std::uint64_t steps) const override {
    return steps + (final_record_ && record_ == RateRecord::kPre ? 1 : 0);
  }

  void run(RateState state, const RateRun& run, RunControl& control) const override {
    check(state, run);
    if (run.out.size() / std::max<std::size_t>(columns(), 1) != rows(run.steps) && columns() > 0)
      throw_shape("out", to_text(rows(run.steps)) + " x " + to_text(columns()), to_text(run.out.size()) + " elements");
    const simd::FlushDenormals flush;
    const std::size_t block_steps = steps_per_block(run);
    auto buffers = make_buffers(run, block_steps);
    std::copy(state.x.begin(), state.x.end(), buffers.x.data());
    auto block = make_block(buffers, control);
    kernels_.activate(activation_, block.x, block.activation_bias, units_, block.r);
    if (check_finite_) check_finite("state", block.x, units_, run.first_step);
    control.set_total(run.steps);
    double* out = run.out.data();
    for (std::uint64_t done = 0; done < run.steps;) {
      block.steps = static_cast<std::size_t>(std::min<std::uint64_t>(block_steps, run.steps - done));
      block.out = out;
      prepare_drive(run, run.first_step + done, block.steps, buffers, row_of(run.weighted_input, done));
      block.recurrent_out = w_rec_.empty() ? nullptr : row_of(run.recurrent_input, done);
      block.activity_out = row_of(run.activities, done);
      if (check_finite_) std::copy_n(buffers.x.data(), units_, buffers.before.data());
      kernels_.run(block);
      control.advance(block.steps);
      if (check_finite_ && first_not_finite(buffers.x.data(), units_) < units_)
        report_not_finite(block, buffers, run.first_step + done);
      out += block.steps * columns();
      done += block.steps;
    }
    if (w_rec_.empty()) std::ranges::fill(run.recurrent_input, 0.0);
    if (rows(run.steps) > run.steps) kernels_.record(block, out);
    std::copy_n(buffers.x.data(), units_, state.x.begin());
  }

  bool matches(const RateParameters& p) const override {
    check_rate_parameters(p);
    if (p.inputs != inputs_ || p.units != units_ || (!p.w_out.empty() && p.outputs != outputs_)) return false;
    for (std::size_t j = 0; j < units_; ++j)
      if (carry_.x_from_drive[j] != static_cast<T>(p.dt / element(p.tau, j, 1.0))) return false;
    const auto& bias = p.bias_in == RateBias::kActivation ? activation_bias_ : drive_bias_;
    return same_vector(p.bias, bias, 0.0) && (p.w_in.empty() || same_vector(p.gain, gain_, 1.0)) &&
           w_in_.holds(p.w_in, inputs_, units_) && w_rec_.holds(p.w_rec, units_, units_) &&
           w_out_.holds(p.w_out, units_, outputs_);
  }

  void activity(std::span<const double> x, std::span<double> out) const override {
    if (x.size() != units_ || out.size() != units_)
      throw_shape("x", to_text(units_) + " elements long", to_text(x.size()) + " elements");
    AlignedArray<T> from(units_), to(units_);
    std::copy(x.begin(), x.end(), from.data());
    kernels_.activate(activation_, from.data(), activation_bias_.data(), units_, to.data());
    std::copy_n(to.data(), units_, out.begin());
  }

  void project(std::span<const double> activity, std::span<double> out) const override {
    if (activity.size() != units_ || out.size() != columns())
      throw_shape("the activity and the output", to_text(units_) + " and " + to_text(columns()) + " elements long",
                  to_text(activity.size()) + " and " + to_text(out.size()) + " elements");
    RunControl control;
    auto buffers = make_buffers({}, 0);
    std::copy(activity.begin(), activity.end(), buffers.r.data());
    kernels_.record(make_block(buffers, control), out.data());
  }

  void step(RateState state, const RateRun& run, std::span<const double> activity) const override {
    check(state, run);
    if (activity.size() != units_)
      throw_shape("the activity", to_text(units_) + " elements long", to_text(activity.size()) + " elements");
    const simd::FlushDenormals flush;
    RunControl control;
    auto buffers = make_buffers(run, 1);
    std::copy(state.x.begin(), state.x.end(), buffers.x.data());
    std::copy(activity.begin(), activity.end(), buffers.r.data());
    auto block = make_block(buffers, control);
    block.steps = 1;
    prepare_drive(run, run.first_step, 1, buffers, row_of(run.weighted_input, 0));
    kernels_.step(block);
    if (w_rec_.empty())
      std::ranges::fill(run.recurrent_input, 0.0);
    else
      std::copy_n(buffers.recurrent.data(), run.recurrent_input.size(), run.recurrent_input.begin());
    if (check_finite_) check_finite("state", buffers.x.data(), units_, run.first_step);
    std::copy_n(buffers.x.data(), units_, state.x.begin());
  }

 private:
  std::size_t padded(std::size_t columns) const { return (columns + dense_.panel - 1) / dense_.panel * dense_.panel; }

  AlignedArray<T> vector(std::span<const double> from) const {
    AlignedArray<T> v(units_);
    for (std::size_t j = 0; j < units_; ++j) v[j] = static_cast<T>(element(from, j, 0.0));
    return v;
  }

  bool same_vector(std::span<const double> from, const AlignedArray<T>& held, double otherwise) const {
    for (std::size_t j = 0; j < units_; ++j)
      if (!same_number(element(from, j, otherwise), held.empty() ? static_cast<T>(otherwise) : held[j])) return false;
    return true;
  }

  void check(const RateState& state, const RateRun& run) const {
    if (state.x.size() != units_)
      throw_shape("the state", to_text(units_) + " elements long", to_text(state.x.size()) + " elements");
    if (run.input != nullptr) check_input_channels(*run.input, inputs_);
    if (run.force != nullptr) check_input_channels(*run.force, units_);
    for (const auto& record : {run.weighted_input, run.recurrent_input, run.activities})
      if (!record.empty() && (units_ == 0 || record.size() % units_ != 0 || record.size() / units_ != run.steps))
        throw_shape("a record", to_text(run.steps) + " x " + to_text(units_), to_text(record.size()) + " elements");
  }

  /// Row `step` of a record, null when there is none.
  double* row_of(std::span<double> record, std::uint64_t step) const {
    return record.empty() ? nullptr : record.data() + static_cast<std::size_t>(step) * units_;
  }

  /// Repeats a block step by step to find where it went wrong, and throws.
  void report_not_finite(RateBlock<T> block, RateBuffers<T>& b, std::uint64_t first) const {
    const std::size_t steps = block.steps;
    std::copy_n(b.before.data(), units_, b.x.data());
    kernels_.activate(activation_, block.x, block.activation_bias, units_, block.r);
    block.steps = 1;
    block.recurrent_out = block.activity_out = nullptr;
    for (std::size_t k = 0; k < steps; ++k, block.drive += block.drive_stride) {
      kernels_.run(block);
      check_finite("state", b.x.data(), units_, first + k);
    }
  }

  /// As many steps as give the input product full tiles and stay within a few milliseconds and the second-level cache.
  std::size_t steps_per_block(const RateRun& run) const {
    const double row = static_cast<double>(std::max<std::size_t>({units_, inputs_, 1}));
    const std::size_t per_unit = w_rec_.size() / std::max<std::size_t>(units_, 1) + inputs_ + 16;
    const double work = static_cast<double>(units_) * static_cast<double>(per_unit);
    const double by_cache = (w_in_.empty() ? 8192.0 : 49152.0) / row;
    const double by_time = 1.6e7 / std::max(work, 1.0);
    const double steps = std::clamp(std::floor(std::min(by_cache, by_time)), 1.0, 384.0);
    return static_cast<std::size_t>(std::min<double>(steps, static_cast<double>(std::max<std::uint64_t>(run.steps, 1))));
  }

  RateBuffers<T> make_buffers(const RateRun& run, std::size_t block_steps) const {
    RateBuffers<T> b;
    const bool product = !w_rec_.empty() || !w_out_.empty();
    b.x = AlignedArray<T>(units_);
    b.before = AlignedArray<T>(check_finite_ ? units_ : 0);
    b.r = AlignedArray<T>(units_);
    b.recurrent = AlignedArray<T>(w_rec_.empty() ? 0 : padded(units_));
    b.projected = AlignedArray<T>(w_out_.empty() ? 0 : padded(outputs_));
    b.value = AlignedArray<T>(product ? units_ + kPanelPrefetch : 0);
    b.index = AlignedArray<std::uint32_t>(product ? units_ + kPanelPrefetch : 0);
    b.drive = AlignedArray<T>(block_steps * padded(units_));
    if (run.input != nullptr || run.force != nullptr) b.sampled = AlignedArray<double>(block_steps * std::max(inputs_, units_));
    if (run.input != nullptr && !w_in_.empty()) b.input = AlignedArray<T>(block_steps * inputs_);
    if (!carry_.drive_from_xi.empty()) b.xi = AlignedArray<double>(units_);
    return b;
  }

  RateBlock<T> make_block(RateBuffers<T>& b, const RunControl& control) const {
    RateBlock<T> block{};
    block.units = units_;
    block.activation = activation_;
    block.record_post = record_ == RateRecord::kPost;
    block.all_active = all_active_;
    block.leak = carry_.x_from_drive.data();
    block.activation_bias = activation_bias_.data();
    block.drive = b.drive.data();
    block.drive_stride = padded(units_);
    block.w_rec = w_rec_.data();
    block.w_out = w_out_.data();
    block.outputs = outputs_;
    block.x = b.x.data();
    block.r = b.r.data();
    block.recurrent = b.recurrent.data();
    block.projected = b.projected.data();
    block.index = b.index.data();
    block.value = b.value.data();
    block.stop = stop_requested;
    block.stop_context = &control;
    return block;
  }

  /// drive = g .* (u W_in) + b_d + F + c xi for the rows of a block; `weighted` gets u W_in, unless it is null.
  void prepare_drive(const RateRun& run, std::uint64_t first, std::size_t rows, RateBuffers<T>& b, double* weighted) const {
    const std::size_t stride = padded(units_);
    T* drive = b.drive.data();
    const auto for_rows = [&](auto body) {
      for (std::size_t k = 0; k < rows; ++k) body(k, drive + k * stride);
    };
    if (run.input == nullptr) {
      std::fill_n(drive, rows * stride, T(0));
    } else {
      read_input(*run.input, first, rows, inputs_, b.sampled.data());
      if (w_in_.empty()) {
        for_rows([&](std::size_t k, T* row) { std::copy_n(b.sampled.data() + k * units_, units_, row); });
      } else {
        std::copy_n(b.sampled.data(), rows * inputs_, b.input.data());
        dense_.multiply(w_in_.data(), inputs_, stride / dense_.panel, b.input.data(), rows, drive, stride);
      }
    }
    if (weighted != nullptr) for_rows([&](std::size_t k, T* row) { std::copy_n(row, units_, weighted + k * units_); });
    if (!gain_.empty() && run.input != nullptr)
      for_rows([&](std::size_t, T* row) {
        for (std::size_t j = 0; j < units_; ++j) row[j] *= gain_[j];
      });
    if (!drive_bias_.empty())
      for_rows([&](std::size_t, T* row) {
        for (std::size_t j = 0; j < units_; ++j) row[j] += drive_bias_[j];
      });
    if (run.force != nullptr) {
      read_input(*run.force, first, rows, units_, b.sampled.data());
      for_rows([&](std::size_t k, T* row) {
        for (std::size_t j = 0; j < units_; ++j) row[j] += static_cast<T>(b.sampled[k * units_ + j]);
      });
    }
    if (!carry_.drive_from_xi.empty())
      for_rows([&](std::size_t k, T* row) {
        fill_normal({run.seed, 0}, first + k, 0, b.xi.data(), units_);
        for (std::size_t j = 0; j < units_; ++j) row[j] += static_cast<T>(carry_.drive_from_xi[j] * b.xi[j]);
      });
  }

  const RateKernelsOf<T>& kernels_;
  const DenseKernelsOf<T>& dense_;
  std::size_t inputs_, units_, outputs_;
  PackedMatrix<T> w_in_, w_rec_, w_out_;
  RateActivation activation_;
  RateRecord record_;
  bool final_record_, check_finite_;
  bool all_active_ = false;
  AlignedArray<T> gain_, activation_bias_, drive_bias_;
  RatePropagators<T> carry_;
};

}  // namespace

const RateKernels& active_rate_kernels_all() {
  return ROCKPOOL_SELECT_KERNELS(rate_kernels);
}

void check_rate_parameters(const RateParameters& p) {
  const auto product = [](std::size_t a, std::size_t b) { return a != 0 && b > SIZE_MAX / a ? SIZE_MAX : a * b; };
  check_length(p.w_in, product(p.inputs, p.units), "wIn", false);
  check_length(p.w_rec, product(p.units, p.units), "wRec", false);
  check_length(p.w_out, product(p.units, p.outputs), "wOut", false);
  check_length(p.gain, p.units, "gain", true);
  check_length(p.bias, p.units, "bias", true);
  check_length(p.tau, p.units, "tau", true);
  for (const double tau : p.tau)
    if (!(tau > 0 && std::isfinite(tau))) throw_range("tau", "finite numbers greater than 0", to_text(tau));
  if (p.units > 0xfffffff0u) throw_range("units", "less than 2^32", to_text(p.units));
  if (p.w_in.empty() && p.inputs != p.units && p.units != 0)
    throw_shape("inputs", to_text(p.units) + " (one for each unit)", to_text(p.inputs));
}

std::shared_ptr<const RatePlan> make_rate_plan(const RateParameters& p) {
  check_rate_parameters(p);
  if (p.precision == Precision::kFloat32) return std::make_shared<const Plan<float>>(p);
  return std::make_shared<const Plan<double>>(p);
}

RateActivation rate_activation(const std::string& name) {
  if (name == "relu") return RateActivation::kRelu;
  if (name == "tanh") return RateActivation::kTanh;
  if (name == "sigmoid") return RateActivation::kSigmoid;
  if (name == "linear") return RateActivation::kLinear;
  throw_range("activation", "relu, tanh, sigmoid or linear", name);
}

double read_bandwidth(std::size_t bytes, double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto& kernels = active_dense_kernels<double>();
  const std::size_t n = std::max<std::size_t>(bytes / sizeof(double) / kernels.panel, 1) * kernels.panel;
  const std::size_t passes = std::max<std::size_t>((std::size_t{64} << 20) / (n * sizeof(double)), 1);
  const AlignedArray<double> block(n);
  volatile double sink = kernels.sum(block.data(), n);
  double best = 0;
  const auto begin = Clock::now();
  for (auto from = begin; std::chrono::duration<double>(from - begin).count() < seconds;) {
    for (std::size_t i = 0; i < passes; ++i) sink = sink + kernels.sum(block.data(), n);
    const auto to = Clock::now();
    best = std::max(best, static_cast<double>(passes * n * sizeof(double)) / std::chrono::duration<double>(to - from).count());
    from = to;
  }
  return best;
}

void apply_activation(RateActivation activation, std::span<const double> x, std::span<double> out) {
  if (x.size() != out.size()) throw_shape("out", to_text(x.size()) + " elements long", to_text(out.size()) + " elements");
  active_rate_kernels_all().f64.activate(activation, x.data(), nullptr, x.size(), out.data());
}

}  // namespace rockpool
