#include "rockpool/nir_neurons.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/batch_tasks.h"
#include "neurons/batch_arrays.h"
#include "neurons/finite.h"
#include "rockpool/aligned.h"
#include "rockpool/error.h"

namespace rockpool {

namespace {

void check_parameters(const NirNeuronParameters& p) {
  if (p.units == 0) throw_range("units", "greater than 0", "0");
  if (!(p.dt > 0.0 && std::isfinite(p.dt))) throw_range("dt", "greater than 0", to_text(p.dt));
  const std::size_t n = p.units;
  check_size("r", p.r.size(), {n});
  check_size("tau_mem", p.tau_mem.size(), {0, n});
  check_size("tau_syn", p.tau_syn.size(), {0, n});
  check_size("v_leak", p.v_leak.size(), {p.tau_mem.empty() ? 0 : n});
  check_size("w_in", p.w_in.size(), {p.tau_syn.empty() ? 0 : n});
  check_size("v_threshold", p.v_threshold.size(), {0, n});
  check_size("v_reset", p.v_reset.size(), {p.v_threshold.empty() || p.reset == NirReset::kSubtract ? 0 : n});
  check_size("w_rec", p.w_rec.size(), {0, n * n});
  check_size("rec_bias", p.rec_bias.size(), {0, n});
  if (!(p.max_spikes >= 1.0)) throw_range("max_spikes", "1 or more", to_text(p.max_spikes));
}

void check_run(const NirNeuronParameters& p, const NirNeuronState& state, const NirNeuronNewState& after,
               const NirNeuronRun& run) {
  const std::size_t n = run.batch * p.units, all = n * run.steps;
  check_size("input", run.input.size(), {all});
  check_size("out", run.out.size(), {all});
  check_size("the record of vmem", run.v_record.size(), {0, all});
  check_size("the record of isyn", run.i_record.size(), {0, all});
  for (const auto size : {state.v_mem.size(), state.i_syn.size(), state.spikes.size()})
    check_size("a state", size, {p.units, n});
  for (const auto size : {after.v_mem.size(), after.i_syn.size(), after.spikes.size()}) check_size("a new state", size, {n});
}

/// What decays in a step to what is left of it.
double propagator(const NirNeuronParameters& p, const char* name, double tau) {
  if (!(tau > 0.0)) throw_range(name, "greater than 0", to_text(tau));
  if (p.integration == NirIntegration::kExponential) return std::exp(-p.dt / tau);
  if (p.dt > 2.0 * tau) throw_range("dt", std::string("at most 2 ") + name + " for Euler steps", to_text(p.dt));
  return 1.0 - p.dt / tau;
}

/// 1 - propagator(), without losing what a long time constant leaves of it.
double complement(const NirNeuronParameters& p, double tau) {
  return p.integration == NirIntegration::kExponential ? -std::expm1(-p.dt / tau) : p.dt / tau;
}

/// Prepared once for all batch elements.
class Neurons {
 public:
  explicit Neurons(const NirNeuronParameters& p)
      : p_(p), v_from_v_(p.units), v_from_d_(p.units), v_drive_(p.units), i_from_i_(p.units), i_from_s_(p.units) {
    for (std::size_t j = 0; j < p.units; ++j) {
      const double kept = p.tau_mem.empty() ? 1.0 : propagator(p, "tau_mem", p.tau_mem[j]);
      const double gained = p.tau_mem.empty() ? p.dt : complement(p, p.tau_mem[j]);
      v_from_v_[j] = kept, v_from_d_[j] = gained * p.r[j];
      v_drive_[j] = p.tau_mem.empty() ? 0.0 : gained * p.v_leak[j];
      if (p.tau_syn.empty()) continue;
      i_from_i_[j] = propagator(p, "tau_syn", p.tau_syn[j]);
      i_from_s_[j] = complement(p, p.tau_syn[j]) * p.w_in[j];
    }
  }

  void run(std::size_t element, const NirNeuronState& state, const NirNeuronNewState& after, const NirNeuronRun& run,
           SharedControl& control) const {
    const std::size_t n = p_.units;
    AlignedArray<double> v(n), i(n), spikes(n), arriving(n);
    load(state.v_mem, element, n, v.data());
    load(state.i_syn, element, n, i.data());
    load(state.spikes, element, n, spikes.data());
    // Some milliseconds of work at most between two looks at the control.
    const std::size_t cost = n * (p_.w_rec.empty() ? 16 : 16 + n);
    const std::size_t block = std::clamp<std::size_t>(4'000'000 / cost, 1, 4096);
    for (std::size_t k = 0; k < run.steps; ++k) {
      const std::size_t at = (element * run.steps + k) * n;
      step(run.input.data() + at, v.data(), i.data(), spikes.data(), arriving.data());
      std::copy_n(p_.v_threshold.empty() ? v.data() : spikes.data(), n, run.out.data() + at);
      if (!run.v_record.empty()) std::copy_n(v.data(), n, run.v_record.data() + at);
      if (!run.i_record.empty()) std::copy_n(i.data(), n, run.i_record.data() + at);
      if ((k + 1) % block != 0 && k + 1 != run.steps) continue;
      check_finite("membrane potential", v.data(), n, k);
      control.advance(k % block + 1);
    }
    store(v.data(), element, n, after.v_mem);
    store(i.data(), element, n, after.i_syn);
    store(spikes.data(), element, n, after.spikes);
  }

