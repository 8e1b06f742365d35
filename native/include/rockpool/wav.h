// WAV sound files in memory: integer PCM of 8 to 32 bits and floats, any number of channels.
//
// Bounds-checked as npz.h: whatever is wrong with a file is an Error with code ERR_FILE.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "rockpool/run_control.h"

namespace rockpool {

/// How one sample lies in a file.
enum class WavEncoding { kUnsigned8, kInt16, kInt24, kInt32, kFloat32, kFloat64 };

struct WavHeader {
  WavEncoding encoding;
  std::uint32_t channels;
  std::uint32_t rate;  // frames a second
  std::uint64_t frames;
  std::size_t data_offset;  // of frames * channels samples, which are all there
};

WavHeader read_wav_header(std::span<const std::uint8_t> file);

/// Converts all samples to `out`, frames x channels, row-major. Integers are scaled to [-1, 1): full scale is 1.
void read_wav(std::span<const std::uint8_t> file, const WavHeader& header, double* out, RunControl& control);

/// Bytes of a file; more than 4 GiB is an ERR_VALUE.
std::size_t wav_size(WavEncoding encoding, std::uint32_t channels, std::uint64_t frames);

/// Writes a file of wav_size bytes. Integers are rounded to nearest; values beyond full scale are clipped, NaN becomes 0.
/// Returns how many values were changed so.
std::uint64_t write_wav(WavEncoding encoding, std::uint32_t channels, std::uint32_t rate, std::span<const double> samples,
                        std::uint8_t* out, RunControl& control);

}  // namespace rockpool
