#include "rockpool/lif_adjoint.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "base/batch_tasks.h"
#include "neurons/batch_arrays.h"
#include "neurons/lif_adjoint_kernels.h"
#include "neurons/lif_batch_check.h"
#include "rockpool/linear_adjoint.h"
#include "synapses/dense_kernels.h"
#include "synapses/packed_matrix.h"

namespace rockpool {

namespace {

constexpr double kWorkBetweenQuestions = 2e7;  // some milliseconds

template <typename T>
const LifAdjointKernelsOf<T>& active_lif_adjoint_kernels() {
  const LifAdjointKernels& kernels = ROCKPOOL_SELECT_KERNELS(lif_adjoint_kernels);
  if constexpr (std::is_same_v<T, double>)
    return kernels.f64;
  else
    return kernels.f32;
}

template <typename T>
void check_tapes(const LifBatchParameters& p, const LifAdjointSums& sums, const LifAdjointRun<T>& run) {
  const std::size_t n = p.units, syn = n * p.synapses, rows = run.batch * run.steps;
  const bool spikes = !p.output_membrane, ahp = !p.a_from_a.empty();
  const bool scaled = !sums.v_from_v.empty();
  const auto need = [](bool it, std::size_t size) { return it ? size : 0; };
  check_size("v_mem_before", run.v_mem_before.size(), {rows * n, need(spikes || scaled, rows * n)});
  check_size("spikes", run.spikes.size(), {rows * n, need(spikes, rows * n)});
  check_size("i_syn", run.i_syn.size(), {rows * syn, need(!sums.i_from_i.empty(), rows * syn)});
  check_size("i_ahp", run.i_ahp.size(), {rows * n, need(ahp && !sums.a_from_a.empty(), rows * n)});
  check_size("input", run.input.size(), {0, rows * p.columns()});
  check_size("i_rec", run.i_rec.size(), {0, rows * syn});
  for (const auto size : {run.g_out.size(), run.g_v_mem.size(), run.g_spikes.size()})
    check_size("a gradient", size, {0, rows * n});
  check_size("the gradient of i_ahp", run.g_i_ahp.size(), {0, need(ahp, rows * n)});
  for (const auto size : {run.g_i_syn.size(), run.g_i_rec.size()}) check_size("a gradient", size, {0, rows * syn});
  check_size("g_input", run.g_input.size(), {0, rows * p.columns()});
  check_size("g_arrival", run.g_arrival.size(), {0, rows * syn});
  check_size("a sum of gradients", sums.w_rec.size(), {0, p.w_rec.size()});
  if (sums.w_rec.empty() || p.output_membrane) return;
  if (run.g_i_rec.empty())
    check_size("g_input", run.g_input.size(), {rows * syn});
  else
    check_size("g_arrival", run.g_arrival.size(), {rows * syn});
}

template <typename T>
void check(const LifBatchParameters& p, const LifBatchState& before, const LifBatchState& g_after,
           const LifBatchNewState& g_before, const LifAdjointSums& sums, const LifAdjointRun<T>& run) {
  check_lif_parameters(p);
  const std::size_t n = p.units, syn = n * p.synapses, all = run.batch * n;
  const std::size_t ahp = p.a_from_a.empty() ? 0 : n;
  check_size("vmem", before.v_mem.size(), {n, all});
  check_size("isyn", before.i_syn.size(), {syn, run.batch * syn});
  check_size("spikes", before.spikes.size(), {n, all});
  check_size("iahp", before.i_ahp.size(), {ahp, run.batch * ahp});
  check_size("the gradient of vmem", g_after.v_mem.size(), {0, all});
  check_size("the gradient of isyn", g_after.i_syn.size(), {0, run.batch * syn});
  check_size("the gradient of spikes", g_after.spikes.size(), {0, all});
  check_size("the gradient of iahp", g_after.i_ahp.size(), {0, run.batch * ahp});
  check_size("the new gradient of vmem", g_before.v_mem.size(), {all});
  check_size("the new gradient of isyn", g_before.i_syn.size(), {run.batch * syn});
  check_size("the new gradient of spikes", g_before.spikes.size(), {all});
  check_size("the new gradient of iahp", g_before.i_ahp.size(), {run.batch * ahp});
  for (const auto size : {sums.v_from_v.size(), sums.bias.size(), sums.threshold.size()})
    check_size("a sum of gradients", size, {0, all});
  for (const auto size : {sums.a_from_a.size(), sums.w_ahp.size()})
    check_size("a sum of gradients", size, {0, run.batch * ahp});
  check_size("a sum of gradients", sums.i_from_i.size(), {0, run.batch * syn});
  check_tapes(p, sums, run);
}

std::vector<double> transposed(std::span<const double> w, std::size_t rows, std::size_t columns) {
  std::vector<double> to(w.size());
  if (w.empty()) return to;
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) to[j * rows + i] = w[i * columns + j];
  return to;
}

/// 1 / x; of 0 it is 0.
template <typename T>
AlignedArray<T> inverse(const AlignedArray<T>& x) {
  AlignedArray<T> y(x.size());
  for (std::size_t j = 0; j < x.size(); ++j) y[j] = x[j] == T(0) ? T(0) : T(1) / x[j];
  return y;
}

/// States or their gradients of a task's elements, rows `stride` apart.
template <typename T>
AlignedArray<T> gathered(std::span<const double> from, std::size_t first, std::size_t elements, std::size_t n,
                         std::size_t stride) {
  AlignedArray<T> to(elements * stride);
  if (!from.empty())
    for (std::size_t e = 0; e < elements; ++e) load(from, first + e, n, to.data() + e * stride);
  return to;
}

template <typename T>
void scatter(const AlignedArray<T>& from, std::size_t first, std::size_t elements, std::size_t n, std::size_t stride,
             std::span<double> to) {
  for (std::size_t e = 0; e < elements; ++e) store(from.data() + e * stride, first + e, n, to);
}

/// Prepared once for all batch elements.
template <typename T>
class LifAdjoint {
 public:
  explicit LifAdjoint(const LifBatchParameters& p)
      : p_(p),
        dense_(active_dense_kernels<T>()),
        recurrent_(!p.w_rec.empty() && !p.output_membrane),
        w_back_(dense_, recurrent_ ? transposed(p.w_rec, p.units, p.columns()) : std::vector<double>{}, p.columns(), p.units),
        v_from_v_(expand<T>(p.v_from_v, p.units)),
        inverse_v_from_v_(inverse(v_from_v_)),
        i_from_i_(expand_rows<T>(p.i_from_i, p.units, p.synapses)),
        inverse_i_from_i_(inverse(i_from_i_)),
        threshold_(expand<T>(p.threshold, p.units)),
        inverse_threshold_(inverse(threshold_)),
        window_(p.units),
        top_(p.units),
        a_from_a_(expand<T>(p.a_from_a, p.a_from_a.empty() ? 0 : p.units)),
        w_ahp_(expand<T>(p.w_ahp, p.a_from_a.empty() ? 0 : p.units)) {
    for (std::size_t j = 0; j < p.units; ++j) {
      window_[j] = static_cast<T>(p.surrogate.window) * (p.smooth ? threshold_[j] : T(1));
      top_[j] = p.surrogate.masked ? static_cast<T>(p.max_spikes) * threshold_[j] : std::numeric_limits<T>::infinity();
    }
  }

