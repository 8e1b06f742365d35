#include "neurons/aeif_kernels.h"

#include <cmath>

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

constexpr std::size_t kStrip = kAeifStrip;
constexpr double kShortest = 1e-12;  // sub-step, in time steps

// exp(x) = 2^k exp(f), x = k ln 2 + f, |f| <= ln(2) / 2, for x below 709; very small results are about 1e-304. A NaN passes.
// Without fused operations, for the same bits everywhere. Largest error: about 2 units in the last place.
[[gnu::always_inline]] inline double exp_lane(double x) {
  x = x < -700.0 ? -700.0 : x;
  const double shifted = x * 1.4426950408889634 + 0x1.8p52;
  const double k = shifted - 0x1.8p52;
  const double f = (x - k * 0x1.62e42fee00000p-1) - k * 0x1.a39ef35793c76p-33;
  // The series to f^12, halved again and again: a long chain of operations would leave the processor waiting.
  const double f2 = f * f, f4 = f2 * f2;
  const double q0 = (1.0 + f) + (1.0 / 2.0 + 1.0 / 6.0 * f) * f2;
  const double q4 = (1.0 / 24.0 + 1.0 / 120.0 * f) + (1.0 / 720.0 + 1.0 / 5040.0 * f) * f2;
  const double q8 = (1.0 / 40320.0 + 1.0 / 362880.0 * f) + (1.0 / 3628800.0 + 1.0 / 39916800.0 * f) * f2;
  const double q = (q0 + q4 * f4) + (q8 + 1.0 / 479001600.0 * f4) * (f4 * f4);
  return q * __builtin_bit_cast(double, (__builtin_bit_cast(std::uint64_t, shifted) + 1023u) << 52);
}

/// The equations of a neuron.
struct Neuron {
  double inverse_capacity, conductance, spike_gain, inverse_slope, threshold, peak, rest, adapt_gain, adapt_rate;

  // The exponential grows no further than at the peak, where V is reset.
  double v_slope(double v, double w, double current) const {
    const double risen = v > peak ? peak : v;
    const double spike = spike_gain * exp_lane((risen - threshold) * inverse_slope);
    return inverse_capacity * (current - w - conductance * (v - rest) + spike);
  }
  double w_slope(double v, double w) const { return adapt_rate * (adapt_gain * (v - rest) - w); }
};

struct Trial {
  double v, w;
  double error;  // in tolerances
};

/// One step of length h from (v, w), of order 5, with the difference to one of order 4 as its error (Fehlberg, NASA TR R-315,
/// 1969). `current` is the sum of all but w at the beginning, `at` what it is at the other stages.
[[gnu::always_inline]] inline Trial try_step(const Neuron& neuron, double v, double w, double h, double current,
                                             const double (&at)[kAeifStages]) {
  const auto slopes = [&](double dv, double dw, double i, double& kv, double& kw) {
    const double vs = v + h * dv, ws = w + h * dw;
    kv = neuron.v_slope(vs, ws, i);
    kw = neuron.w_slope(vs, ws);
  };
  double v1, v2, v3, v4, v5, v6, w1, w2, w3, w4, w5, w6;
  slopes(0.0, 0.0, current, v1, w1);
  const auto second = [](double a) { return 1.0 / 4.0 * a; };
  slopes(second(v1), second(w1), at[0], v2, w2);
  const auto third = [](double a, double b) { return 3.0 / 32.0 * a + 9.0 / 32.0 * b; };
  slopes(third(v1, v2), third(w1, w2), at[1], v3, w3);
  const auto fourth = [](double a, double b, double c) {
    return 1932.0 / 2197.0 * a - 7200.0 / 2197.0 * b + 7296.0 / 2197.0 * c;
  };
  slopes(fourth(v1, v2, v3), fourth(w1, w2, w3), at[2], v4, w4);
  const auto fifth = [](double a, double b, double c, double d) {
    return 439.0 / 216.0 * a - 8.0 * b + 3680.0 / 513.0 * c - 845.0 / 4104.0 * d;
  };
  slopes(fifth(v1, v2, v3, v4), fifth(w1, w2, w3, w4), at[3], v5, w5);
  const auto sixth = [](double a, double b, double c, double d, double e) {
    return -8.0 / 27.0 * a + 2.0 * b - 3544.0 / 2565.0 * c + 1859.0 / 4104.0 * d - 11.0 / 40.0 * e;
  };
  slopes(sixth(v1, v2, v3, v4, v5), sixth(w1, w2, w3, w4, w5), at[4], v6, w6);
  const auto sum = [](double a, double c, double d, double e, double f) {
    return 16.0 / 135.0 * a + 6656.0 / 12825.0 * c + 28561.0 / 56430.0 * d - 9.0 / 50.0 * e + 2.0 / 55.0 * f;
  };
  const auto difference = [](double a, double c, double d, double e, double f) {
    return 1.0 / 360.0 * a - 128.0 / 4275.0 * c - 2197.0 / 75240.0 * d + 1.0 / 50.0 * e + 2.0 / 55.0 * f;
  };
  const double v_error = __builtin_fabs(difference(v1, v3, v4, v5, v6)),
               w_error = __builtin_fabs(difference(w1, w3, w4, w5, w6));
  const double worst = v_error > w_error ? v_error : w_error;
  return {v + h * sum(v1, v3, v4, v5, v6), w + h * sum(w1, w3, w4, w5, w6), worst * (h / kAeifTolerance)};
}

