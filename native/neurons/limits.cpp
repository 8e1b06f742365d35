#include "rockpool/limits.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "neurons/limits_kernels.h"
#include "rockpool/aligned.h"
#include "rockpool/error.h"

namespace rockpool {

namespace {

constexpr std::size_t kLaneRoom = 64;

template <typename T>
const LimitKernelsOf<T>& select() {
  const auto& kernels = ROCKPOOL_SELECT_KERNELS(limit_kernels);
  if constexpr (std::is_same_v<T, double>)
    return kernels.f64;
  else
    return kernels.f32;
}

/// Seconds for one of `items` that a pass handles; the best of rounds of some milliseconds, for `seconds` in all.
template <typename F>
double best_round(double items, double seconds, F pass) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point from) { return std::chrono::duration<double>(Clock::now() - from).count(); };
  pass();
  const auto trial = Clock::now();
  pass();
  const auto passes = static_cast<std::size_t>(std::clamp(0.005 / std::max(since(trial), 1e-9), 1.0, 1e6));
  double best = std::numeric_limits<double>::infinity();
  const auto begin = Clock::now();
  do {
    const auto from = Clock::now();
    for (std::size_t i = 0; i < passes; ++i) pass();
    best = std::min(best, since(from) / (static_cast<double>(passes) * items));
  } while (since(begin) < seconds);
  return best;
}

void check_units(std::size_t units) {
  if (units == 0 || units > 0xfffffff0u) throw_range("units", "from 1 to 2^32", to_text(units));
}

template <typename T>
double neuron_update(std::size_t units, double seconds) {
  AlignedArray<T> v(units + kLaneRoom), i0(units + kLaneRoom), i1(units + kLaneRoom), ready(units + kLaneRoom);
  // The currents stay what they are: ones that decay to the smallest numbers would slow every processor down.
  const UpdateLoop<T> loop{units,  v.data(),         {i0.data(), i1.data()}, ready.data(), T(1),
                           T(0.9), {T(0.1), T(0.1)}, {T(1), T(1)},           T(0.01),      T(1)};
  const auto& kernels = select<T>();
  volatile bool sink = false;
  return best_round(static_cast<double>(units), seconds, [&] { sink = kernels.update(loop); });
}

template <typename T, typename Index, typename F>
double deliver(std::size_t units, std::uint64_t synapses, std::size_t rows, double seconds, F kernel) {
  const std::size_t length = std::max<std::size_t>(static_cast<std::size_t>(synapses / rows), 1);
  AlignedArray<Index> targets(length * rows);
  std::uint32_t random = 1;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t k = 0; k < length; ++k) {
      // Somewhere in the k-th of equal parts, so that targets ascend.
      random = random * 1664525u + 1013904223u;
      const double at = (static_cast<double>(k) + random * 0x1p-32) * static_cast<double>(units) / static_cast<double>(length);
      targets[r * length + k] = static_cast<Index>(std::min(static_cast<std::size_t>(at), units - 1));
    }
  }
  AlignedArray<T> y(units);
  return best_round(static_cast<double>(length * rows), seconds, [&] {
    for (std::size_t r = 0; r < rows; ++r) kernel(targets.data() + r * length, length, T(1), y.data());
  });
}

template <typename T>
double synaptic_event(std::size_t units, std::uint64_t synapses, std::size_t rows, double seconds) {
  const auto& kernels = select<T>();
  if (units <= 0x10000u) return deliver<T, std::uint16_t>(units, synapses, rows, seconds, kernels.deliver16);
  return deliver<T, std::uint32_t>(units, synapses, rows, seconds, kernels.deliver32);
}

template <typename T>
double poisson_draw(std::size_t units, double seconds) {
  std::uint32_t levels[kLimitLevels];
  double probability = std::exp(-2.0), below = probability;
  for (std::size_t k = 0; k < kLimitLevels; ++k) {
    levels[k] = static_cast<std::uint32_t>(below * 0x1p32);
    probability *= 2.0 / static_cast<double>(k + 1);
    below += probability;
  }
  AlignedArray<T> y(units);
  std::uint32_t key = 0;
  const auto& kernels = select<T>();
  return best_round(static_cast<double>(units), seconds, [&] {
    kernels.draw(key, levels, y.data(), units);
    key += static_cast<std::uint32_t>(units);
  });
}

}  // namespace

double neuron_update_limit(std::size_t units, Precision precision, double seconds) {
  check_units(units);
  return precision == Precision::kFloat32 ? neuron_update<float>(units, seconds) : neuron_update<double>(units, seconds);
}

double synaptic_event_limit(std::size_t units, std::uint64_t synapses, std::size_t rows, Precision precision, double seconds) {
  check_units(units);
  if (rows == 0 || synapses < rows) throw_range("rows", "from 1 to the number of synapses", to_text(rows));
  return precision == Precision::kFloat32 ? synaptic_event<float>(units, synapses, rows, seconds)
                                          : synaptic_event<double>(units, synapses, rows, seconds);
}

double poisson_draw_limit(std::size_t units, Precision precision, double seconds) {
  check_units(units);
  return precision == Precision::kFloat32 ? poisson_draw<float>(units, seconds) : poisson_draw<double>(units, seconds);
}

}  // namespace rockpool
