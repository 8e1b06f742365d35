// The words of the DYNAP-SE1 board: requests, registers, chip configuration, generators, events. Pure encoding and decoding.
//
// Source: the interface that iniVation's libcaer makes public. Payloads of control transfers are big endian, event words on the
// bulk pipe little endian. Chips have three numbers: the host's (0..3, used everywhere here), the wire's (0, 8, 4, 12, in three
// registers) and the nibble of output events (host + 1, which the monitor routes write). The board never says which is meant.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace rockpool::dynapse {

inline constexpr unsigned kChips = 4;
inline constexpr unsigned kCores = 4;            // of a chip
inline constexpr unsigned kCoreNeurons = 256;    // 16 rows of 16
inline constexpr unsigned kChipNeurons = 1024;   // address: core << 8 | row << 4 | column
inline constexpr unsigned kBoardNeurons = 4096;  // id: chip * 1024 + address
inline constexpr unsigned kCams = 64;            // input synapses of a neuron
inline constexpr unsigned kSrams = 4;            // output routes of a neuron
inline constexpr unsigned kBiasesPerCore = 25;

// --- Identity ---------------------------------------------------------------------------------------------------------------

inline constexpr std::uint16_t kVendorId = 0x152A;
inline constexpr std::uint16_t kProductId = 0x841D;
inline constexpr std::uint16_t kBlankVendorId = 0x04B4;  // a controller without firmware
inline constexpr std::uint16_t kBlankProductId = 0x8613;
inline constexpr unsigned kFirmwareVersion = 3;    // at least; low byte of bcdDevice
inline constexpr std::uint32_t kLogicVersion = 5;  // exactly
inline constexpr std::uint32_t kChipIdentifier = 64;
inline constexpr std::uint8_t kDataEndpoint = 0x82;
inline constexpr std::size_t kTransferBytes = 8192;
inline constexpr std::size_t kSerialLength = 8;

// --- Control requests -------------------------------------------------------------------------------------------------------

inline constexpr std::uint8_t kVendorOut = 0x40;
inline constexpr std::uint8_t kVendorIn = 0xC0;

enum class Request : std::uint8_t {
  kRegister = 0xBF,          // one register: value = module, index = parameter, 4 bytes
  kRegisters = 0xC2,         // many: value = number of records
  kCheckedRegister = 0xC5,   // one, with handshake; superseded by kCheckedRegisters
  kCheckedRegisters = 0xC6,  // many, with a handshake of the chip for each; IN: 2 bytes, the request and a status (0 is good)
};

/// The eight bytes that begin a control transfer.
struct Setup {
  std::uint8_t request_type = 0;
  std::uint8_t request = 0;
  std::uint16_t value = 0;
  std::uint16_t index = 0;
  std::uint16_t length = 0;
  bool in() const { return (request_type & 0x80) != 0; }
  bool operator==(const Setup&) const = default;
};

Setup write_register_setup(std::uint16_t module, std::uint16_t parameter);
Setup read_register_setup(std::uint16_t module, std::uint16_t parameter);
/// `checked`: with a handshake for each record, to be followed by verify_setup().
Setup write_many_setup(std::size_t records, bool checked);
Setup verify_setup();

std::array<std::uint8_t, 4> encode_value(std::uint32_t value);
std::uint32_t decode_value(std::span<const std::uint8_t, 4> bytes);

/// A register and its value, as write-many requests carry it.
struct Record {
  std::uint8_t module = 0;
  std::uint8_t parameter = 0;
  std::uint32_t value = 0;
  bool operator==(const Record&) const = default;
};

inline constexpr std::size_t kRecordBytes = 6;
inline constexpr std::size_t kMaxRecords = 85;  // of one request

void encode_record(const Record& record, std::span<std::uint8_t, kRecordBytes> bytes);
Record decode_record(std::span<const std::uint8_t, kRecordBytes> bytes);

// --- Registers --------------------------------------------------------------------------------------------------------------

