#include "rockpool/event_router.h"

#include <algorithm>
#include <limits>
#include <new>
#include <string>

#include "rockpool/error.h"

namespace rockpool {

namespace {
constexpr std::uint64_t kMostEvents = std::uint64_t{1} << 40;
}

EventRouter::EventRouter(std::size_t inputs, std::size_t units, std::span<const double> weights) : units_(units) {
  if (units == 0 || units > 0x7fffffffu) throw_range("units", "from 1 to 2^31 - 1", to_text(units));
  if (weights.size() / units != inputs || weights.size() % units != 0)
    throw_shape("weights", to_text(inputs) + " x " + to_text(units), to_text(weights.size()) + " elements");
  first_.reserve(inputs + 1);
  first_.push_back(0);
  for (std::size_t i = 0; i < inputs; ++i) {
    std::uint64_t copies = 0;
    for (std::size_t j = 0; j < units; ++j) {
      const double w = weights[i * units + j];
      if (!(w > -1.0 && w < 2147483648.0))
        throw_range("weights[" + to_text(i) + ", " + to_text(j) + "]", "from 0 to 2^31 - 1", to_text(w));
      const auto n = static_cast<std::uint32_t>(std::max(w, 0.0));
      if (n == 0) continue;
      targets_.push_back({static_cast<std::int32_t>(j), n});
      copies += n;
    }
    copies_.push_back(copies);
    first_.push_back(targets_.size());
  }
}

RoutedEvents::RoutedEvents(const EventRouter& router, const EventSpan& events, double t_start, double t_stop)
    : router_(router) {
  const auto all = ChannelColumns::all(std::numeric_limits<std::int32_t>::max());  // none is left out unseen
  const EventSelection selection(events, t_start, t_stop, all);
  times_.resize(selection.count());
  channels_.resize(selection.count());
  selection.fill(times_.data(), channels_.data());
  for (const auto channel : channels_) {
    if (static_cast<std::size_t>(channel) >= router.inputs())
      throw Error(ErrorKind::kRange, "ERR_INDEX",
                  "expected channels to be less than " + to_text(router.inputs()) + ", received " + to_text(channel));
    count_ += router.copies_[static_cast<std::size_t>(channel)];
    if (count_ > kMostEvents) throw std::bad_alloc();
  }
}

void RoutedEvents::fill(double* times, std::int32_t* channels, RunControl& control) const {
  constexpr std::size_t kBetweenQuestions = std::size_t{1} << 20;
  control.set_total(count_);
  std::size_t at = 0, reported = 0;
  for (std::size_t i = 0; i < times_.size(); ++i) {
    const auto input = static_cast<std::size_t>(channels_[i]);
    for (std::size_t k = router_.first_[input]; k < router_.first_[input + 1]; ++k) {
      const auto [channel, copies] = router_.targets_[k];
      std::fill_n(channels + at, copies, channel);
      std::fill_n(times + at, copies, times_[i]);
      at += copies;
      if (at - reported < kBetweenQuestions) continue;
      control.advance(at - reported);
      reported = at;
    }
  }
  control.advance(at - reported);
}

}  // namespace rockpool
