#include "rockpool/pass_through.h"

#include <algorithm>
#include <string>
#include <vector>

#include "rockpool/aligned.h"
#include "rockpool/error.h"
#include "rockpool/random.h"
#include "synapses/dense_kernels.h"

namespace rockpool {

namespace {

template <typename T>
class Plan final : public PassThroughPlan {
 public:
  explicit Plan(const PassThroughParameters& p)
      : kernels_(active_dense_kernels<T>()), inputs_(p.inputs), units_(p.units), noise_std_(p.noise_std), bias_(units_) {
    packed_ = AlignedArray<T>(inputs_ * padded());
    kernels_.pack(p.weights.data(), inputs_, units_, packed_.data());
    for (std::size_t j = 0; j < units_; ++j) bias_[j] = p.bias.empty() ? 0.0 : p.bias.size() == 1 ? p.bias[0] : p.bias[j];
  }

  std::size_t inputs() const override { return inputs_; }
  std::size_t units() const override { return units_; }

  void run(PassThroughState state, const RateRun& run, RunControl& control) const override {
    check(state, run);
    const std::size_t n = units_, stride = padded();
    const std::size_t delay = n == 0 ? 0 : state.buffer.size() / n;
    const std::size_t steps = static_cast<std::size_t>(run.steps);
    const std::size_t block_steps = std::min(steps, steps_per_block());
    AlignedArray<double> sampled(run.input == nullptr ? 0 : block_steps * inputs_), xi(noise_std_ > 0.0 ? n : 0);
    AlignedArray<T> input(run.input == nullptr ? 0 : block_steps * inputs_), product(block_steps * stride);
    std::vector<double> next(state.buffer.size());

    control.set_total(run.steps);
    const std::size_t from_buffer = std::min(steps, delay);
    const auto emit = [&](const double* row, std::size_t k) {
      for (std::size_t j = 0; j < n; ++j) run.out[k * n + j] = row[j] + bias_[j];
    };
    for (std::size_t k = 0; k < from_buffer; ++k) emit(state.buffer.data() + k * n, k);
    std::copy(state.buffer.begin() + static_cast<std::ptrdiff_t>(from_buffer * n), state.buffer.end(), next.begin());

    std::vector<double> row(n), last(state.last.begin(), state.last.end());
    if (from_buffer > 0 && from_buffer == steps) std::copy_n(state.buffer.data() + (steps - 1) * n, n, last.data());
    for (std::size_t done = 0; done < steps; done += block_steps) {
      const std::size_t rows = std::min(block_steps, steps - done);
      multiply(run, run.first_step + done, rows, sampled, input, product);
      for (std::size_t k = 0; k < rows; ++k) {
        const T* y = product.data() + k * stride;
        std::copy_n(y, n, row.data());
        if (!xi.empty()) {
          fill_normal({run.seed, 0}, run.first_step + done + k, 0, xi.data(), n);
          for (std::size_t j = 0; j < n; ++j) row[j] += noise_std_ * xi[j];
        }
        const std::size_t at = done + k + delay;  // position in q
        if (at < steps) {
          emit(row.data(), at);
          if (at + 1 == steps) last = row;
        } else {
          std::copy(row.begin(), row.end(), next.begin() + static_cast<std::ptrdiff_t>((at - steps) * n));
        }
      }
      control.advance(rows);
    }
    std::copy(next.begin(), next.end(), state.buffer.begin());
    std::copy(last.begin(), last.end(), state.last.begin());
  }

 private:
  std::size_t padded() const { return (units_ + kernels_.panel - 1) / kernels_.panel * kernels_.panel; }

  std::size_t steps_per_block() const {
    const double row = static_cast<double>(std::max<std::size_t>({units_, inputs_, 1}));
    const double work = static_cast<double>(std::max<std::size_t>(units_, 1)) * static_cast<double>(inputs_ + 16);
    return static_cast<std::size_t>(std::clamp(std::min(49152.0 / row, 1.6e7 / work), 1.0, 384.0));
  }

  void check(const PassThroughState& state, const RateRun& run) const {
    if (state.last.size() != units_)
      throw_shape("the state", to_text(units_) + " elements long", to_text(state.last.size()) + " elements");
    if (units_ > 0 && state.buffer.size() % units_ != 0)
      throw_shape("the buffer", "whole rows of " + to_text(units_), to_text(state.buffer.size()) + " elements");
    if (units_ > 0 && (run.out.size() % units_ != 0 || run.out.size() / units_ != run.steps))
      throw_shape("out", to_text(run.steps) + " x " + to_text(units_), to_text(run.out.size()) + " elements");
    if (run.input != nullptr) check_input_channels(*run.input, inputs_);
  }

  void multiply(const RateRun& run, std::uint64_t first, std::size_t rows, AlignedArray<double>& sampled,
                AlignedArray<T>& input, AlignedArray<T>& product) const {
    if (run.input == nullptr) return;  // zeros, as allocated
    read_input(*run.input, first, rows, inputs_, sampled.data());
    std::copy_n(sampled.data(), rows * inputs_, input.data());
    kernels_.multiply(packed_.data(), inputs_, padded() / kernels_.panel, input.data(), rows, product.data(), padded());
  }

  const DenseKernelsOf<T>& kernels_;
  std::size_t inputs_, units_;
  double noise_std_;
  AlignedArray<T> packed_;
  AlignedArray<double> bias_;
};

}  // namespace

std::shared_ptr<const PassThroughPlan> make_pass_through_plan(const PassThroughParameters& p) {
  if (p.inputs != 0 && p.units > SIZE_MAX / p.inputs) throw_range("units", "fewer", to_text(p.units));
  if (p.weights.size() != p.inputs * p.units)
    throw_shape("weights", to_text(p.inputs) + " x " + to_text(p.units), to_text(p.weights.size()) + " elements");
  if (p.bias.size() > 1 && p.bias.size() != p.units)
    throw_shape("bias", to_text(p.units) + " elements long", to_text(p.bias.size()) + " elements");
  if (p.precision == Precision::kFloat32) return std::make_shared<const Plan<float>>(p);
  return std::make_shared<const Plan<double>>(p);
}

}  // namespace rockpool
