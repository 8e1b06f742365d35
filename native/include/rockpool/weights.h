// Generators of weight matrices. All matrices are row-major, [pre, post].
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rockpool {

/// Independent normals with standard deviation 1 / sqrt(n), n x n. The spectral radius tends to 1 for large n (circular law).
/// Row i is the draw of time step i of stream 0.
void unit_lambda_net(std::uint64_t seed, std::size_t n, std::span<double> out);

/// Largest magnitude of the eigenvalues of an n x n matrix of finite numbers; 0 for an empty one.
double spectral_radius(std::span<const double> matrix, std::size_t n);

/// Multiplies every element.
void scale(std::span<double> array, double factor);

}  // namespace rockpool