inline Neuron neuron_of(const AeifFactors& f, std::size_t j) {
  return {f.inverse_capacity[j], f.conductance[j], f.spike_gain[j], f.inverse_slope[j], f.threshold[j], f.peak[j], f.rest[j],
          f.adapt_gain[j],       f.adapt_rate[j]};
}

/// A strip of the state in double precision: V, w, the sum of the currents at each stage, and for how long neurons are held.
struct Strip {
  double v[kStrip], w[kStrip], current[kStrip], at[kAeifStages][kStrip], held[kStrip];
};

/// What an attempt makes of it. Errors are negative where it was good.
struct Attempt {
  double v[kStrip], w[kStrip], error[kStrip];
};

template <typename T>
void load(const AeifStep<T>& s, std::size_t first, std::size_t m, Strip& b) {
  for (std::size_t k = 0; k < m; ++k) b.v[k] = static_cast<double>(s.v[first + k]);
  for (std::size_t k = 0; k < m; ++k) b.w[k] = static_cast<double>(s.w[first + k]);
  if (s.drive_uniform)
    for (std::size_t k = 0; k < m; ++k) b.current[k] = static_cast<double>(s.drive[0]);
  else
    for (std::size_t k = 0; k < m; ++k) b.current[k] = static_cast<double>(s.drive[first + k]);
  for (auto& at : b.at)
    for (std::size_t k = 0; k < m; ++k) at[k] = b.current[k];
  for (int x = 0; x < 2 && s.i[x] != nullptr; ++x) {
    double i[kStrip];
    for (std::size_t k = 0; k < m; ++k) i[k] = static_cast<double>(s.i[x][first + k]);
    for (std::size_t k = 0; k < m; ++k) b.current[k] += i[k];
    for (std::size_t c = 0; c < kAeifStages; ++c) {
      const double* kept = s.factors.current_at[x][c];
      if (s.uniform)
        for (std::size_t k = 0; k < m; ++k) b.at[c][k] += i[k] * kept[0];
      else
        for (std::size_t k = 0; k < m; ++k) b.at[c][k] += i[k] * kept[first + k];
    }
  }
  if (s.refractory)
    for (std::size_t k = 0; k < m; ++k) b.held[k] = static_cast<double>(s.ready[first + k] - s.now);
}

