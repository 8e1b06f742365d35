#include "rockpool/signal_adjoint.h"

#include <algorithm>
#include <cmath>

#include "base/batch_tasks.h"
#include "neurons/batch_arrays.h"
#include "neurons/up_down_step.h"
#include "rockpool/aligned.h"
#include "rockpool/random.h"

namespace rockpool {

namespace {

constexpr std::size_t kPerAdvance = std::size_t{1} << 17;  // elements between two looks at cancellation: about a millisecond

template <typename T>
void check_run(const SignalAdjointRun<T>& run, std::size_t out_channels) {
  const std::size_t rows = run.batch * run.steps;
  if (run.channels == 0) throw_range("channels", "greater than 0", "0");
  check_size("the gradient of the output", run.g_out.size(), {rows * out_channels});
  check_size("the gradient of the input", run.g_input.size(), {rows * run.channels});
}

/// part.step(row, n) for all steps of all elements, backwards, one element at a time; row: which of [batch, steps].
template <typename T, typename Start>
void for_each_step_back(const SignalAdjointRun<T>& run, RunControl& control, Start start) {
  const std::size_t often = std::max<std::size_t>(1, kPerAdvance / std::max<std::size_t>(1, run.channels));
  run_tasks(run.batch, std::uint64_t{run.batch} * run.steps, control, [&](std::size_t element, SharedControl& shared) {
    auto part = start(element);
    std::uint64_t since = 0;
    for (std::size_t n = run.steps; n-- > 0;) {
      part.step(element * run.steps + n, n);
      if (++since == often) shared.advance(since), since = 0;
    }
    if (since > 0) shared.advance(since);
    part.finish();
  });
}

template <typename T>
struct FilterBack {
  const SignalAdjointRun<T>& run;
  std::size_t element;
  bool decay_first;
  const T *decay, *currents;
  const double* noise;  // what a normal of the noise gives to beta di/dbeta; null: none
  double* log_decay;
  std::span<double> g_state;
  AlignedArray<T> state, s;
  AlignedArray<double> xi;

  void step(std::size_t row, std::size_t n) {
    const std::size_t c = run.channels;
    const T* __restrict e = run.g_out.data() + row * c;
    const T* __restrict now = currents + row * c;
    const T* __restrict before = n > 0 ? now - c : state.data();
    const T* __restrict beta = decay;
    T* __restrict g = s.data();
    T* __restrict du = run.g_input.data() + row * c;
    double* __restrict sum = log_decay;
    for (std::size_t j = 0; j < c; ++j) g[j] += e[j];
    if (noise != nullptr) {
      fill_normal({run.seed, kNoiseStream + static_cast<std::uint32_t>(element)}, run.first_step + n, 0, xi.data(), c);
      for (std::size_t j = 0; j < c; ++j) sum[j] += static_cast<double>(g[j]) * (noise[j] * xi[j]);
    }
    for (std::size_t j = 0; j < c; ++j) {
      const T carried = beta[j] * g[j];
      if (decay_first) {
        sum[j] += static_cast<double>(carried) * static_cast<double>(before[j]);
        du[j] = g[j];
      } else {
        sum[j] += static_cast<double>(g[j]) * static_cast<double>(now[j]);
        du[j] = carried;
      }
      g[j] = carried;
    }
  }
  void finish() { store(s.data(), element, run.channels, g_state); }
};

template <typename T>
struct SoftmaxBack {
  const SignalAdjointRun<T>& run;
  const T* out;
  bool logarithm;

  void step(std::size_t row, std::size_t) const {
    const std::size_t c = run.channels, at = row * c;
    const T *y = out + at, *g = run.g_out.data() + at;
    double sum = 0.0;
    for (std::size_t j = 0; j < c; ++j) sum += static_cast<double>(g[j]) * (logarithm ? 1.0 : static_cast<double>(y[j]));
    for (std::size_t j = 0; j < c; ++j) {
      const auto v = static_cast<double>(y[j]), gj = static_cast<double>(g[j]);
      run.g_input[at + j] = static_cast<T>(logarithm ? gj - std::exp(v) * sum : v * (gj - sum));
    }
  }
  void finish() const {}
};

/// Runs forward once more for the references and the refractory steps before each step.
template <typename T>
struct UpDownBack {
  const SignalAdjointRun<T>& run;
  std::size_t element;
  UpDownRule<T> rule;
  T repeat;
  const T *thr_up, *thr_down, *input, *g_record;  // g_record: of all elements, or null
  double *sum_up, *sum_down;
  std::span<double> g_state;
  bool* fresh;                  // [channels]: the reference starts at the first sample
  AlignedArray<T> refs, lefts;  // [steps + 1, channels]
  AlignedArray<T> g;            // [2 channels]: of the reference, and zeros

