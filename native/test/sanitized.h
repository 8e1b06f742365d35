// How much a test does in a build with a sanitizer, in which each instruction takes ten times as long.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

/// Samples of a statistic: in their number a sanitizer finds nothing.
constexpr std::size_t samples(std::size_t n) {
  return kSanitized ? n / 10 : n;
}