  /// Elements that go together: all that the threads leave to one, as long as a step stays short.
  std::size_t group(std::size_t batch) const {
    if (!recurrent_) return 1;
    const std::size_t threads = ThreadPool::instance().concurrency();
    const double step = static_cast<double>(p_.units) * static_cast<double>(p_.columns());
    const auto affordable = static_cast<std::size_t>(std::clamp(4.0 * kWorkBetweenQuestions / step, 1.0, 64.0));
    return std::min((batch + threads - 1) / threads, affordable);
  }

  void run(std::size_t first, std::size_t elements, const LifBatchState& before, const LifBatchState& g_after,
           const LifBatchNewState& g_before, const LifAdjointSums& sums, const LifAdjointRun<T>& run,
           SharedControl& control) const {
    const std::size_t n = p_.units, syn = n * p_.synapses, ahp = a_from_a_.size();
    const std::size_t stride = (n + dense_.lanes - 1) / dense_.lanes * dense_.lanes;
    const auto v0 = gathered<T>(before.v_mem, first, elements, n, n), i0 = gathered<T>(before.i_syn, first, elements, syn, syn);
    const auto s0 = gathered<T>(before.spikes, first, elements, n, n),
               a0 = gathered<T>(before.i_ahp, first, elements, ahp, ahp);
    auto g_v = gathered<T>(g_after.v_mem, first, elements, n, n), g_i = gathered<T>(g_after.i_syn, first, elements, syn, syn);
    auto g_s = gathered<T>(g_after.spikes, first, elements, n, stride);
    auto g_a = gathered<T>(g_after.i_ahp, first, elements, ahp, ahp);
    AlignedArray<T> derivative(n), g_mem(n), g_drive(n), arrivals(elements * syn), from_ahp(elements * ahp);
    LifAdjointBlock<T> b{};
    put_parameters(b);
    put_arrays(run, first, b);
    put_sums(sums, first, b);
    b.elements = elements, b.stride_s = stride;
    b.v0 = v0.data(), b.i0 = i0.data(), b.s0 = s0.data(), b.a0 = a0.data();
    b.g_v = g_v.data(), b.g_i = g_i.data(), b.g_s = g_s.data(), b.g_a = g_a.data();
    b.derivative = derivative.data(), b.g_before = g_mem.data(), b.g_drive = g_drive.data();
    b.arrivals = arrivals.data(), b.from_ahp = from_ahp.data();
    const std::size_t block = steps_per_block(elements);
    for (std::size_t left = run.steps; left > 0; left = b.first) {
      b.steps = std::min(block, left);
      b.first = left - b.steps;
      active_.run(b);
      control.advance(b.steps * elements);
    }
    // A membrane that is given out starts without spikes, whatever they were.
    if (p_.output_membrane) std::fill_n(g_s.data(), g_s.size(), T(0));
    scatter(g_v, first, elements, n, n, g_before.v_mem);
    scatter(g_i, first, elements, syn, syn, g_before.i_syn);
    scatter(g_s, first, elements, n, stride, g_before.spikes);
    scatter(g_a, first, elements, ahp, ahp, g_before.i_ahp);
  }

