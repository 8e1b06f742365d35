// Steps of optimisers on one array of parameters. Nothing is changed in place: the caller keeps the old values until all
// arrays of a step are done.
#pragma once

#include <cstdint>
#include <span>

namespace rockpool {

/// A parameter, its gradient and what it becomes.
struct OptimiserArrays {
  std::span<const double> p;
  std::span<const double> gradient;
  std::span<double> new_p;
};

/// Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015. With iteration k = 0, 1, ...:
///   g' = g + weight_decay p (unless decoupled)      m = b1 m + (1 - b1) g'      v = b2 v + (1 - b2) g'^2
///   p = p - eta (m / (1 - b1^(k+1))) / (sqrt(v / (1 - b2^(k+1))) + eps)
/// decoupled (Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019): p (1 - eta weight_decay) is what the
/// step starts from.
struct AdamOptions {
  double step_size = 1e-4;
  double b1 = 0.9;
  double b2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0.0;
  bool decoupled = false;
  std::uint64_t iteration = 0;
};
void adam_step(const AdamOptions& options, const OptimiserArrays& arrays, std::span<const double> m, std::span<const double> v,
               std::span<double> new_m, std::span<double> new_v);

/// g' = g + weight_decay p, velocity = momentum velocity + (1 - dampening) g' (at iteration 0: g'),
/// p = p - eta velocity, with nesterov: p = p - eta (g' + momentum velocity). Without momentum there is no velocity.
struct SgdOptions {
  double step_size = 1e-2;
  double momentum = 0.0;
  double dampening = 0.0;
  double weight_decay = 0.0;
  bool nesterov = false;
  std::uint64_t iteration = 0;
};
void sgd_step(const SgdOptions& options, const OptimiserArrays& arrays, std::span<const double> velocity,
              std::span<double> new_velocity);

}  // namespace rockpool
