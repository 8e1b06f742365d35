#include "rockpool/times.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace rockpool {

void clock_times(double t0, double dt, std::uint64_t first, std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<double>(first + i) * dt + t0;
}

std::ptrdiff_t first_bad_time(std::span<const double> times) {
  double before = -std::numeric_limits<double>::max();
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (!(times[i] >= before) || !(times[i] <= std::numeric_limits<double>::max())) return static_cast<std::ptrdiff_t>(i);
    before = times[i];
  }
  return -1;
}

double median_step(std::span<const double> times) {
  if (times.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  std::vector<double> steps(times.size() - 1);
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i] = times[i + 1] - times[i];
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  if (steps.size() % 2 == 1) return *middle;
  return (*std::max_element(steps.begin(), middle) + *middle) / 2;
}

void periodic_times(std::span<const double> times, std::uint64_t before, double period, std::span<double> out) {
  if (times.empty()) return;
  for (std::size_t p = 0, at = 0; at < out.size(); ++p, at += times.size()) {
    const double offset = (static_cast<double>(p) - static_cast<double>(before)) * period;
    for (std::size_t i = 0; i < times.size(); ++i) out[at + i] = times[i] + offset;
  }
}

}  // namespace rockpool
