#include "neurons/lif_batch_kernels.h"

#include <cmath>
#include <cstring>

#include "neurons/lif_surrogate_inl.h"
#include "synapses/active_rows_inl.h"
#include "synapses/panels_inl.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

template <typename T>
void copy(const T* __restrict from, std::size_t n, T* __restrict to) {
  if (to != nullptr) std::memcpy(to, from, n * sizeof(T));
}

template <typename T>
void fill_zero(std::size_t n, T* to) {
  if (to != nullptr) std::memset(static_cast<void*>(to), 0, n * sizeof(T));
}

// Synaptic currents of all neurons; what arrives is u, and r where there is recurrence.
template <typename T, typename Arrival>
void synapses(LifScheme scheme, std::size_t n, const T* __restrict beta, T* __restrict i, Arrival arrival) {
  switch (scheme) {
    case LifScheme::kAddThenDecay:
      for (std::size_t s = 0; s < n; ++s) i[s] = (i[s] + arrival(s)) * beta[s];
      return;
    case LifScheme::kDecayThenAdd:
      for (std::size_t s = 0; s < n; ++s) i[s] = i[s] * beta[s] + arrival(s);
      return;
    case LifScheme::kEuler:
      for (std::size_t s = 0; s < n; ++s) i[s] = i[s] + beta[s] * (arrival(s) - i[s]);
  }
}

template <typename T>
void add_synapses(const T* __restrict i, std::size_t units, std::size_t synapses, T* __restrict drive) {
  if (synapses == 2) {
    for (std::size_t j = 0; j < units; ++j) drive[j] = i[2 * j] + i[2 * j + 1];
    return;
  }
  for (std::size_t j = 0; j < units; ++j) {
    T sum = i[j * synapses];
    for (std::size_t k = 1; k < synapses; ++k) sum += i[j * synapses + k];
    drive[j] = sum;
  }
}

template <typename T>
void hyperpolarise(const LifBatchBlock<T>& b) {
  const T* __restrict gamma = b.a_from_a;
  const T* __restrict w = b.w_ahp;
  const T* __restrict s = b.spikes;
  T* __restrict a = b.i_ahp;
  T* __restrict drive = b.drive;
  for (std::size_t j = 0; j < b.units; ++j) {
    a[j] = (a[j] + s[j] * w[j]) * gamma[j];
    drive[j] += a[j];
  }
}

template <typename T>
void add(const T* __restrict x, std::size_t n, T* __restrict drive) {
  for (std::size_t j = 0; j < n; ++j) drive[j] += x[j];
}

// V = alpha V + D + b, or the Euler step towards D + b.
template <typename T>
void membrane(const LifBatchBlock<T>& b, const T* __restrict drive) {
  const T* __restrict alpha = b.v_from_v;
  const T* __restrict bias = b.bias;
  T* __restrict v = b.v;
  if (b.scheme == LifScheme::kEuler)
    for (std::size_t j = 0; j < b.units; ++j) v[j] = v[j] + alpha[j] * (drive[j] + bias[j] - v[j]);
  else
    for (std::size_t j = 0; j < b.units; ++j) v[j] = v[j] * alpha[j] + (drive[j] + bias[j]);
}

// The largest k with k theta <= V: the quotient by the inverse is off by one at most.
template <typename T>
void spike(const LifBatchBlock<T>& b) {
  const T* __restrict threshold = b.threshold;
  const T* __restrict inverse = b.inverse_threshold;
  const T most = b.max_spikes;
  T* __restrict v = b.v;
  T* __restrict spikes = b.spikes;
  for (std::size_t j = 0; j < b.units; ++j) {
    const T theta = threshold[j], x = v[j];
    T k = std::floor(x * inverse[j]);
    k = k * theta > x ? k - T(1) : k;
    k = (k + T(1)) * theta <= x ? k + T(1) : k;
    k = x >= theta ? k : T(0);
    k = k < most ? k : most;
    spikes[j] = k;
    v[j] = x - k * theta;
  }
}

template <typename T>
void spike_smoothly(const LifBatchBlock<T>& b) {
  for (std::size_t j = 0; j < b.units; ++j) {
    const T z = b.v[j] / b.threshold[j];
    b.spikes[j] = surrogate_value(b.surrogate, z < b.top ? z : b.top, b.window, b.max_spikes);
    b.v[j] -= b.spikes[j] * b.threshold[j];
  }
}

template <typename T>
bool recur(const LifBatchBlock<T>& b, bool& any) {
  const std::size_t m = list_active(b.spikes, b.units, b.index, b.value);
  any = m > 0;
  return !any || product(b.w_rec, b.units, b.units * b.synapses, b.index, b.value, m, b.i_rec, b.stop, b.stop_context);
}

// One step. False when it was stopped.
template <typename T>
bool step(const LifBatchBlock<T>& b, std::size_t k) {
  const std::size_t n = b.units, m = n * (b.synapses == 0 ? 1 : b.synapses), at = k * n, syn_at = k * m;
  const T* __restrict u = b.input + syn_at;
  bool recurrent = false;
  if (b.w_rec != nullptr && !recur(b, recurrent)) return false;
  const T* drive = u;
  if (b.synapses > 0) {
    const T* __restrict r = b.i_rec;
    if (recurrent)
      synapses(b.scheme, m, b.i_from_i, b.i_syn, [u, r](std::size_t s) { return u[s] + r[s]; });
    else
      synapses(b.scheme, m, b.i_from_i, b.i_syn, [u](std::size_t s) { return u[s]; });
    if (recurrent)
      copy(r, m, b.i_rec_out == nullptr ? nullptr : b.i_rec_out + syn_at);
    else
      fill_zero(m, b.i_rec_out == nullptr ? nullptr : b.i_rec_out + syn_at);
    copy(b.i_syn, m, b.i_syn_out == nullptr ? nullptr : b.i_syn_out + syn_at);
    drive = b.i_syn;
  }
  if (b.synapses > 1) {
    add_synapses(b.i_syn, n, b.synapses, b.drive);
    drive = b.drive;
  }
  if (drive != b.drive && (b.a_from_a != nullptr || b.noise != nullptr)) {
    copy(drive, n, b.drive);
    drive = b.drive;
  }
  if (b.a_from_a != nullptr) {
    hyperpolarise(b);
    copy(b.i_ahp, n, b.i_ahp_out == nullptr ? nullptr : b.i_ahp_out + at);
  }
  if (b.noise != nullptr) add(b.noise + at, n, b.drive);
  membrane(b, drive);
  copy(b.v, n, b.v_before_out == nullptr ? nullptr : b.v_before_out + at);
  if (!b.output_membrane) b.smooth ? spike_smoothly(b) : spike(b);
  copy(b.v, n, b.v_out == nullptr ? nullptr : b.v_out + at);
  copy(b.spikes, n, b.spikes_out == nullptr ? nullptr : b.spikes_out + at);
  copy(b.output_membrane ? b.v : b.spikes, n, b.out + at);
  return true;
}

template <typename T>
bool run(const LifBatchBlock<T>& b) {
  for (std::size_t k = 0; k < b.steps; ++k)
    if (!step(b, k)) return false;
  return true;
}

template <typename T>
constexpr LifBatchKernelsOf<T> table() {
  return {run<T>};
}

}  // namespace

const LifBatchKernels& lif_batch_kernels() {
  static constexpr LifBatchKernels kernels{table<double>(), table<float>()};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
