#include "neurons/iaf_kernels.h"

#include <bit>

#include "simd/lanes_inl.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

// A neuron crossed its threshold, or is not a number.
template <typename T, bool kUniform, bool kRefractory>
inline bool fire(const IafStep<T>& s, std::size_t j, IafSpikes& found) {
  const T v = s.v[j];
  if (v != v) {
    found.not_a_number = j;
    return false;
  }
  s.spikes[found.count] = static_cast<std::uint32_t>(j);
  s.peak[found.count++] = v;
  s.v[j] = s.reset[kUniform ? 0 : j];
  if constexpr (kRefractory) s.ready[j] = s.now + T(1) + s.hold[j];
  return true;
}

/// A factor of all neurons, one value or one for each.
template <typename T, bool kOne>
class Factor {
  using L = Lanes<T>;

 public:
  explicit Factor(const T* p) : p_(p), one_(kOne && p != nullptr ? L::set(p[0]) : L::set(T(0))) {}
  typename L::Vector operator()(std::size_t j) const { return kOne ? one_ : L::load(p_ + j); }

 private:
  const T* p_;
  typename L::Vector one_;  // kept in a register: the compiler cannot know that no store changes p[0]
};

template <typename T, int kCurrents, bool kUniform, bool kRefractory, bool kDriveUniform>
IafSpikes step_lanes(const IafStep<T>& s) {
  using L = Lanes<T>;
  using Vector = typename L::Vector;
  using Each = Factor<T, kUniform>;
  const Each v_from_v(s.v_from_v), threshold(s.threshold);
  const Each v_from_i0(s.v_from_i[0]), i0_from_i0(s.i_from_i[0]), v_from_i1(s.v_from_i[1]), i1_from_i1(s.i_from_i[1]);
  const Factor<T, kDriveUniform> drive(s.drive);
  T *const vs = s.v, *const i0s = s.i[0], *const i1s = s.i[1];
  const T* const ready = s.ready;
  const std::size_t n = s.n;
  IafSpikes found{0, n};
  const Vector now = L::set(s.now);
  for (std::size_t j = 0; j < n; j += L::kSize) {
    const Vector before = L::load(vs + j);
    Vector v = L::mul(v_from_v(j), before);
    if constexpr (kCurrents > 0) {
      const Vector i = L::load(i0s + j);
      v = L::add(v, L::mul(v_from_i0(j), i));
      L::store(i0s + j, L::mul(i0_from_i0(j), i));
    }
    if constexpr (kCurrents > 1) {
      const Vector i = L::load(i1s + j);
      v = L::add(v, L::mul(v_from_i1(j), i));
      L::store(i1s + j, L::mul(i1_from_i1(j), i));
    }
    v = L::add(v, drive(j));
    typename L::Mask crossed;
    if constexpr (kRefractory) {
      const auto active = L::less_equal(L::load(ready + j), now);
      v = L::select(active, v, before);
      crossed = L::both(active, L::greater_or_nan(v, threshold(j)));
    } else {
      crossed = L::greater_or_nan(v, threshold(j));
    }
    L::store(vs + j, v);
    for (std::uint32_t bits = L::bits(crossed); bits != 0; bits &= bits - 1) {
      const std::size_t k = j + static_cast<std::size_t>(std::countr_zero(bits));
      if (k >= n) break;
      if (!fire<T, kUniform, kRefractory>(s, k, found)) return found;
    }
  }
  return found;
}

template <typename T, int kCurrents>
IafSpikes step_of(const IafStep<T>& s) {
  if (s.uniform) {
    if (s.drive_uniform)
      return s.refractory ? step_lanes<T, kCurrents, true, true, true>(s) : step_lanes<T, kCurrents, true, false, true>(s);
    return s.refractory ? step_lanes<T, kCurrents, true, true, false>(s) : step_lanes<T, kCurrents, true, false, false>(s);
  }
  return s.refractory ? step_lanes<T, kCurrents, false, true, false>(s) : step_lanes<T, kCurrents, false, false, false>(s);
}

template <typename T>
IafSpikes step(const IafStep<T>& s) {
  if (s.currents == 0) return step_of<T, 0>(s);
  return s.currents == 1 ? step_of<T, 1>(s) : step_of<T, 2>(s);
}

template <typename T>
IafSpikes constant_leak(const ConstantLeakStep<T>& c) {
  const IafStep<T>& s = c.base;
  IafSpikes found{0, s.n};
  const auto at = [&](const T* p, std::size_t j) { return p[s.uniform ? 0 : j]; };
  for (std::size_t j = 0; j < s.n; ++j) {
    const bool active = !s.refractory || s.ready[j] <= s.now;
    T gain = s.drive[s.drive_uniform ? 0 : j];
    for (int x = 0; x < s.currents; ++x) {
      gain += at(s.v_from_i[x], j) * s.i[x][j];
      s.i[x][j] *= at(s.i_from_i[x], j);
    }
    if (!active) continue;
    const T v = s.v[j], leak = at(c.leak, j);
    T loss = leak;
    if (c.leak_gain != nullptr) {
      // The sign of the original: upwards below the rest, and upwards without a rest.
      const T sign = c.rest == nullptr ? T(-1) : static_cast<T>(v > at(c.rest, j)) - static_cast<T>(v < at(c.rest, j));
      loss = at(c.leak_gain, j) * leak * sign;
    } else if (c.rest != nullptr) {
      const T distance = v - at(c.rest, j);
      loss = distance > leak ? leak : distance < -leak ? -leak : distance;
    }
    T next = v + gain - loss;
    if (c.v_min != nullptr && next < at(c.v_min, j)) next = at(c.v_min, j);
    s.v[j] = next;
    if (next <= at(s.threshold, j)) continue;
    const bool good = s.uniform ? fire<T, true, true>(s, j, found) : fire<T, false, true>(s, j, found);
    if (!good) return found;
  }
  return found;
}

template <typename T>
constexpr IafKernelsOf<T> table() {
  return {step<T>, constant_leak<T>};
}

}  // namespace

const IafKernels& iaf_kernels() {
  static constexpr IafKernels kernels{table<double>(), table<float>()};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