// Selections one after another, no branches and no aliases: compilers make vectors of this.
template <bool kUniform>
void attempt_strip(const AeifFactors& factors, double dt, std::size_t first, std::size_t m, const Strip& b,
                   double* __restrict v_next, double* __restrict w_next, double* __restrict error_of) {
  const AeifFactors f = factors;
  for (std::size_t k = 0; k < m; ++k) {
    const Neuron neuron = neuron_of(f, kUniform ? 0 : first + k);
    const double v = b.v[k], w = b.w[k];
    const double at[kAeifStages] = {b.at[0][k], b.at[1][k], b.at[2][k], b.at[3][k], b.at[4][k]};
    const Trial trial = try_step(neuron, v, w, dt, b.current[k], at);
    double error = trial.error <= 1.0 ? -1.0 : trial.error;
    error = trial.v < neuron.peak ? error : trial.error;
    error = v < neuron.peak ? error : trial.error;
    v_next[k] = error < 0.0 ? trial.v : v;
    w_next[k] = error < 0.0 ? trial.w : w;
    error_of[k] = error;
  }
}

/// Neurons that are held keep V.
void hold_strip(const AeifFactors& f, bool uniform, std::size_t first, std::size_t m, const Strip& b, Attempt& to) {
  for (std::size_t k = 0; k < m; ++k) {
    if (!(b.held[k] > 0.0)) continue;
    const std::size_t j = uniform ? 0 : first + k;
    const double target = f.adapt_gain[j] * (b.v[k] - f.rest[j]);
    to.v[k] = b.v[k];
    to.w[k] = target + (b.w[k] - target) * f.adapt_kept[j];
    to.error[k] = to.w[k] == to.w[k] ? -1.0 : to.w[k];
  }
}

template <typename T>
void attempt(const AeifStep<T>& s, std::size_t first, AeifUnfinished& left) {
  const std::size_t m = s.n - first < kStrip ? s.n - first : kStrip;
  Strip b;
  Attempt to;
  load(s, first, m, b);
  const auto attempt_some = s.uniform ? attempt_strip<true> : attempt_strip<false>;
  attempt_some(s.factors, s.dt, first, m, b, to.v, to.w, to.error);
  if (s.refractory) hold_strip(s.factors, s.uniform, first, m, b, to);
  for (std::size_t k = 0; k < m; ++k) s.v[first + k] = static_cast<T>(to.v[k]);
  for (std::size_t k = 0; k < m; ++k) s.w[first + k] = static_cast<T>(to.w[k]);
  left.count = 0;
  for (std::size_t k = 0; k < m; ++k) {
    left.neuron[left.count] = static_cast<std::uint32_t>(first + k);
    left.error[left.count] = to.error[k];
    left.count += to.error[k] < 0.0 ? 0u : 1u;  // a NaN is unfinished
  }
}

/// A neuron on its way through a time step.
struct Course {
  Neuron neuron;
  double drive;
  double i[2], rate[2];
  double t, v, w;

  Trial at(double h) const {
    double stage[kAeifStages];
    for (std::size_t c = 0; c < kAeifStages; ++c) stage[c] = current_at(kAeifStageTimes[c] * h);
    return try_step(neuron, v, w, h, current_at(0.0), stage);
  }
  double current_at(double after) const {
    double sum = drive;
    for (int x = 0; x < 2; ++x) sum += i[x] * exp_lane(-after * rate[x]);
    return sum;
  }
  void advance(double h, const Trial& to) {
    t += h;
    v = to.v;
    w = to.w;
    for (int x = 0; x < 2; ++x) i[x] *= exp_lane(-h * rate[x]);
  }
};

/// The end of a sub-step that a step of length h, which is accurate but leads to the peak or beyond, meets the peak at. Newton
/// steps, kept between a length that is too short and one that is too long.
double meet_peak(const Course& c, double h, Trial& trial) {
  double low = 0.0, high = h, at = h;
  for (int k = 0; k < 60; ++k) {
    const double over = trial.v - c.neuron.peak;
    if (__builtin_fabs(over) <= kAeifTolerance) break;
    (over > 0.0 ? high : low) = at;
    const double next = at - over / c.neuron.v_slope(trial.v, trial.w, c.current_at(at));
    at = next > low && next < high ? next : 0.5 * (low + high);
    trial = c.at(at);
  }
  return at;
}

double next_step(double h, double error) {
  const double factor = 0.9 * std::pow(error, -0.2);
  return h * (factor > 5.0 ? 5.0 : factor > 0.2 ? factor : 0.2);  // a NaN shortens
}

