// Which instruction set the kernels of this process use. Every *_kernels.cpp is compiled once per target in a namespace of
// its own; `select()` picks one copy when the library is loaded.
#pragma once

#include <string>
#include <vector>

namespace rockpool::simd {

enum class Target { kBaseline, kAvx2, kAvx512, kNeon };

const char* target_name(Target target);

/// Targets that were compiled in and that this processor runs, slowest first.
const std::vector<Target>& available_targets();

/// The target in use: the last available one, or the one that ROCKPOOL_SIMD names.
/// Throws ERR_SIMD_TARGET when ROCKPOOL_SIMD names an unknown or unavailable one.
Target active_target();

/// Forces a target (tests). Not to be called while kernels run.
void set_target(Target target);

}  // namespace rockpool::simd

// A kernel family is a struct of function pointers over raw pointers and sizes. Its header says
//   ROCKPOOL_DECLARE_KERNELS(RateKernels, rate_kernels)
// its *_kernels.cpp defines `const RateKernels& rockpool::ROCKPOOL_SIMD_NS::rate_kernels()`, and callers, in exactly one
// ordinary .cpp, use ROCKPOOL_SELECT_KERNELS(rate_kernels) to get the active copy.
#define ROCKPOOL_DECLARE_KERNELS(Type, name) \
  namespace rockpool::simd_baseline {        \
  const Type& name();                        \
  }                                          \
  namespace rockpool::simd_avx2 {            \
  const Type& name();                        \
  }                                          \
  namespace rockpool::simd_avx512 {          \
  const Type& name();                        \
  }                                          \
  namespace rockpool::simd_neon {            \
  const Type& name();                        \
  }

#ifdef ROCKPOOL_HAVE_BASELINE
#define ROCKPOOL_CASE_BASELINE_(name)       \
  case ::rockpool::simd::Target::kBaseline: \
    return ::rockpool::simd_baseline::name();
#else
#define ROCKPOOL_CASE_BASELINE_(name)
#endif
#ifdef ROCKPOOL_HAVE_AVX2
#define ROCKPOOL_CASE_AVX2_(name)       \
  case ::rockpool::simd::Target::kAvx2: \
    return ::rockpool::simd_avx2::name();
#else
#define ROCKPOOL_CASE_AVX2_(name)
#endif
#ifdef ROCKPOOL_HAVE_AVX512
#define ROCKPOOL_CASE_AVX512_(name)       \
  case ::rockpool::simd::Target::kAvx512: \
    return ::rockpool::simd_avx512::name();
#else
#define ROCKPOOL_CASE_AVX512_(name)
#endif
#ifdef ROCKPOOL_HAVE_NEON
#define ROCKPOOL_CASE_NEON_(name)       \
  case ::rockpool::simd::Target::kNeon: \
    return ::rockpool::simd_neon::name();
#define ROCKPOOL_FALLBACK_NS_ simd_neon
#else
#define ROCKPOOL_CASE_NEON_(name)
#define ROCKPOOL_FALLBACK_NS_ simd_baseline
#endif

#define ROCKPOOL_SELECT_KERNELS(name)                            \
  ([]() -> decltype(auto) {                                      \
    switch (::rockpool::simd::active_target()) {                 \
      ROCKPOOL_CASE_BASELINE_(name)                              \
      ROCKPOOL_CASE_AVX2_(name)                                  \
      ROCKPOOL_CASE_AVX512_(name)                                \
      ROCKPOOL_CASE_NEON_(name)                                  \
      default: return ::rockpool::ROCKPOOL_FALLBACK_NS_::name(); \
    }                                                            \
  }())
