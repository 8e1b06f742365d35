#include "neurons/lif_adjoint_kernels.h"

#include <cstring>

#include "neurons/lif_surrogate_inl.h"
#include "synapses/panels_inl.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

// One row of one element: where its arrays begin.
template <typename T>
struct Row {
  const LifAdjointBlock<T>& b;
  std::size_t element, n;

  std::size_t at(std::size_t width) const { return (element * b.rows + n) * width; }
  template <typename P>
  P* of(P* array, std::size_t width) const {
    return array == nullptr ? nullptr : array + at(width);
  }
  /// The row before in an array of the run, or the state before it.
  const T* previous(const T* array, const T* state, std::size_t width) const {
    return n > 0 ? array + at(width) - width : state + element * width;
  }
};

template <typename T>
void add(const T* __restrict x, std::size_t n, T* __restrict to) {
  if (x == nullptr) return;
  for (std::size_t j = 0; j < n; ++j) to[j] += x[j];
}

template <typename T, typename F>
void sum(std::size_t n, double* __restrict to, F value) {
  for (std::size_t j = 0; j < n; ++j) to[j] += static_cast<double>(value(j));
}

// g_before = gV': through the spikes and the reset.
template <typename T>
void back_through_spikes(const Row<T>& row, T* __restrict g_v, const T* __restrict g_s) {
  const auto& b = row.b;
  const std::size_t n = b.units;
  const T* __restrict x = row.of(b.v_before, n);
  const T* __restrict s = row.of(b.spikes, n);
  const T* __restrict theta = b.threshold;
  const T* __restrict inverse = b.inverse_threshold;
  T* __restrict d = b.derivative;
  surrogate_derivative(b.surrogate, {theta, inverse, b.window, b.top, b.max_spikes}, x, n, d);
  for (std::size_t j = 0; j < n; ++j) d[j] *= g_s[j] - theta[j] * g_v[j];
  if (b.sum_threshold != nullptr)
    sum<T>(n, b.sum_threshold + row.element * n, [=](std::size_t j) { return -(d[j] * (x[j] * inverse[j])) - s[j] * g_v[j]; });
  T* __restrict g = b.g_before;
  for (std::size_t j = 0; j < n; ++j) g[j] = g_v[j] + d[j];
}

template <typename T>
void sum_membrane(const Row<T>& row) {
  const auto& b = row.b;
  const std::size_t n = b.units;
  const T* __restrict g = b.g_before;
  const T* __restrict x = row.previous(b.v_before, b.v0, n);
  double* __restrict to = b.sum_v_from_v + row.element * n;
  if (b.scheme == LifScheme::kEuler) {
    const T* __restrict after = row.of(b.v_before, n);
    const T* __restrict inverse = b.inverse_v_from_v;
    if (row.n == 0 || b.output_membrane) {
      sum<T>(n, to, [=](std::size_t j) { return g[j] * ((after[j] - x[j]) * inverse[j]); });
    } else {
      const T* __restrict s = row.of(b.spikes, n) - n;
      const T* __restrict theta = b.threshold;
      sum<T>(n, to, [=](std::size_t j) { return g[j] * ((after[j] - (x[j] - s[j] * theta[j])) * inverse[j]); });
    }
  } else if (row.n == 0 || b.output_membrane) {
    sum<T>(n, to, [=](std::size_t j) { return g[j] * x[j]; });
  } else {
    const T* __restrict s = row.of(b.spikes, n) - n;
    const T* __restrict theta = b.threshold;
    sum<T>(n, to, [=](std::size_t j) { return g[j] * (x[j] - s[j] * theta[j]); });
  }
}

