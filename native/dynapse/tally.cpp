#include "rockpool/dynapse/tally.h"

#include <bit>
#include <cmath>

#include "rockpool/dynapse/protocol.h"
#include "rockpool/error.h"

namespace rockpool::dynapse {

void tally(std::span<const std::uint32_t> addresses, std::span<double> counts) {
  if (!std::has_single_bit(counts.size()) || counts.size() > kBoardNeurons)
    throw_shape("counts", "a power of two up to 4096 elements long", to_text(counts.size()) + " elements");
  const int shift = std::countr_zero(std::size_t{kBoardNeurons}) - std::countr_zero(counts.size());
  for (const std::uint32_t address : addresses)
    if (address >= kBoardNeurons) throw_range("addresses", "board neurons, 0 to 4095", to_text(address));
  for (const std::uint32_t address : addresses) counts[address >> shift] += 1.0;
}

void to_seconds(std::span<double> times) {
  for (double& time : times) time /= 1e6;  // divided: 1e-6 is no double
}

void intervals_of(std::span<const double> times, double start, double unit, std::span<double> intervals) {
  if (!(unit > 0.0)) throw_range("unit", "greater than 0", to_text(unit));
  if (intervals.size() != times.size())
    throw_shape("intervals", to_text(times.size()) + " elements long", to_text(intervals.size()) + " elements");
  double before = 0.0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const double step = std::round((times[i] - start) / unit);
    if (!(step >= before && step < 9007199254740992.0))
      throw_range("times", "ascending from the start on", to_text(times[i]) + " at " + to_text(i));
    intervals[i] = step - before;
    before = step;
  }
}

}  // namespace rockpool::dynapse
