// A bank of filters that listen to one channel: second-order sections, rectification, second-order sections.
//
// Each section is a direct form II transposed, with the state (z0, z1), zero at first:
//
//   y = b0 x + z0,   z0 <- b1 x + z1 - a1 y,   z1 <- b2 x - a2 y
//
//   parameter   shape               meaning
//   bandpass    [filters, S, 6]     sections of each filter, b0 b1 b2 a0 a1 a2 with a0 = 1
//   rectify     flag                |y| behind them
//   lowpass     [L, 6]              sections behind that, the same for all filters; none: none
//
// Filters are computed side by side, one in each lane of a vector; their states are interleaved in panels. Filters know nothing
// of each other, and no step is fused, so results depend neither on threads nor on the instruction set, and a run that is cut
// in pieces gives bit for bit the run in one piece. Numbers below the smallest normal ones count as 0.
//
// The model: Rockpool's filter banks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "rockpool/aligned.h"
#include "rockpool/input_source.h"
#include "rockpool/run_control.h"

namespace rockpool {

struct FilterBlock;  // of the kernels

struct FilterBankParameters {
  std::size_t filters = 0;
  std::span<const double> bandpass;
  std::span<const double> lowpass;
  bool rectify = true;
};

/// One run: which steps, what comes in, where the rows go, and what is done to the rows as a whole.
struct FilterBankRun {
  std::uint64_t first_step = 0;
  std::uint64_t steps = 0;
  const InputSource* input = nullptr;  // one channel; none: silence
  std::span<double> out;               // [filtered_rows(...) x filters]
  std::uint64_t every = 1;             // only the steps that are a multiple of it make a row
  bool normalize = false;              // divide by the largest magnitude in all rows
  bool subtract_mean = false;          // then subtract from each column its mean
};

/// The same for a batch of arrays of samples, each with a state of its own. `normalize` and `subtract_mean` are of each
/// element. T says what samples and rows are; filters are computed in doubles.
template <typename T>
struct FilterBatchRun {
  std::size_t batch = 1;
  std::size_t steps = 0;
  std::span<const T> input;  // [batch x steps]
  std::span<T> out;          // [batch x steps x filters]
  bool normalize = false;
  bool subtract_mean = false;
};

/// Rows of a run: multiples of `every` among the absolute steps first, ..., first + steps - 1.
std::uint64_t filtered_rows(std::uint64_t first, std::uint64_t steps, std::uint64_t every);

/// Prepared once from the parameters. Immutable; any thread may run it.
class FilterBankPlan {
 public:
  /// Throws ERR_SHAPE when a length does not fit, ERR_VALUE for a coefficient that is not finite or an a0 that is not 1.
  explicit FilterBankPlan(const FilterBankParameters& parameters);

  std::size_t filters() const { return filters_; }
  /// Numbers of the state: z0 and z1 of all sections of the first filter, then of the next.
  std::size_t state_size() const { return filters_ * sections_ * 2; }

  /// Evolves `state` and fills `run.out`. The state is written at the end only, so a run that throws has not changed it.
  /// Throws ERR_NOT_FINITE when a filter's state becomes infinite or NaN.
  void run(std::span<double> state, const FilterBankRun& run, RunControl& control) const;

  /// Evolves each element of a batch from `state`, one for all or [batch x state_size()], and writes `new_state`, one for each.
  /// The filters of an element and the elements are computed in parallel. Throws as run() does.
  template <typename T>
  void run_batch(std::span<const double> state, std::span<double> new_state, const FilterBatchRun<T>& run,
                 RunControl& control) const;

 private:
  std::size_t panels() const;
  std::size_t columns(std::size_t panel) const;
  /// A block of a panel with all but its steps.
  FilterBlock block(std::size_t panel, double* packed_state, double* scratch) const;
  void check(std::span<const double> state, const FilterBankRun& run) const;
  void pack(std::size_t panel, const double* state, double* packed) const;
  void unpack(std::size_t panel, const double* packed, double* state) const;
  std::size_t steps_per_chunk(const FilterBankRun& run) const;

  std::size_t filters_;
  std::size_t sections_;    // of a filter, all together
  std::size_t band_count_;  // those before the rectification
  bool rectify_;
  AlignedArray<double> coefficients_;  // [panels x sections x 5 x panel width]
};

}  // namespace rockpool
