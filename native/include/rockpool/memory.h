// Large arrays that are about to be written for the first time.
#pragma once

#include <cstddef>

namespace rockpool {

/// Asks the system to back a large array with huge pages. Memory that was never written is mapped page by page on first touch,
/// which with small pages takes several times longer than writing it. A hint: it changes no byte, and small arrays, other systems
/// and refusals are passed over.
void prefer_huge_pages(void* data, std::size_t bytes) noexcept;

}  // namespace rockpool