 private:
  std::size_t steps_per_block(std::size_t elements) const {
    const double recurrence = recurrent_ ? static_cast<double>(p_.units) * static_cast<double>(p_.columns()) : 0.0;
    const double work = 40.0 * static_cast<double>(p_.columns() + p_.units) + recurrence;
    return static_cast<std::size_t>(std::clamp(kWorkBetweenQuestions / (work * static_cast<double>(elements)), 1.0, 4096.0));
  }

  void put_parameters(LifAdjointBlock<T>& b) const {
    b.units = p_.units, b.synapses = p_.synapses;
    b.scheme = p_.scheme, b.output_membrane = p_.output_membrane;
    b.surrogate = p_.surrogate.kind, b.max_spikes = static_cast<T>(p_.max_spikes);
    b.v_from_v = v_from_v_.data(), b.inverse_v_from_v = inverse_v_from_v_.data();
    b.threshold = threshold_.data(), b.inverse_threshold = inverse_threshold_.data();
    b.window = window_.data(), b.top = top_.data();
    b.i_from_i = i_from_i_.data(), b.inverse_i_from_i = inverse_i_from_i_.data();
    b.a_from_a = a_from_a_.data(), b.w_ahp = w_ahp_.data(), b.w_back = w_back_.data();
  }

  void put_arrays(const LifAdjointRun<T>& run, std::size_t first, LifAdjointBlock<T>& b) const {
    const std::size_t n = p_.units, syn = n * p_.synapses, row = first * run.steps;
    const auto at = [row](auto array, std::size_t width) { return array.empty() ? nullptr : array.data() + row * width; };
    b.rows = run.steps;
    b.v_before = at(run.v_mem_before, n), b.spikes = at(run.spikes, n);
    b.i_syn = at(run.i_syn, syn), b.i_ahp = at(run.i_ahp, n);
    b.input = at(run.input, p_.columns()), b.i_rec = at(run.i_rec, syn);
    b.g_out = at(run.g_out, n), b.g_v_record = at(run.g_v_mem, n), b.g_s_record = at(run.g_spikes, n);
    b.g_a_record = at(run.g_i_ahp, n);
    b.g_i_record = at(run.g_i_syn, syn), b.g_rec_record = at(run.g_i_rec, syn);
    b.g_input = at(run.g_input, p_.columns()), b.g_arrival = at(run.g_arrival, syn);
  }

