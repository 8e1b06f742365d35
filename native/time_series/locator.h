// Finds where a time lies between the samples: a cursor for rising queries, an interpolated guess for evenly spaced
// samples, a bracketed binary search for all else.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace rockpool {

struct StoredTimes {
  const double* times;
  double operator[](std::size_t i) const { return times[i]; }
};

struct ClockedTimes {
  double t0, dt;
  std::uint64_t first;
  double operator[](std::size_t i) const { return static_cast<double>(first + i) * dt + t0; }
};

template <typename Times>
class Locator {
 public:
  Locator(Times x, std::size_t n) : x_(x), n_(n) {
    if (n_ > 1 && x_[n_ - 1] > x_[0]) per_second_ = static_cast<double>(n_ - 1) / (x_[n_ - 1] - x_[0]);
  }

  /// The last index i with x[i] <= t, or -1. Any t but NaN, any (even unsorted) x: the answer is always in [-1, n).
  std::ptrdiff_t find(double t) {
    if (n_ == 0 || t < x_[0]) return -1;
    std::size_t c = cursor_;
    if (x_[c] <= t) {
      for (int step = 0; step < 4; ++step) {
        if (c + 1 == n_ || t < x_[c + 1]) return static_cast<std::ptrdiff_t>(cursor_ = c);
        ++c;
      }
    }
    return static_cast<std::ptrdiff_t>(cursor_ = search(t));
  }

  /// The first index of the run of equal times that ends at i.
  std::size_t first_of_equals(std::size_t i) const {
    while (i > 0 && x_[i - 1] == x_[i]) --i;
    return i;
  }

  double operator[](std::size_t i) const { return x_[i]; }

 private:
  std::size_t search(double t) const {
    const double guess = (t - x_[0]) * per_second_;  // NaN when somebody wrote NaN or infinity into the times
    std::size_t low = guess > 0.0 ? static_cast<std::size_t>(std::min(guess, static_cast<double>(n_ - 1))) : 0;
    std::size_t high;
    std::size_t step = 1;
    if (x_[low] <= t) {
      while (step < n_ - low && x_[low + step] <= t) {
        low += step;
        step *= 2;
      }
      high = std::min(low + step, n_);
    } else {
      high = low;
      while (step < high && !(x_[high - step] <= t)) {
        high -= step;
        step *= 2;
      }
      low = step < high ? high - step : 0;
    }
    while (high - low > 1) {  // x[low] <= t, and high == n or x[high] > t
      const std::size_t middle = low + (high - low) / 2;
      (x_[middle] <= t ? low : high) = middle;
    }
    return low;
  }

  Times x_;
  std::size_t n_;
  std::size_t cursor_ = 0;
  double per_second_ = 0;
};

}  // namespace rockpool
