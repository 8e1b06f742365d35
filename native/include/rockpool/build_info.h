// What this library was built from and what it runs on.
#pragma once

#include <string>
#include <vector>

namespace rockpool {

struct BuildInfo {
  std::string version;
  std::string compiler;
  std::string eigen;
  std::vector<std::string> targets;  // instruction sets that this processor runs, slowest first
  std::string target;                // the one in use
  unsigned threads;                  // concurrency of the pool
  bool sanitized;                    // built with AddressSanitizer
};

BuildInfo build_info();

}  // namespace rockpool
