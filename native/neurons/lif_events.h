// Input events as the step of neurons with summed events reads them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "neurons/lif_kernels.h"
#include "rockpool/error.h"
#include "rockpool/lif.h"
#include "synapses/dense_kernels.h"

namespace rockpool {

/// Input events of a block of steps, those of a channel in a step added up, channels ascending.
template <typename T>
class EventLists {
 public:
  explicit EventLists(std::size_t inputs) : count_(inputs, 0) {}

  void read(const LifRun& run, double dt, std::uint64_t first, std::size_t steps) {
    binned_.clear(), index_.clear(), value_.clear(), start_.clear();
    RunControl quiet;
    bin_events(*run.events, {0.0, dt, first, steps, kNoEnd, true}, binned_, quiet);
    std::size_t e = 0;
    for (std::size_t k = 0; k < steps; ++k) {
      const std::size_t begin = index_.size();
      start_.push_back(begin);
      for (; e < binned_.size() && binned_.steps[e] == k; ++e) add(binned_.channels[e]);
      std::sort(index_.begin() + static_cast<std::ptrdiff_t>(begin), index_.end());
      for (std::size_t i = begin; i < index_.size(); ++i) {
        value_.push_back(run.count_events ? static_cast<T>(count_[index_[i]]) : T(1));
        count_[index_[i]] = 0;
      }
    }
    start_.push_back(index_.size());
    for (std::size_t i = 0; i < kPanelPrefetch; ++i) index_.push_back(0);
  }

  void put(LifBlock<T>& block) const {
    block.event_index = index_.data();
    block.event_value = value_.data();
    block.event_start = start_.data();
  }

 private:
  void add(std::int32_t channel) {
    const auto c = static_cast<std::uint32_t>(channel);
    if (c >= count_.size())
      throw Error(ErrorKind::kRange, "ERR_INDEX",
                  "expected channels of the input to be below " + to_text(count_.size()) + ", received " + to_text(channel));
    if (count_[c]++ == 0) index_.push_back(c);
  }

  BinnedEvents binned_;
  std::vector<std::uint32_t> index_;
  std::vector<T> value_;
  std::vector<std::size_t> start_;
  std::vector<std::uint64_t> count_;  // by channel, zeros between steps
};

}  // namespace rockpool
