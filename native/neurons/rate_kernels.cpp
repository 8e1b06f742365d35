#include "neurons/rate_kernels.h"

#include <Eigen/Core>

#include "neurons/activation_inl.h"

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

using Eigen::internal::packet_traits;

// Packets of a panel: as many sums as fit in the registers beside one factor.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kPackets = 16;
#else
constexpr int kPackets = 8;
#endif

template <typename T>
struct Panel {
  using Packet = typename packet_traits<T>::type;
  static constexpr int kLanes = packet_traits<T>::size;
  static constexpr std::size_t kWidth = static_cast<std::size_t>(kPackets) * kLanes;
};

inline std::size_t panels_of(std::size_t columns, std::size_t width) {
  return (columns + width - 1) / width;
}

template <typename T>
void pack(const double* w, std::size_t rows, std::size_t cols, T* packed) {
  constexpr std::size_t width = Panel<T>::kWidth;
  const std::size_t panels = panels_of(cols, width);
  for (std::size_t p = 0; p < panels; ++p) {
    const std::size_t n = cols - p * width < width ? cols - p * width : width;
    for (std::size_t i = 0; i < rows; ++i) {
      const double* from = w + i * cols + p * width;
      T* to = packed + (p * rows + i) * width;
      for (std::size_t j = 0; j < n; ++j) to[j] = static_cast<T>(from[j]);
      for (std::size_t j = n; j < width; ++j) to[j] = T(0);
    }
  }
}

template <typename T, typename Lane>
void map(const T* x, const T* bias, std::size_t n, T* r, Lane lane) {
  if (bias != nullptr)
    for (std::size_t j = 0; j < n; ++j) r[j] = lane(x[j] + bias[j]);
  else
    for (std::size_t j = 0; j < n; ++j) r[j] = lane(x[j]);
}

template <typename T>
void activate(RateActivation activation, const T* __restrict x, const T* __restrict bias, std::size_t n, T* __restrict r) {
  switch (activation) {
    case RateActivation::kRelu: return map(x, bias, n, r, [](T v) { return relu_lane(v); });
    case RateActivation::kTanh: return map(x, bias, n, r, [](T v) { return tanh_lane(v); });
    case RateActivation::kSigmoid: return map(x, bias, n, r, [](T v) { return sigmoid_lane(v); });
    case RateActivation::kLinear: break;
  }
  map(x, bias, n, r, [](T v) { return v; });
}

// The units that are not silent, in ascending order. The list is padded so that reading ahead needs no test.
template <typename T>
std::size_t find_active(const T* r, std::size_t n, bool all, std::uint32_t* index, T* value) {
  std::size_t m = 0;
  for (std::size_t i = 0; i < n; ++i) {
    index[m] = static_cast<std::uint32_t>(i);
    value[m] = r[i];
    m += static_cast<std::size_t>(all | (r[i] != T(0)));
  }
  const std::uint32_t last = m > 0 ? index[m - 1] : 0;
  for (std::size_t i = 0; i < kRatePrefetch; ++i) index[m + i] = last;
  return m;
}

// y = r @ W over the listed rows. One panel at a time: its sums are registers, its rows stream past.
template <typename T>
bool product(const T* packed, std::size_t rows, std::size_t columns, const std::uint32_t* index, const T* value, std::size_t m,
             T* y, bool (*stop)(const void*), const void* context) {
  using P = Panel<T>;
  using Packet = typename P::Packet;
  using namespace Eigen::internal;
  constexpr std::size_t kAhead = kRatePrefetch / 2;
  constexpr std::size_t kBytesBetweenQuestions = std::size_t{1} << 26;  // a few milliseconds
  const std::size_t panels = panels_of(columns, P::kWidth);
  std::size_t bytes = 0;
  for (std::size_t p = 0; p < panels; ++p, y += P::kWidth) {
    const T* base = packed + p * rows * P::kWidth;
    Packet sum[kPackets];
    for (int q = 0; q < kPackets; ++q) sum[q] = pset1<Packet>(T(0));
    for (std::size_t k = 0; k < m; ++k) {
      const T* row = base + index[k] * P::kWidth;
#if defined(__GNUC__)
      const char* ahead = reinterpret_cast<const char*>(base + index[k + kAhead] * P::kWidth);
      for (std::size_t b = 0; b < P::kWidth * sizeof(T); b += 64) __builtin_prefetch(ahead + b);
#endif
      const Packet factor = pset1<Packet>(value[k]);
      for (int q = 0; q < kPackets; ++q) sum[q] = pmadd(factor, pload<Packet>(row + q * P::kLanes), sum[q]);
    }
    for (int q = 0; q < kPackets; ++q) pstore(y + q * P::kLanes, sum[q]);
    bytes += m * P::kWidth * sizeof(T);
    if (bytes > kBytesBetweenQuestions && stop != nullptr) {
      bytes = 0;
      if (stop(context)) return false;
    }
  }
  return true;
}

template <typename T>
void update(std::size_t n, const T* __restrict leak, const T* __restrict drive, const T* __restrict recurrent,
            T* __restrict x) {
  if (recurrent != nullptr)
    for (std::size_t j = 0; j < n; ++j) x[j] = x[j] + leak[j] * (drive[j] - x[j] + recurrent[j]);
  else
    for (std::size_t j = 0; j < n; ++j) x[j] = x[j] + leak[j] * (drive[j] - x[j]);
}

