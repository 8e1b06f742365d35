#include "rockpool/sampler.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "rockpool/error.h"
#include "rockpool/memory.h"
#include "rockpool/thread_pool.h"
#include "rockpool/time_grid.h"
#include "time_series/locator.h"
#include "time_series/sampler_kernels.h"
#include "time_series/spline.h"

namespace rockpool {

namespace {

constexpr std::size_t kBlock = 256;                              // queries located before their rows are read
constexpr std::size_t kParallelElements = std::size_t{1} << 17;  // outputs from which threads pay
constexpr std::size_t kChunkElements = std::size_t{1} << 16;     // outputs of one piece of work

struct QueryList {
  const double* t;
  double snap = 0;
  double operator()(std::size_t i) const { return t[i]; }
};

// The ticks of a clock. Where a tick and a sample are meant to coincide, rounding may put either first: those within `snap` do.
struct QueryClock {
  double t0, dt;
  std::uint64_t first;
  double snap;
  double operator()(std::size_t i) const { return static_cast<double>(first + i) * dt + t0; }
};

// Moves a query into the window [t_start, t_stop]; NaN when it has no place there.
class Window {
 public:
  explicit Window(const SamplerSpec& spec)
      : start_(spec.t_start),
        stop_(spec.t_stop),
        period_(spec.t_stop - spec.t_start),
        tolerance_(spec.approx_limits ? std::min(1e-9, 1e-6 * period_) : 0.0),
        periodic_(spec.periodic && period_ > 0) {}

  double place(double t, SampleReport& report) const {
    if (t >= start_ && (periodic_ ? t < stop_ : t <= stop_)) return t;
    if (periodic_) {
      double offset = std::fmod(t - start_, period_);
      if (offset < 0) offset += period_;
      if (offset >= period_) offset = 0;
      const double wrapped = start_ + offset;
      if (std::isfinite(wrapped)) return wrapped < stop_ ? wrapped : start_;
    } else if (tolerance_ > 0) {
      if (t < start_ && start_ - t <= tolerance_) return ++report.snapped, start_;
      if (t > stop_ && t - stop_ <= tolerance_) return ++report.snapped, stop_;
    }
    return outside(t, report);
  }

  // Whether a time without a value is moved to `sample`, the outermost one that has a value.
  bool snaps(double t, double sample, SampleReport& report) const {
    if (!(tolerance_ > 0 && std::abs(t - sample) <= tolerance_)) return false;
    ++report.snapped;
    return true;
  }

  static double outside(double t, SampleReport& report) {
    if (report.outside++ == 0) report.first_outside = t;
    return std::numeric_limits<double>::quiet_NaN();
  }

 private:
  double start_, stop_, period_, tolerance_;
  bool periodic_;
};

// Samples a run of queries with one cursor. Rows are named by pointers, so that wrap samples, fill values and NaN rows cost
// the inner loops nothing.
template <typename Times>
class Run {
 public:
  Run(const SamplerSpec& spec, const double* nan_row, Times times)
      : spec_(spec),
        window_(spec),
        nan_row_(nan_row),
        x_(times, spec.count),
        kernels_(ROCKPOOL_SELECT_KERNELS(sampler_kernels)),
        wrap_(spec.periodic && spec.t_stop > spec.t_start),
        period_(spec.t_stop - spec.t_start) {}

  template <typename Query>
  SampleReport operator()(Query query, std::size_t from, std::size_t to, double* out) {
    SampleReport report;
    snap_ = query.snap;
    for (std::size_t at = from; at < to; at += kBlock) {
      const std::size_t n = std::min(kBlock, to - at);
      switch (spec_.kind) {
        case InterpKind::kLinear: blend_block(query, at, n, out, report); break;
        case InterpKind::kSpline: spline_block(query, at, n, out, report); break;
        default: copy_block(query, at, n, out, report); break;
      }
      out += n * spec_.channels;
    }
    return report;
  }

