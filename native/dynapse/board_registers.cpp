#include <algorithm>
#include <cstring>

#include "dynapse/board_state.h"

namespace rockpool::dynapse {

namespace {

constexpr std::uint8_t kGetStatus = 0, kClearFeature = 1, kGetDescriptor = 6, kGetConfiguration = 8, kSetConfiguration = 9,
                       kGetInterface = 10, kSetInterface = 11;
constexpr std::uint32_t kLogicClockMhz = 90;
constexpr std::uint32_t kUsbCyclesPerMicrosecond = 30;

std::uint32_t half(std::uint64_t value, unsigned offset) {
  return static_cast<std::uint32_t>(offset == 0 ? value >> 32 : value);
}

std::uint32_t sysinfo_value(std::uint8_t parameter, std::uint32_t logic_version) {
  switch (parameter) {
    case sysinfo::kLogicVersion: return logic_version;
    case sysinfo::kChipIdentifier: return kChipIdentifier;
    case sysinfo::kIsMaster: return 1;
    case sysinfo::kLogicClock: return kLogicClockMhz;
    default: return 0;
  }
}

/// As much of an answer as was asked for.
int answer(std::span<const std::uint8_t> bytes, std::span<std::uint8_t> data) {
  const std::size_t n = std::min(bytes.size(), data.size());
  std::memcpy(data.data(), bytes.data(), n);
  return static_cast<int>(n);
}

std::vector<std::uint8_t> string_descriptor(std::string_view text) {
  std::vector<std::uint8_t> bytes{static_cast<std::uint8_t>(2 + 2 * text.size()), 3};
  for (const char c : text) bytes.push_back(static_cast<std::uint8_t>(c)), bytes.push_back(0);
  return bytes;
}

}  // namespace

std::array<std::uint8_t, 18> device_descriptor(std::uint16_t device_version) {
  return {18,
          1,
          0x00,
          0x02,
          0xFF,
          0xFF,
          0xFF,
          64,
          kVendorId & 0xFF,
          kVendorId >> 8,
          kProductId & 0xFF,
          kProductId >> 8,
          static_cast<std::uint8_t>(device_version),
          static_cast<std::uint8_t>(device_version >> 8),
          1,
          2,
          3,
          1};
}

std::array<std::uint8_t, 25> configuration_descriptor() {
  return {9, 2, 25, 0, 1, 1, 0, 0x80, 250, 9, 4, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0, 7, 5, kDataEndpoint, 2, 0x00, 0x02, 0};
}

int BoardModel::State::standard(const Setup& setup, std::span<std::uint8_t> data) const {
  static constexpr std::uint8_t kOne[] = {1}, kZeros[] = {0, 0}, kLanguages[] = {4, 3, 0x09, 0x04};
  switch (setup.request) {
    case kGetStatus: return setup.in() ? answer(kZeros, data) : kStalled;
    case kGetConfiguration: return setup.in() ? answer(kOne, data) : kStalled;
    case kGetInterface: return setup.in() ? answer({kZeros, 1}, data) : kStalled;
    case kSetConfiguration: return !setup.in() && setup.value == 1 ? 0 : kStalled;
    case kSetInterface: return !setup.in() && setup.value == 0 && setup.index == 0 ? 0 : kStalled;
    case kClearFeature: return setup.in() ? kStalled : 0;
    case kGetDescriptor: break;
    default: return kStalled;
  }
  if (!setup.in()) return kStalled;
  const unsigned index = setup.value & 0xFF;
  switch (setup.value >> 8) {
    case 1: return answer(device_descriptor(options.device_version), data);
    case 2: return index == 0 ? answer(configuration_descriptor(), data) : kStalled;
    case 3: break;
    default: return kStalled;
  }
  switch (index) {
    case 0: return answer(kLanguages, data);
    case 1: return answer(string_descriptor("rockpool-node"), data);
    case 2: return answer(string_descriptor("DYNAP-SE1 board model"), data);
    case 3: return answer(string_descriptor(options.serial), data);
    default: return kStalled;
  }
}

int BoardModel::State::vendor(const Setup& setup, std::span<std::uint8_t> data) {
  const auto request = static_cast<Request>(setup.request);
  if (setup.in() && request != Request::kRegister) {
    if (data.size() != 2 || (request != Request::kCheckedRegister && request != Request::kCheckedRegisters)) return kStalled;
    data[0] = setup.request;
    data[1] = last_status;
    return 2;
  }
  if (request == Request::kRegister || request == Request::kCheckedRegister) {
    if (data.size() != 4 || setup.value > 255 || setup.index > 255) return kStalled;
    const auto module = static_cast<std::uint8_t>(setup.value), parameter = static_cast<std::uint8_t>(setup.index);
    if (setup.in()) return answer(encode_value(read(module, parameter)), data);
    const bool checked = request == Request::kCheckedRegister;
    const bool good = write({module, parameter, decode_value(data.first<4>())}, checked);
    if (checked) last_status = good ? 0 : 1;
    return 4;
  }
  if (request != Request::kRegisters && request != Request::kCheckedRegisters) return kStalled;
  const std::size_t n = setup.value;
  if (n == 0 || n > kMaxRecords || data.size() != n * kRecordBytes) return kStalled;
  const bool checked = request == Request::kCheckedRegisters;
  bool good = true;
  for (std::size_t i = 0; i < n; ++i) {
    const Record record = decode_record(data.subspan(i * kRecordBytes).first<kRecordBytes>());
    if (good)
      good = write(record, checked);
    else if (record.module == module::kChip && record.parameter == chip::kContent)
      ++counters.lost_chip_words;
  }
  if (checked) last_status = good ? 0 : 1;
  return static_cast<int>(data.size());
}

std::uint32_t BoardModel::State::read(std::uint8_t module, std::uint8_t parameter) {
  switch (module) {
    case module::kSysinfo: return sysinfo_value(parameter, options.logic_version);
    case module::kMux:
      if (parameter == mux::kTimestampReset) return 0;
      if (parameter == mux::kHasStatistics) return 1;
      if (parameter == mux::kAerDropped || parameter == mux::kAerDropped + 1)
        return half(mux_dropped, parameter - mux::kAerDropped);
      break;
    case module::kAer:
      if (parameter == aer::kHasStatistics) return 1;
      if (parameter == aer::kEvents || parameter == aer::kEvents + 1) return half(aer_events, parameter - aer::kEvents);
      if (parameter == aer::kEventsDropped || parameter == aer::kEventsDropped + 1)
        return half(aer_dropped, parameter - aer::kEventsDropped);
      break;
    case module::kSram:
      if (parameter == sram::kAddress) memory.run();
      if (parameter == sram::kReadData) return memory.read_data();
      break;
    default: break;
  }
  return reg(module, parameter);
}

bool BoardModel::State::write(const Record& record, bool checked) {
  const auto [module, parameter, value] = record;
  if (module == module::kChip && parameter == chip::kContent) return send_to_chip(value, checked);
  if (module == module::kSysinfo) return true;
  const bool before = is_on(module, parameter), on = (value & 1) != 0;
  reg(module, parameter) = value;
  switch (module) {
    case module::kMux:
      if (parameter == mux::kTimestampRun) fifo.run_timestamps(on);
      if (parameter == mux::kTimestampReset && on) fifo.reset_timestamps();
      power();
      break;
    case module::kAer:
    case module::kChip: power(); break;
    case module::kUsb:
      if (parameter == usb::kRun && before && !on) fifo.clear(), stalled.clear();
      if (parameter == usb::kEarlyPacketDelay) fifo.set_packet_delay(value / kUsbCyclesPerMicrosecond);
      break;
    case module::kSram: memory.write(parameter, value); break;
    case module::kSpikeGen:
      if (parameter == spike_gen::kRepeat) spike_generator.set_repeat(on);
      if (parameter == spike_gen::kRun && before && !on) spike_generator.stop();
      if (parameter == spike_gen::kRun && !before && on) stimulate();
      break;
    case module::kPoisson:
      if (parameter == poisson::kRun) poisson_generator.run(on, now);
      if (parameter == poisson::kWriteAddress)
        poisson_generator.set_rate(value, static_cast<std::uint16_t>(reg(module, poisson::kWriteData)), now);
      break;
    default: break;
  }
  return true;
}

bool BoardModel::State::send_to_chip(std::uint32_t word, bool checked) {
  if (failures > 0 || !checked || !is_on(module::kChip, chip::kRun)) {
    if (failures > 0) --failures;
    ++counters.lost_chip_words;
    return false;
  }
  const unsigned number = host_chip(reg(module::kChip, chip::kChipId));
  const unsigned changed = chips[number].write(word);
  for (unsigned core = 0; core < kCores; ++core)
    if ((changed >> core & 1) != 0) core_of(number, core).configure(chips[number], core);
  ++counters.chip_words;
  return true;
}

}  // namespace rockpool::dynapse
