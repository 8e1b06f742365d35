#include "neurons/fast_slow.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "neurons/noise.h"
#include "rockpool/error.h"

namespace rockpool {

namespace {

std::size_t padded(std::size_t n) {
  return (n + kFastSlowPadding - 1) / kFastSlowPadding * kFastSlowPadding;
}

void need(std::span<const double> values, std::size_t rows, std::size_t columns, const char* name) {
  const bool fits = columns == 0 ? values.empty() : values.size() % columns == 0 && values.size() / columns == rows;
  if (!fits)
    throw_shape(name, std::to_string(rows) + " x " + std::to_string(columns), std::to_string(values.size()) + " elements");
}

void check_parameters(const FastSlowParameters& p) {
  if (p.units == 0 || p.units > 0x7fffffffu) throw_range("units", "from 1 to 2^31 - 1", std::to_string(p.units));
  need(p.weights_fast, p.units, p.units, "weightsFast");
  need(p.weights_slow, p.units, p.units, "weightsSlow");
  const std::pair<std::span<const double>, const char*> vectors[] = {
      {p.bias, "bias"},        {p.tau_mem, "tauMem"}, {p.tau_fast, "tauSynRFast"}, {p.tau_slow, "tauSynRSlow"},
      {p.v_thresh, "vThresh"}, {p.v_reset, "vReset"}, {p.v_rest, "vRest"}};
  for (const auto& [values, name] : vectors) need(values, 1, p.units, name);
  if (p.outputs > 0) {
    need(p.weights_in, p.outputs, p.units, "weightsIn");
    need(p.weights_out, p.units, p.outputs, "weightsOut");
    need(p.tau_out, 1, p.outputs, "tauSynROut");
  }
  const auto positive = [](double tau, const char* name) {
    if (!(tau > 0 && std::isfinite(tau))) throw_range(name, "finite numbers greater than 0", std::to_string(tau));
  };
  for (const double tau : p.tau_mem) positive(tau, "tauMem");
  for (const double tau : p.tau_fast) positive(tau, "tauSynRFast");
  for (const double tau : p.tau_slow) positive(tau, "tauSynRSlow");
  for (const double tau : p.tau_out) positive(tau, "tauSynROut");
  positive(p.tau_rate, "tauSynROut");
  positive(p.dt, "dt");
  for (std::size_t j = 0; j < p.units; ++j)
    if (!(p.v_thresh[j] > p.v_reset[j]))
      throw_range("vThresh", "greater than vReset for each unit", std::to_string(p.v_thresh[j]));
}

AlignedArray<double> rows_of(std::span<const double> w, std::size_t units, std::size_t stride, bool by_row) {
  AlignedArray<double> rows(units * stride);
  for (std::size_t i = 0; i < units; ++i)
    for (std::size_t j = 0; j < units; ++j) rows[i * stride + j] = by_row ? w[i * units + j] : w[j * units + i];
  return rows;
}

class Plan final : public FastSlowPlan {
 public:
  explicit Plan(const FastSlowParameters& p) : model_(p) {}
  std::size_t units() const override { return model_.units; }
  std::size_t outputs() const override { return model_.outputs; }
  double dt() const override { return model_.dt; }
  void run(const FastSlowState& state, const FastSlowRun& run, FastSlowSpikes& spikes, RunControl& control) const override {
    FastSlowRunner runner(model_, state, run, spikes, control);
    runner();
  }

 private:
  FastSlowModel model_;
};

}  // namespace

FastSlowModel::FastSlowModel(const FastSlowParameters& p)
    : units(p.units),
      outputs(p.outputs),
      stride(padded(p.units)),
      dt(p.dt),
      refractory_steps(p.refractory / p.dt),
      noise_std(p.noise_std),
      rate_from_rate(p.dt / p.tau_rate),
      fast_rows(rows_of(p.weights_fast, units, stride, false)),
      slow_rows(rows_of(p.weights_slow, units, stride, p.slow_by_pre)),
      teacher_rows(outputs * stride),
      output_rows(units * outputs),
      out_from_out(outputs),
      v_from_drive(stride),
      fast_from_fast(stride),
      slow_from_slow(stride),
      threshold(stride),
      reset(stride),
      constant_drive(stride),
      drive_from_xi(p.noise_std > 0.0 ? stride : 0),
      kernels(ROCKPOOL_SELECT_KERNELS(fast_slow_kernels)) {
  for (std::size_t j = 0; j < units; ++j) {
    v_from_drive[j] = dt / p.tau_mem[j];
    fast_from_fast[j] = dt / p.tau_fast[j];
    slow_from_slow[j] = dt / p.tau_slow[j];
    threshold[j] = p.v_thresh[j];
    reset[j] = p.v_reset[j];
    constant_drive[j] = p.v_rest[j] + p.bias[j];
    if (noise_std > 0.0) drive_from_xi[j] = noise_std * noise_factor(p.noise_scaling, v_from_drive[j]);
  }
  for (std::size_t j = units; j < stride; ++j) threshold[j] = std::numeric_limits<double>::infinity();
  for (std::size_t c = 0; c < outputs; ++c) {
    out_from_out[c] = dt / p.tau_out[c];
    std::copy_n(p.weights_in.data() + c * units, units, teacher_rows.data() + c * stride);
  }
  std::copy_n(p.weights_out.begin(), units * outputs, output_rows.data());
}

std::shared_ptr<const FastSlowPlan> make_fast_slow_plan(const FastSlowParameters& p) {
  check_parameters(p);
  return std::make_shared<const Plan>(p);
}

}  // namespace rockpool