  void put_sums(const LifAdjointSums& sums, std::size_t first, LifAdjointBlock<T>& b) const {
    const std::size_t n = p_.units;
    const auto at = [first](std::span<double> array, std::size_t width) {
      return array.empty() ? nullptr : array.data() + first * width;
    };
    b.sum_v_from_v = at(sums.v_from_v, n), b.sum_i_from_i = at(sums.i_from_i, n * p_.synapses);
    b.sum_bias = at(sums.bias, n), b.sum_threshold = p_.output_membrane ? nullptr : at(sums.threshold, n);
    b.sum_a_from_a = at(sums.a_from_a, n), b.sum_w_ahp = at(sums.w_ahp, n);
  }

  const LifBatchParameters& p_;
  const LifAdjointKernelsOf<T>& active_ = active_lif_adjoint_kernels<T>();
  const DenseKernelsOf<T>& dense_;
  const bool recurrent_;
  PackedMatrix<T> w_back_;
  AlignedArray<T> v_from_v_, inverse_v_from_v_, i_from_i_, inverse_i_from_i_, threshold_, inverse_threshold_, window_, top_;
  AlignedArray<T> a_from_a_, w_ahp_;
};

// A spike arrives one step later.
template <typename T>
void add_recurrent(const LifBatchParameters& p, const LifBatchState& before, const LifAdjointRun<T>& run,
                   std::span<double> sums, RunControl& control) {
  std::vector<double> first(run.batch * p.units);
  for (std::size_t e = 0; e < run.batch; ++e) load(before.spikes, e, p.units, first.data() + e * p.units);
  RunControl quiet = control.quiet();
  const auto g = run.g_i_rec.empty() ? run.g_input : run.g_arrival;
  add_outer_products(OuterProducts<T>{run.batch, run.steps, p.units, p.columns(), run.spikes, first, g, sums}, quiet);
}

template <typename T>
void run_adjoint(const LifBatchParameters& p, const LifBatchState& before, const LifBatchState& g_after,
                 const LifBatchNewState& g_before, const LifAdjointSums& sums, const LifAdjointRun<T>& run,
                 RunControl& control) {
  check(p, before, g_after, g_before, sums, run);
  if (run.batch == 0) return;
  const LifAdjoint<T> adjoint(p);
  const std::size_t group = adjoint.group(run.batch);
  run_tasks((run.batch + group - 1) / group, std::uint64_t{run.batch} * run.steps, control,
            [&](std::size_t task, SharedControl& shared) {
              const std::size_t first = task * group;
              adjoint.run(first, std::min(group, run.batch - first), before, g_after, g_before, sums, run, shared);
            });
  if (!sums.w_rec.empty() && !p.output_membrane) add_recurrent(p, before, run, sums.w_rec, control);
}

}  // namespace

void run_lif_adjoint(const LifBatchParameters& p, const LifBatchState& before, const LifBatchState& g_after,
                     const LifBatchNewState& g_before, const LifAdjointSums& sums, const LifAdjointRun<double>& run,
                     RunControl& control) {
  run_adjoint(p, before, g_after, g_before, sums, run, control);
}

void run_lif_adjoint(const LifBatchParameters& p, const LifBatchState& before, const LifBatchState& g_after,
                     const LifBatchNewState& g_before, const LifAdjointSums& sums, const LifAdjointRun<float>& run,
                     RunControl& control) {
  run_adjoint(p, before, g_after, g_before, sums, run, control);
}

void chain_leak(Leak form, bool euler, double dt, std::span<const double> values, std::span<double> gradients) {
  check_size("gradients", gradients.size(), {values.size()});
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double x = values[i];
    if (form == Leak::kTau) gradients[i] *= (euler ? -1.0 : std::exp(-dt / x)) * dt / (x * x);
    if (form == Leak::kBitshift) gradients[i] *= std::log(2.0) * std::exp2(-x);
  }
}

}  // namespace rockpool
