#include "rockpool/filters.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "neurons/filters_kernels.h"
#include "neurons/filters_rows.h"
#include "rockpool/error.h"
#include "rockpool/thread_pool.h"
#include "simd/denormals.h"

namespace rockpool {

namespace {

constexpr std::size_t kCoefficients = 6;
constexpr double kParallelWork = 65536;  // section steps of a chunk that are worth waking threads
constexpr double kChunkWork = 2097152;   // section steps: a few milliseconds
constexpr std::uint64_t kLargestChunk = 8192;

const FilterKernels& active_filter_kernels() {
  return ROCKPOOL_SELECT_KERNELS(filter_kernels);
}

}  // namespace

std::uint64_t filtered_rows(std::uint64_t first, std::uint64_t steps, std::uint64_t every) {
  const auto before = [every](std::uint64_t step) { return step / every + (step % every != 0 ? 1 : 0); };
  return before(first + steps) - before(first);
}

FilterBankPlan::FilterBankPlan(const FilterBankParameters& p) : filters_(p.filters), rectify_(p.rectify) {
  if (filters_ == 0 || filters_ > 0x7fffffffu) throw_range("filters", "from 1 to 2^31 - 1", to_text(filters_));
  band_count_ = p.bandpass.size() / filters_ / kCoefficients;
  if (band_count_ == 0 || p.bandpass.size() != band_count_ * filters_ * kCoefficients)
    throw_shape("bandpass", "sections of 6 coefficients, as many for each of " + to_text(filters_) + " filters",
                to_text(p.bandpass.size()) + " elements");
  if (p.lowpass.size() % kCoefficients != 0)
    throw_shape("lowpass", "sections of 6 coefficients", to_text(p.lowpass.size()) + " elements");
  for (const auto sections : {p.bandpass, p.lowpass})
    for (std::size_t i = 0; i < sections.size(); ++i)
      if (!std::isfinite(sections[i]) || (i % kCoefficients == 3 && sections[i] != 1.0))
        throw_range("coefficients", "finite, and 1 for a0", to_text(sections[i]));
  sections_ = band_count_ + p.lowpass.size() / kCoefficients;
  coefficients_ = AlignedArray<double>(panels() * sections_ * 5 * kFilterPanel);
  for (std::size_t j = 0; j < filters_; ++j)
    for (std::size_t s = 0; s < sections_; ++s) {
      const double* from = s < band_count_ ? p.bandpass.data() + (j * band_count_ + s) * kCoefficients
                                           : p.lowpass.data() + (s - band_count_) * kCoefficients;
      double* to = coefficients_.data() + ((j / kFilterPanel * sections_ + s) * 5) * kFilterPanel + j % kFilterPanel;
      for (const std::size_t i : {0u, 1u, 2u, 4u, 5u}) {
        *to = from[i];
        to += kFilterPanel;
      }
    }
}

std::size_t FilterBankPlan::panels() const {
  return (filters_ + kFilterPanel - 1) / kFilterPanel;
}

void FilterBankPlan::check(std::span<const double> state, const FilterBankRun& run) const {
  if (state.size() != state_size())
    throw_shape("the state", to_text(state_size()) + " elements long", to_text(state.size()) + " elements");
  for (std::size_t i = 0; i < state.size(); ++i)
    if (!std::isfinite(state[i])) throw_range("the state (element " + to_text(i) + ")", "a finite number", to_text(state[i]));
  if (run.every == 0) throw_range("downsample", "1 or more", "0");
  const auto rows = filtered_rows(run.first_step, run.steps, run.every);
  if (run.out.size() % filters_ != 0 || run.out.size() / filters_ != rows)
    throw_shape("out", to_text(rows) + " x " + to_text(filters_), to_text(run.out.size()) + " elements");
  if (run.input != nullptr) check_input_channels(*run.input, 1);
}

std::size_t FilterBankPlan::columns(std::size_t panel) const {
  return std::min(kFilterPanel, filters_ - panel * kFilterPanel);
}

// The states of a panel: from [filter][section][2] to [section][2][lane], and back.
void FilterBankPlan::pack(std::size_t panel, const double* state, double* packed) const {
  const double* from = state + panel * kFilterPanel * 2 * sections_;
  for (std::size_t lane = 0; lane < columns(panel); ++lane)
    for (std::size_t i = 0; i < 2 * sections_; ++i) packed[i * kFilterPanel + lane] = *from++;
}

void FilterBankPlan::unpack(std::size_t panel, const double* packed, double* state) const {
  double* to = state + panel * kFilterPanel * 2 * sections_;
  for (std::size_t lane = 0; lane < columns(panel); ++lane)
    for (std::size_t i = 0; i < 2 * sections_; ++i) *to++ = packed[i * kFilterPanel + lane];
}

FilterBlock FilterBankPlan::block(std::size_t panel, double* packed_state, double* scratch) const {
  FilterBlock b{};
  b.sections = sections_;
  b.rectified = rectify_ ? band_count_ : sections_ + 1;
  b.coefficients = coefficients_.data() + panel * sections_ * 5 * kFilterPanel;
  b.state = packed_state;
  b.y = scratch;
  b.columns = columns(panel);
  return b;
}

std::size_t FilterBankPlan::steps_per_chunk(const FilterBankRun& run) const {
  const double per_step = static_cast<double>(panels() * kFilterPanel * sections_);
  const auto steps = std::min<std::uint64_t>(run.steps, kLargestChunk);
  return static_cast<std::size_t>(std::max(1.0, std::min(static_cast<double>(steps), kChunkWork / per_step)));
}

void FilterBankPlan::run(std::span<double> state, const FilterBankRun& run, RunControl& control) const {
  check(state, run);
  const auto& kernels = active_filter_kernels();
  const std::size_t chunk = steps_per_chunk(run), panel_state = sections_ * 2 * kFilterPanel;
  AlignedArray<double> input(chunk), z(panels() * panel_state);
  AlignedArray<double> scratch(panels() * std::min(chunk, kFilterSteps) * kFilterPanel);
  for (std::size_t p = 0; p < panels(); ++p) pack(p, state.data(), z.data() + p * panel_state);
  control.set_total(run.steps);
  for (std::uint64_t done = 0; done < run.steps;) {
    const auto steps = static_cast<std::size_t>(std::min<std::uint64_t>(chunk, run.steps - done));
    const std::uint64_t first = run.first_step + done;
    if (run.input != nullptr) read_input(*run.input, first, steps, 1, input.data());
    const auto panel = [&](std::size_t p) {
      const simd::FlushDenormals flush;
      for (std::size_t at = 0; at < steps; at += kFilterSteps) {
        const std::uint64_t step = first + at;
        FilterBlock b = block(p, z.data() + p * panel_state, scratch.data() + p * std::min(chunk, kFilterSteps) * kFilterPanel);
        b.input = input.data() + at;
        b.steps = std::min(kFilterSteps, steps - at);
        b.out = run.out.data() + filtered_rows(run.first_step, step - run.first_step, run.every) * filters_ + p * kFilterPanel;
        b.out_stride = filters_;
        b.every = static_cast<std::size_t>(std::min<std::uint64_t>(run.every, kFilterSteps));
        b.skip = static_cast<std::size_t>(std::min<std::uint64_t>((run.every - step % run.every) % run.every, kFilterSteps));
        kernels.run(b);
      }
    };
    if (panels() > 1 && static_cast<double>(panels() * kFilterPanel * sections_) * static_cast<double>(steps) > kParallelWork)
      ThreadPool::instance().parallel_for(panels(), panel);
    else
      for (std::size_t p = 0; p < panels(); ++p) panel(p);
    done += steps;
    control.advance(steps);
    for (std::size_t i = 0; i < z.size(); ++i)
      if (!std::isfinite(z[i]))
        throw Error(ErrorKind::kState, "ERR_NOT_FINITE",
                    "expected the state of neuron " + to_text(i / panel_state * kFilterPanel + i % kFilterPanel) +
                        " to be finite, received " + (std::isnan(z[i]) ? "NaN" : "Infinity") + " at time step " +
                        to_text(run.first_step + done - 1));
  }
  if (run.normalize) divide_by_largest(run.out, filters_, control);
  if (run.subtract_mean) subtract_means(run.out, filters_, control);
  for (std::size_t p = 0; p < panels(); ++p) unpack(p, z.data() + p * panel_state, state.data());
}

}  // namespace rockpool
