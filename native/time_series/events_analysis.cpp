// Measures of spike trains.
#include <algorithm>
#include <limits>

#include "rockpool/error.h"
#include "rockpool/events.h"

namespace rockpool {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Population variance over mean of counts in `bins` bins, most of them empty: `counts` holds those that are not.
class SparseFano {
 public:
  void add_events(std::uint64_t n) { total_ += static_cast<double>(n); }
  void begin_deviations(double bins) { bins_ = bins, mean_ = total_ / bins; }
  void add_bin(double count) { squares_ += (count - mean_) * (count - mean_), ++filled_; }
  double value() const {
    if (!(total_ > 0.0)) return kNaN;
    return (squares_ + (bins_ - static_cast<double>(filled_)) * mean_ * mean_) / bins_ / mean_;
  }

 private:
  double total_ = 0.0, bins_ = 0.0, mean_ = 0.0, squares_ = 0.0;
  std::uint64_t filled_ = 0;
};

}  // namespace

void local_variation(const EventSpan& events, std::span<double> out) {
  struct Train {
    double last = 0.0, interval = 0.0, sum = 0.0;
    std::uint64_t events = 0;
  };
  std::vector<Train> trains(out.size());
  for (std::size_t i = 0; i < std::min(events.times.size(), events.channels.size()); ++i) {
    const auto channel = static_cast<std::size_t>(static_cast<std::uint32_t>(events.channels[i]));
    if (channel >= trains.size()) continue;
    Train& train = trains[channel];
    const double interval = events.times[i] - train.last;
    if (train.events >= 2) {
      const double ratio = (interval - train.interval) / (train.interval + interval);
      train.sum += ratio * ratio;
    }
    train.last = events.times[i];
    train.interval = interval;
    ++train.events;
  }
  for (std::size_t c = 0; c < out.size(); ++c)
    out[c] = trains[c].events < 3 ? kNaN : 3.0 * trains[c].sum / static_cast<double>(trains[c].events - 2);
}

double fano_factor(const EventSpan& events, const BinWindow& window, RunControl& control) {
  BinnedEvents binned;
  bin_events(events, window, binned, control);
  SparseFano fano;
  fano.add_events(binned.size());
  fano.begin_deviations(static_cast<double>(window.count));
  for (std::size_t begin = 0, end; begin < binned.size(); begin = end) {
    for (end = begin + 1; end < binned.size() && binned.steps[end] == binned.steps[begin];) ++end;
    fano.add_bin(static_cast<double>(end - begin));
  }
  return fano.value();
}

void fano_factor_per_channel(const EventSpan& events, const BinWindow& window, std::span<double> out, RunControl& control) {
  BinnedEvents binned;
  bin_events(events, window, binned, control);
  struct Current {
    std::uint64_t step = 0, count = 0;
  };
  std::vector<SparseFano> fanos(out.size());
  std::vector<Current> current(out.size());
  const auto channel_of = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<std::uint32_t>(binned.channels[i]));
  };
  for (std::size_t i = 0; i < binned.size(); ++i)
    if (channel_of(i) < out.size()) fanos[channel_of(i)].add_events(1);
  for (auto& fano : fanos) fano.begin_deviations(static_cast<double>(window.count));
  for (std::size_t i = 0; i < binned.size(); ++i) {
    const auto c = channel_of(i);
    if (c >= out.size()) continue;
    if (current[c].count > 0 && current[c].step != binned.steps[i]) {
      fanos[c].add_bin(static_cast<double>(current[c].count));
      current[c].count = 0;
    }
    current[c].step = binned.steps[i];
    ++current[c].count;
  }
  for (std::size_t c = 0; c < out.size(); ++c) {
    if (current[c].count > 0) fanos[c].add_bin(static_cast<double>(current[c].count));
    out[c] = fanos[c].value();
  }
}

}  // namespace rockpool
