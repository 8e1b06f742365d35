#include "rockpool/signal_batch.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/batch_tasks.h"
#include "neurons/batch_arrays.h"
#include "neurons/up_down_step.h"
#include "rockpool/aligned.h"
#include "rockpool/random.h"

namespace rockpool {

namespace {

constexpr std::size_t kPerAdvance = std::size_t{1} << 17;  // elements between two looks at cancellation: about a millisecond
constexpr std::uint32_t kDropoutStream = 0x50000000u;

template <typename T>
void check_run(const SignalRun<T>& run, std::size_t out_channels) {
  const std::size_t rows = run.batch * run.steps;
  if (run.channels == 0) throw_range("channels", "greater than 0", "0");
  check_size("input", run.input.size(), {rows * run.channels});
  check_size("out", run.out.size(), {rows * out_channels});
}

template <typename T>
void check_state(const SignalRun<T>& run, std::size_t n, std::span<const double> state, std::span<double> new_state) {
  check_size("state", state.size(), {n, run.batch * n});
  check_size("the new state", new_state.size(), {run.batch * n});
}

/// step(element, n, u, out) for all steps of all elements, one element at a time.
template <typename T, typename Start>
void for_each_step(const SignalRun<T>& run, std::size_t out_channels, RunControl& control, Start start) {
  const std::size_t often = std::max<std::size_t>(1, kPerAdvance / std::max<std::size_t>(1, run.channels));
  run_tasks(run.batch, std::uint64_t{run.batch} * run.steps, control, [&](std::size_t element, SharedControl& shared) {
    auto part = start(element);
    std::uint64_t since = 0;
    for (std::size_t n = 0; n < run.steps; ++n) {
      const std::size_t row = element * run.steps + n;
      part.step(n, run.input.data() + row * run.channels, run.out.data() + row * out_channels);
      if (++since == often) shared.advance(since), since = 0;
    }
    if (since > 0) shared.advance(since);
    part.finish();
  });
}

template <typename T>
struct FilterPart {
  std::span<double> new_state;
  std::size_t element, channels;
  bool decay_first, white_noise;
  const T* decay;
  const double* noise;  // [channels], or null
  std::uint64_t first_step, seed;
  AlignedArray<T> i, arrival;
  AlignedArray<double> xi;

  void step(std::size_t n, const T* u, T* out) {
    const T* __restrict beta = decay;
    T* __restrict x = i.data();
    if (noise != nullptr)
      fill_normal({seed, kNoiseStream + static_cast<std::uint32_t>(element)}, first_step + n, 0, xi.data(), channels);
    if (noise != nullptr && !white_noise) {
      for (std::size_t j = 0; j < channels; ++j) arrival[j] = u[j] + static_cast<T>(noise[j] * xi[j]);
      u = arrival.data();
    }
    if (decay_first)
      for (std::size_t j = 0; j < channels; ++j) x[j] = x[j] * beta[j] + u[j];
    else
      for (std::size_t j = 0; j < channels; ++j) x[j] = (x[j] + u[j]) * beta[j];
    std::copy_n(x, channels, out);
    if (noise != nullptr && white_noise)
      for (std::size_t j = 0; j < channels; ++j) out[j] += static_cast<T>(noise[j] * xi[j]);
  }
  void finish() { store(i.data(), element, channels, new_state); }
};

template <typename T>
struct LatchPart {
  std::span<double> new_state;
  std::size_t element, channels;
  T threshold;
  AlignedArray<T> held;

  void step(std::size_t, const T* u, T* out) {
    for (std::size_t j = 0; j < channels; ++j) {
      if (u[j] > threshold) held[j] = T(1);
      if (u[j] < -threshold) held[j] = T(0);
      out[j] = held[j];
    }
  }
  void finish() { store(held.data(), element, channels, new_state); }
};

template <typename T>
struct UpDownPart {
  std::span<double> new_state;
  std::size_t element, channels;
  const T *thr_up, *thr_down;
  UpDownRule<T> rule;
  T repeat;
  T* record;              // [steps x channels], or null
  AlignedArray<T> state;  // ref, then the refractory steps that are left

