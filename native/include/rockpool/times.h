// Vectors of sample or event times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rockpool {

/// out[i] = (first + i) * dt + t0
void clock_times(double t0, double dt, std::uint64_t first, std::span<double> out);

/// The first time that is not finite or before its predecessor; -1 when there is none.
std::ptrdiff_t first_bad_time(std::span<const double> times);

/// Median of the differences between neighbours; NaN for fewer than two times.
double median_step(std::span<const double> times);

/// out = times + p * period for p = -before, 1 - before, ..., as many periods as out has room for.
void periodic_times(std::span<const double> times, std::uint64_t before, double period, std::span<double> out);

}  // namespace rockpool
