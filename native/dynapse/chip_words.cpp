// The configuration words of a chip. Bit 17 tells memory (bit 4: SRAM or CAM), bit 16 a bias; what is left are control words.
#include "rockpool/dynapse/protocol.h"
#include "rockpool/error.h"

namespace rockpool::dynapse {

namespace {

constexpr std::uint32_t kMemory = 1U << 17, kBias = 1U << 16, kTauReset = 1U << 12, kSecond = 1U << 11, kTau2Select = 1U << 10;
constexpr std::uint32_t kSramCell = 1U << 4;

std::uint32_t field(std::uint32_t word, unsigned high, unsigned low) {
  return word >> low & ((1U << (high - low + 1)) - 1);
}
std::uint8_t byte(std::uint32_t value) {
  return static_cast<std::uint8_t>(value);
}

void check(const char* name, std::uint32_t value, std::uint32_t max) {
  if (value > max) throw_range(name, "0 to " + to_text(max), to_text(value));
}

std::uint32_t reverse3(std::uint32_t coarse) {
  return (coarse & 1) << 2 | (coarse & 2) | coarse >> 2;
}

}  // namespace

std::uint32_t encode(const CamWord& word) {
  check("source", word.source, kChipNeurons - 1);
  check("neuron", word.neuron, kChipNeurons - 1);
  check("cam", word.cam, kCams - 1);
  check("type", static_cast<std::uint32_t>(word.type), 3);
  const std::uint32_t source = word.source, neuron = word.neuron;
  return static_cast<std::uint32_t>(word.type) << 28 | (source & 255) << 20 | source >> 8 << 18 | kMemory | neuron >> 8 << 15 |
         (neuron >> 4 & 15) << 11 | std::uint32_t{word.cam} << 5 | (neuron & 15);
}

std::uint32_t encode(const SramWord& word) {
  check("neuron", word.neuron, kChipNeurons - 1);
  check("cell", word.cell, kSrams - 1);
  check("virtualCore", word.virtual_core, kCores - 1);
  check("dx", word.dx, 3);
  check("dy", word.dy, 3);
  check("cores", word.cores, 15);
  const std::uint32_t neuron = word.neuron;
  return std::uint32_t{word.virtual_core} << 28 | std::uint32_t{word.south} << 27 | std::uint32_t{word.dy} << 25 |
         std::uint32_t{word.west} << 24 | std::uint32_t{word.dx} << 22 | std::uint32_t{word.cores} << 18 | kMemory |
         neuron >> 8 << 15 | (neuron & 255) << 7 | std::uint32_t{word.cell} << 5 | kSramCell;
}

std::uint32_t encode(const BiasWord& word) {
  check("address", word.address, 127);
  const std::uint32_t head = std::uint32_t{word.address} << 18 | kBias;
  const auto kind = bias_kind(word.address);
  if (kind == BiasKind::kShifted) {
    check("fine", word.fine, 63);
    return head | 0xFU << 12 | 3U << 10 | std::uint32_t{word.fine} << 4;
  }
  check("coarse", word.coarse, 7);
  const std::uint32_t value = head | reverse3(word.coarse) << 12 | std::uint32_t{word.fine} << 4;
  if (kind == BiasKind::kBuffer) return value;
  return value | std::uint32_t{word.high} << 3 | std::uint32_t{word.normal} << 2 | std::uint32_t{word.n_type} << 1 |
         std::uint32_t{word.enabled};
}

std::uint32_t encode(const ControlWord& word) {
  check("core", word.core, kCores - 1);
  const std::uint32_t core = std::uint32_t{word.core} << 8;
  switch (word.kind) {
    case ControlKind::kTau1All: return kTauReset | core;
    case ControlKind::kTau2All: return kTauReset | kSecond | core;
    case ControlKind::kTau2: return kTau2Select | core | word.neuron;
    case ControlKind::kMonitorReset: return kSecond | core;
    case ControlKind::kMonitor: return core | word.neuron;
  }
  throw_range("kind", "a kind of control word", to_text(static_cast<int>(word.kind)));
}

ChipWord decode_chip_word(std::uint32_t word) {
  if ((word & kMemory) != 0 && (word & kSramCell) != 0) {
    SramWord sram;
    sram.neuron = static_cast<std::uint16_t>(field(word, 16, 7));  // core and number are adjacent
    sram.cell = byte(field(word, 6, 5));
    sram.virtual_core = byte(field(word, 29, 28));
    sram.south = field(word, 27, 27) != 0;
    sram.dy = byte(field(word, 26, 25));
    sram.west = field(word, 24, 24) != 0;
    sram.dx = byte(field(word, 23, 22));
    sram.cores = byte(field(word, 21, 18));
    return sram;
  }
  if ((word & kMemory) != 0) {
    CamWord cam;
    cam.source = static_cast<std::uint16_t>(field(word, 19, 18) << 8 | field(word, 27, 20));
    cam.neuron = static_cast<std::uint16_t>(field(word, 16, 11) << 4 | field(word, 3, 0));
    cam.cam = byte(field(word, 10, 5));
    cam.type = static_cast<Synapse>(field(word, 29, 28));
    return cam;
  }
  if ((word & kBias) != 0) {
    BiasWord bias;
    bias.address = byte(field(word, 24, 18));
    if (bias_kind(bias.address) == BiasKind::kShifted) {
      bias.fine = byte(field(word, 9, 4));
      return bias;
    }
    bias.coarse = byte(reverse3(field(word, 14, 12)));
    bias.fine = byte(field(word, 11, 4));
    if (bias_kind(bias.address) == BiasKind::kBuffer) return bias;
    bias.high = (word & 8) != 0;
    bias.normal = (word & 4) != 0;
    bias.n_type = (word & 2) != 0;
    bias.enabled = (word & 1) != 0;
    return bias;
  }
  const auto core = byte(field(word, 9, 8)), neuron = byte(field(word, 7, 0));
  if ((word & kTauReset) != 0) return ControlWord{(word & kSecond) != 0 ? ControlKind::kTau2All : ControlKind::kTau1All, core};
  if ((word & kSecond) != 0) return ControlWord{ControlKind::kMonitorReset, core};
  return ControlWord{(word & kTau2Select) != 0 ? ControlKind::kTau2 : ControlKind::kMonitor, core, neuron};
}

SramWord monitor_route(unsigned chip, std::uint16_t neuron) {
  check("chip", chip, kChips - 1);
  check("neuron", neuron, kChipNeurons - 1);
  SramWord word;
  word.neuron = neuron;
  word.virtual_core = byte(neuron >> 8);
  word.cores = byte(chip + 1);
  word.west = (chip & 1) != 0;  // the FPGA is south of the left column
  word.dx = byte(chip & 1);
  word.south = true;
  word.dy = byte((chip & 2) != 0 ? 1 : 2);
  return word;
}

SramWord route(unsigned from_chip, std::uint16_t neuron, std::uint8_t cell, std::uint8_t virtual_core, unsigned to_chip,
               std::uint8_t cores) {
  check("fromChip", from_chip, kChips - 1);
  check("toChip", to_chip, kChips - 1);
  SramWord word{neuron, cell, virtual_core};
  word.cores = cores;
  word.dx = byte((from_chip ^ to_chip) & 1);
  word.dy = byte((from_chip ^ to_chip) >> 1 & 1);
  word.west = word.dx != 0 && (to_chip & 1) == 0;
  word.south = word.dy != 0 && (to_chip & 2) != 0;
  return word;
}

RouteEnd route_end(unsigned from_chip, const SramWord& word) {
  const int x = static_cast<int>(from_chip & 1) + (word.west ? -word.dx : word.dx);
  const int y = static_cast<int>(from_chip >> 1 & 1) + (word.south ? word.dy : -word.dy);
  if (x == 0 && y == 2) return {std::nullopt, true};
  if (x < 0 || x > 1 || y < 0 || y > 1) return {};
  return {static_cast<unsigned>(x + 2 * y), false};
}

const std::array<Bias, kBiasesPerCore>& core_biases() {
  static constexpr std::array<Bias, kBiasesPerCore> kBiases{{
      {"IF_BUF_P", 20, false, 3, 80, true},       {"IF_RFR_N", 10, true, 3, 3, true},
      {"IF_NMDA_N", 34, true, 7, 0, true},        {"IF_DC_P", 36, false, 1, 30, true},
      {"IF_TAU1_N", 12, true, 7, 5, false},       {"IF_TAU2_N", 18, true, 6, 100, true},
      {"IF_THR_N", 24, true, 4, 120, true},       {"IF_AHW_P", 38, false, 7, 0, true},
      {"IF_AHTAU_N", 14, true, 7, 35, true},      {"IF_AHTHR_N", 22, true, 7, 0, true},
      {"IF_CASC_N", 16, true, 7, 0, true},        {"PULSE_PWLK_P", 0, false, 3, 106, true},
      {"PS_WEIGHT_INH_S_N", 2, true, 7, 0, true}, {"PS_WEIGHT_INH_F_N", 4, true, 7, 0, true},
      {"PS_WEIGHT_EXC_S_N", 6, true, 7, 0, true}, {"PS_WEIGHT_EXC_F_N", 8, true, 7, 0, true},
      {"NPDPII_TAU_S_P", 40, false, 7, 40, true}, {"NPDPII_TAU_F_P", 42, false, 7, 0, true},
      {"NPDPII_THR_S_P", 32, false, 7, 40, true}, {"NPDPII_THR_F_P", 30, false, 7, 0, true},
      {"NPDPIE_TAU_S_P", 46, false, 7, 0, true},  {"NPDPIE_TAU_F_P", 44, false, 7, 40, true},
      {"NPDPIE_THR_S_P", 26, false, 7, 0, true},  {"NPDPIE_THR_F_P", 28, false, 7, 0, true},
      {"R2R_P", 48, false, 4, 85, true},
  }};
  return kBiases;
}

BiasKind bias_kind(std::uint8_t address) {
  switch (address & 63) {
    case 50: return BiasKind::kBuffer;
    case 51:
    case 52: return BiasKind::kShifted;
    default: return BiasKind::kStandard;
  }
}

std::uint8_t bias_address(const Bias& bias, unsigned core) {
  check("core", core, kCores - 1);
  return byte(bias.address + (core & 1) + 64 * (core >> 1));
}

double bias_current(std::uint8_t coarse, std::uint8_t fine) {
  check("coarse", coarse, 7);
  constexpr double kFullScale[8] = {15e-12, 105e-12, 820e-12, 6.5e-9, 50e-9, 0.4e-6, 3.2e-6, 24e-6};
  return kFullScale[coarse_to_ascending(coarse)] * fine / 255.0;
}

std::array<std::uint32_t, kBiasWords> bias_words(bool silent) {
  std::array<std::uint32_t, kBiasWords> words{};
  std::size_t next = 0;
  for (unsigned core = 0; core < kCores; ++core)
    for (const auto& bias : core_biases()) {
      BiasWord word;
      word.address = bias_address(bias, core);
      word.n_type = bias.n_type;
      word.coarse = silent ? std::uint8_t{7} : bias.low_power_coarse;
      word.fine = silent ? std::uint8_t{0} : bias.low_power_fine;
      word.high = silent || bias.low_power_high;
      words[next++] = encode(word);
    }
  for (const unsigned half : {64U, 0U}) {
    words[next++] = encode(BiasWord{byte(half + 50), 1, 2});
    words[next++] = encode(BiasWord{byte(half + 51), 0, 7});
    words[next++] = encode(BiasWord{byte(half + 52), 0, 15});
  }
  return words;
}

}  // namespace rockpool::dynapse
