#include "rockpool/lif_batch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <type_traits>

#include "base/batch_tasks.h"
#include "neurons/batch_arrays.h"
#include "neurons/finite.h"
#include "neurons/lif_batch_check.h"
#include "neurons/lif_batch_kernels.h"
#include "rockpool/aligned.h"
#include "rockpool/error.h"
#include "rockpool/random.h"
#include "synapses/dense_kernels.h"
#include "synapses/packed_matrix.h"

namespace rockpool {

void check_lif_parameters(const LifBatchParameters& p) {
  if (p.units == 0) throw_range("units", "greater than 0", "0");
  const std::size_t syn = p.units * p.synapses;
  check_size("v_from_v", p.v_from_v.size(), {1, p.units});
  if (p.synapses > 0) check_size("i_from_i", p.i_from_i.size(), {1, p.synapses, syn});
  check_size("bias", p.bias.size(), {1, p.units});
  check_size("threshold", p.threshold.size(), {1, p.units});
  if (!p.w_rec.empty()) {
    if (p.synapses == 0) throw_range("w_rec", "absent for neurons without synapses", "weights");
    check_size("w_rec", p.w_rec.size(), {p.units * syn});
  }
  if (!p.a_from_a.empty()) {
    check_size("a_from_a", p.a_from_a.size(), {1, p.units});
    check_size("w_ahp", p.w_ahp.size(), {1, p.units});
  }
  for (std::size_t j = 0; j < p.threshold.size(); ++j)
    if (!(p.threshold[j] > 0.0)) throw_range("threshold", "greater than 0", to_text(p.threshold[j]) + " at " + to_text(j));
  if (!(p.max_spikes >= 0.0)) throw_range("max_spikes", "0 or more", to_text(p.max_spikes));
  if (!(p.surrogate.window > 0.0)) throw_range("window", "greater than 0", to_text(p.surrogate.window));
}

namespace {

template <typename T>
const LifBatchKernelsOf<T>& active_lif_batch_kernels() {
  const LifBatchKernels& kernels = ROCKPOOL_SELECT_KERNELS(lif_batch_kernels);
  if constexpr (std::is_same_v<T, double>)
    return kernels.f64;
  else
    return kernels.f32;
}

template <typename T>
void check_run(const LifBatchParameters& p, const LifBatchState& state, const LifBatchNewState& after,
               const LifBatchRun<T>& run) {
  const std::size_t n = p.units, syn = n * p.synapses, rows = run.batch * run.steps;
  check_size("input", run.input.size(), {rows * p.columns()});
  check_size("out", run.out.size(), {rows * n});
  const bool ahp = !p.a_from_a.empty();
  check_size("vmem", state.v_mem.size(), {n, run.batch * n});
  check_size("isyn", state.i_syn.size(), {syn, run.batch * syn});
  check_size("spikes", state.spikes.size(), {n, run.batch * n});
  check_size("iahp", state.i_ahp.size(), {ahp ? n : 0, ahp ? run.batch * n : 0});
  check_size("the new vmem", after.v_mem.size(), {run.batch * n});
  check_size("the new isyn", after.i_syn.size(), {run.batch * syn});
  check_size("the new spikes", after.spikes.size(), {run.batch * n});
  check_size("the new iahp", after.i_ahp.size(), {ahp ? run.batch * n : 0});
  const auto& r = run.record;
  for (const auto size : {r.v_mem.size(), r.v_mem_before.size(), r.spikes.size(), r.i_ahp.size()})
    check_size("a record", size, {0, rows * n});
  for (const auto size : {r.i_syn.size(), r.i_rec.size()}) check_size("a record", size, {0, rows * syn});
}

/// Prepared once for all batch elements.
template <typename T>
class Neurons {
 public:
  explicit Neurons(const LifBatchParameters& p)
      : p_(p),
        dense_(active_dense_kernels<T>()),
        w_rec_(dense_, p.w_rec, p.units, p.units * p.synapses),
        v_from_v_(expand<T>(p.v_from_v, p.units)),
        i_from_i_(expand_rows<T>(p.i_from_i, p.units, p.synapses)),
        bias_(expand<T>(p.bias, p.units)),
        threshold_(expand<T>(p.threshold, p.units)),
        inverse_threshold_(p.units),
        a_from_a_(expand<T>(p.a_from_a, p.a_from_a.empty() ? 0 : p.units)),
        w_ahp_(expand<T>(p.w_ahp, p.a_from_a.empty() ? 0 : p.units)) {
    for (std::size_t j = 0; j < p.units; ++j) inverse_threshold_[j] = T(1) / threshold_[j];
    if (!(p.noise_std > 0.0)) return;
    drive_from_xi_ = AlignedArray<double>(p.units);
    for (std::size_t j = 0; j < p.units; ++j) drive_from_xi_[j] = p.noise_std * noise_of(static_cast<double>(v_from_v_[j]));
  }

