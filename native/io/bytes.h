// Little-endian loads and stores, and the error of a bad file. For native/io only.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include "rockpool/error.h"

namespace rockpool::io {

[[noreturn]] inline void throw_file(const std::string& message) {
  throw Error(ErrorKind::kState, "ERR_FILE", message);
}

template <typename T>
T byte_swapped(T value) {
  T result = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    result = static_cast<T>(result | static_cast<T>((value >> (8 * i)) & 0xff) << (8 * (sizeof(T) - 1 - i)));
  return result;
}

/// An unsigned integer in little-endian order at `p`, which needs no alignment.
template <typename T>
T load(const std::uint8_t* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = byte_swapped(value);
  return value;
}

template <typename T>
void store(std::uint8_t* p, T value) {
  if constexpr (std::endian::native == std::endian::big) value = byte_swapped(value);
  std::memcpy(p, &value, sizeof value);
}

}  // namespace rockpool::io
