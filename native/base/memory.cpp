#include "rockpool/memory.h"

#ifdef __linux__
#include <sys/mman.h>

#include <cstdint>
#endif

namespace rockpool {

void prefer_huge_pages([[maybe_unused]] void* data, [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  constexpr std::size_t kLarge = std::size_t{2} << 20;  // below, the gain is not worth the call
  constexpr std::uintptr_t kPage = 4096;
  if (bytes < kLarge) return;
  const auto begin = (reinterpret_cast<std::uintptr_t>(data) + kPage - 1) & ~(kPage - 1);
  const auto end = (reinterpret_cast<std::uintptr_t>(data) + bytes) & ~(kPage - 1);
  // SAFETY: whole pages inside the array; the advice neither unmaps nor writes. Where pages are larger the call is refused.
  if (end > begin) (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

}  // namespace rockpool