  void run(std::size_t element, const LifBatchState& state, const LifBatchNewState& after, const LifBatchRun<T>& run,
           SharedControl& control) const {
    const std::size_t n = p_.units, syn = n * p_.synapses;
    AlignedArray<T> v(n), spikes(n), i_syn(syn), i_ahp(a_from_a_.size()), drive(n);
    AlignedArray<T> i_rec(w_rec_.empty() ? 0 : (syn + dense_.panel - 1) / dense_.panel * dense_.panel);
    AlignedArray<std::uint32_t> index(n + kPanelPrefetch);
    AlignedArray<T> value(n + kPanelPrefetch);
    load(state.v_mem, element, n, v.data());
    if (!p_.output_membrane) load(state.spikes, element, n, spikes.data());
    load(state.i_syn, element, syn, i_syn.data());
    load(state.i_ahp, element, i_ahp.size(), i_ahp.data());
    const std::size_t block_steps = std::min(steps_per_block(), std::max<std::size_t>(run.steps, 1));
    AlignedArray<T> noise(drive_from_xi_.empty() ? 0 : block_steps * n);
    LifBatchBlock<T> b{};
    put_parameters(b);
    b.v = v.data(), b.i_syn = i_syn.data(), b.spikes = spikes.data(), b.i_ahp = i_ahp.data();
    b.i_rec = i_rec.data(), b.drive = drive.data(), b.index = index.data(), b.value = value.data();
    b.noise = noise.data();
    b.stop = stop_requested, b.stop_context = &control;
    for (std::size_t done = 0; done < run.steps; done += b.steps) {
      b.steps = std::min(block_steps, run.steps - done);
      if (!noise.empty()) draw(run.seed, element, run.first_step + done, b.steps, noise.data());
      put_arrays(run, element, done, b);
      const bool whole = active_.run(b);
      control.advance(b.steps);
      if (!whole) throw_cancelled();
      check_finite("membrane potential", b.v, n, run.first_step + done + b.steps - 1);
    }
    store(v.data(), element, n, after.v_mem);
    store(spikes.data(), element, n, after.spikes);
    store(i_syn.data(), element, syn, after.i_syn);
    store(i_ahp.data(), element, i_ahp.size(), after.i_ahp);
  }

 private:
  double noise_of(double alpha) const {
    const bool euler = p_.scheme == LifScheme::kEuler;
    if (p_.noise == LifNoise::kSqrtDt) return std::sqrt(p_.dt);
    const double decay = euler ? 1.0 - alpha : alpha;
    const double step = std::sqrt(std::max(0.0, 1.0 - decay * decay));
    return euler ? step / alpha : step;  // there it is multiplied by alpha again
  }

  /// Some milliseconds at most, even when all neurons spike.
  std::size_t steps_per_block() const {
    const double recurrence = w_rec_.empty() ? 0.0 : static_cast<double>(p_.units) * static_cast<double>(p_.columns());
    const double work = 20.0 * static_cast<double>(p_.columns() + p_.units) + recurrence +
                        (drive_from_xi_.empty() ? 0.0 : 200.0 * static_cast<double>(p_.units));
    return static_cast<std::size_t>(std::clamp(2e7 / work, 1.0, 4096.0));
  }

