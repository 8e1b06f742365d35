// The smooth surrogate of the spikes of lif.h, after the fact: from what a run recorded, and its derivative.
//
//   V = v_mem + spikes + shift_v      before the reset
//   U = sigma(V)                      LifSurrogate
#pragma once

#include <span>

#include "rockpool/lif.h"

namespace rockpool {

struct SurrogateShape {
  LifSurrogate kind = LifSurrogate::kTanh;
  double gain = 20.0;
  double shift = 1.0;
};

/// Writes V and U; all arrays are of one length.
void lif_surrogate(const SurrogateShape& shape, double shift_v, std::span<const double> v_mem, std::span<const double> spikes,
                   std::span<double> v, std::span<double> u);

/// g_v += g_u sigma'(V), of the surrogate u that lif_surrogate() wrote.
void add_surrogate_gradient(const SurrogateShape& shape, std::span<const double> u, std::span<const double> g_u,
                            std::span<double> g_v);

/// out[j]: what a standard normal is multiplied by in x += gain[j] (drive - x) for a stationary deviation of 1.
void stationary_noise(std::span<const double> gain, std::span<double> out);

}  // namespace rockpool
