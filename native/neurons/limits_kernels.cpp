#include "neurons/limits_kernels.h"

#include "simd/lanes_inl.h"

#if defined(_MSC_VER)
#define ROCKPOOL_RESTRICT __restrict
#else
#define ROCKPOOL_RESTRICT __restrict__
#endif

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

// The compiler makes no vectors of a loop that compares, so they are written out.
template <typename T>
bool update(const UpdateLoop<T>& l) {
  using L = Lanes<T>;
  T *const v = l.v, *const i0 = l.current[0], *const i1 = l.current[1];
  const T* const ready = l.ready;
  const std::size_t n = l.n;
  const auto now = L::set(l.now), v_from_v = L::set(l.v_from_v), drive = L::set(l.drive), threshold = L::set(l.threshold);
  const auto v_from_i0 = L::set(l.v_from_i[0]), v_from_i1 = L::set(l.v_from_i[1]);
  const auto i0_from_i0 = L::set(l.i_from_i[0]), i1_from_i1 = L::set(l.i_from_i[1]);
  std::uint32_t spikes = 0;
  for (std::size_t j = 0; j < n; j += L::kSize) {
    const auto before = L::load(v + j), a = L::load(i0 + j), b = L::load(i1 + j);
    const auto sum = L::add(L::mul(v_from_v, before), L::add(L::mul(v_from_i0, a), L::mul(v_from_i1, b)));
    const auto active = L::less_equal(L::load(ready + j), now);
    const auto after = L::select(active, L::add(sum, drive), before);
    L::store(v + j, after);
    L::store(i0 + j, L::mul(i0_from_i0, a));
    L::store(i1 + j, L::mul(i1_from_i1, b));
    spikes |= L::bits(L::greater_or_nan(after, threshold));
  }
  return spikes != 0;
}

template <typename T, typename Index>
void deliver(const Index* ROCKPOOL_RESTRICT targets, std::size_t n, T weight, T* ROCKPOOL_RESTRICT y) {
  for (std::size_t k = 0; k < n; ++k) y[targets[k]] += weight;
}

// "lowbias32": two multiplications mix a counter well enough for a loop whose numbers nobody uses.
template <typename T>
void draw(std::uint32_t key, const std::uint32_t* levels, T* ROCKPOOL_RESTRICT y, std::size_t n) {
  std::uint32_t level[kLimitLevels];
  for (std::size_t k = 0; k < kLimitLevels; ++k) level[k] = levels[k];
  for (std::size_t j = 0; j < n; ++j) {
    std::uint32_t x = key + static_cast<std::uint32_t>(j);
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    x ^= x >> 16;
    std::int32_t events = 0;
    for (std::size_t k = 0; k < kLimitLevels; ++k) events += x >= level[k] ? 1 : 0;
    y[j] += static_cast<T>(events);
  }
}

template <typename T>
constexpr LimitKernelsOf<T> table() {
  return {update<T>, deliver<T, std::uint16_t>, deliver<T, std::uint32_t>, draw<T>};
}

}  // namespace

const LimitKernels& limit_kernels() {
  static constexpr LimitKernels kernels{table<double>(), table<float>()};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
