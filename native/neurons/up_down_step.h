// One channel of delta modulation, one step; forward and on the way back. The rule: rockpool/signal_batch.h.
#pragma once

#include <algorithm>
#include <cmath>

namespace rockpool {

template <typename T>
struct UpDownRule {
  T refractory;
  bool smooth;
};

template <typename T>
struct UpDownCounts {
  T up, down;
  bool open;    // not refractory
  bool follow;  // the reference became the sample
};

/// Moves the reference and the refractory steps that are left.
template <typename T>
UpDownCounts<T> up_down_step(const UpDownRule<T>& rule, T u, T thr_up, T thr_down, T& ref, T& left) {
  const auto count = [&rule](T x) { return std::max(T(0), rule.smooth ? x - T(0.5) : std::floor(x)); };
  const T d = u - ref;
  UpDownCounts<T> c{count(d / thr_up), count(-d / thr_down), true, false};
  if (!(rule.refractory > T(0))) {
    ref += c.up * thr_up - c.down * thr_down;
    return c;
  }
  c.open = !(left > T(0));
  const T most = c.open ? T(1) : T(0);
  c.up = std::min(c.up, most), c.down = std::min(c.down, most);
  if (c.up > T(0) || c.down > T(0)) left = rule.refractory;
  c.follow = left > T(0);
  if (c.follow) ref = u, left -= T(1);
  return c;
}

}  // namespace rockpool
