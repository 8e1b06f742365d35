// Butterworth filters as second-order sections.
//
//   H(s) = k / prod (s - p_m),   p_m = -exp(i pi m / 2n),  m = 1 - n, 3 - n, ..., n - 1          the prototype of order n
//   low-pass:   s -> s / w_c                                                                     n poles
//   band-pass:  s -> (s^2 + w_low w_high) / (s (w_high - w_low))                                 2n poles
//   bilinear:   s = 4 (z - 1) / (z + 1),   w = 4 tan(pi f / 2), f as a fraction of half the sample rate (pre-warping)
//
// Each pair of poles gets the two zeros nearest to it, the pairs nearest to the unit circle last; the gain is in the first
// section. Order of sections and zeros are those of SciPy's butter(..., output="sos"), where the same rule is called "nearest".
//
// Oppenheim and Schafer, "Discrete-Time Signal Processing", chapters 6.3 (sections) and 7.1 (bilinear transform).
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace rockpool {

/// b0, b1, b2, a0 = 1, a1, a2 of (b0 + b1 z^-1 + b2 z^-2) / (a0 + a1 z^-1 + a2 z^-2).
using FilterSection = std::array<double, 6>;

/// Beyond it the poles of common filters are too close to each other for double precision.
constexpr std::size_t kMaxFilterOrder = 64;

/// ceil(order / 2) sections. Frequencies are fractions of half the sample rate. Throws ERR_VALUE unless 0 < cutoff < 1 and the
/// order is from 1 to kMaxFilterOrder.
std::vector<FilterSection> butterworth_lowpass(std::size_t order, double cutoff);

/// `order` sections. Throws ERR_VALUE unless 0 < low < high < 1.
std::vector<FilterSection> butterworth_bandpass(std::size_t order, double low, double high);

/// The same for each band, in Hz, one filter after the other: out is [bands x order x 6]. The error names the band.
void butterworth_bank(std::size_t order, double sample_rate, std::span<const double> low, std::span<const double> high,
                      std::span<double> out);

/// |H| of sections of six coefficients each, one after the other, at the angular frequency w in radians per sample.
double filter_magnitude(std::span<const double> sections, double w);

/// Bands of `low.size()` filters whose lower edges are evenly spaced in mel from `cutoff` on; band k is low[k] (1, 1 + bw),
/// with bw = width / low.size(). The highest one ends just below half the sample rate.
void mel_bands(double sample_rate, double cutoff, double width, std::span<double> low, std::span<double> high);

/// low = centre - width / 2, high = centre + width / 2.
void centred_bands(std::span<const double> centre, std::span<const double> width, std::span<double> low,
                   std::span<double> high);

/// The lower edge of the first of the bands with the lowest centre; 0 without bands.
double lowest_edge(std::span<const double> centre, std::span<const double> width);

}  // namespace rockpool
