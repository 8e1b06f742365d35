// The events of digital neurons in their order: by time, then channel. There is no heap of them: recurrent spikes all have the
// same delay, so they arrive in the order in which they happened, as the input and the leak do. Four sources are merged; only
// wake-ups, which are few, need a heap. Private to digital.cpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <queue>
#include <string>
#include <vector>

#include "rockpool/digital.h"
#include "rockpool/error.h"
#include "rockpool/time_grid.h"

namespace rockpool {

inline constexpr std::int32_t kWakeUp = -1;

struct DigitalEvent {
  double time;
  std::int32_t channel;
};

class DigitalEvents {
 public:
  DigitalEvents(std::size_t inputs, std::size_t units, double delay, double tau_leak)
      : inputs_(static_cast<std::int32_t>(inputs)),
        leak_(static_cast<std::int32_t>(inputs + units)),
        delay_(delay),
        tau_leak_(tau_leak) {}

  std::int32_t leak_channel() const { return leak_; }

  /// What is to happen from `run.t_start` on: the input, leak events, and what was under way. Throws ERR_INDEX, ERR_VALUE.
  void begin(const DigitalRun& run, const DigitalQueue& pending) {
    t_stop_ = run.t_stop;
    read_input(run);
    const double before = step_floor(run.t_start, 0.0, tau_leak_), last = step_floor(run.t_stop, 0.0, tau_leak_);
    if (!(last < 9007199254740992.0))
      throw_range("tau_leak", "so large that there are less than 2^53 leak events", std::to_string(tau_leak_));
    leak_step_ = static_cast<std::uint64_t>(std::max(before, 0.0)) + 1;
    leak_end_ = static_cast<std::uint64_t>(std::max(last, 0.0)) + 1;
    read_pending(run, pending);
  }

  /// The next event before the end of the run, if there is one.
  bool next(DigitalEvent& event) {
    constexpr double kNever = std::numeric_limits<double>::infinity();
    const double wake = wake_ups_.empty() ? kNever : wake_ups_.top();
    const double input = at_input_ < input_times_.size() ? input_times_[at_input_] : kNever;
    const double spike = at_spike_ < spikes_.size() ? spikes_[at_spike_].time : kNever;
    const double leak = leak_time();
    const double time = std::min(std::min(wake, input), std::min(spike, leak));
    if (!(time < t_stop_)) return false;
    event.time = time;
    if (wake == time) {
      wake_ups_.pop();
      event.channel = kWakeUp;
    } else if (input == time) {
      event.channel = input_channels_[at_input_++];
    } else if (spike == time) {
      event.channel = spikes_[at_spike_++].channel;
      if (at_spike_ >= kForget && at_spike_ >= spikes_.size() / 2) forget();
    } else {
      event.channel = leak_;
      if (at_kept_ < kept_leaks_.size())
        ++at_kept_;
      else
        ++leak_step_;
    }
    return true;
  }

  /// A neuron has spiked.
  void spike(double time, std::size_t neuron) { put({time + delay_, inputs_ + static_cast<std::int32_t>(neuron)}); }
  void wake_up(double time) { wake_ups_.push(time); }

  /// What is left, by time, then channel.
  void end(DigitalQueue& pending) {
    std::vector<DigitalEvent> left(spikes_.begin() + static_cast<std::ptrdiff_t>(at_spike_), spikes_.end());
    for (; !wake_ups_.empty(); wake_ups_.pop()) left.push_back({wake_ups_.top(), kWakeUp});
    for (; at_kept_ < kept_leaks_.size(); ++at_kept_) left.push_back({kept_leaks_[at_kept_], leak_});
    for (; leak_step_ < leak_end_; ++leak_step_)
      left.push_back({time_of(static_cast<double>(leak_step_), 0.0, tau_leak_), leak_});
    std::stable_sort(left.begin(), left.end(), earlier);
    pending.times.clear(), pending.channels.clear();
    for (const auto& [time, channel] : left) {
      pending.times.push_back(time);
      pending.channels.push_back(channel);
    }
  }