template <typename T>
Course course_of(const AeifStep<T>& s, std::size_t j) {
  Course c;
  c.neuron = neuron_of(s.factors, s.uniform ? 0 : j);
  c.drive = static_cast<double>(s.drive[s.drive_uniform ? 0 : j]);
  for (int x = 0; x < 2; ++x) {
    c.i[x] = s.i[x] != nullptr ? static_cast<double>(s.i[x][j]) : 0.0;
    c.rate[x] = s.i[x] != nullptr ? s.factors.current_rate[x][s.uniform ? 0 : j] : 0.0;
  }
  c.t = 0.0;
  c.v = static_cast<double>(s.v[j]);
  c.w = static_cast<double>(s.w[j]);
  return c;
}

template <typename T>
AeifFinish finish(const AeifStep<T>& s, std::size_t j, double error, T* peak) {
  Course c = course_of(s, j);
  const auto factor = [&](const double* p) { return p[s.uniform ? 0 : j]; };
  std::size_t spikes = 0, sub_steps = 0;
  if (!std::isfinite(c.neuron.v_slope(c.v, c.w, c.current_at(0.0))) || !std::isfinite(c.w)) return {AeifOutcome::kNotFinite, 0};
  double h = error <= 1.0 ? s.dt : next_step(s.dt, error);
  bool fires = c.v >= c.neuron.peak;
  while (fires || c.t < s.dt) {
    if (fires) {
      if (spikes == kAeifMostSpikes) return {AeifOutcome::kTooMuch, spikes};
      peak[spikes++] = static_cast<T>(c.v);
      c.v = factor(s.factors.reset);
      c.w += factor(s.factors.adapt_jump);
      const double rest = s.dt - c.t;
      if (s.hold[j] > T(0)) {
        const double target = c.neuron.adapt_gain * (c.v - c.neuron.rest);
        c.w = target + (c.w - target) * exp_lane(-rest * c.neuron.adapt_rate);
        s.ready[j] = s.now + T(1) + s.hold[j];
        break;
      }
      fires = false;
      h = rest;
      continue;
    }
    if (++sub_steps > kAeifMostSubSteps) return {AeifOutcome::kTooMuch, spikes};
    const bool last = c.t + h * (1.0 + kShortest) >= s.dt;
    if (last) h = s.dt - c.t;
    Trial trial = c.at(h);
    if (!(trial.error <= 1.0)) {
      h = next_step(h, trial.error);
      if (h >= kShortest * s.dt) continue;
      // The exponential diverges faster than sub-steps can follow: the peak is met here.
      if (!(c.v > c.neuron.threshold && c.neuron.spike_gain > 0.0)) return {AeifOutcome::kNotFinite, spikes};
      c.v = c.neuron.peak;
      fires = true;
      continue;
    }
    fires = trial.v >= c.neuron.peak;
    const double length = fires ? meet_peak(c, h, trial) : h;
    c.advance(length, trial);
    if (last && length == h) c.t = s.dt;
    h = next_step(h, trial.error);
  }
  s.v[j] = static_cast<T>(c.v);
  s.w[j] = static_cast<T>(c.w);
  return {AeifOutcome::kDone, spikes};
}

template <typename T>
void decay(const AeifStep<T>& s) {
  for (int x = 0; x < 2; ++x) {
    if (s.i[x] == nullptr) continue;
    T* __restrict i = s.i[x];
    const double* kept = s.factors.current_at[x][3];  // the fourth stage is the end of the step
    if (s.uniform)
      for (std::size_t j = 0; j < s.n; ++j) i[j] *= static_cast<T>(kept[0]);
    else
      for (std::size_t j = 0; j < s.n; ++j) i[j] *= static_cast<T>(kept[j]);
  }
}

template <typename T>
constexpr AeifKernelsOf<T> table() {
  return {attempt<T>, finish<T>, decay<T>};
}

}  // namespace

const AeifKernels& aeif_kernels() {
  static constexpr AeifKernels kernels{table<double>(), table<float>()};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
