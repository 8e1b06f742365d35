// Filter banks on batches of arrays: a task for each panel of filters of each element.
#include <algorithm>
#include <cmath>
#include <string>

#include "base/batch_tasks.h"
#include "neurons/batch_arrays.h"
#include "neurons/filters_kernels.h"
#include "neurons/filters_rows.h"
#include "rockpool/error.h"
#include "rockpool/filters.h"

namespace rockpool {

namespace {

constexpr std::size_t kStepsPerAdvance = 8 * kFilterSteps;  // of a panel, between two looks at cancellation

void check_finite(const AlignedArray<double>& z, std::size_t element, std::size_t first_filter, std::size_t steps) {
  for (std::size_t i = 0; i < z.size(); ++i)
    if (!std::isfinite(z[i]))
      throw Error(ErrorKind::kState, "ERR_NOT_FINITE",
                  "expected the state of filter " + to_text(first_filter + i % kFilterPanel) + " (batch element " +
                      to_text(element) + ") to be finite, received " + (std::isnan(z[i]) ? "NaN" : "Infinity") + " after " +
                      to_text(steps) + " time steps");
}

template <typename T>
void check_batch(const FilterBatchRun<T>& run, std::size_t filters, std::size_t state_size, std::span<const double> state,
                 std::span<double> new_state) {
  check_size("input", run.input.size(), {run.batch * run.steps});
  check_size("out", run.out.size(), {run.batch * run.steps * filters});
  check_size("state", state.size(), {state_size, run.batch * state_size});
  check_size("the new state", new_state.size(), {run.batch * state_size});
  for (std::size_t i = 0; i < state.size(); ++i)
    if (!std::isfinite(state[i])) throw_range("the state (element " + to_text(i) + ")", "a finite number", to_text(state[i]));
}

}  // namespace

template <typename T>
void FilterBankPlan::run_batch(std::span<const double> state, std::span<double> new_state, const FilterBatchRun<T>& run,
                               RunControl& control) const {
  check_batch(run, filters_, state_size(), state, new_state);
  const FilterKernels& kernels = ROCKPOOL_SELECT_KERNELS(filter_kernels);
  const auto task = [&](std::size_t i, SharedControl& shared) {
    const std::size_t element = i / panels(), panel = i % panels();
    AlignedArray<double> z(sections_ * 2 * kFilterPanel), y(kFilterSteps * kFilterPanel), samples(kFilterSteps);
    pack(panel, state.data() + (state.size() > state_size() ? element * state_size() : 0), z.data());
    FilterBlock b = block(panel, z.data(), y.data());
    b.input = samples.data();
    b.every = 1;
    T* out = run.out.data() + element * run.steps * filters_ + panel * kFilterPanel;
    for (std::size_t at = 0, since = 0; at < run.steps; at += b.steps, out += b.steps * filters_) {
      b.steps = b.skip = std::min(kFilterSteps, run.steps - at);  // skips all: the rows are taken from y
      std::ranges::copy(run.input.subspan(element * run.steps + at, b.steps), samples.data());
      kernels.run(b);
      for (std::size_t k = 0; k < b.steps; ++k)
        for (std::size_t j = 0; j < b.columns; ++j) out[k * filters_ + j] = static_cast<T>(y[k * kFilterPanel + j]);
      since += b.steps;
      if (since < kStepsPerAdvance && at + b.steps < run.steps) continue;
      check_finite(z, element, panel * kFilterPanel, at + b.steps);
      shared.advance(panel == 0 ? since : 0);
      since = 0;
    }
    unpack(panel, z.data(), new_state.data() + element * state_size());
  };
  run_tasks(run.batch * panels(), std::uint64_t{run.batch} * run.steps, control, task);
  for (std::size_t element = 0; element < run.batch; ++element) {
    const auto rows = run.out.subspan(element * run.steps * filters_, run.steps * filters_);
    if (run.normalize) divide_by_largest(rows, filters_, control);
    if (run.subtract_mean) subtract_means(rows, filters_, control);
  }
}

template void FilterBankPlan::run_batch(std::span<const double>, std::span<double>, const FilterBatchRun<double>&,
                                        RunControl&) const;
template void FilterBankPlan::run_batch(std::span<const double>, std::span<double>, const FilterBatchRun<float>&,
                                        RunControl&) const;

}  // namespace rockpool