  void step(std::size_t n, const T* u, T* out) {
    T *ref = state.data(), *left = state.data() + channels;
    if (n == 0)
      for (std::size_t j = 0; j < channels; ++j)
        if (std::isnan(ref[j])) ref[j] = u[j];
    if (record != nullptr) std::copy_n(ref, channels, record + n * channels);
    for (std::size_t j = 0; j < channels; ++j) {
      const UpDownCounts<T> c = up_down_step(rule, u[j], thr_up[j], thr_down[j], ref[j], left[j]);
      out[2 * j] = repeat * c.up;
      out[2 * j + 1] = repeat * c.down;
    }
  }
  void finish() { store(state.data(), element, 2 * channels, new_state); }
};

template <typename T>
struct DropoutPart {
  const SignalRun<T>& run;
  std::size_t element;
  double p;
  bool whole;
  T scale;
  AlignedArray<double> draw;

  void step(std::size_t n, const T* u, T* out) {
    if (!whole || n == 0)
      fill_uniform({run.seed, kDropoutStream + static_cast<std::uint32_t>(element)}, run.first_step + n, 0, draw.data(),
                   run.channels);
    for (std::size_t j = 0; j < run.channels; ++j) out[j] = draw[j] < p ? T(0) : u[j] * scale;
  }
  void finish() {}
};

template <typename T>
struct SoftmaxPart {
  std::size_t channels;
  bool logarithm;

