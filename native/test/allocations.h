// Counts the allocations of this thread, for tests that say "nothing is allocated here".
#pragma once

#include <cstddef>

/// Calls of operator new on this thread so far.
std::size_t allocations_so_far();
