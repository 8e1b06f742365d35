#include "dynapse/test_stream.h"

#include <algorithm>
#include <cstring>

namespace rockpool::dynapse {

TestStreamSource::TestStreamSource(const TestStream& stream) {
  const auto put = [&](std::uint16_t word) {
    period_.push_back(static_cast<std::uint8_t>(word));
    period_.push_back(static_cast<std::uint8_t>(word >> 8));
  };
  const std::uint64_t lasts = std::min<std::uint64_t>(stream.microseconds, kWrapMicroseconds);
  std::uint32_t next = 0;
  for (std::uint32_t us = 0; us < lasts; ++us) {
    put(timestamp_word(us));
    for (std::uint32_t k = 0; k < stream.per_microsecond; ++k, next += 1237)  // a step through all neurons
      put(spike_word(next / kCoreNeurons % kCores, next % kCoreNeurons, 1 + next / kChipNeurons % kChips));
  }
  put(wrap_word(1));
  const std::uint64_t whole = stream.microseconds / kWrapMicroseconds, rest = stream.microseconds % kWrapMicroseconds;
  left_ = whole * period_.size() + rest * (stream.per_microsecond + 1) * 2;
}

std::size_t TestStreamSource::read(std::span<std::uint8_t> out) {
  std::size_t done = 0;
  const std::size_t room = out.size() / 2 * 2;
  if (!begun_ && room > 0) {
    out[0] = static_cast<std::uint8_t>(kResetWord);
    out[1] = 0;
    done = 2;
    begun_ = true;
  }
  while (done < room && left_ > 0) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>({room - done, period_.size() - at_, left_}));
    std::memcpy(out.data() + done, period_.data() + at_, n);
    done += n, left_ -= n, at_ = (at_ + n) % period_.size();
  }
  return done;
}

}  // namespace rockpool::dynapse
