// B-splines: knots, interpolation, basis functions (de Boor, "A Practical Guide to Splines").
#pragma once

#include <cstddef>

#include "rockpool/sampler.h"

namespace rockpool {

/// The samples that a spline runs through: those of the series, with the wrap samples of a periodic one.
std::size_t spline_points(const SamplerSpec& spec);

/// The values at t of the degree + 1 basis functions that are not zero on the knot interval [u[l], u[l + 1]), prolonged beyond
/// it.
void spline_basis(const double* u, std::size_t l, int degree, double t, double* basis);

}  // namespace rockpool