namespace module {
inline constexpr std::uint8_t kMux = 0, kAer = 1, kChip = 5, kSysinfo = 6, kUsb = 9, kSram = 14, kSynapseReconfig = 15,
                              kSpikeGen = 16, kPoisson = 18;
}
namespace mux {
inline constexpr std::uint8_t kRun = 0, kTimestampRun = 1, kTimestampReset = 2, kForceChipBias = 3, kDropAerOnStall = 4,
                              kHasStatistics = 10, kAerDropped = 11;  // 64 bits: high half first
}
namespace aer {
inline constexpr std::uint8_t kRun = 3, kAckDelay = 4, kAckExtension = 6, kWaitOnStall = 8, kExternalControl = 10,
                              kHasStatistics = 40, kEvents = 41, kEventsDropped = 45;  // 64 bits: high half first
}
namespace chip {
inline constexpr std::uint8_t kRun = 0, kChipId = 1, kContent = 2, kReqDelay = 3, kReqExtension = 4;
}
namespace sysinfo {
inline constexpr std::uint8_t kLogicVersion = 0, kChipIdentifier = 1, kIsMaster = 2, kLogicClock = 3, kLogicPatch = 7;
}
namespace usb {
inline constexpr std::uint8_t kRun = 0, kEarlyPacketDelay = 1;  // the delay in cycles of 30 MHz
inline constexpr std::uint32_t kCyclesPerSlice = 3750;          // 125 us, the unit that hosts use
}  // namespace usb
namespace sram {  // the memory of the FPGA, in words of 16 bits
inline constexpr std::uint8_t kAddress = 1, kReadData = 2, kWriteData = 3, kCommand = 4, kBurst = 5;
inline constexpr std::uint32_t kWords = 1U << 20;  // inferred: 2^19 events of two words
}  // namespace sram
namespace synapse_reconfig {
inline constexpr std::uint8_t kRun = 0, kGlobalKernel = 1, kUseSram = 2, kChipSelect = 3, kSramBase = 4;
}
namespace spike_gen {
inline constexpr std::uint8_t kRun = 0, kVariable = 1, kBaseAddress = 2, kCount = 3, kInterval = 4, kIntervalBase = 5,
                              kRepeat = 6;
}
namespace poisson {
inline constexpr std::uint8_t kRun = 0, kWriteAddress = 1, kWriteData = 2, kChipId = 3;
}

/// Unknown numbers give 0, as on the board.
std::uint32_t wire_chip(std::uint32_t host);
std::uint32_t host_chip(std::uint32_t wire);

// --- Chip words: what CHIP.CONTENT carries, 30 bits -------------------------------------------------------------------------

enum class Synapse : std::uint8_t { kSlowInh = 0, kFastInh = 1, kSlowExc = 2, kFastExc = 3 };

/// One input synapse: the neuron takes events of (core, neuron) = source, whichever chip they come from.
/// Source 0 with kSlowInh is an empty one and yet matches source 0.
struct CamWord {
  std::uint16_t source = 0;  // core << 8 | neuron
  std::uint16_t neuron = 0;  // the programmed one
  std::uint8_t cam = 0;
  Synapse type = Synapse::kSlowInh;
  bool operator==(const CamWord&) const = default;
};

/// One output route. `cores` 0 disables it; dx = dy = 0 is the own chip.
struct SramWord {
  std::uint16_t neuron = 0;
  std::uint8_t cell = 0;
  std::uint8_t virtual_core = 0;  // the core that the spike claims to come from
  bool west = false;
  std::uint8_t dx = 0;
  bool south = false;
  std::uint8_t dy = 0;
  std::uint8_t cores = 0;  // destination, a bit for each core; to the FPGA: the nibble of the output event
  bool operator==(const SramWord&) const = default;
};

enum class BiasKind : std::uint8_t { kStandard, kBuffer, kShifted };  // kShifted: the SSP and SSN biases

struct BiasWord {
  std::uint8_t address = 0;
  std::uint8_t coarse = 0;  // 0 is the largest current, 7 the smallest
  std::uint8_t fine = 0;    // kShifted: 0..63
  bool high = true;
  bool normal = true;  // not cascode
  bool n_type = true;
  bool enabled = true;
  bool operator==(const BiasWord&) const = default;
};

enum class ControlKind : std::uint8_t { kTau1All, kTau2All, kTau2, kMonitorReset, kMonitor };

/// `neuron` is of kTau2 and kMonitor alone.
struct ControlWord {
  ControlKind kind = ControlKind::kMonitor;
  std::uint8_t core = 0;
  std::uint8_t neuron = 0;
  bool operator==(const ControlWord&) const = default;
};

using ChipWord = std::variant<CamWord, SramWord, BiasWord, ControlWord>;

/// @throws RangeError for a field that is out of range, in all four.
std::uint32_t encode(const CamWord& word);
std::uint32_t encode(const SramWord& word);
std::uint32_t encode(const BiasWord& word);
std::uint32_t encode(const ControlWord& word);
/// Every word means something: bits that nothing says a meaning of are ignored.
ChipWord decode_chip_word(std::uint32_t word);

/// The route of a neuron's cell 0 to the FPGA, by which the host sees its spikes.
SramWord monitor_route(unsigned chip, std::uint16_t neuron);
/// A route between chips of the board, hops filled in.
SramWord route(unsigned from_chip, std::uint16_t neuron, std::uint8_t cell, std::uint8_t virtual_core, unsigned to_chip,
               std::uint8_t cores);
