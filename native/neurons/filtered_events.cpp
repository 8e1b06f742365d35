// Events filtered by exponential synapses, row by row.
#include <algorithm>
#include <cmath>
#include <string>

#include "neurons/event_filter.h"
#include "neurons/exp_synapse_kernels.h"
#include "rockpool/error.h"
#include "rockpool/exp_synapse.h"

namespace rockpool {

FilteredEvents::FilteredEvents(const FilterParameters& p, const EventSpan& events, std::span<const double> initial)
    : parameters_(p), events_(events), last_(p.channels), next_(p.channels), decay_(p.channels) {
  if (p.channels == 0 || p.channels > (std::size_t{1} << 31)) throw_range("channels", "from 1 to 2^31", to_text(p.channels));
  if (p.rows == 0) throw_range("rows", "1 or more", "0");
  if (p.rows > SIZE_MAX / 16 / p.channels) throw_range("rows", "fewer", to_text(p.rows));
  if (!(p.tau > 0 && std::isfinite(p.tau))) throw_range("tau", "a finite number greater than 0", to_text(p.tau));
  if (!(p.dt > 0 && std::isfinite(p.dt))) throw_range("dt", "a finite number greater than 0", to_text(p.dt));
  if (!initial.empty() && initial.size() != p.channels)
    throw_shape("the initial state", to_text(p.channels) + " elements long", to_text(initial.size()) + " elements");
  const double beta = std::exp(-p.dt / p.tau);
  for (std::size_t c = 0; c < p.channels; ++c) decay_[c] = beta;
  std::copy(initial.begin(), initial.end(), next_.begin());
}

void FilteredEvents::prepare(RunControl& control) {
  const std::lock_guard lock(mutex_);
  if (prepared_) return;
  RunControl quiet = control.quiet();
  const auto& p = parameters_;
  BinnedEvents binned;
  bin_events(events_.span(), {p.t0, p.dt, 0, p.rows, kNoEnd, true}, binned, quiet);
  EventFilter(p.channels, p.count).apply(binned);
  const std::size_t groups = (p.rows + kStride - 1) / kStride;
  std::vector<std::size_t> first_event(groups);
  std::vector<double> kept(groups * p.channels), x = next_, last(p.channels);
  binned_ = std::move(binned);
  for (std::size_t g = 0; g < groups; ++g) {
    const std::size_t first = g * kStride, rows = std::min(kStride, p.rows - first);
    std::copy(x.begin(), x.end(), kept.begin() + static_cast<std::ptrdiff_t>(g * p.channels));
    first_event[g] =
        static_cast<std::size_t>(std::lower_bound(binned_.steps.begin(), binned_.steps.end(), first) - binned_.steps.begin());
    const std::size_t whole = g + 1 == groups ? rows - 1 : rows;
    step(first_event[g], first, whole, x.data(), nullptr);
    if (whole < rows) {
      last = x;
      step(first_event[g], first + whole, 1, x.data(), nullptr);
    }
    quiet.advance(0);
  }
  first_event_ = std::move(first_event);
  kept_ = std::move(kept);
  last_ = std::move(last);
  next_ = std::move(x);
  events_ = {};
  prepared_ = true;
}

void FilteredEvents::read(std::uint64_t first, std::size_t rows, double* out) const {
  Cursor cursor(*this);
  cursor.read(static_cast<std::size_t>(first), rows, out);
}

void FilteredEvents::gather(std::span<const std::uint32_t> rows, double* out) const {
  Cursor cursor(*this);
  for (const auto row : rows) {
    cursor.read(row, 1, out);
    out += parameters_.channels;
  }
}

FilteredEvents::Cursor::Cursor(const FilteredEvents& filtered)
    : filtered_(filtered), x_(filtered.parameters_.channels), at_(filtered.parameters_.rows) {}

void FilteredEvents::Cursor::read(std::size_t first, std::size_t rows, double* out) {
  const std::size_t group = first / kStride;
  if (at_ > first || at_ / kStride != group) {
    const double* from = filtered_.kept_.data() + group * x_.size();
    std::copy_n(from, x_.size(), x_.data());
    at_ = group * kStride;
  }
  const std::size_t event = filtered_.first_event_[group];
  filtered_.step(event, at_, first - at_, x_.data(), nullptr);
  filtered_.step(event, first, rows, x_.data(), out);
  at_ = first + rows;
}

/// Moves x from row `first` on by `rows` rows, writing those that it passes. `event`: at or before the first of these rows.
void FilteredEvents::step(std::size_t event, std::size_t first, std::size_t rows, double* x, double* out) const {
  if (rows == 0) return;
  const auto& steps = binned_.steps;
  const auto from = std::lower_bound(steps.begin() + static_cast<std::ptrdiff_t>(event), steps.end(), first);
  const auto to = std::lower_bound(from, steps.end(), first + rows);
  const auto at = static_cast<std::size_t>(from - steps.begin());
  ExpSynapseBlock<double> block{};
  block.end = parameters_.channels;
  block.steps = rows;
  block.x = x;
  block.decay = decay_.data();
  block.event_steps = steps.data() + at;
  block.event_channels = binned_.channels.data() + at;
  block.events = static_cast<std::size_t>(to - from);
  block.first_step = first;
  block.before = out;
  block.before_stride = parameters_.channels;
  active_exp_synapse_kernels<double>().run(block);
}

}  // namespace rockpool
