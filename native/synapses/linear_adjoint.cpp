#include "rockpool/linear_adjoint.h"

#include <algorithm>
#include <vector>

#include "base/batch_tasks.h"
#include "rockpool/aligned.h"
#include "rockpool/error.h"
#include "synapses/dense_kernels.h"

namespace rockpool {

namespace {

constexpr std::size_t kRows = 512;  // of a block: its arrays stay in the second-level cache
constexpr std::size_t kInputsPerTile = 64;
constexpr double kSparse = 0.12;  // as in linear.cpp

void check(std::size_t size, std::size_t expected, const char* name) {
  if (size != expected) throw_shape(name, to_text(expected) + " elements", to_text(size));
}

/// Rows of one block: some steps of some elements.
struct Rows {
  std::size_t first_step, first_element, steps, elements;
};

template <typename T>
class Outer {
 public:
  explicit Outer(const OuterProducts<T>& p)
      : p_(p),
        dense_(active_dense_kernels<T>()),
        panels_((p.outputs + dense_.panel - 1) / dense_.panel),
        elements_(std::clamp<std::size_t>(kRows / kOuterSteps, 1, std::max<std::size_t>(p.batch, 1))) {
    packed_ = AlignedArray<T>(panels_ * dense_.panel * elements_ * kOuterSteps);
  }

  void run(RunControl& control) {
    const std::size_t blocks = (p_.steps + kOuterSteps - 1) / kOuterSteps, groups = (p_.batch + elements_ - 1) / elements_;
    control.set_total(blocks * groups);
    for (std::size_t k = blocks; k-- > 0;)
      for (std::size_t g = 0; g < groups; ++g) {
        add(k * kOuterSteps, g * elements_);
        control.advance(1);
      }
  }

 private:
  void add(std::size_t first_step, std::size_t first_element) {
    const std::size_t steps = std::min(kOuterSteps, p_.steps - first_step);
    const std::size_t elements = std::min(elements_, p_.batch - first_element), rows = steps * elements;
    const std::size_t tiles = (p_.inputs + kInputsPerTile - 1) / kInputsPerTile;
    std::vector<std::size_t> active(elements);
    auto& pool = ThreadPool::instance();
    pool.parallel_for(elements, [&](std::size_t e) {
      pack(first_step, first_element + e, steps, rows, e * steps);
      active[e] = count_active(first_step, first_element + e, steps);
    });
    std::size_t count = 0;
    for (const auto n : active) count += n;
    const bool sparse = static_cast<double>(count) < kSparse * static_cast<double>(rows * p_.inputs);
    const Rows block{first_step, first_element, steps, elements};
    pool.parallel_for(tiles, [&](std::size_t tile) {
      const simd::FlushDenormals flush;
      const std::size_t from = tile * kInputsPerTile, n = std::min(kInputsPerTile, p_.inputs - from);
      if (sparse)
        gather(block, from, n);
      else
        multiply(block, from, n);
    });
  }

  /// Rows of g into the panels.
  void pack(std::size_t first_step, std::size_t element, std::size_t steps, std::size_t rows, std::size_t at) {
    const std::size_t width = dense_.panel;
    for (std::size_t s = 0; s < steps; ++s) {
      const T* from = p_.g.data() + (element * p_.steps + first_step + s) * p_.outputs;
      for (std::size_t panel = 0; panel < panels_; ++panel) {
        T* to = packed_.data() + (panel * rows + at + s) * width;
        const std::size_t n = std::min(width, p_.outputs - panel * width);
        std::copy_n(from + panel * width, n, to);
        std::fill(to + n, to + width, T(0));
      }
    }
  }

  /// Row `step` of x of an element; null: of `first`.
  const T* row_of(std::size_t element, std::size_t step) const {
    if (p_.first.empty()) return p_.x.data() + (element * p_.steps + step) * p_.inputs;
    return step == 0 ? nullptr : p_.x.data() + (element * p_.steps + step - 1) * p_.inputs;
  }

  /// Calls visit(input, value) for the inputs [from, to) of a row.
  template <typename Visit>
  void visit_row(std::size_t element, std::size_t step, std::size_t from, std::size_t to, Visit visit) const {
    if (const T* row = row_of(element, step); row != nullptr)
      for (std::size_t i = from; i < to; ++i) visit(i, row[i]);
    else
      for (std::size_t i = from; i < to; ++i) visit(i, static_cast<T>(p_.first[element * p_.inputs + i]));
  }

  std::size_t count_active(std::size_t first_step, std::size_t element, std::size_t steps) const {
    std::size_t count = 0;
    for (std::size_t s = 0; s < steps; ++s)
      visit_row(element, first_step + s, 0, p_.inputs, [&](std::size_t, T v) { count += static_cast<std::size_t>(v != T(0)); });
    return count;
  }

  /// Calls visit(row, input, value) for a tile, row by row.
  template <typename Visit>
  void visit_tile(const Rows& b, std::size_t from, std::size_t n, Visit visit) const {
    for (std::size_t e = 0; e < b.elements; ++e)
      for (std::size_t s = 0; s < b.steps; ++s)
        visit_row(b.first_element + e, b.first_step + s, from, from + n,
                  [&](std::size_t i, T v) { visit(e * b.steps + s, i - from, v); });
  }

