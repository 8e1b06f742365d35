// What a chip holds: input synapses (CAM), output routes (SRAM), biases, and the switches of its neurons.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <span>
#include <vector>

#include "rockpool/dynapse/protocol.h"

namespace rockpool::dynapse {

/// A synapse that an event meets.
struct Target {
  std::uint8_t neuron;  // in its core
  std::uint8_t cam;
  Synapse type;
};

class ChipMemory {
 public:
  ChipMemory();

  /// Stores a word. Returns the cores, a bit for each, whose neurons behave differently from now on.
  unsigned write(std::uint32_t word);

  CamWord cam(unsigned neuron, unsigned cell) const;
  const SramWord& sram(unsigned neuron, unsigned cell) const { return srams_[neuron * kSrams + cell]; }
  /// The last word that was written to this address; 0: none.
  std::uint32_t bias(unsigned address) const { return biases_[address]; }
  bool uses_tau2(unsigned neuron) const { return tau2_[neuron]; }
  /// The neuron on the analogue output of a core, -1: none.
  int monitored(unsigned core) const { return monitored_[core]; }

  /// The synapses of a core that take events of `source` (core << 8 | neuron): by neuron, then by cell.
  std::span<const Target> targets(unsigned core, unsigned source);

 private:
  struct Index {
    std::vector<std::uint32_t> starts;  // [sources + 1]
    std::vector<Target> targets;
    bool stale = true;
  };
  void build(unsigned core);
  unsigned control(const ControlWord& word);

  std::vector<std::uint16_t> cams_;  // source | type << 10
  std::vector<SramWord> srams_;
  std::array<std::uint32_t, 128> biases_{};
  std::bitset<kChipNeurons> tau2_;
  std::array<int, kCores> monitored_;
  std::array<Index, kCores> index_;
};

}  // namespace rockpool::dynapse
