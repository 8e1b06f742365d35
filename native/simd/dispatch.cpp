#include <atomic>
#include <cstdlib>

#if defined(_MSC_VER) && defined(_M_X64)
#include <immintrin.h>
#include <intrin.h>
#endif

#include "rockpool/error.h"
#include "rockpool/simd.h"

namespace rockpool::simd {

namespace {

bool cpu_supports([[maybe_unused]] Target target) {
#if defined(_MSC_VER) && defined(_M_X64)
  int r[4];
  __cpuid(r, 1);
  const bool osxsave = (r[2] >> 27) & 1, fma = (r[2] >> 12) & 1;
  if (target == Target::kBaseline) return true;
  if (!osxsave || !fma) return false;
  const auto xcr0 = _xgetbv(0);
  __cpuidex(r, 7, 0);
  const unsigned ebx = static_cast<unsigned>(r[1]);
  if (target == Target::kAvx2) return (xcr0 & 0x6) == 0x6 && ((ebx >> 5) & 1) && ((ebx >> 8) & 1);
  if (target == Target::kAvx512)
    return (xcr0 & 0xE6) == 0xE6 && ((ebx >> 16) & 1) && ((ebx >> 17) & 1) && ((ebx >> 28) & 1) && ((ebx >> 30) & 1) &&
           ((ebx >> 31) & 1);
  return false;
#elif defined(__x86_64__)
  __builtin_cpu_init();
  switch (target) {
    case Target::kBaseline: return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
    case Target::kAvx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    case Target::kAvx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma") &&
             __builtin_cpu_supports("bmi2");
    default: return false;
  }
#else
  return true;
#endif
}

std::vector<Target> find_available() {
  std::vector<Target> found;
#ifdef ROCKPOOL_HAVE_BASELINE
  if (cpu_supports(Target::kBaseline)) found.push_back(Target::kBaseline);
#endif
#ifdef ROCKPOOL_HAVE_NEON
  found.push_back(Target::kNeon);
#endif
#ifdef ROCKPOOL_HAVE_AVX2
  if (cpu_supports(Target::kAvx2)) found.push_back(Target::kAvx2);
#endif
#ifdef ROCKPOOL_HAVE_AVX512
  if (cpu_supports(Target::kAvx512)) found.push_back(Target::kAvx512);
#endif
  return found;
}

Target choose() {
  const auto& targets = available_targets();
  std::string names;
  for (const Target t : targets) names += (names.empty() ? "" : ", ") + std::string(target_name(t));
  const char* forced = std::getenv("ROCKPOOL_SIMD");
  if (forced != nullptr && *forced != '\0') {
    for (const Target t : targets)
      if (std::string(forced) == target_name(t)) return t;
    throw Error(
        ErrorKind::kState, "ERR_SIMD_TARGET",
        "expected the environment variable ROCKPOOL_SIMD to be one of " + names + " on this machine, received " + forced);
  }
  if (targets.empty())
    throw Error(ErrorKind::kState, "ERR_SIMD_TARGET",
                "this processor runs none of the instruction sets that this build was compiled for");
  return targets.back();
}

std::atomic<int> active{-1};

}  // namespace

const char* target_name(Target target) {
  switch (target) {
    case Target::kBaseline: return "baseline";
    case Target::kAvx2: return "avx2";
    case Target::kAvx512: return "avx512";
    case Target::kNeon: return "neon";
  }
  return "unknown";
}

const std::vector<Target>& available_targets() {
  static const std::vector<Target> targets = find_available();
  return targets;
}

Target active_target() {
  int current = active.load(std::memory_order_relaxed);
  if (current < 0) {
    current = static_cast<int>(choose());
    active.store(current, std::memory_order_relaxed);
  }
  return static_cast<Target>(current);
}

void set_target(Target target) {
  active.store(static_cast<int>(target), std::memory_order_relaxed);
}

}  // namespace rockpool::simd
