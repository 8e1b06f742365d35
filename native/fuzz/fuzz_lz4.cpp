// libFuzzer target: LZ4 frames. No frame gives more than the limit, whatever it says.
//
//   out/fuzz/native/fuzz_lz4 -max_total_time=60 CORPUS native/fuzz/corpus/lz4
#include <cstdint>
#include <vector>

#include "io/xxhash.h"
#include "rockpool/aedat.h"
#include "rockpool/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLimit = 1 << 16;
  std::vector<std::uint8_t> frame(data, data + size);
  // The check of the head is made right, so that damage reaches what is behind it.
  const std::size_t check = size > 4 ? 6u + ((data[4] & 8) != 0 ? 8 : 0) + ((data[4] & 1) != 0 ? 4 : 0) : size;
  if (check < size)
    frame[check] = static_cast<std::uint8_t>(rockpool::io::xxhash32(std::span(frame).subspan(4, check - 4)) >> 8);
  try {
    if (rockpool::read_lz4_frame(frame, kLimit).size() > kLimit) __builtin_trap();
  } catch (const rockpool::Error& error) {
    if (error.code() != "ERR_FILE") __builtin_trap();
  }
  return 0;
}
