// What the board model is made of; board_registers.cpp answers requests, board_events.cpp lets time go by.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <vector>

#include "dynapse/chip_memory.h"
#include "dynapse/event_fifo.h"
#include "dynapse/generators.h"
#include "dynapse/silicon_core.h"
#include "dynapse/test_stream.h"
#include "rockpool/dynapse/board_model.h"

namespace rockpool::dynapse {

struct BoardModel::State {
  explicit State(const BoardOptions& given);

  // --- Requests ---------------------------------------------------------------------------------------------------------
  int vendor(const Setup& setup, std::span<std::uint8_t> data);
  int standard(const Setup& setup, std::span<std::uint8_t> data) const;
  std::uint32_t read(std::uint8_t module, std::uint8_t parameter);
  /// Returns false when a chip has not acknowledged.
  bool write(const Record& record, bool checked);
  bool send_to_chip(std::uint32_t word, bool checked);

  std::uint32_t& reg(std::uint8_t module, std::uint8_t parameter) { return registers[std::size_t{module} * 256 + parameter]; }
  bool is_on(std::uint8_t module, std::uint8_t parameter) { return (reg(module, parameter) & 1) != 0; }

  // --- Time -------------------------------------------------------------------------------------------------------------
  void advance(double microseconds);
  void run_to(std::uint64_t end);
  std::uint64_t step_end();
  void step_neurons();
  void stimulate();
  void spike(unsigned chip, unsigned neuron);
  void deliver(unsigned chip, unsigned source, unsigned destination_cores);
  void to_usb(unsigned core, unsigned neuron, unsigned nibble);
  void clock();
  void power();
  SiliconCore& core_of(unsigned chip, unsigned core) { return cores[chip * kCores + core]; }

  BoardOptions options;
  std::vector<std::uint32_t> registers;  // [module x parameter]
  std::array<ChipMemory, kChips> chips;
  std::vector<SiliconCore> cores;  // by board number
  FpgaMemory memory;
  EventFifo fifo;
  SpikeGenerator spike_generator;
  PoissonGenerator poisson_generator;
  std::optional<TestStreamSource> test_stream;

  std::uint64_t now = 0;          // ticks since power-on
  double fraction = 0.0;          // of a tick
  std::uint64_t step_ticks;       // of a neuron step
  std::uint64_t step_number = 0;  // the next one to be taken while neurons are awake
  bool was_awake = false, powered = false;
  std::uint8_t last_status = 0;  // of the last checked request
  std::uint32_t failures = 0;

  struct Waiting {
    std::uint8_t core, neuron, nibble;
  };
  std::deque<Waiting> stalled;  // on the AER bus
  std::uint64_t aer_events = 0, aer_dropped = 0, mux_dropped = 0;
  BoardCounters counters;
};

}  // namespace rockpool::dynapse
