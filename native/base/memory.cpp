#include "rockpool/memory.h"

#include <cstdint>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace rockpool {

void prefer_huge_pages([[maybe_unused]] void* data, [[maybe_unused]] std::size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  constexpr std::size_t kWorthwhile = std::size_t{4} << 20;
  constexpr std::uintptr_t kPage = 4096;
  if (bytes < kWorthwhile / 16) return;
  const auto begin = (reinterpret_cast<std::uintptr_t>(data) + kPage - 1) / kPage * kPage;
  const auto end = (reinterpret_cast<std::uintptr_t>(data) + bytes) / kPage * kPage;
  // Too small for huge pages: map the small ones in one call instead of one fault each. Older kernels refuse; that is fine.
  constexpr int kPopulateWrite = 23;
  madvise(reinterpret_cast<void*>(begin), end - begin, bytes < kWorthwhile ? kPopulateWrite : MADV_HUGEPAGE);
#endif
}

}  // namespace rockpool