  void draw(std::uint64_t seed, std::size_t element, std::uint64_t first, std::size_t steps, T* noise) const {
    AlignedArray<double> xi(p_.units);
    for (std::size_t k = 0; k < steps; ++k) {
      fill_normal({seed, kNoiseStream + static_cast<std::uint32_t>(element)}, first + k, 0, xi.data(), p_.units);
      for (std::size_t j = 0; j < p_.units; ++j) noise[k * p_.units + j] = static_cast<T>(drive_from_xi_[j] * xi[j]);
    }
  }

  void put_parameters(LifBatchBlock<T>& b) const {
    b.units = p_.units, b.synapses = p_.synapses;
    b.scheme = p_.scheme, b.output_membrane = p_.output_membrane;
    b.v_from_v = v_from_v_.data(), b.i_from_i = i_from_i_.data(), b.bias = bias_.data();
    b.threshold = threshold_.data(), b.inverse_threshold = inverse_threshold_.data();
    b.a_from_a = a_from_a_.data(), b.w_ahp = w_ahp_.data(), b.w_rec = w_rec_.data();
    b.max_spikes = static_cast<T>(p_.max_spikes);
    b.smooth = p_.smooth, b.surrogate = p_.surrogate.kind, b.window = static_cast<T>(p_.surrogate.window);
    b.top = p_.surrogate.masked ? b.max_spikes : std::numeric_limits<T>::infinity();
  }

  void put_arrays(const LifBatchRun<T>& run, std::size_t element, std::size_t done, LifBatchBlock<T>& b) const {
    const std::size_t row = element * run.steps + done, syn = p_.units * p_.synapses;
    const auto at = [row](std::span<T> array, std::size_t width) {
      return array.empty() ? nullptr : array.data() + row * width;
    };
    b.input = run.input.data() + row * p_.columns();
    b.out = at(run.out, p_.units);
    b.v_out = at(run.record.v_mem, p_.units);
    b.v_before_out = at(run.record.v_mem_before, p_.units);
    b.spikes_out = at(run.record.spikes, p_.units);
    b.i_ahp_out = at(run.record.i_ahp, p_.units);
    b.i_syn_out = at(run.record.i_syn, syn);
    b.i_rec_out = at(run.record.i_rec, syn);
  }

  const LifBatchParameters& p_;
  const LifBatchKernelsOf<T>& active_ = active_lif_batch_kernels<T>();
  const DenseKernelsOf<T>& dense_;
  PackedMatrix<T> w_rec_;
  AlignedArray<T> v_from_v_, i_from_i_, bias_, threshold_, inverse_threshold_, a_from_a_, w_ahp_;
  AlignedArray<double> drive_from_xi_;
};

template <typename T>
void run_batch(const LifBatchParameters& p, const LifBatchState& state, const LifBatchNewState& after,
               const LifBatchRun<T>& run, RunControl& control) {
  check_lif_parameters(p);
  check_run(p, state, after, run);
  const Neurons<T> neurons(p);
  run_tasks(run.batch, std::uint64_t{run.batch} * run.steps, control,
            [&](std::size_t element, SharedControl& shared) { neurons.run(element, state, after, run, shared); });
}

}  // namespace

void run_lif_batch(const LifBatchParameters& p, const LifBatchState& state, const LifBatchNewState& after,
                   const LifBatchRun<double>& run, RunControl& control) {
  run_batch(p, state, after, run, control);
}

void run_lif_batch(const LifBatchParameters& p, const LifBatchState& state, const LifBatchNewState& after,
                   const LifBatchRun<float>& run, RunControl& control) {
  run_batch(p, state, after, run, control);
}

}  // namespace rockpool