  void multiply(const Rows& b, std::size_t from, std::size_t n) {
    const std::size_t rows = b.steps * b.elements, stride = (p_.outputs + dense_.lanes - 1) / dense_.lanes * dense_.lanes;
    AlignedArray<T> columns(n * rows), sums(n * stride);
    visit_tile(b, from, n, [&](std::size_t r, std::size_t i, T v) { columns[i * rows + r] = v; });
    dense_.multiply_columns(packed_.data(), rows, p_.outputs, columns.data(), n, sums.data(), stride);
    for (std::size_t i = 0; i < n; ++i) add_row(sums.data() + i * stride, from + i);
  }

  /// Only the rows whose input is not 0 are listed and read.
  void gather(const Rows& b, std::size_t from, std::size_t n) {
    const std::size_t room = b.steps * b.elements + kPanelPrefetch;
    AlignedArray<std::uint32_t> index(n * room);
    AlignedArray<T> value(n * room), sums(panels_ * dense_.panel);
    std::vector<std::size_t> lengths(n);
    visit_tile(b, from, n, [&](std::size_t r, std::size_t i, T v) {
      if (v == T(0)) return;
      const std::size_t at = i * room + lengths[i]++;
      index[at] = static_cast<std::uint32_t>(r), value[at] = v;
    });
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t m = lengths[i];
      if (m == 0) continue;
      for (std::size_t k = 0; k < kPanelPrefetch; ++k) index[i * room + m + k] = index[i * room + m - 1];
      dense_.product(packed_.data(), b.steps * b.elements, p_.outputs, index.data() + i * room, value.data() + i * room, m,
                     sums.data(), nullptr, nullptr);
      add_row(sums.data(), from + i);
    }
  }

  void add_row(const T* __restrict sums, std::size_t input) {
    double* __restrict to = p_.sums.data() + input * p_.outputs;
    for (std::size_t o = 0; o < p_.outputs; ++o) to[o] += static_cast<double>(sums[o]);
  }

  const OuterProducts<T>& p_;
  const DenseKernelsOf<T>& dense_;
  std::size_t panels_, elements_;
  AlignedArray<T> packed_;  // rows of g, in panels
};

template <typename T>
void outer(const OuterProducts<T>& p, RunControl& control) {
  check(p.x.size(), p.batch * p.steps * p.inputs, "x");
  check(p.g.size(), p.batch * p.steps * p.outputs, "g");
  check(p.sums.size(), p.inputs * p.outputs, "sums");
  if (!p.first.empty()) check(p.first.size(), p.batch * p.inputs, "first");
  if (p.x.empty() || p.g.empty()) return;
  Outer<T>(p).run(control);
}

template <typename T>
void sum_steps(std::size_t batch, std::size_t steps, std::size_t width, std::span<const T> g, std::span<double> sums) {
  check(g.size(), batch * steps * width, "g");
  check(sums.size(), batch * width, "sums");
  ThreadPool::instance().parallel_for(batch, [&](std::size_t b) {
    double* __restrict to = sums.data() + b * width;
    for (std::size_t n = steps; n-- > 0;) {
      const T* __restrict row = g.data() + (b * steps + n) * width;
      for (std::size_t j = 0; j < width; ++j) to[j] += static_cast<double>(row[j]);
    }
  });
}

template <typename T>
void input_gradient(std::size_t inputs, std::size_t outputs, std::span<const double> weight, std::span<const T> g,
                    std::span<T> dx, RunControl& control) {
  check(weight.size(), inputs * outputs, "weight");
  AlignedArray<double> transposed(inputs * outputs);
  constexpr std::size_t kTile = 32;
  for (std::size_t i0 = 0; i0 < inputs; i0 += kTile)
    for (std::size_t o = 0; o < outputs; ++o)
      for (std::size_t i = i0; i < std::min(i0 + kTile, inputs); ++i) transposed[o * inputs + i] = weight[i * outputs + o];
  const std::span<const double> w(transposed.data(), transposed.size());
  linear({outputs, inputs, w, {}}, g, dx, control);
}

}  // namespace

void add_outer_products(const OuterProducts<double>& products, RunControl& control) {
  outer(products, control);
}
void add_outer_products(const OuterProducts<float>& products, RunControl& control) {
  outer(products, control);
}

void add_steps(std::size_t batch, std::size_t steps, std::size_t width, std::span<const double> g, std::span<double> sums) {
  sum_steps(batch, steps, width, g, sums);
}
void add_steps(std::size_t batch, std::size_t steps, std::size_t width, std::span<const float> g, std::span<double> sums) {
  sum_steps(batch, steps, width, g, sums);
}

void linear_input_gradient(std::size_t inputs, std::size_t outputs, std::span<const double> weight, std::span<const double> g,
                           std::span<double> dx, RunControl& control) {
  input_gradient(inputs, outputs, weight, g, dx, control);
}
void linear_input_gradient(std::size_t inputs, std::size_t outputs, std::span<const double> weight, std::span<const float> g,
                           std::span<float> dx, RunControl& control) {
  input_gradient(inputs, outputs, weight, g, dx, control);
}

}  // namespace rockpool
