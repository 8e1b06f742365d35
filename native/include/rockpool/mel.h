// Power of a sampled signal in bands that are evenly spaced on the mel scale, frame by frame.
//
// Frame k is centred on sample k * hop (rounded). Its `window` samples (zero beyond the signal's ends) are weighted with a Hann
// window and transformed; band b collects the power between the edges b and b + 2 of `bands + 2` edges, with a triangle that
// peaks at edge b + 1. Powers are scaled so that those of all frequencies sum to the mean square of the weighted samples: white
// noise of variance 1 has power 1 in all.
// mel(f) = 2595 log10(1 + f / 700) (O'Shaughnessy, "Speech Communication: Human and Machine", 1987).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "rockpool/run_control.h"

namespace rockpool {

/// A frequency in Hz on the mel scale, and back.
double mel_of_hz(double f);
double hz_of_mel(double mel);

struct MelSpec {
  double sample_rate_hz = 0;
  std::size_t bands = 0;
  std::size_t window = 0;  // samples, at least 1
  double hop = 0;          // samples, may be fractional
  double f_min_hz = 0;
  double f_max_hz = 0;   // above f_min_hz, at most half the sample rate
  bool decibel = false;  // 10 log10(power), not below floor_db; otherwise power
  double floor_db = 0;
};

class MelSpectrogram {
 public:
  /// Throws ERR_VALUE for a specification outside the bounds above.
  explicit MelSpectrogram(const MelSpec& spec);

  /// Frames of a signal: as many as have their centre on it.
  std::size_t frames(std::size_t num_samples) const;

  /// `samples` is num_samples x channels, `out` frames(num_samples) x (channels * bands): all bands of the first channel, then
  /// the next.
  void compute(const double* samples, std::size_t num_samples, std::size_t channels, double* out, RunControl& control) const;

 private:
  struct Band {
    std::size_t first;            // first frequency bin with a weight
    std::vector<double> weights;  // includes the scale of the power
  };

  void make_bands();

  MelSpec spec_;
  std::size_t fft_size_ = 0;
  std::vector<double> hann_;
  std::vector<Band> bands_;
};

/// The sample rate of an even time base, or 0 when some step differs from the mean one by more than 1 %.
double even_sample_rate(const double* times, std::size_t n);

}  // namespace rockpool
