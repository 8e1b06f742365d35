// The potential of a leaky membrane after a spike of weight 1 on an exponential synapse.
#pragma once

#include <cmath>

namespace rockpool {

/// tau_s / (tau_s - tau_m) (exp(-t / tau_s) - exp(-t / tau_m)), for equal time constants t / tau exp(-t / tau); 0 for t <= 0.
inline double potential_after_spike(double t, double tau_syn, double tau_mem) {
  // exp(-t / tau_m) = exp(-t / tau_s) exp(-x): the difference without cancellation, whatever the two time constants
  const double x = t * ((tau_syn - tau_mem) / tau_syn / tau_mem);
  const double rise = x == 0 ? 1 : -std::expm1(-x) / x;
  return t > 0 ? t / tau_mem * std::exp(-t / tau_syn) * rise : t == t ? 0 : t;
}

}  // namespace rockpool
