// A host of the board model, for tests: requests as a driver sends them.
#pragma once

#include <doctest/doctest.h>

#include <vector>

#include "rockpool/dynapse/board_model.h"

namespace dynapse_test {

using namespace rockpool::dynapse;

struct Host {
  BoardModel& board;

  bool write(std::uint8_t module, std::uint8_t parameter, std::uint32_t value) {
    auto bytes = encode_value(value);
    return board.control(write_register_setup(module, parameter), bytes) == 4;
  }
  std::uint32_t read(std::uint8_t module, std::uint8_t parameter) {
    std::array<std::uint8_t, 4> bytes{};
    REQUIRE(board.control(read_register_setup(module, parameter), bytes) == 4);
    return decode_value(bytes);
  }
  std::uint64_t read64(std::uint8_t module, std::uint8_t parameter) {
    const std::uint64_t high = read(module, parameter);
    return high << 32 | read(module, static_cast<std::uint8_t>(parameter + 1));
  }
  /// Returns whether the board took it.
  bool write_many(std::span<const Record> records, bool checked) {
    std::vector<std::uint8_t> bytes(records.size() * kRecordBytes);
    for (std::size_t i = 0; i < records.size(); ++i)
      encode_record(records[i], std::span(bytes).subspan(i * kRecordBytes).first<kRecordBytes>());
    return board.control(write_many_setup(records.size(), checked), bytes) == static_cast<int>(bytes.size());
  }
  /// Status of the verify request; 0 is good.
  int verify() {
    std::array<std::uint8_t, 2> answer{};
    REQUIRE(board.control(verify_setup(), answer) == 2);
    CHECK(answer[0] == 0xC6);
    return answer[1];
  }
  int send(unsigned chip, std::span<const std::uint32_t> words) {
    write(module::kChip, chip::kChipId, wire_chip(chip));
    int status = 0;
    for (std::size_t at = 0; at < words.size(); at += kMaxRecords) {
      std::vector<Record> records;
      for (std::size_t i = at; i < std::min(at + kMaxRecords, words.size()); ++i)
        records.push_back({module::kChip, chip::kContent, words[i]});
      REQUIRE(write_many(records, true));
      status |= verify();
    }
    return status;
  }
  int send(unsigned chip, std::uint32_t word) { return send(chip, std::span(&word, 1)); }

  /// The order of libcaer.
  void start() {
    write(module::kUsb, usb::kRun, 1);
    write(module::kMux, mux::kRun, 1);
    write(module::kMux, mux::kTimestampRun, 1);
    write(module::kChip, chip::kRun, 1);
    write(module::kAer, aer::kRun, 1);
  }
  void monitor(unsigned board_neuron) {
    const unsigned chip = board_neuron / kChipNeurons;
    CHECK(send(chip, encode(monitor_route(chip, static_cast<std::uint16_t>(board_neuron % kChipNeurons)))) == 0);
  }
  std::vector<std::uint16_t> words() {
    std::vector<std::uint16_t> all;
    std::vector<std::uint8_t> bytes(8192);
    while (const std::size_t n = board.bulk_in(bytes)) {
      CHECK(n % 2 == 0);
      for (std::size_t i = 0; i + 1 < n; i += 2) all.push_back(static_cast<std::uint16_t>(bytes[i] | bytes[i + 1] << 8));
    }
    return all;
  }
};

struct Spike {
  std::uint64_t microsecond;
  unsigned neuron;  // of the board
  bool operator==(const Spike&) const = default;
};

/// Decodes independently of the driver; time starts from 0.
inline std::vector<Spike> spikes_of(std::span<const std::uint16_t> words) {
  std::vector<Spike> spikes;
  std::uint64_t base = 0, now = 0;
  for (const std::uint16_t word : words) {
    const EventWord event = decode_event(word);
    switch (event.kind) {
      case EventKind::kTimestamp: now = base + event.value; break;
      case EventKind::kWrap: now = base += std::uint64_t{event.value} * kWrapMicroseconds; break;
      case EventKind::kReset: now = base = 0; break;
      case EventKind::kSpike:
        REQUIRE(event.value >= 1);
        spikes.push_back({now, (event.value - 1) * kChipNeurons + event.core * kCoreNeurons + event.neuron});
        break;
      case EventKind::kUnknown: break;
    }
  }
  return spikes;
}

}  // namespace dynapse_test
