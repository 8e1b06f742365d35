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

// `mask` has all bits set or none.
template <typename T>
inline T choose(T mask, T a, T b) {
  return static_cast<T>((a & mask) | (b & ~mask));
}

// The limit on the side of a.
template <typename T>
inline T limit(T a) {
  return static_cast<T>((a < 0 ? T(-1) : T(0)) ^ Bits<T>::kHigh);
}

// Saturated sums by operations of the type's own width, so that vectors hold as many elements as they can. A sum has overflown
// when its sign is neither that of the one nor that of the other.
template <typename T>
inline T sum(T a, T b) {
  using U = typename Bits<T>::Unsigned;
  const auto s = static_cast<T>(static_cast<U>(static_cast<U>(a) + static_cast<U>(b)));
  const auto overflow = static_cast<T>((a ^ s) & (b ^ s));
  return choose(overflow < 0 ? T(-1) : T(0), limit(a), s);
}

template <typename T>
inline T difference(T a, T b) {
  using U = typename Bits<T>::Unsigned;
  const auto s = static_cast<T>(static_cast<U>(static_cast<U>(a) - static_cast<U>(b)));
  const auto overflow = static_cast<T>((a ^ b) & (a ^ s));
  return choose(overflow < 0 ? T(-1) : T(0), limit(a), s);
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

// Loops over a block have a fixed length and do one thing: compilers make vectors of these.
template <typename T>
inline bool above(const T* ROCKPOOL_RESTRICT v, const T* ROCKPOOL_RESTRICT bound) {
  using Mask = typename MaskOf<T>::Type;
  Mask any = 0;
  for (std::size_t j = 0; j < kDigitalBlock; ++j) any = static_cast<Mask>(any | (v[j] > bound[j] ? Mask(-1) : Mask(0)));
  return any != 0;
}

template <typename T>
inline void add_block(T* ROCKPOOL_RESTRICT v, const T* ROCKPOOL_RESTRICT w) {
  for (std::size_t j = 0; j < kDigitalBlock; ++j) v[j] = sum(v[j], w[j]);
}

template <typename T>
inline void lead_block(T* ROCKPOOL_RESTRICT v, const T* ROCKPOOL_RESTRICT leak, const T* ROCKPOOL_RESTRICT rest) {
  for (std::size_t j = 0; j < kDigitalBlock; ++j) {
    const T x = v[j], r = rest[j];
    const T down = difference(x, leak[j]), up = sum(x, leak[j]);
    v[j] = x > r ? down : x < r ? up : x;
  }
}

template <typename T>
bool compare(const T* v, const T* bound, std::size_t n, std::uint8_t* crossed) {
  bool any = false;
  for (std::size_t b = 0; b < n / kDigitalBlock; ++b) {
    const bool here = above(v + b * kDigitalBlock, bound + b * kDigitalBlock);
    crossed[b] = here ? 1 : 0;
    any = any || here;
  }
  return any;
}

template <typename T>
bool add(T* v, const T* w, const T* bound, std::size_t n, std::uint8_t* crossed) {
  bool any = false;
  for (std::size_t b = 0; b < n / kDigitalBlock; ++b) {
    const std::size_t at = b * kDigitalBlock;
    add_block(v + at, w + at);
    const bool here = above(v + at, bound + at);
    crossed[b] = here ? 1 : 0;
    any = any || here;
  }
  return any;
}

template <typename T>
bool lead(T* v, const T* leak, const T* rest, const T* bound, std::size_t n, std::uint8_t* crossed) {
  for (std::size_t at = 0; at < n; at += kDigitalBlock) lead_block(v + at, leak + at, rest + at);
  return compare(v, bound, n, crossed);
}

// A byte for each element, then the lowest bits of eight bytes gathered into one by a multiplication.
template <typename T>
std::uint64_t bits(const T* v, const T* bound) {
  std::uint8_t flags[kDigitalBlock];
  for (std::size_t j = 0; j < kDigitalBlock; ++j) flags[j] = v[j] > bound[j] ? 1 : 0;
  std::uint64_t all = 0;
  for (std::size_t k = 0; k < kDigitalBlock / 8; ++k) {
    std::uint64_t eight = 0;
    for (std::size_t j = 0; j < 8; ++j) eight |= std::uint64_t{flags[8 * k + j]} << (8 * j);
    all |= ((eight * 0x0102040810204080u) >> 56) << (8 * k);
  }
  return all;
}

template <typename T>
constexpr DigitalKernelsOf<T> kernels_of() {
  return {&add<T>, &lead<T>, &compare<T>, &bits<T>};
}

}  // namespace

const DigitalKernels& digital_kernels() {
  static constexpr DigitalKernels kernels = {kernels_of<std::int8_t>(), kernels_of<std::int16_t>(), kernels_of<std::int32_t>(),
                                             kernels_of<float>(), kernels_of<double>()};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
