#include "neurons/digital_kernels.h"

#if defined(_MSC_VER)
#define ROCKPOOL_RESTRICT __restrict
#else
#define ROCKPOOL_RESTRICT __restrict__
#endif

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

template <typename T>
struct Bits;
template <>
struct Bits<std::int8_t> {
  using Unsigned = std::uint8_t;
  static constexpr std::int8_t kHigh = 0x7f;
};
template <>
struct Bits<std::int16_t> {
  using Unsigned = std::uint16_t;
  static constexpr std::int16_t kHigh = 0x7fff;
};
template <>
struct Bits<std::int32_t> {
  using Unsigned = std::uint32_t;
  static constexpr std::int32_t kHigh = 0x7fffffff;
};

// Saturated sums by operations of the type's own width, so that vectors hold as many elements as they can. A sum has overflown
// when its sign is neither that of the one nor that of the other.
template <typename T>
inline T sum(T a, T b) {
  using U = typename Bits<T>::Unsigned;
  const auto s = static_cast<T>(static_cast<U>(static_cast<U>(a) + static_cast<U>(b)));
  const auto overflow = static_cast<T>((a ^ s) & (b ^ s));
  const auto limit = static_cast<T>((a < 0 ? T(-1) : T(0)) ^ Bits<T>::kHigh);
  return overflow < 0 ? limit : s;
}

template <typename T>
inline T difference(T a, T b) {
  using U = typename Bits<T>::Unsigned;
  const auto s = static_cast<T>(static_cast<U>(static_cast<U>(a) - static_cast<U>(b)));
  const auto overflow = static_cast<T>((a ^ b) & (a ^ s));
  const auto limit = static_cast<T>((a < 0 ? T(-1) : T(0)) ^ Bits<T>::kHigh);
  return overflow < 0 ? limit : s;
}

template <typename T>
inline T finite(T x, T most) {
  x = x < most ? x : most;
  return x > -most ? x : -most;
}
inline float sum(float a, float b) {
  return finite(a + b, 3.40282346638528859812e+38f);
}
inline double sum(double a, double b) {
  return finite(a + b, 1.79769313486231570815e+308);
}
inline float difference(float a, float b) {
  return sum(a, -b);
}
inline double difference(double a, double b) {
  return sum(a, -b);
}

// An integer as wide as T, for masks that vectors can hold.
template <typename T>
struct MaskOf {
  using Type = T;
};
template <>
struct MaskOf<float> {
  using Type = std::int32_t;
};
template <>
struct MaskOf<double> {
  using Type = std::int64_t;
};

template <typename T>
bool add(T* ROCKPOOL_RESTRICT v, const T* ROCKPOOL_RESTRICT w, const T* ROCKPOOL_RESTRICT bound, std::size_t n,
         std::uint8_t* ROCKPOOL_RESTRICT crossed) {
  using Mask = typename MaskOf<T>::Type;
  std::uint8_t any = 0;
  for (std::size_t b = 0; b < n; b += kDigitalBlock) {
    Mask above = 0;
    for (std::size_t j = b; j < b + kDigitalBlock; ++j) {
      const T x = sum(v[j], w[j]);
      v[j] = x;
      above = static_cast<Mask>(above | (x > bound[j] ? Mask(-1) : Mask(0)));
    }
    const auto flag = static_cast<std::uint8_t>(above != 0);
    crossed[b / kDigitalBlock] = flag;
    any |= flag;
  }
  return any != 0;
}

template <typename T>
bool lead(T* ROCKPOOL_RESTRICT v, const T* ROCKPOOL_RESTRICT leak, const T* ROCKPOOL_RESTRICT rest,
          const T* ROCKPOOL_RESTRICT bound, std::size_t n, std::uint8_t* ROCKPOOL_RESTRICT crossed) {
  using Mask = typename MaskOf<T>::Type;
  std::uint8_t any = 0;
  for (std::size_t b = 0; b < n; b += kDigitalBlock) {
    Mask above = 0;
    for (std::size_t j = b; j < b + kDigitalBlock; ++j) {
      const T x = v[j], r = rest[j];
      const T down = difference(x, leak[j]), up = sum(x, leak[j]);
      const T y = x > r ? down : x < r ? up : x;
      v[j] = y;
      above = static_cast<Mask>(above | (y > bound[j] ? Mask(-1) : Mask(0)));
    }
    const auto flag = static_cast<std::uint8_t>(above != 0);
    crossed[b / kDigitalBlock] = flag;
    any |= flag;
  }
  return any != 0;
}

template <typename T>
bool compare(const T* ROCKPOOL_RESTRICT v, const T* ROCKPOOL_RESTRICT bound, std::size_t n,
             std::uint8_t* ROCKPOOL_RESTRICT crossed) {
  using Mask = typename MaskOf<T>::Type;
  std::uint8_t any = 0;
  for (std::size_t b = 0; b < n; b += kDigitalBlock) {
    Mask above = 0;
    for (std::size_t j = b; j < b + kDigitalBlock; ++j)
      above = static_cast<Mask>(above | (v[j] > bound[j] ? Mask(-1) : Mask(0)));
    const auto flag = static_cast<std::uint8_t>(above != 0);
    crossed[b / kDigitalBlock] = flag;
    any |= flag;
  }
  return any != 0;
}

template <typename T>
constexpr DigitalKernelsOf<T> kernels_of() {
  return {&add<T>, &lead<T>, &compare<T>};
}

}  // namespace

const DigitalKernels& digital_kernels() {
  static constexpr DigitalKernels kernels = {kernels_of<std::int8_t>(), kernels_of<std::int16_t>(), kernels_of<std::int32_t>(),
                                             kernels_of<float>(), kernels_of<double>()};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
