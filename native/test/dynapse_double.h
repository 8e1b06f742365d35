// A small stand-in for a board: a map of registers, a queue of bytes, counts of what came. It decodes no chip word.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

#include "rockpool/dynapse/board_port.h"

namespace rockpool::dynapse {

class BoardDouble : public BoardPort {
 public:
  BoardDouble() { registers[{6, 0}] = 5, registers[{6, 1}] = 64, registers[{6, 2}] = 1, registers[{6, 3}] = 90; }

  int control(const Setup& setup, std::span<std::uint8_t> data) override {
    const std::lock_guard lock(mutex);
    ++transfers;
    if (setup.request == 0xBF && setup.in()) return read(setup, data);
    if (setup.request == 0xBF) {
      write({static_cast<std::uint8_t>(setup.value), static_cast<std::uint8_t>(setup.index), decode_value(data.first<4>())});
      return 4;
    }
    if (setup.request == 0xC6 && setup.in()) {
      data[0] = 0xC6, data[1] = verdict;
      return 2;
    }
    if (setup.request != 0xC2 && setup.request != 0xC6) return kStalled;
    for (std::size_t i = 0; i < setup.value; ++i)
      write(decode_record(std::span<const std::uint8_t, kRecordBytes>(data.data() + i * kRecordBytes, kRecordBytes)));
    return static_cast<int>(data.size());
  }

  std::size_t bulk_in(std::span<std::uint8_t> buffer) override {
    const std::lock_guard lock(mutex);
    if (registers[{9, 0}] == 0 || registers[{0, 0}] == 0) return 0;
    const std::size_t n = std::min(buffer.size(), pipe.size());
    std::copy_n(pipe.begin(), n, buffer.begin());
    pipe.erase(pipe.begin(), pipe.begin() + static_cast<std::ptrdiff_t>(n));
    return n;
  }

  void advance(double) override {}

  void send(std::initializer_list<unsigned> words) {
    const std::lock_guard lock(mutex);
    for (const auto w : words) pipe.push_back(static_cast<std::uint8_t>(w)), pipe.push_back(static_cast<std::uint8_t>(w >> 8));
  }

  std::uint32_t reg(int module, int parameter) {
    const std::lock_guard lock(mutex);
    return registers[{module, parameter}];
  }

  std::mutex mutex;
  std::map<std::pair<int, int>, std::uint32_t> registers;
  std::deque<std::uint8_t> pipe;
  std::vector<std::uint16_t> memory = std::vector<std::uint16_t>(1 << 16);
  std::uint32_t pointer = 0;
  std::size_t transfers = 0, chip_words = 0;
  std::array<std::size_t, 4> words_of{};
  std::uint8_t verdict = 0;

 private:
  int read(const Setup& setup, std::span<std::uint8_t> data) {
    const auto value = encode_value(registers[{setup.value, setup.index}]);
    std::copy(value.begin(), value.end(), data.begin());
    return 4;
  }

  void write(const Record& record) {
    registers[{record.module, record.parameter}] = record.value;
    if (record.module == 5 && record.parameter == 2) ++chip_words, ++words_of[host_chip(registers[{5, 1}])];
    if (record.module == 0 && record.parameter == 2 && record.value == 1) pipe.push_back(1), pipe.push_back(0);
    if (record.module != 14) return;
    if (record.parameter == 1) {
      pointer = record.value;
      if (registers[{14, 4}] == 1)
        memory.at(pointer) = static_cast<std::uint16_t>(registers[{14, 3}]);
      else
        registers[{14, 2}] = memory.at(pointer);
    }
    if (record.parameter == 3 && registers[{14, 5}] == 1) {
      memory.at(pointer++) = static_cast<std::uint16_t>(record.value);
      memory.at(pointer++) = static_cast<std::uint16_t>(record.value >> 16);
    }
  }
};

}  // namespace rockpool::dynapse
