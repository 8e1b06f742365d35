// A continuous series as the input of a clocked layer: row k is its value at k * dt.
#pragma once

#include <cmath>

#include "rockpool/input_source.h"
#include "rockpool/sampler.h"

namespace rockpool {

/// A time that lies outside the series by less than a thousandth of a step counts as the series' end: it is there by rounding.
class SamplerSource final : public InputSource {
 public:
  SamplerSource(const SamplerSpec& spec, double dt) : sampler_(spec), dt_(dt) {}

  std::size_t channels() const override { return sampler_.channels(); }

  void read(std::uint64_t first, std::size_t rows, double* out) const override {
    sampler_.sample_clocked(0.0, dt_, first, rows, out);
    const auto& spec = sampler_.spec();
    if (spec.periodic) return;
    snap(std::floor(spec.t_start / dt_), spec.t_start, first, rows, out);
    snap(std::ceil(spec.t_stop / dt_), spec.t_stop, first, rows, out);
  }

 private:
  /// Samples step k at `limit` when it is just outside and among the rows.
  void snap(double k, double limit, std::uint64_t first, std::size_t rows, double* out) const {
    const double row = k - static_cast<double>(first);
    const double distance = std::fabs(k * dt_ - limit);
    if (!(row >= 0 && row < static_cast<double>(rows)) || distance == 0 || !(distance < 1e-3 * dt_)) return;
    sampler_.sample(&limit, 1, out + static_cast<std::size_t>(row) * channels());
  }

  Sampler sampler_;
  double dt_;
};

}  // namespace rockpool