/// Where a route from a chip ends: a chip, or none when it leaves the board (south of U2 is the FPGA).
struct RouteEnd {
  std::optional<unsigned> chip;
  bool fpga = false;
};
RouteEnd route_end(unsigned from_chip, const SramWord& word);

// --- Biases -----------------------------------------------------------------------------------------------------------------

struct Bias {
  std::string_view name;
  std::uint8_t address;  // of core 0
  bool n_type;
  std::uint8_t low_power_coarse, low_power_fine;
  bool low_power_high;
};

/// The biases of a core, in the order in which hosts write them.
const std::array<Bias, kBiasesPerCore>& core_biases();
BiasKind bias_kind(std::uint8_t address);
std::uint8_t bias_address(const Bias& bias, unsigned core);
/// The bias file convention of cortexcontrol, samna and Rockpool counts coarse currents the other way round: 0 is the smallest.
constexpr std::uint8_t coarse_from_ascending(std::uint8_t coarse) {
  return static_cast<std::uint8_t>(7 - coarse);
}
constexpr std::uint8_t coarse_to_ascending(std::uint8_t coarse) {
  return static_cast<std::uint8_t>(7 - coarse);
}
/// Nominal current in ampere, `coarse` as in BiasWord.
double bias_current(std::uint8_t coarse, std::uint8_t fine);

inline constexpr std::size_t kBiasWords = kCores * kBiasesPerCore + 6;  // 106: and the buffers and sources of the chip
/// All biases of a chip: silent, or the low-power default.
std::array<std::uint32_t, kBiasWords> bias_words(bool silent);

// --- The FPGA's generators --------------------------------------------------------------------------------------------------

/// An event of the spike generator's memory. The chip's bits are a convention of this library and its board model (15..14):
/// logic 5 has no place for it and reaches chip 0 alone.
struct StimulusWord {
  std::uint8_t neuron = 0;
  std::uint8_t virtual_core = 0;
  std::uint8_t cores = 0;  // 0: an event that reaches nobody, for long silences
  std::uint8_t chip = 0;
  bool operator==(const StimulusWord&) const = default;
};
std::uint16_t encode(const StimulusWord& word);
StimulusWord decode_stimulus(std::uint16_t word);

inline constexpr std::uint32_t kMaxInterval = 65535;
inline constexpr std::uint32_t kMaxTrainEvents = 65535;
inline constexpr double kFpgaClockHz = 90e6;  // one unit of time lasts `interval base` ticks
inline constexpr std::uint32_t kMaxIntervalBase = 65535;

inline constexpr unsigned kPoissonSources = 1024;  // virtual core * 256 + neuron
inline constexpr double kPoissonResolutionHz = 0.06706;
inline constexpr double kMaxPoissonHz = 4300.0;
/// The register's value. @throws RangeError outside 0..4300 Hz
std::uint16_t poisson_value(double rate_hz);
double poisson_rate(std::uint16_t value);

// --- Events on the bulk pipe ------------------------------------------------------------------------------------------------

inline constexpr std::uint32_t kWrapMicroseconds = 32768;  // of a timestamp's 15 bits
inline constexpr std::uint16_t kResetWord = 0x0001;
inline constexpr std::uint16_t kSpikeCodes[kCores] = {1, 2, 5, 6};  // bits 14..12 of a spike, by its core

enum class EventKind : std::uint8_t {
  kTimestamp,  // value: microseconds since the last wrap
  kSpike,      // core, neuron and the nibble in value
  kWrap,       // value: how many wraps
  kReset,
  kUnknown,  // reserved, undefined or an unknown special
};

struct EventWord {
  EventKind kind = EventKind::kUnknown;
  std::uint16_t value = 0;
  std::uint8_t core = 0;
  std::uint8_t neuron = 0;
};

EventWord decode_event(std::uint16_t word);
std::uint16_t timestamp_word(std::uint32_t microseconds);
std::uint16_t wrap_word(std::uint32_t wraps);
/// `nibble` is the destination field of the route that took the spike out: the chip + 1 by the monitor routes.
std::uint16_t spike_word(unsigned core, unsigned neuron, unsigned nibble);

// --- Where neurons are ------------------------------------------------------------------------------------------------------

/// Place on the board's 64 x 64 picture, origin top left.
struct Place {
  unsigned x = 0, y = 0;
};
Place place_of(unsigned board_neuron);
unsigned neuron_at(Place place);

}  // namespace rockpool::dynapse
