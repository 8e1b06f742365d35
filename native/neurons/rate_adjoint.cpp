#include "rockpool/rate_adjoint.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include "base/batch_tasks.h"
#include "neurons/batch_arrays.h"
#include "neurons/rate_adjoint_kernels.h"
#include "neurons/rate_batch_kernels.h"
#include "rockpool/random.h"
#include "synapses/packed_matrix.h"

namespace rockpool {

namespace {

template <typename T>
const RateAdjointKernelsOf<T>& active_rate_adjoint_kernels() {
  const RateAdjointKernels& kernels = ROCKPOOL_SELECT_KERNELS(rate_adjoint_kernels);
  if constexpr (std::is_same_v<T, double>)
    return kernels.f64;
  else
    return kernels.f32;
}

template <typename T>
void check(const RateBatchParameters& p, const RateAdjointRun<T>& run) {
  const std::size_t n = p.units, each = run.batch * n, all = each * run.steps;
  const bool given = p.activation == BatchActivation::kGiven;
  if (n == 0) throw_range("units", "greater than 0", "0");
  check_size("leak", p.leak.size(), {1, n});
  check_size("threshold", p.threshold.size(), {1, n});
  check_size("w_rec", p.w_rec.size(), {0, n * n});
  check_size("x", run.x_start.size(), {n, each});
  for (const auto size : {run.x.size(), run.g_out.size(), run.g_input.size()}) check_size("a signal", size, {all});
  check_size("activity", run.activity.size(), {given ? 0 : all});
  check_size("the activity at the start", run.activity_start.size(), {0, given ? 0 : each});
  for (const auto size : {run.slope.size(), run.theta_slope.size()}) check_size("a slope", size, {given ? all : 0});
  for (const auto size : {run.slope_start.size(), run.theta_slope_start.size()})
    check_size("a slope at the start", size, {given ? each : 0});
  check_size("the gradient of a record", run.g_x.size(), {0, all});
  check_size("the gradient of a record", run.g_i_rec.size(), {0, all});
  check_size("the gradient of the recurrent input", run.g_rec.size(), {run.g_i_rec.size()});
  check_size("the gradient of the new x", run.g_x_after.size(), {0, each});
  for (const auto size : {run.g_x_start.size(), run.log_leak.size(), run.bias.size(), run.threshold.size()})
    check_size("a sum", size, {each});
}

/// A pointer into a span, or null when there is none.
template <typename T>
T* at(std::span<T> from, std::size_t i) {
  return from.empty() ? nullptr : from.data() + i;
}

/// Batch elements that go back together, a step at a time.
template <typename T>
class Group {
 public:
  Group(std::size_t first, std::size_t size, std::size_t units, std::size_t stride, bool recurrent, bool noisy)
      : first(first),
        size(size),
        x_start(size * units),
        r_start(size * units),
        s(size * units),
        l(units),
        d_rec(recurrent ? size * units : 0),
        back(recurrent ? size * stride : 0),
        noise(noisy ? units : 0) {}

  std::size_t first, size;
  AlignedArray<T> x_start, r_start, s, l, d_rec, back;
  AlignedArray<double> noise;
};

template <typename T>
class RateAdjoint {
 public:
  RateAdjoint(const RateBatchParameters& p, const RateAdjointRun<T>& run)
      : p_(p),
        run_(run),
        leak_(expand<T>(p.leak, p.units)),
        keep_(p.units),
        threshold_(expand<T>(p.threshold, p.units)),
        stride_((p.units + dense_.lanes - 1) / dense_.lanes * dense_.lanes) {
    const std::size_t n = p.units;
    for (std::size_t j = 0; j < n; ++j) keep_[j] = T(1) - leak_[j];
    if (!p.w_rec.empty()) {
      std::vector<double> transposed(n * n);
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) transposed[j * n + i] = p.w_rec[i * n + j];
      back_ = PackedMatrix<T>(dense_, transposed, n, n);
    }
    if (!(p.noise_std > 0.0) || p.noise != LifNoise::kStationary) return;
    // c = std sqrt((2 - a) / a): a^2 c' = -std sqrt(a / (2 - a)).
    noise_ = AlignedArray<double>(n);
    for (std::size_t j = 0; j < n; ++j) {
      const auto a = static_cast<double>(leak_[j]);
      noise_[j] = a > 0.0 && a < 2.0 ? -p.noise_std * std::sqrt(a / (2.0 - a)) : 0.0;
    }
  }

