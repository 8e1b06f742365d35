#include "rockpool/mel.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <string>
#include <unsupported/Eigen/FFT>

#include "rockpool/error.h"
#include "rockpool/time_grid.h"

namespace rockpool {

namespace {

constexpr std::size_t kLargestFft = std::size_t{1} << 22;

void check(bool ok, const char* name, const char* what, double got) {
  if (!ok) throw_range(name, what, to_text(got));
}

}  // namespace

double mel_of_hz(double f) {
  return 2595.0 * std::log10(1.0 + f / 700.0);
}

double hz_of_mel(double mel) {
  return 700.0 * (std::pow(10.0, mel / 2595.0) - 1.0);
}

MelSpectrogram::MelSpectrogram(const MelSpec& spec) : spec_(spec) {
  check(spec.sample_rate_hz > 0 && std::isfinite(spec.sample_rate_hz), "sampleRate", "greater than 0", spec.sample_rate_hz);
  check(spec.bands >= 1 && spec.bands <= 4096, "bands", "from 1 to 4096", static_cast<double>(spec.bands));
  check(spec.window >= 1 && spec.window <= kLargestFft, "window", "from 1 to 4194304 samples long",
        static_cast<double>(spec.window));
  check(spec.hop >= 1e-3 && std::isfinite(spec.hop), "hop", "at least a thousandth of a sample", spec.hop);
  check(spec.f_min_hz >= 0, "fMin", "0 or more", spec.f_min_hz);
  check(spec.f_max_hz > spec.f_min_hz, "fMax", "greater than fMin", spec.f_max_hz);
  check(spec.f_max_hz <= 0.5 * spec.sample_rate_hz * (1 + 1e-9), "fMax", "at most half the sample rate", spec.f_max_hz);
  hann_.resize(spec.window);
  for (std::size_t i = 0; i < spec.window; ++i)
    hann_[i] = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / static_cast<double>(spec.window));
  make_bands();
}

void MelSpectrogram::make_bands() {
  std::vector<double> edges(spec_.bands + 2);
  const double low = mel_of_hz(spec_.f_min_hz);
  const double step = (mel_of_hz(spec_.f_max_hz) - low) / static_cast<double>(spec_.bands + 1);
  for (std::size_t i = 0; i < edges.size(); ++i) edges[i] = hz_of_mel(low + step * static_cast<double>(i));

  // The lowest bands are the narrowest: pad with zeros until a frequency of the transform lies in each half of them.
  fft_size_ = 4;
  while (fft_size_ < spec_.window) fft_size_ *= 2;
  const double narrowest = edges[1] - edges[0];
  while (spec_.sample_rate_hz / static_cast<double>(fft_size_) > narrowest) {
    check(fft_size_ < kLargestFft, "bands", "few enough for the frequencies between fMin and fMax",
          static_cast<double>(spec_.bands));
    fft_size_ *= 2;
  }

  double energy = 0;
  for (const double w : hann_) energy += w * w;
  const double scale = 1.0 / (energy * static_cast<double>(fft_size_));
  const double bin_hz = spec_.sample_rate_hz / static_cast<double>(fft_size_);
  const std::size_t last_bin = fft_size_ / 2;
  for (std::size_t b = 0; b < spec_.bands; ++b) {
    Band band{static_cast<std::size_t>(std::ceil(edges[b] / bin_hz)), {}};
    for (std::size_t k = band.first; k <= last_bin && static_cast<double>(k) * bin_hz < edges[b + 2]; ++k) {
      const double f = static_cast<double>(k) * bin_hz;
      const double weight =
          std::min((f - edges[b]) / (edges[b + 1] - edges[b]), (edges[b + 2] - f) / (edges[b + 2] - edges[b + 1]));
      const double sides = k == 0 || k == last_bin ? 1 : 2;  // the spectrum of a real signal is symmetric
      band.weights.push_back(std::max(weight, 0.0) * sides * scale);
    }
    bands_.push_back(std::move(band));
  }
}

std::size_t MelSpectrogram::frames(std::size_t num_samples) const {
  if (num_samples == 0) return 0;
  return static_cast<std::size_t>(step_floor(static_cast<double>(num_samples - 1), 0, spec_.hop)) + 1;
}

void MelSpectrogram::compute(const double* samples, std::size_t num_samples, std::size_t channels, double* out,
                             RunControl& control) const {
  const std::size_t frames = this->frames(num_samples);
  Eigen::FFT<double> fft;
  fft.SetFlag(Eigen::FFT<double>::HalfSpectrum);
  fft.SetFlag(Eigen::FFT<double>::Unscaled);
  std::vector<double> frame(fft_size_), power(fft_size_ / 2 + 1);
  std::vector<std::complex<double>> spectrum(fft_size_ / 2 + 1);
  const double middle = 0.5 * static_cast<double>(spec_.window - 1);
  const double floor_power = std::pow(10.0, spec_.floor_db / 10);
  control.set_total(frames);
  for (std::size_t k = 0; k < frames; ++k) {
    const auto start = static_cast<std::int64_t>(std::round(static_cast<double>(k) * spec_.hop - middle));
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t i = 0; i < spec_.window; ++i) {
        const std::int64_t at = start + static_cast<std::int64_t>(i);
        const bool inside = at >= 0 && at < static_cast<std::int64_t>(num_samples);
        frame[i] = inside ? samples[static_cast<std::size_t>(at) * channels + c] * hann_[i] : 0.0;
      }
      fft.fwd(spectrum.data(), frame.data(), static_cast<Eigen::Index>(fft_size_));
      for (std::size_t i = 0; i < power.size(); ++i) power[i] = std::norm(spectrum[i]);
      for (const Band& band : bands_) {
        double sum = 0;
        for (std::size_t i = 0; i < band.weights.size(); ++i) sum += band.weights[i] * power[band.first + i];
        // NaN is above the floor: it must stay visible.
        *out++ = !spec_.decibel ? sum : sum <= floor_power ? spec_.floor_db : 10 * std::log10(sum);
      }
    }
    control.advance(1);
  }
}

double even_sample_rate(const double* times, std::size_t n) {
  if (n < 2 || !(times[n - 1] > times[0])) return 0;
  const double step = (times[n - 1] - times[0]) / static_cast<double>(n - 1);
  for (std::size_t i = 1; i < n; ++i)
    if (!(std::fabs(times[i] - times[i - 1] - step) <= 0.01 * step)) return 0;
  return 1 / step;
}

}  // namespace rockpool