 private:
  void arrive(const double* input, const double* spikes, double* arriving) const {
    const std::size_t n = p_.units;
    std::copy_n(input, n, arriving);
    if (!p_.rec_bias.empty())
      for (std::size_t j = 0; j < n; ++j) arriving[j] += p_.rec_bias[j];
    if (p_.w_rec.empty()) return;
    for (std::size_t pre = 0; pre < n; ++pre) {
      if (spikes[pre] == 0.0) continue;
      const double* row = p_.w_rec.data() + pre * n;
      for (std::size_t j = 0; j < n; ++j) arriving[j] += spikes[pre] * row[j];
    }
  }

  void step(const double* input, double* v, double* i, double* spikes, double* arriving) const {
    const std::size_t n = p_.units;
    arrive(input, spikes, arriving);
    const double* drive = arriving;
    if (!p_.tau_syn.empty()) {
      for (std::size_t j = 0; j < n; ++j) i[j] = i_from_i_[j] * i[j] + i_from_s_[j] * arriving[j];
      drive = i;
    }
    for (std::size_t j = 0; j < n; ++j) v[j] = v_from_v_[j] * v[j] + v_from_d_[j] * drive[j] + v_drive_[j];
    if (p_.v_threshold.empty()) {
      std::copy_n(v, n, spikes);  // what a recurrent connection carries
      return;
    }
    if (p_.reset_next) reset(spikes, v);
    for (std::size_t j = 0; j < n; ++j) spikes[j] = count(v[j], p_.v_threshold[j]);
    if (!p_.reset_next) reset(spikes, v);
  }

  double count(double v, double threshold) const {
    const auto crossed = [&](double k) { return p_.reached ? v >= k * threshold : v > k * threshold; };
    if (!crossed(1.0)) return 0.0;
    if (p_.max_spikes == 1.0 || !(threshold > 0.0)) return 1.0;
    double k = std::max(1.0, std::floor(v / threshold));
    if (!crossed(k)) k -= 1.0;
    if (crossed(k + 1.0)) k += 1.0;
    return std::clamp(k, 1.0, p_.max_spikes);
  }

  void reset(const double* spikes, double* v) const {
    for (std::size_t j = 0; j < p_.units; ++j) {
      if (spikes[j] == 0.0) continue;
      v[j] = p_.reset == NirReset::kValue ? p_.v_reset[j] : v[j] - spikes[j] * p_.v_threshold[j];
    }
  }

  const NirNeuronParameters& p_;
  AlignedArray<double> v_from_v_, v_from_d_, v_drive_, i_from_i_, i_from_s_;
};

}  // namespace

void run_nir_neurons(const NirNeuronParameters& p, const NirNeuronState& state, const NirNeuronNewState& after,
                     const NirNeuronRun& run, RunControl& control) {
  check_parameters(p);
  check_run(p, state, after, run);
  const Neurons neurons(p);
  run_tasks(run.batch, std::uint64_t{run.batch} * run.steps, control,
            [&](std::size_t element, SharedControl& shared) { neurons.run(element, state, after, run, shared); });
}

std::size_t first_outside(std::span<const double> x, double bound, bool or_equal) {
  const auto outside = [=](double value) { return !std::isfinite(value) || (or_equal ? value < bound : value <= bound); };
  return static_cast<std::size_t>(std::find_if(x.begin(), x.end(), outside) - x.begin());
}

void transpose(std::span<const double> x, std::size_t rows, std::size_t columns, std::span<double> out) {
  check_size("x", x.size(), {rows * columns});
  check_size("out", out.size(), {rows * columns});
  constexpr std::size_t kTile = 32;  // rows and columns that stay in the cache together
  for (std::size_t i0 = 0; i0 < rows; i0 += kTile)
    for (std::size_t j0 = 0; j0 < columns; j0 += kTile)
      for (std::size_t i = i0; i < std::min(rows, i0 + kTile); ++i)
        for (std::size_t j = j0; j < std::min(columns, j0 + kTile); ++j) out[j * rows + i] = x[i * columns + j];
}

}  // namespace rockpool