  /// How many elements a task takes.
  std::size_t group_size() const {
    if (back_.empty()) return 1;
    const auto threads = std::max<std::size_t>(1, ThreadPool::instance().concurrency());
    const std::size_t share = (run_.batch + threads - 1) / threads;
    const std::size_t affordable = std::size_t{50'000'000} / back_.size();  // a few milliseconds for a step
    return std::max<std::size_t>(1, std::min(share, affordable));
  }

  void run(std::size_t first, std::size_t size, SharedControl& control) const {
    const std::size_t n = p_.units;
    Group<T> g(first, size, n, stride_, !back_.empty(), !noise_.empty());
    for (std::size_t b = 0; b < size; ++b) begin(g, b);
    const double work = static_cast<double>(size) * (20.0 * static_cast<double>(n) + static_cast<double>(back_.size()) +
                                                     200.0 * static_cast<double>(noise_.size()));
    const auto often = static_cast<std::size_t>(std::clamp(2e7 / work, 1.0, 4096.0));
    std::size_t since = 0;
    for (std::size_t k = run_.steps; k-- > 0;) {
      for (std::size_t b = 0; b < size; ++b) step(g, b, k);
      if (!back_.empty()) {
        dense_.multiply_columns(back_.data(), n, n, g.d_rec.data(), size, g.back.data(), stride_);
        for (std::size_t b = 0; b < size; ++b) kernels_.recurrence(make_step(g, b, k));
      }
      if (++since == often) control.advance(since * size), since = 0;
    }
    if (since > 0) control.advance(since * size);
    store(g.s.data(), first, size, n);
  }

 private:
  void begin(Group<T>& g, std::size_t b) const {
    const std::size_t n = p_.units, element = g.first + b;
    load(run_.x_start, element, n, g.x_start.data() + b * n);
    if (!run_.g_x_after.empty()) load(run_.g_x_after, element, n, g.s.data() + b * n);
    if (p_.activation == BatchActivation::kGiven) return;
    T* r = g.r_start.data() + b * n;
    activate_.activate(p_.activation, g.x_start.data() + b * n, threshold_.data(), n, r);
    if (!run_.activity_start.empty()) std::copy_n(r, n, run_.activity_start.begin() + static_cast<std::ptrdiff_t>(element * n));
  }

  void store(const T* s, std::size_t first, std::size_t size, std::size_t n) const {
    std::copy_n(s, size * n, run_.g_x_start.begin() + static_cast<std::ptrdiff_t>(first * n));
  }

  void step(Group<T>& g, std::size_t b, std::size_t k) const {
    const std::size_t n = p_.units, element = g.first + b;
    RateAdjointStep<T> c = make_step(g, b, k);
    if (!noise_.empty()) {
      const RandomStream stream{run_.seed, kNoiseStream + static_cast<std::uint32_t>(element)};
      fill_normal(stream, run_.first_step + k, 0, g.noise.data(), n);
      for (std::size_t j = 0; j < n; ++j) g.noise[j] *= noise_[j];
      c.noise = g.noise.data();
    }
    kernels_.step(c);
    if (c.d_rec != nullptr && !run_.g_rec.empty()) std::copy_n(c.d_rec, n, run_.g_rec.data() + (element * run_.steps + k) * n);
  }

