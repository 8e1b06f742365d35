// The 32-bit variant of the hash xxHash, by which LZ4 frames are checked. For native/io only.
#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include "io/bytes.h"

namespace rockpool::io {

inline std::uint32_t xxhash32(std::span<const std::uint8_t> data) {
  constexpr std::uint32_t kPrime1 = 2654435761u, kPrime2 = 2246822519u, kPrime3 = 3266489917u, kPrime4 = 668265263u,
                          kPrime5 = 374761393u;
  const std::uint8_t* p = data.data();
  const std::uint8_t* const end = p + data.size();
  std::uint32_t hash = kPrime5;
  if (data.size() >= 16) {
    std::uint32_t lanes[] = {kPrime1 + kPrime2, kPrime2, 0, 0u - kPrime1};
    for (; end - p >= 16; p += 16)
      for (int i = 0; i < 4; ++i) lanes[i] = std::rotl(lanes[i] + load<std::uint32_t>(p + 4 * i) * kPrime2, 13) * kPrime1;
    hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
  }
  hash += static_cast<std::uint32_t>(data.size());
  for (; end - p >= 4; p += 4) hash = std::rotl(hash + load<std::uint32_t>(p) * kPrime3, 17) * kPrime4;
  for (; p != end; ++p) hash = std::rotl(hash + *p * kPrime5, 11) * kPrime1;
  hash = (hash ^ (hash >> 15)) * kPrime2;
  hash = (hash ^ (hash >> 13)) * kPrime3;
  return hash ^ (hash >> 16);
}

}  // namespace rockpool::io
