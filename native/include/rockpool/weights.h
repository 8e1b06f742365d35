// Generators of weight matrices. All matrices are row-major, [pre, post].
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rockpool {

/// Independent normals, rows x columns. Row i is the draw of time step i of the given stream.
void normal_matrix(std::uint64_t seed, std::uint32_t stream, std::size_t columns, double mean, double deviation,
                   std::span<double> out);

/// Largest magnitude of the eigenvalues of an n x n matrix of finite numbers; 0 for an empty one.
double spectral_radius(std::span<const double> matrix, std::size_t n);

/// Multiplies every element.
void scale(std::span<double> array, double factor);

}  // namespace rockpool
