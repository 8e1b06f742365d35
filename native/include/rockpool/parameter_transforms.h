// What networks are made robust by, or fit for hardware: rounding, dropout, mismatch and attacks on parameters.
//
// Random numbers depend on (seed, step) and the place in the array.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace rockpool {

struct RandomKey {
  std::uint64_t seed = 0;
  std::uint64_t step = 0;
};

struct ValueRange {
  double low = 0.0;
  double high = 0.0;
};

struct RoundingOptions {
  std::size_t levels = 256;
  bool maintain_zero = true;        // a range that is not given is +- the largest size, or from smallest to largest
  bool stochastic = false;          // up with a probability of what is left to the level below, or to the nearest, half to even
  std::optional<ValueRange> input;  // default: of the values
  std::optional<ValueRange> output;  // default: the input range
  RandomKey key;
};

/// `value` [rows x columns] on equally spaced levels, each column with a range of its own when there is more than one. An empty
/// range leaves values as they are. slope[column]: output over input range.
void round_to_levels(const RoundingOptions& options, std::size_t columns, std::span<const double> value, std::span<double> out,
                     std::span<double> slope);

struct IntegerOptions {
  unsigned bits = 8;
  unsigned most_bits = 8;
  bool maintain_zero = true;  // otherwise half the range is taken off first
  bool map_to_max = false;    // the largest goes to what `most_bits` can hold
};

/// round(scale value), half to even; returns the scale, 1 for values that are all 0.
double round_to_integers(const IntegerOptions& options, std::span<const double> value, std::span<double> out);

/// floor(p), plus 1 with the probability of what that takes off.
void round_at_random(const RandomKey& key, std::span<const double> value, std::span<double> out);

/// 0 with a probability, otherwise the value. The same elements for the same key and size.
void drop(double probability, const RandomKey& key, std::span<const double> value, std::span<double> out);

/// 1 - 2^-k with k = max(0, round(log2(-1 / log(decay)))).
void round_decays(std::span<const double> decay, std::span<double> out);

/// out = p + |p| factor
void perturb(std::span<const double> p, std::span<const double> factor, std::span<double> out);

/// The derivative of that by p times g, added to out.
void add_perturbed_gradient(std::span<const double> p, std::span<const double> factor, std::span<const double> g,
                            std::span<double> out);

/// factor += step sign(g)
void add_signs(double step, std::span<const double> g, std::span<double> factor);

/// Kullback and Leibler's divergence of soft-maxed rows: mean over rows of sum p log(p / q), p from `target`, q from `output`,
/// and its derivatives by both.
double divergence(std::size_t columns, std::span<const double> target, std::span<const double> output,
                  std::span<double> by_target, std::span<double> by_output);

}  // namespace rockpool