 private:
  const double* row(std::size_t i) const { return spec_.samples.data() + i * spec_.channels; }
  const double* below() const { return spec_.fill.data(); }
  const double* above() const { return spec_.fill.data() + spec_.channels; }
  std::size_t last() const { return spec_.count - 1; }

  // What holds for every kind: no samples, one sample, constants beyond the samples. nullptr: the kind decides.
  const double* settled(double t, std::ptrdiff_t k) const {
    if (spec_.count == 0 || spec_.channels == 0) return nan_row_;
    if (spec_.fill_constant && !wrap_) {
      if (k < 0) return below();
      if (t > x_[last()]) return above();
    }
    return spec_.count == 1 ? row(0) : nullptr;
  }

  const double* undefined(double t, SampleReport& report) const {
    Window::outside(t, report);
    return nan_row_;
  }

  // The last sample at or before t.
  std::ptrdiff_t find_snapped(double t) {
    std::ptrdiff_t k = x_.find(t);
    const auto count = static_cast<std::ptrdiff_t>(spec_.count);
    while (k + 1 < count && x_[static_cast<std::size_t>(k + 1)] - t <= snap_) ++k;
    return k;
  }

  const double* stepwise(double t, SampleReport& report) {
    const std::ptrdiff_t k = find_snapped(t);
    if (const double* fixed = settled(t, k)) return fixed;
    const auto at = static_cast<std::size_t>(k);
    switch (spec_.kind) {
      case InterpKind::kPrevious:
        if (k >= 0) return row(wraps_at(t) ? 0 : at);
        if (wrap_) return row(last());
        return window_.snaps(t, x_[0], report) ? stepwise(x_[0], report) : undefined(t, report);
      case InterpKind::kZero:
        if (k < 0) return wrap_ ? row(last()) : row(0);
        return row(wraps_at(t) ? 0 : at);
      case InterpKind::kNext:
        if (k < 0) return row(0);
        if (t - x_[at] <= snap_) return row(x_.first_of_equals(at));
        if (at != last()) return row(at + 1);
        if (wrap_) return row(0);
        return window_.snaps(t, x_[at], report) ? stepwise(x_[at], report) : undefined(t, report);
      default: return nearest(t, k);
    }
  }

  const double* nearest(double t, std::ptrdiff_t k) const {
    const bool up = spec_.kind == InterpKind::kNearestUp;
    const auto at = static_cast<std::size_t>(k);
    double low, high;
    std::size_t low_row, high_row;
    if (k < 0) {
      if (!wrap_) return row(0);
      low = x_[last()] - period_, high = x_[0], low_row = last(), high_row = 0;
    } else {
      if (t - x_[at] <= snap_) return row(up ? at : x_.first_of_equals(at));
      low = x_[at], low_row = at;
      if (at == last()) {
        if (!wrap_) return row(at);
        high = x_[0] + period_, high_row = 0;
      } else {
        high = x_[at + 1], high_row = at + 1;
      }
    }
    const double middle = low / 2 + high / 2;
    return row((up ? t < middle - snap_ : t <= middle + snap_) ? low_row : high_row);
  }

  // Whether t is where the first sample of the next period is.
  bool wraps_at(double t) const { return wrap_ && snap_ > 0 && x_[0] + period_ - t <= snap_; }

  template <typename Query>
  void copy_block(Query query, std::size_t at, std::size_t n, double* out, SampleReport& report) {
    for (std::size_t i = 0; i < n; ++i) {
      const double t = window_.place(query(at + i), report);
      a_[i] = t != t ? nan_row_ : stepwise(t, report);
    }
    kernels_.copy(a_.data(), n, spec_.channels, out);
  }

