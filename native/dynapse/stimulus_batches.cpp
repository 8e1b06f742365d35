#include "rockpool/dynapse/stimulus_batches.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "rockpool/error.h"

namespace rockpool::dynapse {

namespace {

/// Checks that numbers are whole, ascend, and lie below `end`.
void check_steps(std::span<const double> steps, const std::string& name, double end) {
  double last = 0.0;
  for (const double step : steps) {
    if (!(step >= last) || !(step < end) || step != std::floor(step))
      throw_range(name, "ascending whole numbers from 0 to " + to_text(end - 1.0), to_text(step));
    last = step;
  }
}

/// Events that an interval takes beside its own.
std::uint64_t fillers(std::uint64_t interval) {
  return interval > kMaxInterval ? (interval - 1) / kMaxInterval : 0;
}

std::uint64_t whole(double step) {
  return static_cast<std::uint64_t>(step);
}

/// Events of the train that plays a batch.
std::uint64_t train_events(std::span<const double> steps, const StimulusBatch& b) {
  std::uint64_t count = b.end_event - b.first_event, last = b.first_step;
  for (std::size_t i = b.first_event; i < b.end_event; ++i) {
    count += fillers(whole(steps[i]) - last);
    last = whole(steps[i]);
  }
  return count;
}

class Planner {
 public:
  Planner(std::span<const double> steps, std::uint64_t total) : steps_(steps), total_(total) {}

  /// From a step to a step; halved while its train is too long.
  void add(std::uint64_t first, std::uint64_t end) {
    const StimulusBatch batch{first, end, event_at(first), event_at(end)};
    if (train_events(steps_, batch) <= kMaxTrainEvents) {
      batches_.push_back(batch);
      return;
    }
    if (end - first <= 1) throw_range("steps", "at most 65535 events in a step", to_text(batch.end_event - batch.first_event));
    const std::uint64_t half = first + (end - first) / 2;
    add(first, half);
    add(half, end);
  }

  /// As many trials in a batch as all limits allow.
  void by_trials(std::span<const double> trials, const BatchLimits& limits) {
    std::uint64_t first = 0;
    for (std::size_t k = 0; k < trials.size();) {
      const auto end_of = [&](std::uint64_t count) { return k + count < trials.size() ? whole(trials[k + count]) : total_; };
      const auto fits = [&](std::uint64_t count) {
        const std::uint64_t end = end_of(count);
        return event_at(end) - event_at(first) <= limits.max_events &&
               (limits.max_steps == 0 || end - first <= limits.max_steps);
      };
      std::uint64_t most = std::min<std::uint64_t>(limits.max_trials, trials.size() - k), least = 0;  // `least` of them fit
      while (least < most) {
        const std::uint64_t middle = least + (most - least + 1) / 2;
        (fits(middle) ? least : most) = fits(middle) ? middle : middle - 1;
      }
      if (least == 0)
        throw_range("maxNumEventsBatch and maxNumTimesteps", "enough for a trial, which is not divided",
                    "too little for trial " + to_text(k));
      if (end_of(least) > first) add(first, end_of(least));
      first = end_of(least);
      k += least;
    }
  }

  void by_limits(const BatchLimits& limits) {
    std::uint64_t first = 0;
    do {
      std::uint64_t end = limits.max_steps == 0 ? total_ : std::min(first + limits.max_steps, total_);
      const std::size_t beyond = event_at(first) + limits.max_events;
      if (beyond < steps_.size()) end = std::min(end, whole(steps_[beyond]));
      if (end <= first && end < total_)
        throw_range("maxNumEventsBatch", "as many as there are in one step, or more", to_text(limits.max_events));
      add(first, end);
      first = end;
    } while (first < total_);
  }

  std::vector<StimulusBatch> take() { return std::move(batches_); }

 private:
  std::size_t event_at(std::uint64_t step) const {
    return static_cast<std::size_t>(std::ranges::lower_bound(steps_, static_cast<double>(step)) - steps_.begin());
  }

  std::span<const double> steps_;
  std::uint64_t total_;
  std::vector<StimulusBatch> batches_;
};

}  // namespace

std::vector<StimulusBatch> plan_batches(std::span<const double> steps, std::uint64_t total, std::span<const double> trials,
                                        const BatchLimits& limits) {
  if (limits.max_events == 0 || limits.max_events > kMaxTrainEvents)
    throw_range("maxNumEventsBatch", "an integer from 1 to 65535", to_text(limits.max_events));
  check_steps(steps, "steps", static_cast<double>(total));
  check_steps(trials, "trials", static_cast<double>(total));
  Planner planner(steps, total);
  if (limits.max_trials > 0 && !trials.empty())
    planner.by_trials(trials, limits);
  else
    planner.by_limits(limits);
  return planner.take();
}

}  // namespace rockpool::dynapse
