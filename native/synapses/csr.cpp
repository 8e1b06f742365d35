#include "rockpool/csr.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "rockpool/error.h"

namespace rockpool {

namespace {

constexpr double kMostDelaySteps = 1e6;

void require_size(const char* name, std::size_t size, std::size_t expected) {
  if (size != expected) throw_shape(name, to_text(expected) + " elements long", to_text(size) + " elements");
}

}  // namespace

void check_csr(const CsrSpan& m) {
  const std::size_t nnz = m.indices.size();
  require_size("indptr", m.indptr.size(), m.rows + 1);
  if (m.data.size() != nnz && m.data.size() != 1)
    throw_shape("data", to_text(nnz) + " numbers (one for each index) or one", to_text(m.data.size()));
  const std::string ascending = "integers that ascend from 0 to the number of entries, " + to_text(nnz);
  double last = 0;
  for (std::size_t i = 0; i <= m.rows; ++i) {
    const double end = m.indptr[i];
    const bool at_end = i == m.rows && end != static_cast<double>(nnz);
    if (!(end >= last) || end != std::floor(end) || end > static_cast<double>(nnz) || (i == 0 && end != 0) || at_end)
      throw_range("indptr", ascending, to_text(end) + " at index " + to_text(i));
    last = end;
  }
  for (std::size_t i = 0; i < m.rows; ++i) {
    std::int64_t before = -1;
    for (auto k = static_cast<std::size_t>(m.indptr[i]); k < static_cast<std::size_t>(m.indptr[i + 1]); ++k) {
      const std::int64_t j = m.indices[k];
      if (j <= before || j >= static_cast<std::int64_t>(m.columns))
        throw_range("indices", "columns from 0 to " + to_text(m.columns - 1) + " that ascend in each row",
                    to_text(j) + " in row " + to_text(i));
      before = j;
    }
  }
  for (const double value : m.data)
    if (!std::isfinite(value)) throw_range("data", "finite", to_text(value));
}

void read_columns(std::span<const double> values, std::size_t columns, std::span<std::int32_t> out) {
  require_size("out", out.size(), values.size());
  const double limit = std::min(static_cast<double>(columns), 2147483648.0);
  for (std::size_t k = 0; k < values.size(); ++k) {
    const double value = values[k];
    if (!(value >= 0) || value >= limit || value != std::floor(value))
      throw_range("indices", "columns from 0 to " + to_text(columns - 1), to_text(value));
    out[k] = static_cast<std::int32_t>(value);
  }
}

void csr_to_dense(const CsrSpan& m, std::span<double> dense) {
  check_csr(m);
  require_size("dense", dense.size(), m.rows * m.columns);
  std::fill(dense.begin(), dense.end(), 0.0);
  const bool shared = m.data.size() != m.indices.size();
  for (std::size_t i = 0; i < m.rows; ++i)
    for (auto k = static_cast<std::size_t>(m.indptr[i]); k < static_cast<std::size_t>(m.indptr[i + 1]); ++k)
      dense[i * m.columns + static_cast<std::size_t>(m.indices[k])] = m.data[shared ? 0 : k];
}

void csr_gather(const CsrSpan& m, std::span<const double> dense, std::span<double> values) {
  check_csr(m);
  require_size("dense", dense.size(), m.rows * m.columns);
  require_size("values", values.size(), m.indices.size());
  for (std::size_t i = 0; i < m.rows; ++i)
    for (auto k = static_cast<std::size_t>(m.indptr[i]); k < static_cast<std::size_t>(m.indptr[i + 1]); ++k)
      values[k] = dense[i * m.columns + static_cast<std::size_t>(m.indices[k])];
}

void delay_steps(std::span<const double> seconds, double dt, std::uint64_t extra, const std::string& name,
                 std::span<double> steps) {
  require_size("steps", steps.size(), seconds.size());
  for (std::size_t k = 0; k < seconds.size(); ++k) {
    const double n = seconds[k] / dt;
    // A delay that rounding alone puts below one step is one step.
    if (!(n > 1 - 1e-6) || !(n < kMostDelaySteps + 0.5))
      throw_range(name, "from one time step of " + to_text(dt) + " s to a million of them", to_text(seconds[k]));
    steps[k] = std::round(n) + static_cast<double>(extra);
  }
}

}  // namespace rockpool
