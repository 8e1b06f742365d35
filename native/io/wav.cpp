// RIFF/WAVE: a list of chunks, each with a name of four letters, a length and an even number of bytes. `fmt ` tells the format,
// `data` holds the samples; all others are skipped, and their order does not matter.
#include "rockpool/wav.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>

#include "io/bytes.h"

namespace rockpool {

using io::load;
using io::store;
using io::throw_file;

namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint16_t kPcm = 1, kFloat = 3, kExtensible = 0xfffe;
constexpr std::size_t kChunk = 1 << 16;
/// What follows the format number in the identifiers of WAVE_FORMAT_EXTENSIBLE.
constexpr std::uint8_t kGuidTail[] = {0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71};

bool is(const std::uint8_t* p, const char* name) {
  return std::memcmp(p, name, 4) == 0;
}

std::string format_name(std::uint16_t format) {
  switch (format) {
    case 2: return "Microsoft ADPCM";
    case 6: return "A-law";
    case 7: return "mu-law";
    case 0x11: return "IMA ADPCM";
    case 0x31: return "GSM 6.10";
    case 0x50: return "MPEG";
    case 0x55: return "MP3";
    case 0xff: return "AAC";
    default: return "format number " + to_text(format);
  }
}

std::size_t sample_bytes(WavEncoding encoding) {
  constexpr std::size_t bytes[] = {1, 2, 3, 4, 4, 8};
  return bytes[static_cast<std::size_t>(encoding)];
}

WavEncoding encoding_of(std::uint16_t format, unsigned bits) {
  if (format == kPcm) {
    if (bits == 8) return WavEncoding::kUnsigned8;
    if (bits == 16) return WavEncoding::kInt16;
    if (bits == 24) return WavEncoding::kInt24;
    if (bits == 32) return WavEncoding::kInt32;
    throw_file("integer samples of " + to_text(bits) + " bits; 8, 16, 24 and 32 can be read");
  }
  if (format == kFloat) {
    if (bits == 32) return WavEncoding::kFloat32;
    if (bits == 64) return WavEncoding::kFloat64;
    throw_file("float samples of " + to_text(bits) + " bits; 32 and 64 can be read");
  }
  throw_file("its samples are packed by " + format_name(format) + "; plain integers and floats can be read");
}

WavHeader read_format(Bytes chunk) {
  if (chunk.size() < 16) throw_file("its format chunk is too short");
  auto format = load<std::uint16_t>(&chunk[0]);
  const unsigned bits = load<std::uint16_t>(&chunk[14]);
  if (format == kExtensible) {
    if (chunk.size() < 40) throw_file("its format chunk is too short");
    format = load<std::uint16_t>(&chunk[24]);
    if (!std::equal(std::begin(kGuidTail), std::end(kGuidTail), &chunk[26])) throw_file("its samples are of a private format");
  }
  WavHeader header{encoding_of(format, bits), load<std::uint16_t>(&chunk[2]), load<std::uint32_t>(&chunk[4]), 0, 0};
  if (header.channels == 0) throw_file("it has no channels");
  if (header.rate == 0) throw_file("its sample rate is 0");
  if (load<std::uint16_t>(&chunk[12]) != header.channels * sample_bytes(header.encoding))
    throw_file("its format chunk contradicts itself");
  return header;
}

double load_sample(WavEncoding encoding, const std::uint8_t* p) {
  switch (encoding) {
    case WavEncoding::kUnsigned8: return (static_cast<double>(*p) - 128) / 128;
    case WavEncoding::kInt16: return static_cast<std::int16_t>(load<std::uint16_t>(p)) / 32768.0;
    case WavEncoding::kInt24:
      // In the upper three bytes of 32 bits the sign is where it belongs.
      return static_cast<std::int32_t>(static_cast<std::uint32_t>(p[0]) << 8 | static_cast<std::uint32_t>(p[1]) << 16 |
                                       static_cast<std::uint32_t>(p[2]) << 24) /
             2147483648.0;
    case WavEncoding::kInt32: return static_cast<std::int32_t>(load<std::uint32_t>(p)) / 2147483648.0;
    case WavEncoding::kFloat32: return std::bit_cast<float>(load<std::uint32_t>(p));
    case WavEncoding::kFloat64: return std::bit_cast<double>(load<std::uint64_t>(p));
  }
  return 0;
}

/// Writes one sample; false when the value had to be changed by more than rounding.
bool store_sample(WavEncoding encoding, double value, std::uint8_t* p) {
  if (encoding == WavEncoding::kFloat64) return store(p, std::bit_cast<std::uint64_t>(value)), true;
  if (encoding == WavEncoding::kFloat32) return store(p, std::bit_cast<std::uint32_t>(static_cast<float>(value))), true;
  const std::size_t bytes = sample_bytes(encoding);
  const double scale = std::ldexp(1.0, static_cast<int>(8 * bytes) - 1);
  const double wanted = std::isnan(value) ? 0 : std::nearbyint(value * scale);
  // Full scale itself is one step beyond the largest integer: that is rounding, not clipping.
  const bool fits = !std::isnan(value) && wanted >= -scale && wanted <= scale;
  const double level = std::clamp(wanted, -scale, scale - 1);
  const auto raw = static_cast<std::uint32_t>(static_cast<std::int64_t>(level) + (bytes == 1 ? 128 : 0));
  for (std::size_t i = 0; i < bytes; ++i) p[i] = static_cast<std::uint8_t>(raw >> (8 * i));
  return fits;
}

}  // namespace

