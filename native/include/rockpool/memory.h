// Hints to the operating system about large arrays.
#pragma once

#include <cstddef>

namespace rockpool {

/// Asks for large pages under an array that is about to be filled for the first time, or, below 4 MiB, for all its pages at
/// once: a few faults instead of thousands. A hint: changes no value, may do nothing, ignores small arrays.
void prefer_huge_pages(void* data, std::size_t bytes);

}  // namespace rockpool
