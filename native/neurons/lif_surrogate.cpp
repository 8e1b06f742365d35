#include "rockpool/lif_surrogate.h"

#include <cmath>

#include "neurons/noise.h"
#include "rockpool/error.h"

namespace rockpool {

namespace {

void check(std::size_t size, std::size_t expected, const char* name) {
  if (size != expected) throw_shape(name, to_text(expected) + " elements long", to_text(size) + " elements");
}

double logistic(double z) {
  const double e = std::exp(-std::fabs(z));
  return z >= 0.0 ? 1.0 / (1.0 + e) : e / (1.0 + e);
}

/// (1 + tanh z) / 2 = logistic(2 z).
double factor(const SurrogateShape& shape) {
  return shape.kind == LifSurrogate::kTanh ? 2.0 : 1.0;
}

}  // namespace

void lif_surrogate(const SurrogateShape& shape, double shift_v, std::span<const double> v_mem, std::span<const double> spikes,
                   std::span<double> v, std::span<double> u) {
  check(spikes.size(), v_mem.size(), "spikes");
  check(v.size(), v_mem.size(), "v");
  check(u.size(), v_mem.size(), "u");
  const double c = factor(shape);
  for (std::size_t i = 0; i < v.size(); ++i) {
    v[i] = v_mem[i] + spikes[i] + shift_v;
    u[i] = logistic(c * (shape.gain * v[i] + shape.shift));
  }
}

void add_surrogate_gradient(const SurrogateShape& shape, std::span<const double> u, std::span<const double> g_u,
                            std::span<double> g_v) {
  check(g_u.size(), u.size(), "g_u");
  check(g_v.size(), u.size(), "g_v");
  const double c = factor(shape) * shape.gain;
  for (std::size_t i = 0; i < u.size(); ++i) g_v[i] += g_u[i] * c * u[i] * (1.0 - u[i]);
}

void stationary_noise(std::span<const double> gain, std::span<double> out) {
  check(out.size(), gain.size(), "out");
  for (std::size_t j = 0; j < out.size(); ++j) out[j] = noise_factor(NoiseScaling::kStationary, gain[j]);
}

}  // namespace rockpool