WavHeader read_wav_header(Bytes file) {
  if (file.size() < 12 || !is(&file[8], "WAVE") || !is(file.data(), "RIFF")) {
    if (file.size() >= 12 && (is(file.data(), "RIFX") || is(file.data(), "RF64")))
      throw_file(std::string("a sound file of the variant ") + (is(file.data(), "RIFX") ? "RIFX" : "RF64") +
                 "; RIFF can be read");
    throw_file("no WAV file");
  }
  std::optional<WavHeader> header;
  std::optional<Bytes> data;
  bool to_end = false;  // the samples end where the file does, maybe within a frame
  std::size_t at = 12;
  while (file.size() - at >= 8 && !(header && data)) {
    const std::uint8_t* chunk = &file[at];
    const std::uint64_t length = load<std::uint32_t>(chunk + 4);
    const std::size_t available = file.size() - at - 8;
    const bool cut = length > available;
    const bool endless = length == 0xffffffff;  // written by what cannot go back to say how long it became
    if (is(chunk, "fmt ")) {
      if (cut) throw_file("its format chunk is cut off");
      if (!header) header = read_format(file.subspan(at + 8, static_cast<std::size_t>(length)));
    } else if (is(chunk, "data") && !data) {
      if (cut && !endless) {
        throw_file("it is cut off: " + to_text(length) + " bytes of samples are announced, " + to_text(available) +
                   " bytes are there");
      }
      data = file.subspan(at + 8, std::min(static_cast<std::size_t>(length), available));
      if (cut) {
        to_end = true;
        break;
      }
    } else if (cut) {
      break;
    }
    // Chunks begin at even offsets; the padding byte of the last one may be missing.
    at = std::min<std::uint64_t>(file.size(), at + 8 + length + (length & 1));
  }
  if (!header) throw_file("it has no format chunk (cut off or damaged)");
  if (!data) throw_file("it has no samples (cut off or damaged)");
  const std::size_t frame = header->channels * sample_bytes(header->encoding);
  if (data->size() % frame != 0 && !to_end) throw_file("its last frame is not complete (cut off or damaged)");
  header->frames = data->size() / frame;
  header->data_offset = static_cast<std::size_t>(data->data() - file.data());
  return *header;
}

void read_wav(Bytes file, const WavHeader& header, double* out, RunControl& control) {
  const std::uint64_t count = header.frames * header.channels;
  const std::size_t bytes = sample_bytes(header.encoding);
  const std::uint8_t* data = file.data() + header.data_offset;
  control.set_total(count);
  for (std::uint64_t first = 0; first < count; first += kChunk) {
    const std::uint64_t last = std::min<std::uint64_t>(count, first + kChunk);
    for (std::uint64_t i = first; i < last; ++i) out[i] = load_sample(header.encoding, data + i * bytes);
    control.advance(last - first);
  }
}

// A plain header for integers; floats need the longer form of the format chunk and the number of frames in a chunk of its own.
std::size_t wav_size(WavEncoding encoding, std::uint32_t channels, std::uint64_t frames) {
  const std::size_t frame = channels * sample_bytes(encoding);
  if (channels == 0 || channels > 65535 || frame > 65535)
    throw_range("the number of channels", "from 1 to 65535 (fewer for large samples)", to_text(channels));
  const std::size_t head = encoding >= WavEncoding::kFloat32 ? 58 : 44;
  if (frames > (0xffffffffu - head) / frame)
    throw_range("the sound to write", "smaller than 4 GiB", to_text(frames) + " frames");
  const std::size_t data = static_cast<std::size_t>(frames) * frame;
  return head + data + (data & 1);
}

std::uint64_t write_wav(WavEncoding encoding, std::uint32_t channels, std::uint32_t rate, std::span<const double> samples,
                        std::uint8_t* out, RunControl& control) {
  const std::size_t bytes = sample_bytes(encoding);
  const std::size_t total = wav_size(encoding, channels, samples.size() / channels);
  const bool floats = encoding >= WavEncoding::kFloat32;
  const auto put_name = [&out](const char* name) { std::memcpy(out, name, 4), out += 4; };
  const auto put = [&out](auto value) { store(out, value), out += sizeof value; };
  put_name("RIFF");
  put(static_cast<std::uint32_t>(total - 8));
  put_name("WAVE");
  put_name("fmt ");
  put(std::uint32_t{floats ? 18u : 16u});
  put(floats ? kFloat : kPcm);
  put(static_cast<std::uint16_t>(channels));
  put(rate);
  put(static_cast<std::uint32_t>(rate * channels * bytes));
  put(static_cast<std::uint16_t>(channels * bytes));
  put(static_cast<std::uint16_t>(8 * bytes));
  if (floats) {
    put(std::uint16_t{0});
    put_name("fact");
    put(std::uint32_t{4});
    put(static_cast<std::uint32_t>(samples.size() / channels));
  }
  put_name("data");
  put(static_cast<std::uint32_t>(samples.size() * bytes));
  std::uint64_t changed = 0;
  control.set_total(samples.size());
  for (std::size_t first = 0; first < samples.size(); first += kChunk) {
    const std::size_t last = std::min(samples.size(), first + kChunk);
    for (std::size_t i = first; i < last; ++i) changed += store_sample(encoding, samples[i], out + i * bytes) ? 0 : 1;
    control.advance(last - first);
  }
  if (samples.size() * bytes % 2 != 0) out[samples.size() * bytes] = 0;
  return changed;
}

}  // namespace rockpool