  template <typename Query>
  void blend_block(Query query, std::size_t at, std::size_t n, double* out, SampleReport& report) {
    for (std::size_t i = 0; i < n; ++i) {
      const double t = window_.place(query(at + i), report);
      weight_[i] = 0;
      if (t != t) {
        a_[i] = b_[i] = nan_row_;
        continue;
      }
      const std::ptrdiff_t k = x_.find(t);
      if (const double* fixed = settled(t, k))
        a_[i] = b_[i] = fixed;
      else
        segment(t, k, i);
    }
    kernels_.blend(a_.data(), b_.data(), weight_.data(), n, spec_.channels, out);
  }

  // The segment that t lies on, or whose prolongation it lies on; at least two samples.
  void segment(double t, std::ptrdiff_t k, std::size_t i) {
    const auto at = static_cast<std::size_t>(k);
    if (k >= 0 && x_[at] == t) {  // exactly a sample: whatever its neighbours hold
      a_[i] = b_[i] = row(x_.first_of_equals(at));
      return;
    }
    std::size_t low = k < 0 ? 0 : std::min(at, last() - 1), high = low + 1;
    double x_low = x_[low], x_high = x_[high];
    if (wrap_ && k < 0) {
      low = last(), high = 0, x_low = x_[last()] - period_, x_high = x_[0];
    } else if (wrap_ && at == last()) {
      low = last(), high = 0, x_low = x_[last()], x_high = x_[0] + period_;
    } else if (k < 0) {  // prolong the first segment that has a length
      while (high < last() && x_[high] == x_low) ++high;
      low = high - 1, x_low = x_[low], x_high = x_[high];
    } else if (at == last()) {
      while (low > 0 && x_[low] == x_high) --low;
      high = low + 1, x_low = x_[low], x_high = x_[high];
    }
    a_[i] = row(low);
    b_[i] = row(high);
    weight_[i] = x_high > x_low ? (t - x_low) / (x_high - x_low) : 0.0;
  }

  template <typename Query>
  void spline_block(Query query, std::size_t at, std::size_t n, double* out, SampleReport& report) {
    if (spec_.count < 2) return copy_constant(query, at, n, out, report);
    const auto k = static_cast<std::size_t>(spec_.degree), order = k + 1;
    const double* u = spec_.spline.data();
    const std::size_t m = (spec_.spline.size() - order) / (spec_.channels + 1);
    const double* coefficients = u + m + order;
    if (!knots_) knots_.emplace(StoredTimes{u + k}, m - k + 1);
    const double first = x_[0], end = x_[last()];
    for (std::size_t i = 0; i < n; ++i) {
      const double t = window_.place(query(at + i), report);
      double* basis = basis_.data() + i * order;
      basis[0] = std::numeric_limits<double>::quiet_NaN();
      if (t != t) {
        a_[i] = nan_row_;
      } else if (spec_.fill_constant && !wrap_ && (t < first || t > end)) {
        a_[i] = t < first ? below() : above();
      } else {
        const std::ptrdiff_t found = knots_->find(t);
        const std::size_t l = std::min<std::size_t>(found < 0 ? 0 : static_cast<std::size_t>(found), m - k - 1);
        spline_basis(u, l + k, spec_.degree, t, basis);
        a_[i] = coefficients + l * spec_.channels;
      }
    }
    kernels_.combine(a_.data(), basis_.data(), order, n, spec_.channels, out);
  }

  // A spline through fewer than two samples.
  template <typename Query>
  void copy_constant(Query query, std::size_t at, std::size_t n, double* out, SampleReport& report) {
    for (std::size_t i = 0; i < n; ++i) {
      const double t = window_.place(query(at + i), report);
      a_[i] = t != t ? nan_row_ : settled(t, x_.find(t));
    }
    kernels_.copy(a_.data(), n, spec_.channels, out);
  }