  void step(std::size_t, const T* u, T* out) const {
    const double largest = static_cast<double>(*std::max_element(u, u + channels));
    double sum = 0.0;
    for (std::size_t j = 0; j < channels; ++j) sum += std::exp(static_cast<double>(u[j]) - largest);
    const double log_sum = std::log(sum);
    for (std::size_t j = 0; j < channels; ++j) {
      const double z = static_cast<double>(u[j]) - largest;
      out[j] = static_cast<T>(logarithm ? z - log_sum : std::exp(z) / sum);
    }
  }
  void finish() const {}
};

double decay_of(Leak from, double dt, double x) {
  switch (from) {
    case Leak::kTau: return std::exp(-dt / x);
    case Leak::kDecay: return x;
    case Leak::kBitshift: return -std::expm1(-x * std::log(2.0));  // 1 - 2^-x
  }
  return x;
}

double leak_of(Leak to, double dt, double decay) {
  switch (to) {
    case Leak::kTau: return -dt / std::log(decay);
    case Leak::kDecay: return decay;
    case Leak::kBitshift: return -std::log2(1.0 - decay);
  }
  return decay;
}

}  // namespace

template <typename T>
void exp_filter(const SignalRun<T>& run, std::span<const double> decay, bool decay_first, double noise_std, bool white_noise,
                std::span<const double> state, std::span<double> new_state, RunControl& control) {
  check_run(run, run.channels);
  check_state(run, run.channels, state, new_state);
  check_size("decay", decay.size(), {1, run.channels});
  const auto beta = expand<T>(decay, run.channels);
  AlignedArray<double> noise(noise_std > 0.0 ? run.channels : 0);
  for (std::size_t j = 0; j < noise.size(); ++j) {
    const auto b = static_cast<double>(beta[j]);
    const double step = noise_std * std::sqrt(std::max(0.0, 1.0 - b * b));
    noise[j] = white_noise ? noise_std : decay_first ? step : b > 0.0 ? step / b : 0.0;
  }
  for_each_step(run, run.channels, control, [&](std::size_t element) {
    FilterPart<T> part{new_state,
                       element,
                       run.channels,
                       decay_first,
                       white_noise,
                       beta.data(),
                       noise.empty() ? nullptr : noise.data(),
                       run.first_step,
                       run.seed,
                       AlignedArray<T>(run.channels),
                       AlignedArray<T>(noise.size()),
                       AlignedArray<double>(noise.size())};
    load(state, element, run.channels, part.i.data());
    return part;
  });
}

template <typename T>
void latch(const SignalRun<T>& run, double threshold, std::span<const double> state, std::span<double> new_state,
           RunControl& control) {
  check_run(run, run.channels);
  check_state(run, run.channels, state, new_state);
  for_each_step(run, run.channels, control, [&](std::size_t element) {
    LatchPart<T> part{new_state, element, run.channels, static_cast<T>(threshold), AlignedArray<T>(run.channels)};
    load(state, element, run.channels, part.held.data());
    return part;
  });
}

template <typename T>
void up_down(const SignalRun<T>& run, const UpDownParameters& p, std::span<const double> state, std::span<double> new_state,
             std::span<T> ref_record, RunControl& control) {
  check_run(run, 2 * run.channels);
  check_state(run, 2 * run.channels, state, new_state);
  check_size("thr_up", p.thr_up.size(), {1, run.channels});
  check_size("thr_down", p.thr_down.size(), {1, run.channels});
  check_size("a record", ref_record.size(), {0, run.batch * run.steps * run.channels});
  const auto up = expand<T>(p.thr_up, run.channels), down = expand<T>(p.thr_down, run.channels);
  for_each_step(run, 2 * run.channels, control, [&](std::size_t element) {
    UpDownPart<T> part{new_state,
                       element,
                       run.channels,
                       up.data(),
                       down.data(),
                       UpDownRule<T>{static_cast<T>(p.refractory_steps), p.smooth},
                       static_cast<T>(p.repeat_output),
                       ref_record.empty() ? nullptr : ref_record.data() + element * run.steps * run.channels,
                       AlignedArray<T>(2 * run.channels)};
    load(state, element, 2 * run.channels, part.state.data());
    return part;
  });
}

template <typename T>
void dropout(const SignalRun<T>& run, double p, bool whole, double scale, RunControl& control) {
  check_run(run, run.channels);
  for_each_step(run, run.channels, control, [&](std::size_t element) {
    return DropoutPart<T>{run, element, p, whole, static_cast<T>(scale), AlignedArray<double>(run.channels)};
  });
}

template <typename T>
void softmax(const SignalRun<T>& run, bool logarithm, RunControl& control) {
  check_run(run, run.channels);
  for_each_step(run, run.channels, control, [&](std::size_t) { return SoftmaxPart<T>{run.channels, logarithm}; });
}

#define ROCKPOOL_INSTANTIATE(T)                                                                                       \
  template void exp_filter(const SignalRun<T>&, std::span<const double>, bool, double, bool, std::span<const double>, \
                           std::span<double>, RunControl&);                                                           \
  template void latch(const SignalRun<T>&, double, std::span<const double>, std::span<double>, RunControl&);          \
  template void up_down(const SignalRun<T>&, const UpDownParameters&, std::span<const double>, std::span<double>,     \
                        std::span<T>, RunControl&);                                                                   \
  template void dropout(const SignalRun<T>&, double, bool, double, RunControl&);                                      \
  template void softmax(const SignalRun<T>&, bool, RunControl&);
ROCKPOOL_INSTANTIATE(double)
ROCKPOOL_INSTANTIATE(float)
#undef ROCKPOOL_INSTANTIATE

void convert_leak(Leak from, Leak to, double dt, std::span<const double> in, std::span<double> out) {
  check_size("out", out.size(), {in.size()});
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = from == to ? in[i] : leak_of(to, dt, decay_of(from, dt, in[i]));
}

void round_bitshift(double dt, bool log_ratio, double least, std::span<const double> tau, std::span<double> out) {
  check_size("out", out.size(), {tau.size()});
  for (std::size_t i = 0; i < tau.size(); ++i) {
    const double shift = log_ratio ? std::log2(tau[i] / dt) : -std::log2(-std::expm1(-dt / tau[i]));
    out[i] = std::max(least, std::nearbyint(shift));
  }
}

void euler_leak(double dt, double min_steps, std::span<const double> tau, std::span<double> out) {
  check_size("out", out.size(), {tau.size()});
  for (std::size_t i = 0; i < tau.size(); ++i) out[i] = dt / std::max(tau[i], min_steps * dt);
}

void batch_mean(std::span<const double> in, std::size_t n, std::span<double> out) {
  check_size("out", out.size(), {n});
  const std::size_t batch = n == 0 ? 0 : in.size() / n;
  check_size("in", in.size(), {batch * n});
  for (std::size_t j = 0; j < n; ++j) {
    double sum = 0.0;
    for (std::size_t b = 0; b < batch; ++b) sum += in[b * n + j];
    out[j] = sum / static_cast<double>(batch);
  }
}

}  // namespace rockpool
