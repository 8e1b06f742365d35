// The FPGA's sources of events: the spike generator with its memory, and the Poisson generator. Time counts in ticks of 90 MHz.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "rockpool/dynapse/protocol.h"

namespace rockpool::dynapse {

inline constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

/// 2^20 words of 16 bits behind an address, a data and a command register.
class FpgaMemory {
 public:
  FpgaMemory() : words_(sram::kWords) {}
  /// Returns false for a register that is not written to.
  bool write(unsigned parameter, std::uint32_t value);
  /// Runs the command of the address register, which a read of it does as well.
  void run();
  std::uint32_t read_data() const { return read_data_; }
  std::uint16_t word(std::uint32_t address) const { return words_[address % sram::kWords]; }

 private:
  void store(std::uint32_t word);
  std::vector<std::uint16_t> words_;
  std::uint32_t pointer_ = 0;  // of the next word of a burst
  std::uint32_t address_ = 0, write_data_ = 0, read_data_ = 0;
  bool writes_ = false, burst_ = false;
};

/// Plays a train from the memory. Registers other than `repeat` count when the train starts. An interval is the time since the
/// event before, for the first one since the start, and lasts at least one tick. After a stop the running train goes on to its
/// end.
class SpikeGenerator {
 public:
  struct Registers {
    bool variable = false;
    std::uint32_t base = 0, count = 0;  // of events, less one
    std::uint32_t interval = 0, interval_base = 0;
  };

  explicit SpikeGenerator(const FpgaMemory& memory) : memory_(memory) {}
  void start(std::uint64_t now, const Registers& registers);
  void stop() { stopping_ = true; }
  void set_repeat(bool repeat) { repeat_ = repeat; }
  std::uint64_t next() const { return next_; }
  /// The event that is due; the next one is prepared.
  StimulusWord fire();

 private:
  std::uint64_t interval() const;
  const FpgaMemory& memory_;
  Registers registers_;
  std::uint64_t next_ = kNever;
  std::uint32_t event_ = 0;
  bool repeat_ = false, stopping_ = false;
};

/// 1024 independent Poisson sources, drawn as one process of the sum of their rates.
class PoissonGenerator {
 public:
  explicit PoissonGenerator(std::uint64_t seed) : seed_(seed) {}
  void run(bool on, std::uint64_t now);
  void set_rate(std::uint32_t source, std::uint16_t value, std::uint64_t now);
  std::uint16_t rate(std::uint32_t source) const { return values_[source]; }
  std::uint64_t next() const { return next_; }
  /// The source of the event that is due; the next one is drawn.
  std::uint32_t fire();

 private:
  void draw(std::uint64_t from);
  std::uint64_t seed_, events_ = 0;
  std::array<std::uint16_t, kPoissonSources> values_{};
  std::array<std::uint32_t, kPoissonSources> cumulative_{};
  bool running_ = false, stale_ = true;
  std::uint64_t next_ = kNever;
  std::uint32_t source_ = 0;
};

}  // namespace rockpool::dynapse
