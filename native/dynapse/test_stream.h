// A stream of event words of known content, made once and copied as often as it takes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rockpool/dynapse/board_model.h"

namespace rockpool::dynapse {

class TestStreamSource {
 public:
  /// A reset word, then for each microsecond a stamp and its spikes, and a wrap word behind every 2^15 microseconds.
  explicit TestStreamSource(const TestStream& stream);
  std::size_t read(std::span<std::uint8_t> out);
  bool done() const { return left_ == 0; }

 private:
  std::vector<std::uint8_t> period_;  // the bytes of 2^15 microseconds and the wrap behind them
  std::size_t at_ = 0;
  std::uint64_t left_ = 0;  // bytes to go, the reset word not counted
  bool begun_ = false;
};

}  // namespace rockpool::dynapse
