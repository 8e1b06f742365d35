// Weights of tightly balanced networks that solve dx/dt = a x + c(t), x of P dimensions, by N neurons whose decoding weights
// are the columns of gamma [P, N]:
//
//   lambda = 1 / tau_slow,   T_i = (nu lambda + mu lambda^2 + (sum_p |gamma_pi|)^2) / 2,   A_i = v_thresh_i - v_rest_i
//   fast' = A_i / T_i (gamma^T gamma + mu lambda^2 I),   slow' = A_i / T_i (gamma^T (a + lambda I) gamma)     (row i)
//   v_reset_i = v_thresh_i - fast'_ii,   fast = -tau_mem / tau_fast fast' without its diagonal,   slow = tau_mem slow'
//   in = tau_mem (A_i / T_i gamma^T)^T,   out = gamma^T
//
// Reference: Boerlin, Machens and Deneve, PLoS Computational Biology 9 (2013), scaled to a membrane of any range of potentials.
#pragma once

#include <cstddef>
#include <span>

namespace rockpool {

struct BalancedProblem {
  std::size_t dimensions = 0, units = 0;     // P, N
  std::span<const double> a;                 // [P, P]
  std::span<const double> gamma;             // [P, N]
  std::span<const double> v_thresh, v_rest;  // [N]
  double mu = 1e-4, nu = 1e-3;
  double tau_mem = 20e-3, tau_fast = 1e-3, tau_slow = 100e-3;
};

/// What the neurons need. `fast` and `slow` are [post, pre].
struct BalancedWeights {
  std::span<double> fast, slow;  // [N, N]
  std::span<double> in;          // [P, N]
  std::span<double> out;         // [N, P]
  std::span<double> v_reset;     // [N]
};

void balanced_weights(const BalancedProblem& problem, const BalancedWeights& weights);

/// Scales each column of a rows x columns matrix so that its magnitudes add up to `sum`. Columns of zeros stay.
void scale_columns(std::span<double> matrix, std::size_t columns, double sum);

}  // namespace rockpool