// What the drive of the membrane gets, and what is carried to the potential of the step before.
template <typename T>
const T* back_through_membrane(const Row<T>& row, T* __restrict g_v) {
  const auto& b = row.b;
  const std::size_t n = b.units;
  const T* __restrict alpha = b.v_from_v;
  const T* __restrict g = b.g_before;
  T* __restrict drive = b.g_drive;
  if (b.sum_v_from_v != nullptr) sum_membrane(row);
  if (b.scheme == LifScheme::kEuler) {
    for (std::size_t j = 0; j < n; ++j) {
      drive[j] = alpha[j] * g[j];
      g_v[j] = g[j] - drive[j];
    }
  } else {
    for (std::size_t j = 0; j < n; ++j) g_v[j] = alpha[j] * g[j];
  }
  const T* __restrict result = b.scheme == LifScheme::kEuler ? drive : g;
  if (b.sum_bias != nullptr) sum<T>(n, b.sum_bias + row.element * n, [=](std::size_t j) { return result[j]; });
  return result;
}

template <typename T>
void back_through_ahp(const Row<T>& row, const T* __restrict g_drive) {
  const auto& b = row.b;
  const std::size_t n = b.units, at = row.element * n;
  const T* __restrict gamma = b.a_from_a;
  const T* __restrict w = b.w_ahp;
  T* __restrict g_a = b.g_a + at;
  T* __restrict to = b.from_ahp + at;
  add(row.of(b.g_a_record, n), n, g_a);
  for (std::size_t j = 0; j < n; ++j) g_a[j] += g_drive[j];
  const T* s = b.output_membrane ? nullptr : row.previous(b.spikes, b.s0, n);
  if (b.sum_a_from_a != nullptr) {
    const T* __restrict a = row.previous(b.i_ahp, b.a0, n);
    double* sums = b.sum_a_from_a + at;
    if (s == nullptr)
      sum<T>(n, sums, [=](std::size_t j) { return g_a[j] * a[j]; });
    else
      sum<T>(n, sums, [=](std::size_t j) { return g_a[j] * (a[j] + s[j] * w[j]); });
  }
  for (std::size_t j = 0; j < n; ++j) {
    g_a[j] *= gamma[j];
    to[j] = w[j] * g_a[j];
  }
  if (b.sum_w_ahp != nullptr && s != nullptr) sum<T>(n, b.sum_w_ahp + at, [=](std::size_t j) { return g_a[j] * s[j]; });
}

template <typename T>
void sum_synapses(const Row<T>& row, const T* __restrict g) {
  const auto& b = row.b;
  const std::size_t m = b.units * b.synapses;
  double* to = b.sum_i_from_i + row.element * m;
  const T* __restrict i = row.of(b.i_syn, m);
  const T* __restrict before = row.previous(b.i_syn, b.i0, m);
  const T* __restrict inverse = b.inverse_i_from_i;
  if (b.scheme == LifScheme::kDecayThenAdd) {
    sum<T>(m, to, [=](std::size_t k) { return g[k] * before[k]; });
  } else if (b.scheme == LifScheme::kEuler) {
    sum<T>(m, to, [=](std::size_t k) { return g[k] * ((i[k] - before[k]) * inverse[k]); });
  } else if (b.input == nullptr) {
    sum<T>(m, to, [=](std::size_t k) { return g[k] * (i[k] * inverse[k]); });
  } else {
    const T* __restrict u = row.of(b.input, m);
    const T* __restrict r = row.of(b.i_rec, m);
    if (r == nullptr)
      sum<T>(m, to, [=](std::size_t k) { return g[k] * (before[k] + u[k]); });
    else
      sum<T>(m, to, [=](std::size_t k) { return g[k] * (before[k] + (u[k] + r[k])); });
  }
}