template <typename T>
void widen(const T* __restrict r, std::size_t n, double* __restrict out) {
  for (std::size_t j = 0; j < n; ++j) out[j] = static_cast<double>(r[j]);
}

template <typename T>
void record(const RateBlock<T>& b, double* out) {
  if (b.w_out == nullptr) return widen(b.r, b.units, out);
  const std::size_t m = find_active(b.r, b.units, b.all_active, b.index, b.value);
  product(b.w_out, b.units, b.outputs, b.index, b.value, m, b.projected, nullptr, nullptr);
  widen(b.projected, b.outputs, out);
}

template <typename T>
bool advance(const RateBlock<T>& b, const T* drive) {
  if (b.w_rec != nullptr) {
    const std::size_t m = find_active(b.r, b.units, b.all_active, b.index, b.value);
    if (!product(b.w_rec, b.units, b.units, b.index, b.value, m, b.recurrent, b.stop, b.stop_context)) return false;
  }
  update(b.units, b.leak, drive, b.w_rec != nullptr ? b.recurrent : nullptr, b.x);
  return true;
}

template <typename T>
bool run(const RateBlock<T>& b) {
  const std::size_t columns = b.w_out != nullptr ? b.outputs : b.units;
  for (std::size_t k = 0; k < b.steps; ++k) {
    double* row = b.out + k * columns;
    if (!b.record_post) record(b, row);
    if (!advance(b, b.drive + k * b.drive_stride)) return false;
    activate(b.activation, b.x, b.activation_bias, b.units, b.r);
    if (b.record_post) record(b, row);
  }
  return true;
}

template <typename T>
bool step(const RateBlock<T>& b) {
  return advance(b, b.drive);
}

// R rows times half a panel: the tile of sums fills the registers.
template <typename T, int R>
void multiply_tile(const T* base, std::size_t inputs, const T* u, T* out, std::size_t ld_out) {
  using P = Panel<T>;
  using Packet = typename P::Packet;
  using namespace Eigen::internal;
  constexpr int kHalf = kPackets / 2;
  for (int h = 0; h < 2; ++h) {
    const T* column = base + h * kHalf * P::kLanes;
    Packet sum[R][kHalf];
    for (int i = 0; i < R; ++i)
      for (int q = 0; q < kHalf; ++q) sum[i][q] = pset1<Packet>(T(0));
    for (std::size_t k = 0; k < inputs; ++k) {
      const T* row = column + k * P::kWidth;
      Packet factor[R];
      for (int i = 0; i < R; ++i) factor[i] = pset1<Packet>(u[i * inputs + k]);
      for (int q = 0; q < kHalf; ++q) {
        const Packet w = pload<Packet>(row + q * P::kLanes);
        for (int i = 0; i < R; ++i) sum[i][q] = pmadd(factor[i], w, sum[i][q]);
      }
    }
    for (int i = 0; i < R; ++i)
      for (int q = 0; q < kHalf; ++q) pstoreu(out + i * ld_out + (h * kHalf + q) * P::kLanes, sum[i][q]);
  }
}

template <typename T>
void multiply(const T* packed, std::size_t inputs, std::size_t panels, const T* u, std::size_t rows, T* out,
              std::size_t ld_out) {
  constexpr std::size_t width = Panel<T>::kWidth;
  for (std::size_t p = 0; p < panels; ++p) {
    const T* base = packed + p * inputs * width;
    T* to = out + p * width;
    std::size_t i = 0;
    for (; i + 3 <= rows; i += 3) multiply_tile<T, 3>(base, inputs, u + i * inputs, to + i * ld_out, ld_out);
    if (rows - i == 2) multiply_tile<T, 2>(base, inputs, u + i * inputs, to + i * ld_out, ld_out);
    if (rows - i == 1) multiply_tile<T, 1>(base, inputs, u + i * inputs, to + i * ld_out, ld_out);
  }
}

template <typename T>
T sum(const T* x, std::size_t n) {
  using P = Panel<T>;
  using Packet = typename P::Packet;
  using namespace Eigen::internal;
  Packet sums[kPackets];
  for (int q = 0; q < kPackets; ++q) sums[q] = pset1<Packet>(T(0));
  for (std::size_t i = 0; i < n; i += P::kWidth)
    for (int q = 0; q < kPackets; ++q) sums[q] = padd(sums[q], pload<Packet>(x + i + q * P::kLanes));
  for (int q = 1; q < kPackets; ++q) sums[0] = padd(sums[0], sums[q]);
  T lanes[P::kLanes];
  pstoreu(lanes, sums[0]);
  T total = T(0);
  for (int l = 0; l < P::kLanes; ++l) total += lanes[l];
  return total;
}

template <typename T>
constexpr RateKernelsOf<T> table() {
  return {Panel<T>::kWidth, pack<T>, activate<T>, run<T>, step<T>, multiply<T>, record<T>, sum<T>};
}

}  // namespace

const RateKernels& rate_kernels() {
  static constexpr RateKernels kernels{table<double>(), table<float>()};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
