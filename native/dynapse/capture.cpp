#include "rockpool/dynapse/capture.h"

#include <algorithm>
#include <array>

#include "dynapse/driver_errors.h"

namespace rockpool::dynapse {

namespace {

constexpr double kSlice = 20000.0;    // us between reads
constexpr double kDelivery = 5000.0;  // us in which what a board has stamped arrives
constexpr int kPatience = 400;        // times kDelivery

/// Reads from the reset after the first `before` ones up to the next.
class Reader {
 public:
  Reader(Driver& driver, std::uint64_t before, std::uint64_t seen)
      : driver_(driver), before_(before), times_(kBuffer), addresses_(kBuffer) {
    captured_.resets_read = seen;
  }

  /// What is queued.
  void drain() {
    for (;;) {
      const auto [taken, ended, why] = driver_.read(times_, addresses_);
      if (begun_ && !done()) keep(taken);
      captured_.resets_read += taken.resets;
      if (taken.resets > 0 && !begun_ && captured_.resets_read > before_) {
        begun_ = true;
        captured_.origin = taken.origin;
      }
      if (ended) throw device_error(driver_.lost() ? "ERR_DEVICE_LOST" : "ERR_DEVICE_IO", "the stream ended: " + why);
      if (taken.events == 0 && taken.resets == 0 && taken.lost == 0) return;
    }
  }
  bool done() const { return captured_.resets_read > before_ + 1; }
  Captured take() { return std::move(captured_); }

 private:
  static constexpr std::size_t kBuffer = 65536;

  void keep(const EventQueue::Taken& taken) {
    const auto count = static_cast<std::ptrdiff_t>(taken.events);
    captured_.times.insert(captured_.times.end(), times_.begin(), times_.begin() + count);
    captured_.addresses.insert(captured_.addresses.end(), addresses_.begin(), addresses_.begin() + count);
    captured_.lost += taken.lost;
  }

  Driver& driver_;
  const std::uint64_t before_;
  std::vector<double> times_;
  std::vector<std::uint32_t> addresses_;
  bool begun_ = false;
  Captured captured_;
};

}  // namespace

Captured capture(Driver& driver, const CaptureOptions& options, const std::function<void(double)>& pass) {
  Reader reader(driver, driver.counts().resets, options.resets_read);
  if (options.events == 0)
    driver.reset_timestamps();
  else
    driver.start_train({.address = options.address,
                        .events = options.events,
                        .variable = true,
                        .interval = 0,
                        .interval_base = options.interval_base,
                        .repeat = false,
                        .reset_clock = true});
  for (double left = options.microseconds + kDelivery; left > 0.0; left -= kSlice) {
    pass(std::min(left, kSlice));
    reader.drain();
  }
  driver.reset_timestamps();
  for (int k = 0; !reader.done(); ++k) {
    if (k == kPatience) throw device_error("ERR_DEVICE_TIMEOUT", "the board did not tell that its clock was reset");
    pass(kDelivery);
    reader.drain();
  }
  return reader.take();
}

}  // namespace rockpool::dynapse