  void forward() {
    const std::size_t c = run.channels;
    for (std::size_t j = 0; j < c; ++j) {
      fresh[j] = std::isnan(refs[j]);
      if (fresh[j] && run.steps > 0) refs[j] = input[element * run.steps * c + j];
    }
    for (std::size_t n = 0; n < run.steps; ++n) {
      const T* u = input + (element * run.steps + n) * c;
      T *ref = refs.data() + (n + 1) * c, *left = lefts.data() + (n + 1) * c;
      std::copy_n(ref - c, c, ref);
      std::copy_n(left - c, c, left);
      for (std::size_t j = 0; j < c; ++j) up_down_step(rule, u[j], thr_up[j], thr_down[j], ref[j], left[j]);
    }
  }

  void step(std::size_t row, std::size_t n) {
    const std::size_t c = run.channels;
    for (std::size_t j = 0; j < c; ++j) {
      const T u = input[row * c + j], before = refs[n * c + j];
      T ref = before, left = lefts[n * c + j];
      const UpDownCounts<T> counts = up_down_step(rule, u, thr_up[j], thr_down[j], ref, left);
      const bool limited = rule.refractory > T(0);
      const T d = u - before, x_up = d / thr_up[j], x_down = -d / thr_down[j], g_ref = g[j];
      T g_up = repeat * run.g_out[row * 2 * c + 2 * j], g_down = repeat * run.g_out[row * 2 * c + 2 * j + 1];
      if (!limited) {
        g_up += g_ref * thr_up[j];
        g_down -= g_ref * thr_down[j];
        sum_up[j] += static_cast<double>(g_ref * counts.up);
        sum_down[j] -= static_cast<double>(g_ref * counts.down);
      }
      const auto passes = [&](T x, T count) { return x >= T(0.5) && counts.open && !(limited && count >= T(1)); };
      if (!passes(x_up, counts.up)) g_up = T(0);
      if (!passes(x_down, counts.down)) g_down = T(0);
      const T g_d = g_up / thr_up[j] - g_down / thr_down[j];
      sum_up[j] -= static_cast<double>(g_up * x_up / thr_up[j]);
      sum_down[j] -= static_cast<double>(g_down * x_down / thr_down[j]);
      run.g_input[row * c + j] = g_d + (counts.follow ? g_ref : T(0));
      g[j] = (counts.follow ? T(0) : g_ref) - g_d;
      if (g_record != nullptr) g[j] += g_record[row * c + j];
      if (n == 0 && fresh[j]) run.g_input[row * c + j] += g[j], g[j] = T(0);
    }
  }
  void finish() { store(g.data(), element, 2 * run.channels, g_state); }
};

template <typename T>
AlignedArray<double> noise_of_decay(const AlignedArray<T>& beta, bool decay_first, double noise_std) {
  AlignedArray<double> noise(beta.size());
  for (std::size_t j = 0; j < noise.size(); ++j) {
    const auto b = static_cast<double>(beta[j]);
    if (!(b > 0.0 && b < 1.0)) continue;
    // The noise of a step is std sqrt(1 - beta^2); added before the decay, beta times what is added is that.
    noise[j] = -noise_std * (decay_first ? b * b : 1.0) / std::sqrt(1.0 - b * b);
  }
  return noise;
}

}  // namespace

template <typename T>
void exp_filter_adjoint(const SignalAdjointRun<T>& run, std::span<const double> decay, bool decay_first, double noise_std,
                        bool white_noise, std::span<const double> state, std::span<const T> currents,
                        std::span<const double> g_after, std::span<double> g_state, std::span<double> log_decay,
                        RunControl& control) {
  const std::size_t c = run.channels, each = run.batch * c;
  check_run(run, c);
  check_size("decay", decay.size(), {1, c});
  check_size("state", state.size(), {c, each});
  check_size("currents", currents.size(), {run.batch * run.steps * c});
  check_size("the gradient of the new state", g_after.size(), {0, each});
  check_size("the gradient of the state", g_state.size(), {each});
  check_size("the sums of the decay", log_decay.size(), {each});
  const auto beta = expand<T>(decay, c);
  const bool noisy = noise_std > 0.0 && !white_noise;
  const auto noise = noisy ? noise_of_decay(beta, decay_first, noise_std) : AlignedArray<double>();
  for_each_step_back(run, control, [&](std::size_t element) {
    FilterBack<T> part{run,
                       element,
                       decay_first,
                       beta.data(),
                       currents.data(),
                       noisy ? noise.data() : nullptr,
                       log_decay.data() + element * c,
                       g_state,
                       AlignedArray<T>(c),
                       AlignedArray<T>(c),
                       AlignedArray<double>(noise.size())};
    load(state, element, c, part.state.data());
    if (!g_after.empty()) load(g_after, element, c, part.s.data());
    return part;
  });
}

template <typename T>
void softmax_adjoint(const SignalAdjointRun<T>& run, bool logarithm, std::span<const T> out, RunControl& control) {
  check_run(run, run.channels);
  check_size("out", out.size(), {run.g_out.size()});
  for_each_step_back(run, control, [&](std::size_t) { return SoftmaxBack<T>{run, out.data(), logarithm}; });
}

template <typename T>
void up_down_adjoint(const SignalAdjointRun<T>& run, const UpDownParameters& p, std::span<const T> input,
                     std::span<const double> state, std::span<const T> g_ref_record, std::span<const double> g_after,
                     std::span<double> g_state, std::span<double> thr_up, std::span<double> thr_down, RunControl& control) {
  const std::size_t c = run.channels, each = run.batch * c, all = each * run.steps;
  check_run(run, 2 * c);
  check_size("thr_up", p.thr_up.size(), {1, c});
  check_size("thr_down", p.thr_down.size(), {1, c});
  check_size("input", input.size(), {all});
  check_size("state", state.size(), {2 * c, 2 * each});
  check_size("the gradient of the record", g_ref_record.size(), {0, all});
  check_size("the gradient of the new state", g_after.size(), {0, 2 * each});
  check_size("the gradient of the state", g_state.size(), {2 * each});
  for (const auto size : {thr_up.size(), thr_down.size()}) check_size("the sums of a threshold", size, {each});
  const auto up = expand<T>(p.thr_up, c), down = expand<T>(p.thr_down, c);
  AlignedArray<bool> fresh(each);
  for_each_step_back(run, control, [&](std::size_t element) {
    UpDownBack<T> part{run,
                       element,
                       {static_cast<T>(p.refractory_steps), p.smooth},
                       static_cast<T>(p.repeat_output),
                       up.data(),
                       down.data(),
                       input.data(),
                       g_ref_record.empty() ? nullptr : g_ref_record.data(),
                       thr_up.data() + element * c,
                       thr_down.data() + element * c,
                       g_state,
                       fresh.data() + element * c,
                       AlignedArray<T>((run.steps + 1) * c),
                       AlignedArray<T>((run.steps + 1) * c),
                       AlignedArray<T>(2 * c)};
    AlignedArray<T> start(2 * c);
    load(state, element, 2 * c, start.data());
    std::copy_n(start.data(), c, part.refs.data());
    std::copy_n(start.data() + c, c, part.lefts.data());
    if (!g_after.empty()) load(g_after, element, 2 * c, start.data()), std::copy_n(start.data(), c, part.g.data());
    part.forward();
    return part;
  });
}

#define ROCKPOOL_INSTANTIATE(T)                                                                                             \
  template void exp_filter_adjoint(const SignalAdjointRun<T>&, std::span<const double>, bool, double, bool,                 \
                                   std::span<const double>, std::span<const T>, std::span<const double>, std::span<double>, \
                                   std::span<double>, RunControl&);                                                         \
  template void softmax_adjoint(const SignalAdjointRun<T>&, bool, std::span<const T>, RunControl&);                         \
  template void up_down_adjoint(const SignalAdjointRun<T>&, const UpDownParameters&, std::span<const T>,                    \
                                std::span<const double>, std::span<const T>, std::span<const double>, std::span<double>,    \
                                std::span<double>, std::span<double>, RunControl&);
ROCKPOOL_INSTANTIATE(double)
ROCKPOOL_INSTANTIATE(float)
#undef ROCKPOOL_INSTANTIATE

void euler_leak_adjoint(double dt, double min_steps, std::span<const double> tau, std::span<const double> log_leak,
                        std::span<double> out) {
  check_size("the sums of the leak", log_leak.size(), {tau.size()});
  check_size("out", out.size(), {tau.size()});
  for (std::size_t i = 0; i < tau.size(); ++i) out[i] = tau[i] < min_steps * dt ? 0.0 : -log_leak[i] / tau[i];
}

void decay_adjoint(double dt, std::span<const double> tau, std::span<const double> log_decay, std::span<double> out) {
  check_size("the sums of the decay", log_decay.size(), {tau.size()});
  check_size("out", out.size(), {tau.size()});
  // One by one, since a tau that is tiny has no decay to speak of, and its square is 0.
  for (std::size_t i = 0; i < tau.size(); ++i) out[i] = log_decay[i] == 0.0 ? 0.0 : log_decay[i] / tau[i] * (dt / tau[i]);
}

}  // namespace rockpool
