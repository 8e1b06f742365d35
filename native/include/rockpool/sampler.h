// Samples a continuous time series: the values between its samples, by one of several kinds of interpolation.
//
// A Sampler borrows everything it reads (SamplerSpec); SamplerData owns copies for work that outlives a call. Sampling is
// a pure function of the query: the moving cursor that makes rising queries O(1) is a hint that changes no result, so large
// calls are split between threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rockpool {

enum class InterpKind : std::uint8_t { kPrevious = 0, kNext, kZero, kNearest, kNearestUp, kLinear, kSpline };

constexpr int kMaxSplineDegree = 9;

/// Everything that defines the values of a series.
struct SamplerSpec {
  std::span<const double> times;    // `count` of them, non-decreasing; ignored when clocked
  std::size_t count = 0;            // number of samples
  std::span<const double> samples;  // count x channels, row-major
  std::size_t channels = 0;

  InterpKind kind = InterpKind::kPrevious;
  int degree = 0;                  // of a spline, 2 to kMaxSplineDegree
  std::span<const double> spline;  // from prepare_spline(); a Sampler makes it itself when it is needed and empty

  bool fill_constant = false;    // beyond the outermost samples: constants instead of the kind's own rule
  std::span<const double> fill;  // those: `channels` values for below, then `channels` for above

  bool periodic = false;      // repeats with period t_stop - t_start
  bool approx_limits = true;  // times within min(1e-9, 1e-6 duration) of the window are moved into it
  double t_start = 0;
  double t_stop = 0;

  bool clocked = false;  // sample i is at (clock_first + i) * clock_dt + clock_t0
  double clock_t0 = 0;
  double clock_dt = 0;
  std::uint64_t clock_first = 0;

  double time(std::size_t i) const { return clocked ? static_cast<double>(clock_first + i) * clock_dt + clock_t0 : times[i]; }
};

/// What happened at the limits of the window [t_start, t_stop].
struct SampleReport {
  std::uint64_t outside = 0;  // queries without a value: their rows are NaN
  std::uint64_t snapped = 0;  // queries moved into the window by the tolerance
  double first_outside = 0;   // the first such query, in the order of the queries
};

class Sampler {
 public:
  /// Throws ERR_VALUE when a spline has too few samples or equal times.
  explicit Sampler(const SamplerSpec& spec);
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  /// out[i, :] = value at t[i]; n x channels, row-major; NaN where the series has no value.
  SampleReport sample(const double* t, std::size_t n, double* out) const;

  /// The same at the times k * dt + t0 for k = first .. first + n - 1.
  SampleReport sample_clocked(double t0, double dt, std::uint64_t first, std::size_t n, double* out) const;

  std::size_t channels() const { return spec_.channels; }
  const SamplerSpec& spec() const { return spec_; }

 private:
  SamplerSpec spec_;
  std::vector<double> own_spline_;
  std::vector<double> nan_row_;
};

/// Whether a periodic series needs the virtual samples (last - duration) in front and (first + duration) behind.
bool needs_wrap_samples(const SamplerSpec& spec);

/// Knots and B-spline coefficients of the interpolating spline of `spec.degree`, for SamplerSpec::spline: m + degree + 1 knots,
/// then m x channels coefficients, where m is the number of samples, wrap samples included. A channel with a NaN is all NaN.
/// Throws ERR_VALUE for fewer than degree + 1 samples or for equal times.
std::vector<double> prepare_spline(const SamplerSpec& spec);

/// An owning copy of a spec.
class SamplerData {
 public:
  SamplerData() = default;
  explicit SamplerData(const SamplerSpec& spec);
  SamplerData(const SamplerData&) = delete;
  SamplerData& operator=(const SamplerData&) = delete;
  SamplerData(SamplerData&&) noexcept = default;  // moved vectors keep their memory, so the spans stay valid
  SamplerData& operator=(SamplerData&&) noexcept = default;

  const SamplerSpec& spec() const { return spec_; }

 private:
  SamplerSpec spec_;
  std::vector<double> times_, samples_, spline_, fill_;
};

}  // namespace rockpool
