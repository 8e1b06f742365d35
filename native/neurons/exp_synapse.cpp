#include "rockpool/exp_synapse.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "neurons/event_filter.h"
#include "neurons/exp_synapse_kernels.h"
#include "neurons/finite.h"
#include "rockpool/error.h"
#include "rockpool/random.h"
#include "rockpool/thread_pool.h"
#include "synapses/dense_kernels.h"

namespace rockpool {

namespace {

constexpr std::size_t kUnitsPerTask = 512;                           // their state stays in the first-level cache over a block
constexpr std::size_t kParallelWork = std::size_t{1} << 17;          // unit steps of a block that are worth waking threads
constexpr std::uint64_t kStepsPerWindow = std::uint64_t{1} << 16;    // whose events are binned at once
constexpr double kUnitStepsPerBlock = 1048576, kBuffered = 65536.0;  // a few milliseconds; half a megabyte

double element(std::span<const double> v, std::size_t i, double otherwise) {
  return v.empty() ? otherwise : v.size() == 1 ? v[0] : v[i];
}

double decay_of(SynapseDecay decay, double a) {
  switch (decay) {
    case SynapseDecay::kEuler: return 1.0 - a;
    case SynapseDecay::kRk4: return 1.0 - a * (1.0 - a / 2 * (1.0 - a / 3 * (1.0 - a / 4)));
    case SynapseDecay::kExact: break;
  }
  return std::exp(-a);
}

double noise_factor(const ExpSynapseParameters& p, double a) {
  switch (p.noise) {
    case SynapseNoise::kStationary: {
      const double beta = decay_of(p.decay, a);
      return p.decay == SynapseDecay::kExact ? std::sqrt(-std::expm1(-2.0 * a)) : std::sqrt(std::max(0.0, 1.0 - beta * beta));
    }
    case SynapseNoise::kLegacy:
      if (p.decay == SynapseDecay::kExact) return std::sqrt(2.0 * a);
      return (1.0 - decay_of(p.decay, a)) * std::sqrt(2.0 / a);
    case SynapseNoise::kUnscaled: break;
  }
  return 1.0;
}

bool stop_requested(const void* control) {
  return static_cast<const RunControl*>(control)->stop_requested();
}

/// Computed once from the parameters, named after what they carry.
template <typename T>
struct Propagators {
  AlignedArray<T> x_from_x;        // beta
  AlignedArray<double> x_from_xi;  // c; empty without noise
};

/// Scratch of one run; nothing else is allocated while steps are computed, but for events beyond those of the windows before.
template <typename T>
struct Buffers {
  AlignedArray<T> x, drive, after, product;
  AlignedArray<double> sampled, xi;
  BinnedEvents events;
};

template <typename T>
class Plan final : public ExpSynapsePlan {
 public:
  explicit Plan(const ExpSynapseParameters& p)
      : kernels_(active_exp_synapse_kernels<T>()),
        dense_(active_dense_kernels<T>()),
        inputs_(p.inputs),
        units_(p.units),
        outputs_(p.w_out.empty() ? 0 : p.outputs),
        dt_(p.dt),
        block_steps_(p.block_steps) {
    carry_.x_from_x = AlignedArray<T>(units_);
    if (p.noise_std > 0.0) carry_.x_from_xi = AlignedArray<double>(units_);
    for (std::size_t j = 0; j < units_; ++j) {
      const double a = p.dt / element(p.tau, j, 1.0);
      carry_.x_from_x[j] = static_cast<T>(decay_of(p.decay, a));
      if (p.noise_std > 0.0) carry_.x_from_xi[j] = p.noise_std * noise_factor(p, a);
    }
    if (!p.weights.empty()) {
      stride_ = padded(units_);
      weights_ = AlignedArray<T>(inputs_ * stride_);
      for (std::size_t i = 0; i < inputs_; ++i)
        std::copy_n(p.weights.data() + i * units_, units_, weights_.data() + i * stride_);
    }
    if (!p.w_out.empty()) {
      w_out_ = AlignedArray<T>(units_ * panels() * dense_.panel);
      dense_.pack(p.w_out.data(), units_, outputs_, w_out_.data());
    }
    if (std::ranges::any_of(p.bias, [](double b) { return b != 0.0; })) {
      bias_ = AlignedArray<double>(units_);
      for (std::size_t j = 0; j < units_; ++j) bias_[j] = element(p.bias, j, 0.0);
    }
  }