  const SamplerSpec& spec_;
  Window window_;
  const double* nan_row_;
  Locator<Times> x_;
  const SamplerKernels& kernels_;
  bool wrap_;
  double period_;
  double snap_ = 0;
  std::optional<Locator<StoredTimes>> knots_;
  std::array<const double*, kBlock> a_, b_;
  std::array<double, kBlock> weight_;
  std::array<double, kBlock*(kMaxSplineDegree + 1)> basis_;
};

template <typename Query>
SampleReport run(const SamplerSpec& spec, const double* nan_row, Query query, std::size_t from, std::size_t to, double* out) {
  if (spec.clocked)
    return Run(spec, nan_row, ClockedTimes{spec.clock_t0, spec.clock_dt, spec.clock_first})(query, from, to, out);
  return Run(spec, nan_row, StoredTimes{spec.times.data()})(query, from, to, out);
}

template <typename Query>
SampleReport run_all(const SamplerSpec& spec, const double* nan_row, Query query, std::size_t n, double* out) {
  const std::size_t columns = std::max<std::size_t>(spec.channels, 1);
  if (n * columns < kParallelElements) return run(spec, nan_row, query, 0, n, out);
  prefer_huge_pages(out, n * spec.channels * sizeof(double));
  const std::size_t chunk = std::max(kBlock, kChunkElements / columns);
  std::vector<SampleReport> reports((n + chunk - 1) / chunk);
  ThreadPool::instance().parallel_for(reports.size(), [&](std::size_t c) {
    const std::size_t from = c * chunk;
    reports[c] = run(spec, nan_row, query, from, std::min(n, from + chunk), out + from * spec.channels);
  });
  SampleReport total;
  for (const SampleReport& r : reports) {
    if (total.outside == 0 && r.outside > 0) total.first_outside = r.first_outside;
    total.outside += r.outside;
    total.snapped += r.snapped;
  }
  return total;
}

}  // namespace

Sampler::Sampler(const SamplerSpec& spec) : spec_(spec) {
  ROCKPOOL_INVARIANT(spec.clocked || spec.times.size() == spec.count);
  ROCKPOOL_INVARIANT(spec.samples.size() == spec.count * spec.channels);
  ROCKPOOL_INVARIANT(!spec.fill_constant || spec.fill.size() == 2 * spec.channels);
  if (spec.kind == InterpKind::kSpline && spec.count > 1) {
    if (spec.spline.empty()) {
      own_spline_ = prepare_spline(spec);
      spec_.spline = own_spline_;
    }
    const std::size_t points = spline_points(spec), order = static_cast<std::size_t>(spec.degree) + 1;
    if (spec.degree < 2 || spec.degree > kMaxSplineDegree || points < order ||
        spec_.spline.size() != points + order + points * spec.channels)
      throw_shape("spline", "the coefficients of this series", to_text(spec_.spline.size()) + " numbers");
  }
  // Never empty: its address says "no sample here", also of a series without channels.
  nan_row_.assign(std::max<std::size_t>(spec.channels, 1), std::numeric_limits<double>::quiet_NaN());
}

SampleReport Sampler::sample(const double* t, std::size_t n, double* out) const {
  return run_all(spec_, nan_row_.data(), QueryList{t}, n, out);
}

SampleReport Sampler::sample_clocked(double t0, double dt, std::uint64_t first, std::size_t n, double* out) const {
  const double end = time_of(static_cast<double>(first + n), t0, dt);
  const double snap = tolerance_bins(std::max(std::fabs(end), std::fabs(t0)), t0, dt) * dt;
  return run_all(spec_, nan_row_.data(), QueryClock{t0, dt, first, snap}, n, out);
}

SamplerData::SamplerData(const SamplerSpec& spec)
    : spec_(spec),
      times_(spec.times.begin(), spec.times.end()),
      samples_(spec.samples.begin(), spec.samples.end()),
      spline_(spec.spline.begin(), spec.spline.end()),
      fill_(spec.fill.begin(), spec.fill.end()) {
  spec_.times = times_;
  spec_.samples = samples_;
  spec_.spline = spline_;
  spec_.fill = fill_;
}

}  // namespace rockpool
