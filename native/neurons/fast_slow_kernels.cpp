#include "neurons/fast_slow_kernels.h"

#include <bit>
#include <cstdint>
#include <limits>

#include "simd/lanes_inl.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

using L = Lanes<double>;
using Vector = L::Vector;

Vector back(Vector now, Vector before, Vector share) {
  return L::add(before, L::mul(L::sub(now, before), share));
}

// x on, by one step, from where a spike takes it back to; `last` gets the value there.
template <bool kSpike>
Vector synapse(double* x, double* last, const double* decay, const double* kick, std::size_t j, Vector share) {
  Vector now = L::load(x + j);
  Vector next;
  if constexpr (kSpike) {
    now = back(now, L::load(last + j), share);
    const Vector jump = L::load(kick + j);
    L::store(last + j, L::add(now, jump));
    next = L::add(L::sub(now, L::mul(now, L::load(decay + j))), jump);
  } else {
    L::store(last + j, now);
    next = L::sub(now, L::mul(now, L::load(decay + j)));
  }
  L::store(x + j, next);
  return next;
}

template <bool kSpike>
void trace(const FastSlowArrays& a, std::size_t j, Vector share) {
  Vector now = L::load(a.rate + j);
  if constexpr (kSpike) now = back(now, L::load(a.rate_last + j), share);
  L::store(a.rate_last + j, now);
  L::store(a.rate + j, L::sub(now, L::mul(now, L::set(a.rate_from_rate))));
}

// Of the neurons that `bits` tells of, from j on, those that cross before the earliest so far.
void earlier(const FastSlowArrays& a, std::size_t j, std::uint32_t bits, std::size_t suppressed, FastSlowCrossing& first) {
  for (; bits != 0; bits &= bits - 1) {
    const std::size_t k = j + static_cast<std::size_t>(std::countr_zero(bits));
    if (k < suppressed) continue;
    const double at = (a.threshold[k] - a.v_last[k]) / (a.v[k] - a.v_last[k]);
    if (at < first.at) first = {at, k};
  }
}

template <bool kSpike, bool kAdaptive>
FastSlowProgress pass(const FastSlowArrays& a, const FastSlowStep& s) {
  static_assert(kFastSlowPadding % L::kSize == 0);
  const Vector zero = L::set(0.0), one = L::set(1.0), tolerance = L::set(kHeldTolerance);
  const Vector share = L::set(s.share), taken_back = L::set(s.taken_back);
  Vector finite = zero;  // stays 0 until an infinite or undefined potential is multiplied by 0
  FastSlowCrossing first{std::numeric_limits<double>::infinity(), a.units};
  for (std::size_t j = 0; j < a.units; j += L::kSize) {
    Vector held = L::load(a.held + j);
    Vector v = L::select(L::less_equal(held, tolerance), L::load(a.v + j), L::load(a.reset + j));
    if constexpr (kSpike) {
      v = back(v, L::load(a.v_last + j), share);
      held = L::add(held, taken_back);
    }
    const Vector fast = synapse<kSpike>(a.fast, a.fast_last, a.fast_from_fast, s.fast_kick, j, share);
    const Vector slow = synapse<kSpike>(a.slow, a.slow_last, a.slow_from_slow, s.slow_kick, j, share);
    if constexpr (kAdaptive) trace<kSpike>(a, j, share);
    L::store(a.v_last + j, v);
    Vector drive = L::add(L::add(L::load(s.drive + j), fast), slow);
    if constexpr (kAdaptive) drive = L::add(drive, L::load(s.teacher + j));
    v = L::add(v, L::mul(L::load(a.v_from_drive + j), L::sub(drive, v)));
    if constexpr (kAdaptive) v = L::select(L::greater_or_nan(v, zero), v, zero);
    L::store(a.v + j, v);
    held = L::sub(held, one);
    L::store(a.held + j, held);
    finite = L::add(finite, L::mul(v, zero));
    const auto over = L::both(L::greater_or_nan(v, L::load(a.threshold + j)), L::less_equal(held, tolerance));
    if (const std::uint32_t bits = L::bits(over); bits != 0) earlier(a, j, bits, s.suppressed, first);
  }
  return {first, L::bits(L::greater_or_nan(finite, zero)) == 0};
}

FastSlowProgress step(const FastSlowArrays& a, const FastSlowStep& s) {
  return s.fast_kick != nullptr ? pass<true, false>(a, s) : pass<false, false>(a, s);
}

FastSlowProgress adaptive_step(const FastSlowArrays& a, const FastSlowStep& s) {
  return s.fast_kick != nullptr ? pass<true, true>(a, s) : pass<false, true>(a, s);
}

void add_scaled(std::size_t n, double a, const double* __restrict x, double* __restrict y) {
  for (std::size_t i = 0; i < n; ++i) y[i] += a * x[i];
}

}  // namespace

const FastSlowKernels& fast_slow_kernels() {
  static constexpr FastSlowKernels kernels{step, adaptive_step, add_scaled};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