  std::size_t inputs() const override { return inputs_; }
  std::size_t units() const override { return units_; }
  std::size_t columns() const override { return w_out_.empty() ? units_ : outputs_; }
  std::uint64_t rows(std::uint64_t steps) const override { return steps + (w_out_.empty() ? 1 : 0); }

  void run(std::span<double> x, const ExpSynapseRun& run, RunControl& control) const override {
    check(x, run);
    check_finite("current", x.data(), units_, run.first_step);
    const std::size_t block_steps = steps_per_block(run);
    auto buffers = make_buffers(run, block_steps);
    std::copy(x.begin(), x.end(), buffers.x.data());
    control.set_total(run.steps);
    const bool periodic = run.events != nullptr && run.events->events.periodic;
    // A periodic list is read as a whole for every window, any other one from where the window begins.
    const std::uint64_t window_steps = periodic ? run.steps : kStepsPerWindow;
    RunControl quiet = control.quiet();
    std::optional<EventFilter> filter;
    if (run.events != nullptr) filter.emplace(inputs_, run.events->count);
    for (std::uint64_t done = 0; done < run.steps;) {
      const std::uint64_t steps = std::min(window_steps, run.steps - done);
      buffers.events.clear();
      if (run.events != nullptr) {
        bin_events(run.events->events, {0.0, dt_, run.first_step + done, steps, kNoEnd, true}, buffers.events, quiet);
        filter->apply(buffers.events);
      }
      run_window(run, done, steps, block_steps, buffers, control);
      done += steps;
    }
    if (w_out_.empty())
      for (std::size_t j = 0; j < units_; ++j)
        run.out[static_cast<std::size_t>(run.steps) * units_ + j] =
            static_cast<double>(buffers.x[j]) + (bias_.empty() ? 0.0 : bias_[j]);
    std::copy_n(buffers.x.data(), units_, x.begin());
  }

  bool matches(const ExpSynapseParameters& p) const override;

 private:
  static std::size_t padded(std::size_t n) {
    constexpr std::size_t lanes = 64 / sizeof(T);
    return n < lanes ? n : (n + lanes - 1) / lanes * lanes;
  }
  std::size_t panels() const { return (outputs_ + dense_.panel - 1) / dense_.panel; }

  void check(std::span<const double> x, const ExpSynapseRun& run) const {
    if (x.size() != units_) throw_shape("the state", to_text(units_) + " elements long", to_text(x.size()) + " elements");
    const auto wanted = rows(run.steps);
    if (run.out.size() / columns() != wanted || run.out.size() % columns() != 0)
      throw_shape("out", to_text(wanted) + " x " + to_text(columns()), to_text(run.out.size()) + " elements");
    if (run.input != nullptr) check_input_channels(*run.input, units_);
  }

  std::size_t steps_per_block(const ExpSynapseRun& run) const {
    const bool buffered = run.input != nullptr || !carry_.x_from_xi.empty() || !w_out_.empty();
    double steps = (buffered ? kBuffered : kUnitStepsPerBlock) / static_cast<double>(units_);
    if (!w_out_.empty()) steps = std::min(steps, 1.6e7 / static_cast<double>(units_) / static_cast<double>(outputs_));
    if (block_steps_ > 0) steps = std::min(steps, static_cast<double>(block_steps_));
    steps = std::min(steps, static_cast<double>(run.steps));
    return static_cast<std::size_t>(std::clamp(steps, 1.0, 8192.0));
  }

  Buffers<T> make_buffers(const ExpSynapseRun& run, std::size_t block_steps) const {
    Buffers<T> b;
    b.x = AlignedArray<T>(units_);
    if (run.input != nullptr) b.sampled = AlignedArray<double>(block_steps * units_);
    if (!carry_.x_from_xi.empty()) b.xi = AlignedArray<double>(units_);
    if (run.input != nullptr || !b.xi.empty()) b.drive = AlignedArray<T>(block_steps * units_);
    if (!w_out_.empty()) {
      b.after = AlignedArray<T>(block_steps * units_);
      b.product = AlignedArray<T>(block_steps * panels() * dense_.panel);
    }
    return b;
  }

