#include "rockpool/optimisers.h"

#include <cmath>

#include "learning/loss_checks.h"

namespace rockpool {

namespace {

void check_arrays(const OptimiserArrays& arrays) {
  check_elements("the gradient", arrays.gradient.size(), arrays.p.size());
  check_elements("the new parameter", arrays.new_p.size(), arrays.p.size());
}

}  // namespace

void adam_step(const AdamOptions& o, const OptimiserArrays& arrays, std::span<const double> m, std::span<const double> v,
               std::span<double> new_m, std::span<double> new_v) {
  check_arrays(arrays);
  const std::size_t n = arrays.p.size();
  check_elements("m", m.size(), n), check_elements("v", v.size(), n);
  check_elements("the new m", new_m.size(), n), check_elements("the new v", new_v.size(), n);
  const auto k = static_cast<double>(o.iteration) + 1.0;
  const double correct_m = 1.0 - std::pow(o.b1, k), correct_v = 1.0 - std::pow(o.b2, k);
  const double coupled = o.decoupled ? 0.0 : o.weight_decay, shrink = o.decoupled ? 1.0 - o.step_size * o.weight_decay : 1.0;
  const double* p = arrays.p.data();
  const double* gradient = arrays.gradient.data();
  double* out = arrays.new_p.data();
  for (std::size_t i = 0; i < n; ++i) {
    const double g = coupled == 0.0 ? gradient[i] : gradient[i] + coupled * p[i];
    const double first = o.b1 * m[i] + (1.0 - o.b1) * g;
    const double second = o.b2 * v[i] + (1.0 - o.b2) * (g * g);
    new_m[i] = first;
    new_v[i] = second;
    out[i] = shrink * p[i] - o.step_size * (first / correct_m) / (std::sqrt(second / correct_v) + o.eps);
  }
}

void sgd_step(const SgdOptions& o, const OptimiserArrays& arrays, std::span<const double> velocity,
              std::span<double> new_velocity) {
  check_arrays(arrays);
  const std::size_t n = arrays.p.size(), kept = o.momentum == 0.0 ? 0 : n;
  check_elements("the velocity", velocity.size(), kept);
  check_elements("the new velocity", new_velocity.size(), kept);
  const double* p = arrays.p.data();
  const double fresh = o.iteration == 0 ? 1.0 : 1.0 - o.dampening;
  for (std::size_t i = 0; i < n; ++i) {
    double g = o.weight_decay == 0.0 ? arrays.gradient[i] : arrays.gradient[i] + o.weight_decay * p[i];
    if (kept != 0) {
      const double u = o.momentum * velocity[i] + fresh * g;
      new_velocity[i] = u;
      g = o.nesterov ? g + o.momentum * u : u;
    }
    arrays.new_p[i] = p[i] - o.step_size * g;
  }
}

}  // namespace rockpool
