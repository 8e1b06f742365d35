#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <string>

#include "rockpool/butterworth.h"
#include "rockpool/error.h"
#include "rockpool/mel.h"

namespace rockpool {

namespace {

using Complex = std::complex<double>;

/// Zeros, all of them real, poles and gain.
struct ZerosPoles {
  std::vector<double> zeros;
  std::vector<Complex> poles;
  double gain = 1.0;
};

constexpr double kBilinear = 4.0;  // 2 fs, with the sample rate of 2 that makes half the sample rate 1

double warped(double frequency) {
  return kBilinear * std::tan(std::numbers::pi * frequency / 2.0);
}

std::vector<Complex> prototype_poles(std::size_t order) {
  const auto n = static_cast<int>(order);
  std::vector<Complex> poles;
  for (int m = 1 - n; m < n; m += 2) {
    const double angle = std::numbers::pi * m / (2.0 * n);
    poles.emplace_back(-std::cos(angle), -std::sin(angle));
  }
  return poles;
}

ZerosPoles analog_lowpass(std::size_t order, double wc) {
  ZerosPoles f{{}, prototype_poles(order), std::pow(wc, static_cast<double>(order))};
  for (Complex& p : f.poles) p *= wc;
  return f;
}

ZerosPoles analog_bandpass(std::size_t order, double low, double high) {
  const double width = high - low, centre = std::sqrt(low * high);
  ZerosPoles f{std::vector<double>(order, 0.0), {}, std::pow(width, static_cast<double>(order))};
  auto poles = prototype_poles(order);
  for (Complex& p : poles) p *= width / 2.0;
  for (const double sign : {1.0, -1.0})
    for (const Complex& p : poles) f.poles.push_back(p + sign * std::sqrt(p * p - centre * centre));
  return f;
}

ZerosPoles bilinear(const ZerosPoles& analog) {
  ZerosPoles f;
  double from_zeros = 1.0;
  Complex from_poles = 1.0;
  for (const double z : analog.zeros) {
    f.zeros.push_back((kBilinear + z) / (kBilinear - z));
    from_zeros *= kBilinear - z;
  }
  for (const Complex& p : analog.poles) {
    f.poles.push_back((kBilinear + p) / (kBilinear - p));
    from_poles *= kBilinear - p;
  }
  f.zeros.resize(f.poles.size(), -1.0);  // what lies at infinity
  f.gain = analog.gain * (from_zeros / from_poles).real();
  return f;
}

/// One pole of each conjugate pair, then the real ones, each by ascending real part.
std::vector<Complex> distinct_poles(const std::vector<Complex>& poles) {
  constexpr double kReal = 100.0 * std::numeric_limits<double>::epsilon();
  const auto is_real = [](const Complex& p) { return std::fabs(p.imag()) <= kReal * std::abs(p); };
  std::vector<Complex> pairs, real;
  for (const Complex& p : poles) {
    if (is_real(p))
      real.emplace_back(p.real());
    else if (p.imag() > 0)
      pairs.push_back(p);
  }
  ROCKPOOL_INVARIANT(2 * pairs.size() + real.size() == poles.size());
  const auto ascending = [](const Complex& a, const Complex& b) {
    return a.real() != b.real() ? a.real() < b.real() : a.imag() < b.imag();
  };
  std::ranges::sort(pairs, ascending);
  std::ranges::sort(real, ascending);
  pairs.insert(pairs.end(), real.begin(), real.end());
  return pairs;
}

/// Removes and returns the element with the smallest value of `key`; the first one of equals.
template <typename T, typename Key>
T take_least(std::vector<T>& from, Key key) {
  const auto least = std::ranges::min_element(from, {}, key);
  const T element = *least;
  from.erase(least);
  return element;
}

std::vector<FilterSection> pair_up(ZerosPoles f) {
  if (f.poles.size() % 2 != 0) {
    f.poles.emplace_back(0.0);
    f.zeros.push_back(0.0);
  }
  std::vector<FilterSection> sections(f.poles.size() / 2);
  auto poles = distinct_poles(f.poles);
  std::ranges::sort(f.zeros);
  const auto from_circle = [](const Complex& p) { return std::fabs(1.0 - std::abs(p)); };
  for (auto section = sections.rbegin(); section != sections.rend(); ++section) {
    const Complex p1 = take_least(poles, from_circle);
    // Real poles come in even number: another one is left.
    const auto real_first = [&](const Complex& p) { return p.imag() == 0.0 ? from_circle(p) : HUGE_VAL; };
    const Complex p2 = p1.imag() == 0.0 ? take_least(poles, real_first) : std::conj(p1);
    const auto distance = [&](double z) { return std::abs(z - p1); };
    const double z1 = take_least(f.zeros, distance);
    const double z2 = take_least(f.zeros, distance);
    *section = {1.0, -(z1 + z2), z1 * z2, 1.0, -(p1 + p2).real(), (p1 * p2).real()};
  }
  for (std::size_t i = 0; i < 3; ++i) sections[0][i] *= f.gain;
  return sections;
}

void check_order(std::size_t order) {
  if (order < 1 || order > kMaxFilterOrder) throw_range("order", "from 1 to " + to_text(kMaxFilterOrder), to_text(order));
}

}  // namespace

std::vector<FilterSection> butterworth_lowpass(std::size_t order, double cutoff) {
  check_order(order);
  if (!(cutoff > 0 && cutoff < 1)) throw_range("cutoff", "between 0 and half the sample rate", to_text(cutoff));
  return pair_up(bilinear(analog_lowpass(order, warped(cutoff))));
}

std::vector<FilterSection> butterworth_bandpass(std::size_t order, double low, double high) {
  check_order(order);
  if (!(low > 0 && low < high && high < 1))
    throw_range("the band", "between 0 and half the sample rate", to_text(low) + " to " + to_text(high));
  return pair_up(bilinear(analog_bandpass(order, warped(low), warped(high))));
}

void butterworth_bank(std::size_t order, double sample_rate, std::span<const double> low, std::span<const double> high,
                      std::span<double> out) {
  check_order(order);
  if (high.size() != low.size() || out.size() != low.size() * order * 6)
    throw_shape("out", to_text(low.size()) + " x " + to_text(order) + " x 6", to_text(out.size()) + " elements");
  const double nyquist = sample_rate / 2.0;
  for (std::size_t k = 0; k < low.size(); ++k) {
    if (!(low[k] > 0 && low[k] < high[k] && high[k] < nyquist))
      throw_range("band " + to_text(k), "above 0 and below half the sample rate, " + to_text(nyquist) + " Hz",
                  to_text(low[k]) + " to " + to_text(high[k]) + " Hz");
    double* to = out.data() + k * order * 6;
    for (const auto& section : butterworth_bandpass(order, low[k] / nyquist, high[k] / nyquist))
      to = std::copy(section.begin(), section.end(), to);
  }
}

double filter_magnitude(std::span<const double> sections, double w) {
  const Complex z = std::polar(1.0, -w);
  double magnitude = 1.0;
  for (std::size_t i = 0; i + 6 <= sections.size(); i += 6) {
    const double* s = sections.data() + i;
    magnitude *= std::abs((s[0] + z * (s[1] + z * s[2])) / (s[3] + z * (s[4] + z * s[5])));
  }
  return magnitude;
}

void mel_bands(double sample_rate, double cutoff, double width, std::span<double> low, std::span<double> high) {
  const auto n = static_cast<double>(low.size());
  const double factor = 1.0 + width / n;
  const double first = mel_of_hz(cutoff), last = mel_of_hz(sample_rate / 2.0 / factor - 1.0);
  for (std::size_t k = 0; k < low.size(); ++k) {
    const double share = low.size() == 1 ? 0.0 : static_cast<double>(k) / (n - 1.0);
    low[k] = hz_of_mel(first + share * (last - first));
    high[k] = low[k] * factor;
  }
}

void centred_bands(std::span<const double> centre, std::span<const double> width, std::span<double> low,
                   std::span<double> high) {
  for (std::size_t k = 0; k < centre.size(); ++k) {
    low[k] = centre[k] - width[k] / 2.0;
    high[k] = centre[k] + width[k] / 2.0;
  }
}

double lowest_edge(std::span<const double> centre, std::span<const double> width) {
  if (centre.empty()) return 0.0;
  const auto k = static_cast<std::size_t>(std::ranges::min_element(centre) - centre.begin());
  return centre[k] - width[k] / 2.0;
}

}  // namespace rockpool