  /// The steps of a window whose events have been binned.
  void run_window(const ExpSynapseRun& run, std::uint64_t window, std::uint64_t steps, std::size_t block_steps, Buffers<T>& b,
                  RunControl& control) const {
    auto event = b.events.steps.begin();
    for (std::uint64_t done = 0; done < steps;) {
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(block_steps, steps - done));
      const auto end = std::lower_bound(event, b.events.steps.end(), done + n);
      auto block = make_block(b, control);
      block.steps = n;
      block.first_step = done;
      block.event_steps = b.events.steps.data() + (event - b.events.steps.begin());
      block.event_channels = b.events.channels.data() + (event - b.events.steps.begin());
      block.events = static_cast<std::size_t>(end - event);
      double* out = run.out.data() + static_cast<std::size_t>(window + done) * columns();
      if (w_out_.empty()) block.before = out;
      if (run.input != nullptr) read_input(*run.input, run.first_step + window + done, n, units_, b.sampled.data());
      run_block(run, run.first_step + window + done, block, b);
      control.advance(n);  // throws when the block was stopped
      if (first_not_finite(b.x.data(), units_) < units_) throw_not_finite(block, run.first_step + window + done);
      if (!w_out_.empty()) read_out(n, b, out);
      event = end;
      done += n;
    }
  }

  ExpSynapseBlock<T> make_block(Buffers<T>& b, const RunControl& control) const {
    ExpSynapseBlock<T> block{};
    block.x = b.x.data();
    block.decay = carry_.x_from_x.data();
    block.drive = b.drive.data();
    block.drive_stride = units_;
    block.weights = weights_.data();
    block.weight_stride = stride_;
    block.before_stride = units_;
    block.bias = bias_.data();
    block.after = b.after.data();
    block.after_stride = units_;
    block.stop = stop_requested;
    block.stop_context = &control;
    return block;
  }

  /// All units of a block, a group of them at a time; groups know nothing of each other.
  void run_block(const ExpSynapseRun& run, std::uint64_t first, const ExpSynapseBlock<T>& block, Buffers<T>& b) const {
    const auto task = [&](std::size_t i) {
      auto part = block;
      part.begin = i * kUnitsPerTask;
      part.end = std::min(part.begin + kUnitsPerTask, units_);
      if (!b.drive.empty()) prepare_drive(run, first, part, b);
      kernels_.run(part);
    };
    const std::size_t tasks = (units_ + kUnitsPerTask - 1) / kUnitsPerTask;
    if (tasks > 1 && units_ * block.steps >= kParallelWork)
      ThreadPool::instance().parallel_for(tasks, task);
    else
      for (std::size_t i = 0; i < tasks; ++i) task(i);
  }

  /// drive = u + c xi for the units and steps of a block.
  void prepare_drive(const ExpSynapseRun& run, std::uint64_t first, const ExpSynapseBlock<T>& part, Buffers<T>& b) const {
    const std::size_t begin = part.begin, end = part.end;
    for (std::size_t k = 0; k < part.steps; ++k) {
      T* row = b.drive.data() + k * units_;
      if (run.input != nullptr)
        std::copy(b.sampled.data() + k * units_ + begin, b.sampled.data() + k * units_ + end, row + begin);
      else
        std::fill(row + begin, row + end, T(0));
      if (b.xi.empty()) continue;
      fill_normal({run.seed, 0}, first + k, static_cast<std::uint32_t>(begin), b.xi.data() + begin, end - begin);
      for (std::size_t j = begin; j < end; ++j) row[j] += static_cast<T>(carry_.x_from_xi[j] * b.xi[j]);
    }
  }

  /// What is not finite once, stays so: the first of the states on record tells the step.
  [[noreturn]] void throw_not_finite(const ExpSynapseBlock<T>& block, std::uint64_t first) const {
    for (std::size_t k = 1; k < block.steps; ++k) {
      if (block.before != nullptr)
        check_finite("current", block.before + k * units_, units_, first + k - 1);
      else
        check_finite("current", block.after + (k - 1) * units_, units_, first + k - 1);
    }
    check_finite("current", block.x, units_, first + block.steps - 1);
    throw_invariant("a current is not finite", __FILE__, __LINE__);
  }

  void read_out(std::size_t steps, Buffers<T>& b, double* out) const {
    const std::size_t stride = panels() * dense_.panel;
    dense_.multiply(w_out_.data(), units_, panels(), b.after.data(), steps, b.product.data(), stride);
    for (std::size_t k = 0; k < steps; ++k) std::copy_n(b.product.data() + k * stride, outputs_, out + k * outputs_);
  }