  RateAdjointStep<T> make_step(Group<T>& g, std::size_t b, std::size_t k) const {
    const std::size_t n = p_.units, element = g.first + b, row = (element * run_.steps + k) * n, once = element * n;
    RateAdjointStep<T> c{};
    c.units = n, c.activation = p_.activation, c.leak = leak_.data(), c.keep = keep_.data();
    c.r = at(run_.activity, row), c.slope = at(run_.slope, row), c.theta_slope = at(run_.theta_slope, row);
    c.x = run_.x.data() + row;
    if (k > 0) {
      c.r_before = at(run_.activity, row - n), c.slope_before = at(run_.slope, row - n);
      c.theta_slope_before = at(run_.theta_slope, row - n), c.x_before = c.x - n;
    } else {
      c.r_before = g.r_start.data() + b * n, c.slope_before = at(run_.slope_start, once);
      c.theta_slope_before = at(run_.theta_slope_start, once), c.x_before = g.x_start.data() + b * n;
    }
    c.e = run_.g_out.data() + row, c.g_x = at(run_.g_x, row), c.g_i_rec = at(run_.g_i_rec, row);
    c.g_input = run_.g_input.data() + row;
    c.l = g.l.data(), c.s = g.s.data() + b * n;
    if (!back_.empty()) c.d_rec = g.d_rec.data() + b * n, c.back = g.back.data() + b * stride_;
    c.log_leak = run_.log_leak.data() + once, c.bias = run_.bias.data() + once, c.threshold = run_.threshold.data() + once;
    return c;
  }

  const RateBatchParameters& p_;
  const RateAdjointRun<T>& run_;
  const RateAdjointKernelsOf<T>& kernels_ = active_rate_adjoint_kernels<T>();
  const RateBatchKernelsOf<T>& activate_ = active_rate_batch_kernels<T>();
  const DenseKernelsOf<T>& dense_ = active_dense_kernels<T>();
  AlignedArray<T> leak_, keep_, threshold_;
  std::size_t stride_;
  PackedMatrix<T> back_;
  AlignedArray<double> noise_;
};

template <typename T>
void run_adjoint(const RateBatchParameters& p, const RateAdjointRun<T>& run, RunControl& control) {
  check(p, run);
  const RateAdjoint<T> adjoint(p, run);
  const std::size_t size = adjoint.group_size();
  run_tasks((run.batch + size - 1) / size, std::uint64_t{run.batch} * run.steps, control,
            [&](std::size_t i, SharedControl& shared) { adjoint.run(i * size, std::min(size, run.batch - i * size), shared); });
}

template <typename T>
void activate_back(BatchActivation activation, std::span<const T> out, std::span<const T> g_out, std::span<T> g_in,
                   RunControl& control) {
  constexpr std::size_t kPart = std::size_t{1} << 16;
  check_size("the gradient", g_out.size(), {out.size()});
  check_size("the gradient of the input", g_in.size(), {out.size()});
  const auto& kernels = active_rate_adjoint_kernels<T>();
  run_tasks((out.size() + kPart - 1) / kPart, out.size(), control, [&](std::size_t i, SharedControl& shared) {
    const std::size_t first = i * kPart, n = std::min(kPart, out.size() - first);
    kernels.activation(activation, out.data() + first, g_out.data() + first, n, g_in.data() + first);
    shared.advance(n);
  });
}

}  // namespace

void run_rate_adjoint(const RateBatchParameters& p, const RateAdjointRun<double>& run, RunControl& control) {
  run_adjoint(p, run, control);
}

void run_rate_adjoint(const RateBatchParameters& p, const RateAdjointRun<float>& run, RunControl& control) {
  run_adjoint(p, run, control);
}

void activate_adjoint(BatchActivation activation, std::span<const double> out, std::span<const double> g_out,
                      std::span<double> g_in, RunControl& control) {
  activate_back(activation, out, g_out, g_in, control);
}

void activate_adjoint(BatchActivation activation, std::span<const float> out, std::span<const float> g_out,
                      std::span<float> g_in, RunControl& control) {
  activate_back(activation, out, g_out, g_in, control);
}

}  // namespace rockpool