// arrivals = gu, and what is carried to the currents of the step before. The memory of `arrivals` may be that of i_syn.
template <typename T>
void back_through_synapses(const Row<T>& row, const T* __restrict g_drive, T* arrivals) {
  const auto& b = row.b;
  const std::size_t n = b.units, k = b.synapses, m = n * k;
  const T* __restrict beta = b.i_from_i;
  T* __restrict g_i = b.g_i + row.element * m;
  add(row.of(b.g_i_record, m), m, g_i);
  if (k == 1) {
    for (std::size_t j = 0; j < n; ++j) g_i[j] += g_drive[j];
  } else {
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t q = 0; q < k; ++q) g_i[j * k + q] += g_drive[j];
  }
  if (b.sum_i_from_i != nullptr) sum_synapses<T>(row, g_i);
  switch (b.scheme) {
    case LifScheme::kAddThenDecay:
      for (std::size_t s = 0; s < m; ++s) arrivals[s] = g_i[s] = beta[s] * g_i[s];
      return;
    case LifScheme::kDecayThenAdd:
      for (std::size_t s = 0; s < m; ++s) {
        arrivals[s] = g_i[s];
        g_i[s] *= beta[s];
      }
      return;
    case LifScheme::kEuler:
      for (std::size_t s = 0; s < m; ++s) {
        arrivals[s] = beta[s] * g_i[s];
        g_i[s] -= arrivals[s];
      }
  }
}

template <typename T>
void copy(const T* from, std::size_t n, T* to) {
  if (to != nullptr && to != from) std::memcpy(to, from, n * sizeof(T));
}

// One step of one element; what the spikes before it get waits in `arrivals` and `from_ahp`.
template <typename T>
void step(const Row<T>& row) {
  const auto& b = row.b;
  const std::size_t n = b.units, m = n * (b.synapses == 0 ? 1 : b.synapses);
  T* g_v = b.g_v + row.element * n;
  T* g_s = b.g_s + row.element * b.stride_s;
  add(row.of(b.g_v_record, n), n, g_v);
  if (b.output_membrane) {
    add(row.of(b.g_out, n), n, g_v);
    copy(g_v, n, b.g_before);
  } else {
    add(row.of(b.g_out, n), n, g_s);
    add(row.of(b.g_s_record, n), n, g_s);
    back_through_spikes(row, g_v, g_s);
  }
  const T* g_drive = back_through_membrane(row, g_v);
  if (b.a_from_a != nullptr) back_through_ahp(row, g_drive);
  T* g_input = row.of(b.g_input, m);
  if (b.synapses == 0) return copy(g_drive, m, g_input);
  // Without recurrence nothing reads them again.
  T* arrivals = b.w_back == nullptr && b.g_rec_record == nullptr && g_input != nullptr ? g_input : b.arrivals + row.element * m;
  back_through_synapses(row, g_drive, arrivals);
  copy(arrivals, m, g_input);
  add(row.of(b.g_rec_record, m), m, arrivals);
  if (b.g_arrival != nullptr) copy(arrivals, m, row.of(b.g_arrival, m));
}

// What the spikes of the step before get.
template <typename T>
void back_to_spikes(const LifAdjointBlock<T>& b) {
  if (b.output_membrane) return;
  if (b.w_back != nullptr)
    multiply_columns(b.w_back, b.units * b.synapses, b.units, b.arrivals, b.elements, b.g_s, b.stride_s);
  else
    std::memset(static_cast<void*>(b.g_s), 0, b.elements * b.stride_s * sizeof(T));
  if (b.a_from_a == nullptr) return;
  for (std::size_t e = 0; e < b.elements; ++e) add(b.from_ahp + e * b.units, b.units, b.g_s + e * b.stride_s);
}

template <typename T>
void run(const LifAdjointBlock<T>& b) {
  for (std::size_t k = b.steps; k-- > 0;) {
    for (std::size_t e = 0; e < b.elements; ++e) step<T>({b, e, b.first + k});
    back_to_spikes(b);
  }
}

template <typename T>
constexpr LifAdjointKernelsOf<T> table() {
  return {run<T>};
}

}  // namespace

const LifAdjointKernels& lif_adjoint_kernels() {
  static constexpr LifAdjointKernels kernels{table<double>(), table<float>()};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
