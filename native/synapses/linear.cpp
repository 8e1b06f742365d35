#include "rockpool/linear.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/batch_tasks.h"
#include "rockpool/aligned.h"
#include "rockpool/error.h"
#include "synapses/dense_kernels.h"
#include "synapses/packed_matrix.h"

namespace rockpool {

namespace {

constexpr std::size_t kRowsPerBlock = 96;       // with their results they fit into the second-level cache
constexpr std::size_t kRowsWithoutPacking = 8;  // fewer than this are no work that packing would pay for
constexpr double kSparse = 0.12;                // share of inputs that are not 0 below which gathering is faster

void check_shapes(const LinearParameters& p, std::size_t x, std::size_t out) {
  const auto need = [](bool fits, const char* name, const std::string& what, std::size_t size) {
    if (!fits) throw_shape(name, what, to_text(size) + " elements");
  };
  const auto product = to_text(p.inputs) + " x " + to_text(p.outputs);
  need(p.inputs == 0 || p.outputs == 0 ? p.weight.empty()
                                       : p.weight.size() % p.outputs == 0 && p.weight.size() / p.outputs == p.inputs,
       "weight", product, p.weight.size());
  need(p.bias.empty() || p.bias.size() == p.outputs, "bias", to_text(p.outputs) + " elements long", p.bias.size());
  need(p.inputs != 0 && x % p.inputs == 0, "x", "rows of " + to_text(p.inputs), x);
  need(p.outputs != 0 && out % p.outputs == 0 && out / p.outputs == x / p.inputs, "out",
       to_text(x / p.inputs) + " x " + to_text(p.outputs), out);
}

/// One block of rows at a time, on any thread.
template <typename T>
class Projection {
 public:
  Projection(const LinearParameters& p, std::size_t rows) : dense_(active_dense_kernels<T>()), p_(p), bias_(p.bias.size()) {
    std::ranges::transform(p.bias, bias_.data(), [](double b) { return static_cast<T>(b); });
    // What is not finite must reach the sums of the zeros too.
    finite_ = std::ranges::all_of(p.weight, [](double w) { return std::isfinite(static_cast<T>(w)); });
    if (rows >= kRowsWithoutPacking || !finite_) packed_ = PackedMatrix<T>(dense_, p.weight, p.inputs, p.outputs);
  }

  void run(const T* x, std::size_t rows, T* out) const {
    const std::size_t stride = (p_.outputs + dense_.lanes - 1) / dense_.lanes * dense_.lanes;
    if (finite_ && (packed_.empty() || density(x, rows) < kSparse)) {
      gather(x, rows, out);
    } else if (stride == p_.outputs) {
      dense_.multiply_columns(packed_.data(), p_.inputs, p_.outputs, x, rows, out, stride);
    } else {
      AlignedArray<T> padded(rows * stride);
      dense_.multiply_columns(packed_.data(), p_.inputs, p_.outputs, x, rows, padded.data(), stride);
      for (std::size_t r = 0; r < rows; ++r) std::copy_n(padded.data() + r * stride, p_.outputs, out + r * p_.outputs);
    }
    if (bias_.empty()) return;
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t j = 0; j < p_.outputs; ++j) out[r * p_.outputs + j] += bias_[j];
  }

 private:
  double density(const T* x, std::size_t rows) const {
    const std::size_t n = rows * p_.inputs;
    std::size_t count = 0;
    for (std::size_t i = 0; i < n; ++i) count += static_cast<std::size_t>(x[i] != T(0));
    return static_cast<double>(count) / static_cast<double>(n);
  }

  void gather(const T* x, std::size_t rows, T* out) const {
    AlignedArray<std::uint32_t> index(p_.inputs + kPanelPrefetch);
    AlignedArray<T> value(p_.inputs + kPanelPrefetch), sums((p_.outputs + dense_.panel - 1) / dense_.panel * dense_.panel);
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t m = dense_.list(x + r * p_.inputs, p_.inputs, index.data(), value.data());
      if (packed_.empty()) {
        dense_.gather(p_.weight.data(), p_.outputs, index.data(), value.data(), m, out + r * p_.outputs);
      } else {
        dense_.product(packed_.data(), p_.inputs, p_.outputs, index.data(), value.data(), m, sums.data(), nullptr, nullptr);
        std::copy_n(sums.data(), p_.outputs, out + r * p_.outputs);
      }
    }
  }

  const DenseKernelsOf<T>& dense_;
  const LinearParameters& p_;
  PackedMatrix<T> packed_;
  AlignedArray<T> bias_;
  bool finite_;
};

template <typename T>
void project(const LinearParameters& p, std::span<const T> x, std::span<T> out, RunControl& control) {
  check_shapes(p, x.size(), out.size());
  const std::size_t rows = x.size() / p.inputs;
  const Projection<T> projection(p, rows);
  // A block is a few milliseconds at most.
  const std::size_t affordable = std::max<std::size_t>(1, std::size_t{50'000'000} / std::max<std::size_t>(1, p.weight.size()));
  const std::size_t block = std::min(kRowsPerBlock, affordable);
  run_tasks((rows + block - 1) / block, rows, control, [&](std::size_t i, SharedControl& shared) {
    const std::size_t first = i * block, n = std::min(block, rows - first);
    projection.run(x.data() + first * p.inputs, n, out.data() + first * p.outputs);
    shared.advance(n);
  });
}

}  // namespace

void linear(const LinearParameters& p, std::span<const double> x, std::span<double> out, RunControl& control) {
  project(p, x, out, control);
}

void linear(const LinearParameters& p, std::span<const float> x, std::span<float> out, RunControl& control) {
  project(p, x, out, control);
}

}  // namespace rockpool