  const ExpSynapseKernelsOf<T>& kernels_;
  const DenseKernelsOf<T>& dense_;
  std::size_t inputs_, units_, outputs_, stride_ = 0;
  double dt_;
  std::uint64_t block_steps_;
  AlignedArray<T> weights_, w_out_;  // rows of `stride_`; packed
  AlignedArray<double> bias_;        // empty: 0
  Propagators<T> carry_;
};

template <typename T>
bool Plan<T>::matches(const ExpSynapseParameters& p) const {
  check_exp_synapse_parameters(p);
  const bool readout = !p.w_out.empty();
  if (p.inputs != inputs_ || p.units != units_ || (readout ? p.outputs : 0) != outputs_ || p.dt != dt_ ||
      p.weights.empty() != weights_.empty())
    return false;
  const auto same = [](double value, T held) { return static_cast<T>(value) == held; };
  for (std::size_t j = 0; j < units_; ++j) {
    if (!same(decay_of(p.decay, p.dt / element(p.tau, j, 1.0)), carry_.x_from_x[j])) return false;
    if (element(p.bias, j, 0.0) != (bias_.empty() ? 0.0 : bias_[j])) return false;
  }
  for (std::size_t i = 0; i < inputs_ && !weights_.empty(); ++i)
    for (std::size_t j = 0; j < units_; ++j)
      if (!same(p.weights[i * units_ + j], weights_[i * stride_ + j])) return false;
  const std::size_t width = dense_.panel;
  for (std::size_t i = 0; i < units_ && readout; ++i)
    for (std::size_t o = 0; o < outputs_; ++o)
      if (!same(p.w_out[i * outputs_ + o], w_out_[(o / width * units_ + i) * width + o % width])) return false;
  return true;
}

void check_length(std::span<const double> v, std::size_t n, const char* name, bool scalar_too) {
  if (v.empty() || v.size() == n || (scalar_too && v.size() == 1)) return;
  throw_shape(name, to_text(n) + " elements long", to_text(v.size()) + " elements");
}

void check_numbers(std::span<const double> v, const char* name) {
  for (std::size_t i = 0; i < v.size(); ++i)
    if (!std::isfinite(v[i]))
      throw_range(std::string(name) + " (element " + to_text(i) + ")", "a finite number", to_text(v[i]));
}

}  // namespace

const ExpSynapseKernels& active_exp_synapse_kernels_all() {
  return ROCKPOOL_SELECT_KERNELS(exp_synapse_kernels);
}

void check_exp_synapse_parameters(const ExpSynapseParameters& p) {
  const auto product = [](std::size_t a, std::size_t b) { return a != 0 && b > SIZE_MAX / a ? SIZE_MAX : a * b; };
  if (p.units == 0 || p.units > 0xfffffff0u) throw_range("units", "from 1 to less than 2^32", to_text(p.units));
  if (!p.w_out.empty() && p.outputs == 0) throw_range("outputs", "1 or more", "0");
  check_length(p.weights, product(p.inputs, p.units), "weights", false);
  check_length(p.w_out, product(p.units, p.outputs), "wOut", false);
  check_length(p.tau, p.units, "tau", true);
  check_length(p.bias, p.units, "bias", true);
  if (p.weights.empty() && p.inputs != p.units)
    throw_shape("inputs", to_text(p.units) + " (one for each unit)", to_text(p.inputs));
  if (!(p.dt > 0) || !std::isfinite(p.dt)) throw_range("dt", "a finite number greater than 0", to_text(p.dt));
  for (const double tau : p.tau)
    if (!(tau > 0 && std::isfinite(tau))) throw_range("tau", "finite numbers greater than 0", to_text(tau));
  check_numbers(p.weights, "weights");
  check_numbers(p.w_out, "wOut");
  check_numbers(p.bias, "bias");
}

std::shared_ptr<const ExpSynapsePlan> make_exp_synapse_plan(const ExpSynapseParameters& p) {
  check_exp_synapse_parameters(p);
  if (p.precision == Precision::kFloat32) return std::make_shared<const Plan<float>>(p);
  return std::make_shared<const Plan<double>>(p);
}

}  // namespace rockpool
