#include "dynapse/generators.h"

#include <algorithm>
#include <cmath>

#include "rockpool/random.h"

namespace rockpool::dynapse {

namespace {

constexpr std::uint32_t kPoissonStream = 8;
constexpr double kLongestTicks = 9e15;  // three years

}  // namespace

bool FpgaMemory::write(unsigned parameter, std::uint32_t value) {
  switch (parameter) {
    case sram::kCommand: writes_ = (value & 1) != 0; return true;
    case sram::kBurst: burst_ = (value & 1) != 0; return true;
    case sram::kAddress:
      address_ = value % sram::kWords;
      run();
      return true;
    case sram::kWriteData:
      write_data_ = value;
      if (!burst_) return true;
      store(value & 0xFFFF);
      store(value >> 16);
      return true;
    default: return false;
  }
}

void FpgaMemory::run() {
  pointer_ = address_;
  if (writes_)
    words_[address_] = static_cast<std::uint16_t>(write_data_);
  else
    read_data_ = words_[address_];
}

void FpgaMemory::store(std::uint32_t word) {
  words_[pointer_] = static_cast<std::uint16_t>(word);
  pointer_ = (pointer_ + 1) % sram::kWords;
}

void SpikeGenerator::start(std::uint64_t now, const Registers& registers) {
  registers_ = registers;
  stopping_ = false;
  event_ = 0;
  next_ = now + interval();
}

/// Of the event that comes next, in ticks.
std::uint64_t SpikeGenerator::interval() const {
  const std::uint64_t units =
      registers_.variable ? memory_.word(registers_.base + 2 * event_ + 1) : std::uint64_t{registers_.interval};
  return std::max<std::uint64_t>(units * registers_.interval_base, 1);
}

StimulusWord SpikeGenerator::fire() {
  const StimulusWord word = decode_stimulus(memory_.word(registers_.base + (registers_.variable ? 2 : 1) * event_));
  if (event_ < registers_.count) {
    ++event_;
  } else if (repeat_ && !stopping_) {
    event_ = 0;
  } else {
    next_ = kNever;
    return word;
  }
  next_ += interval();
  return word;
}

void PoissonGenerator::run(bool on, std::uint64_t now) {
  if (on == running_) return;
  running_ = on;
  draw(now);
}

void PoissonGenerator::set_rate(std::uint32_t source, std::uint16_t value, std::uint64_t now) {
  values_[source % kPoissonSources] = value;
  stale_ = true;
  if (running_) draw(now);
}

std::uint32_t PoissonGenerator::fire() {
  const std::uint32_t source = source_;
  draw(next_);
  return source;
}

/// The process has no memory: it may begin anew whenever a rate changes.
void PoissonGenerator::draw(std::uint64_t from) {
  next_ = kNever;
  if (!running_) return;
  if (stale_) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < kPoissonSources; ++i) cumulative_[i] = sum += values_[i];
    stale_ = false;
  }
  const std::uint32_t all = cumulative_.back();
  if (all == 0) return;
  const PhiloxCounter bits = random_block({seed_, kPoissonStream}, events_++, 0);
  const double rate = all * kPoissonResolutionHz / kFpgaClockHz;  // events in a tick
  next_ =
      from + static_cast<std::uint64_t>(std::min(std::ceil(-std::log(uniform_open(bits[0], bits[1])) / rate), kLongestTicks));
  const auto chosen = static_cast<std::uint32_t>(uniform_open(bits[2], bits[3]) * all);
  source_ = static_cast<std::uint32_t>(std::ranges::upper_bound(cumulative_, chosen) - cumulative_.begin());
}

}  // namespace rockpool::dynapse
