// Numbers too small for full precision count as 0 while an object of this class lives, on this thread: currents decay towards
// them in every silence, and processors take a hundred times longer for each.
#pragma once

#include <cstdint>

#if defined(__x86_64__) || defined(_M_X64)
#include <xmmintrin.h>
#endif

namespace rockpool::simd {

class FlushDenormals {
 public:
#if defined(__x86_64__) || defined(_M_X64)
  FlushDenormals() : before_(_mm_getcsr()) {
    _mm_setcsr(before_ | 0x8040u);
  }  // results and operands
  ~FlushDenormals() {
    _mm_setcsr(before_);
  }
#elif defined(__aarch64__) && defined(__GNUC__)
  FlushDenormals() {
    std::uint64_t control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    before_ = control;
    __asm__ volatile("msr fpcr, %0" ::"r"(control | (std::uint64_t{1} << 24)));
  }
  ~FlushDenormals() {
    __asm__ volatile("msr fpcr, %0" ::"r"(std::uint64_t{before_}));
  }
#else
  FlushDenormals() : before_(0) {}
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if defined(__aarch64__)
  std::uint64_t before_;
#else
  unsigned before_;
#endif
};

}  // namespace rockpool::simd