 private:
  static constexpr std::size_t kForget = 4096;

  static bool earlier(const DigitalEvent& a, const DigitalEvent& b) {
    return a.time < b.time || (a.time == b.time && a.channel < b.channel);
  }

  double leak_time() const {
    if (at_kept_ < kept_leaks_.size()) return kept_leaks_[at_kept_];
    return leak_step_ < leak_end_ ? time_of(static_cast<double>(leak_step_), 0.0, tau_leak_)
                                  : std::numeric_limits<double>::infinity();
  }

  // Behind all that arrive earlier: among simultaneous ones by channel.
  void put(const DigitalEvent& event) {
    spikes_.push_back(event);
    for (std::size_t i = spikes_.size() - 1; i > at_spike_ && earlier(event, spikes_[i - 1]); --i)
      std::swap(spikes_[i], spikes_[i - 1]);
  }

  void forget() {
    spikes_.erase(spikes_.begin(), spikes_.begin() + static_cast<std::ptrdiff_t>(at_spike_));
    at_spike_ = 0;
  }

  void read_input(const DigitalRun& run) {
    if (run.events == nullptr) return;
    const auto all = ChannelColumns::all(std::numeric_limits<std::int32_t>::max());  // none is left out unseen
    const EventSelection selection(*run.events, run.t_start, run.t_stop, all);
    input_times_.resize(selection.count());
    input_channels_.resize(selection.count());
    selection.fill(input_times_.data(), input_channels_.data());
    for (std::size_t i = 0, next = 0; i < input_times_.size(); i = next) {
      while (next < input_times_.size() && input_times_[next] == input_times_[i]) ++next;
      if (next == i) throw_range("times", "numbers", std::to_string(input_times_[i]));
      if (next < input_times_.size() && !(input_times_[i] < input_times_[next]))
        throw_range("times", "sorted", std::to_string(input_times_[next]));
      const auto from = input_channels_.begin() + static_cast<std::ptrdiff_t>(i);
      std::sort(from, input_channels_.begin() + static_cast<std::ptrdiff_t>(next));
    }
    for (const auto channel : input_channels_)
      if (channel >= inputs_)
        throw Error(ErrorKind::kRange, "ERR_INDEX",
                    "expected channels to be less than " + std::to_string(inputs_) + ", received " + std::to_string(channel));
  }

  void read_pending(const DigitalRun& run, const DigitalQueue& pending) {
    if (pending.times.size() != pending.channels.size())
      throw_shape("the channels of pending events", std::to_string(pending.times.size()) + " of them",
                  std::to_string(pending.channels.size()));
    for (std::size_t i = 0; i < pending.times.size(); ++i) {
      const DigitalEvent event{pending.times[i], pending.channels[i]};
      if (!(event.time >= run.t_start) || std::isinf(event.time))
        throw_range("the times of pending events", "at or after the present time", std::to_string(event.time));
      if (event.channel == kWakeUp)
        wake_ups_.push(event.time);
      else if (event.channel == leak_)
        kept_leaks_.push_back(event.time);
      else if (event.channel >= inputs_ && event.channel < leak_)
        spikes_.push_back(event);
      else
        throw_range("the channels of pending events", "those of neurons, of the leak or of wake-ups",
                    std::to_string(event.channel));
    }
    std::stable_sort(spikes_.begin(), spikes_.end(), earlier);
    std::sort(kept_leaks_.begin(), kept_leaks_.end());
  }

  std::int32_t inputs_, leak_;
  double delay_, tau_leak_;
  double t_stop_ = 0.0;
  std::vector<double> input_times_;
  std::vector<std::int32_t> input_channels_;
  std::size_t at_input_ = 0;
  std::vector<DigitalEvent> spikes_;
  std::size_t at_spike_ = 0;
  std::priority_queue<double, std::vector<double>, std::greater<>> wake_ups_;
  std::vector<double> kept_leaks_;  // that an earlier run has left
  std::size_t at_kept_ = 0;
  std::uint64_t leak_step_ = 1, leak_end_ = 1;
};

}  // namespace rockpool
