#include "rockpool/dynapse/protocol.h"

#include "rockpool/error.h"

namespace rockpool::dynapse {

namespace {

constexpr std::array<std::uint8_t, kChips> kWireChips{0, 8, 4, 12};

std::uint32_t bit(unsigned n) {
  return std::uint32_t{1} << n;
}
std::uint32_t field(std::uint32_t word, unsigned high, unsigned low) {
  return word >> low & (bit(high - low + 1) - 1);
}

}  // namespace

Setup write_register_setup(std::uint16_t module, std::uint16_t parameter) {
  return {kVendorOut, static_cast<std::uint8_t>(Request::kRegister), module, parameter, 4};
}

Setup read_register_setup(std::uint16_t module, std::uint16_t parameter) {
  return {kVendorIn, static_cast<std::uint8_t>(Request::kRegister), module, parameter, 4};
}

Setup write_many_setup(std::size_t records, bool checked) {
  ROCKPOOL_INVARIANT(records > 0 && records <= kMaxRecords);
  const auto request = checked ? Request::kCheckedRegisters : Request::kRegisters;
  return {kVendorOut, static_cast<std::uint8_t>(request), static_cast<std::uint16_t>(records), 0,
          static_cast<std::uint16_t>(records * kRecordBytes)};
}

Setup verify_setup() {
  return {kVendorIn, static_cast<std::uint8_t>(Request::kCheckedRegisters), 0, 0, 2};
}

std::array<std::uint8_t, 4> encode_value(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 8),
          static_cast<std::uint8_t>(value)};
}

std::uint32_t decode_value(std::span<const std::uint8_t, 4> bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

void encode_record(const Record& record, std::span<std::uint8_t, kRecordBytes> bytes) {
  bytes[0] = record.module;
  bytes[1] = record.parameter;
  const auto value = encode_value(record.value);
  for (std::size_t i = 0; i < 4; ++i) bytes[2 + i] = value[i];
}

Record decode_record(std::span<const std::uint8_t, kRecordBytes> bytes) {
  return {bytes[0], bytes[1], decode_value(bytes.subspan<2, 4>())};
}

std::uint32_t wire_chip(std::uint32_t host) {
  return host < kChips ? kWireChips[host] : 0;
}

std::uint32_t host_chip(std::uint32_t wire) {
  for (std::uint32_t host = 0; host < kChips; ++host)
    if (kWireChips[host] == wire) return host;
  return 0;
}

std::uint16_t encode(const StimulusWord& word) {
  if (word.virtual_core >= kCores) throw_range("virtualCore", "0 to 3", to_text(word.virtual_core));
  if (word.cores > 15) throw_range("cores", "0 to 15", to_text(word.cores));
  if (word.chip >= kChips) throw_range("chip", "0 to 3", to_text(word.chip));
  return static_cast<std::uint16_t>(word.chip << 14 | word.neuron << 6 | word.virtual_core << 4 | word.cores);
}

StimulusWord decode_stimulus(std::uint16_t word) {
  return {static_cast<std::uint8_t>(field(word, 13, 6)), static_cast<std::uint8_t>(field(word, 5, 4)),
          static_cast<std::uint8_t>(field(word, 3, 0)), static_cast<std::uint8_t>(field(word, 15, 14))};
}

std::uint16_t poisson_value(double rate_hz) {
  if (!(rate_hz >= 0.0 && rate_hz <= kMaxPoissonHz)) throw_range("rate", "0 to 4300 Hz", to_text(rate_hz));
  return static_cast<std::uint16_t>(rate_hz / kPoissonResolutionHz);
}

double poisson_rate(std::uint16_t value) {
  return value * kPoissonResolutionHz;
}

EventWord decode_event(std::uint16_t word) {
  if ((word & 0x8000) != 0) return {EventKind::kTimestamp, static_cast<std::uint16_t>(word & 0x7FFF)};
  const auto code = field(word, 14, 12);
  if (code == 7) return {EventKind::kWrap, static_cast<std::uint16_t>(word & 0x0FFF)};
  if (word == kResetWord) return {EventKind::kReset};
  for (std::uint8_t core = 0; core < kCores; ++core)
    if (kSpikeCodes[core] == code)
      return {EventKind::kSpike, static_cast<std::uint16_t>(word & 15), core, static_cast<std::uint8_t>(field(word, 11, 4))};
  return {EventKind::kUnknown, word};
}

std::uint16_t timestamp_word(std::uint32_t microseconds) {
  return static_cast<std::uint16_t>(0x8000 | (microseconds & 0x7FFF));
}

std::uint16_t wrap_word(std::uint32_t wraps) {
  return static_cast<std::uint16_t>(0x7000 | (wraps & 0x0FFF));
}

std::uint16_t spike_word(unsigned core, unsigned neuron, unsigned nibble) {
  return static_cast<std::uint16_t>(kSpikeCodes[core & 3] << 12 | (neuron & 255) << 4 | (nibble & 15));
}

Place place_of(unsigned board_neuron) {
  const unsigned n = board_neuron & 255, core = board_neuron >> 8 & 3, chip = board_neuron >> 10 & 3;
  return {(n & 15) + 16 * (core & 1) + 32 * (chip & 1), (n >> 4) + 16 * (core >> 1) + 32 * (chip >> 1)};
}

unsigned neuron_at(Place place) {
  const unsigned chip = (place.x >> 5 & 1) | (place.y >> 5 & 1) << 1, core = (place.x >> 4 & 1) | (place.y >> 4 & 1) << 1;
  return chip << 10 | core << 8 | (place.y & 15) << 4 | (place.x & 15);
}

}  // namespace rockpool::dynapse
