#include "neurons/lif_kernels.h"

#include <bit>
#include <cmath>
#include <limits>

#include "neurons/activation_inl.h"
#include "simd/lanes_inl.h"
#include "synapses/panels_inl.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

constexpr double kWork = 1.6e7;  // multiplications between two looks at the clock outside: some milliseconds

// The list is padded so that reading ahead needs no test.
template <typename T>
void pad(const LifList<T>& list) {
  const std::uint32_t last = list.count > 0 ? list.index[list.count - 1] : 0;
  for (std::size_t i = 0; i < kPanelPrefetch; ++i) list.index[list.count + i] = last;
}

// Synapses and membranes of all neurons; lists those that spike. False when some membrane potential is not finite.
template <typename T, bool kArrival, bool kRecurrent>
bool update(LifBlock<T>& b, const T* drive) {
  using L = Lanes<T>;
  using Vector = typename L::Vector;
  const Vector one = L::set(T(1)), zero = L::set(T(0));
  const Vector below_one = L::set(T(1) - std::numeric_limits<T>::epsilon() / T(2));
  Vector finite = zero;  // stays 0 until an infinite or undefined potential is multiplied by 0
  std::size_t count = 0;
  for (std::size_t j = 0; j < b.units; j += L::kSize) {
    Vector i = L::mul(L::load(b.i_from_i + j), L::load(b.i_syn + j));
    if constexpr (kArrival) i = L::add(i, L::load(b.arrival + j));
    if constexpr (kRecurrent) i = L::add(i, L::load(b.i_rec + j));
    L::store(b.i_syn + j, i);
    Vector v = L::load(b.v + j);
    v = L::add(v, L::mul(L::load(b.v_from_drive + j), L::sub(L::add(i, L::load(drive + j)), v)));
    L::store(b.v + j, v);
    finite = L::add(finite, L::mul(v, zero));
    const Vector level = L::add(v, one);
    for (std::uint32_t bits = L::bits(L::greater_or_nan(level, below_one)); bits != 0; bits &= bits - 1) {
      const std::size_t k = j + static_cast<std::size_t>(std::countr_zero(bits));
      if (k >= b.units) break;
      b.spikes.index[count] = static_cast<std::uint32_t>(k);
      b.spikes.value[count++] = std::floor(b.v[k] + T(1));
    }
  }
  b.spikes.count = count;
  return L::bits(L::greater_or_nan(finite, zero)) == 0;
}

template <typename T>
void widen(const T* __restrict from, std::size_t n, double* __restrict to) {
  for (std::size_t j = 0; j < n; ++j) to[j] = static_cast<double>(from[j]);
}

template <typename T>
void surrogate(const T* __restrict v, std::size_t n, T gain, T shift, T* __restrict u) {
  for (std::size_t j = 0; j < n; ++j) u[j] = logistic_lane(gain * v[j] + shift);
}

template <typename T>
void record(const LifBlock<T>& b, std::size_t k, bool recurrent) {
  const std::size_t n = b.units, at = k * n;
  if (b.v_out != nullptr) widen(b.v, n, b.v_out + at);
  if (b.i_syn_out != nullptr) widen(b.i_syn, n, b.i_syn_out + at);
  if (b.surrogate_out != nullptr) surrogate(b.v, n, b.surrogate_gain, b.surrogate_shift, b.surrogate_out + at);
  if (b.i_rec_out != nullptr) {
    if (recurrent)
      widen(b.i_rec, n, b.i_rec_out + at);
    else
      for (std::size_t j = 0; j < n; ++j) b.i_rec_out[at + j] = 0.0;
  }
  if (b.spikes_out != nullptr) {
    for (std::size_t j = 0; j < n; ++j) b.spikes_out[at + j] = 0.0;
    for (std::size_t s = 0; s < b.spikes.count; ++s)
      b.spikes_out[at + b.spikes.index[s]] = static_cast<double>(b.spikes.value[s]);
  }
}

// What the events of a step bring to the neurons, into `arrival`. False when it was stopped.
template <typename T>
bool deliver(LifBlock<T>& b, std::size_t from, std::size_t count) {
  if (b.w_in != nullptr)
    return product(b.w_in, b.inputs, b.units, b.event_index + from, b.event_value + from, count, b.arrival, b.stop,
                   b.stop_context);
  for (std::size_t e = from; e < from + count; ++e) b.arrival[b.event_index[e]] = b.event_value[e];
  return true;
}

template <typename T>
void clear(LifBlock<T>& b, std::size_t from, std::size_t count) {
  if (b.w_in != nullptr) return;  // the next product writes all of it
  for (std::size_t e = from; e < from + count; ++e) b.arrival[b.event_index[e]] = T(0);
}

// One step. False when it was stopped.
template <typename T>
bool step(LifBlock<T>& b, std::size_t k, LifProgress& progress) {
  const bool recurrent = b.w_rec != nullptr && b.spikes.count > 0;
  if (recurrent) {
    pad(b.spikes);
    if (!product(b.w_rec, b.units, b.units, b.spikes.index, b.spikes.value, b.spikes.count, b.i_rec, b.stop, b.stop_context))
      return false;
  }
  for (std::size_t s = 0; s < b.spikes.count; ++s) b.v[b.spikes.index[s]] -= b.spikes.value[s];
  const std::size_t from = b.event_start != nullptr ? b.event_start[k] : 0;
  const std::size_t events = b.event_start != nullptr ? b.event_start[k + 1] - from : 0;
  if (events > 0 && !deliver(b, from, events)) return false;
  const T* drive = b.drive + k * b.drive_stride;
  if (events > 0)
    progress.finite = recurrent ? update<T, true, true>(b, drive) : update<T, true, false>(b, drive);
  else
    progress.finite = recurrent ? update<T, false, true>(b, drive) : update<T, false, false>(b, drive);
  if (events > 0) clear(b, from, events);
  record(b, k, recurrent);
  return true;
}

template <typename T>
LifProgress run(LifBlock<T>& b) {
  LifProgress progress{0, true};
  double work = 0;
  while (progress.steps < b.steps && work < kWork) {
    if (b.out_step != nullptr && b.out_capacity - b.out_count < b.units) break;
    const std::size_t rows =
        b.spikes.count + (b.event_start != nullptr ? b.event_start[progress.steps + 1] - b.event_start[progress.steps] : 0);
    if (!step(b, progress.steps, progress)) break;
    work += static_cast<double>(b.units) * static_cast<double>(rows + 16);
    if (b.out_step != nullptr)
      for (std::size_t s = 0; s < b.spikes.count; ++s) {
        b.out_step[b.out_count] = static_cast<std::uint32_t>(progress.steps);
        b.out_neuron[b.out_count] = b.spikes.index[s];
        b.out_value[b.out_count++] = b.spikes.value[s];
      }
    ++progress.steps;
    if (!progress.finite) break;
  }
  return progress;
}

template <typename T>
constexpr LifKernelsOf<T> table() {
  return {run<T>};
}

}  // namespace

const LifKernels& lif_kernels() {
  static constexpr LifKernels kernels{table<double>(), table<float>()};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
