#include "dynapse/chip_memory.h"

namespace rockpool::dynapse {

namespace {

constexpr std::size_t kCoreCams = std::size_t{kCoreNeurons} * kCams;

/// Each of the two bias generators serves two cores: addresses of cores 0 and 1 are below 64, even and odd.
unsigned cores_of_bias(unsigned address) {
  return bias_kind(static_cast<std::uint8_t>(address)) == BiasKind::kStandard ? 1U << ((address >= 64 ? 2 : 0) + address % 2)
                                                                              : 0U;
}

}  // namespace

ChipMemory::ChipMemory() : cams_(kCores * kCoreCams), srams_(std::size_t{kChipNeurons} * kSrams) {
  monitored_.fill(-1);
  for (std::size_t i = 0; i < srams_.size(); ++i) {
    srams_[i].neuron = static_cast<std::uint16_t>(i / kSrams);
    srams_[i].cell = static_cast<std::uint8_t>(i % kSrams);
  }
}

unsigned ChipMemory::write(std::uint32_t word) {
  const ChipWord decoded = decode_chip_word(word);
  if (const auto* cam = std::get_if<CamWord>(&decoded)) {
    cams_[std::size_t{cam->neuron} * kCams + cam->cam] =
        static_cast<std::uint16_t>(cam->source | static_cast<unsigned>(cam->type) << 10);
    index_[cam->neuron / kCoreNeurons].stale = true;
    return 0;
  }
  if (const auto* sram = std::get_if<SramWord>(&decoded)) {
    srams_[std::size_t{sram->neuron} * kSrams + sram->cell] = *sram;
    return 0;
  }
  if (const auto* bias = std::get_if<BiasWord>(&decoded)) {
    biases_[bias->address] = word;
    return cores_of_bias(bias->address);
  }
  return control(std::get<ControlWord>(decoded));
}

unsigned ChipMemory::control(const ControlWord& word) {
  const unsigned first = word.core * kCoreNeurons;
  switch (word.kind) {
    case ControlKind::kMonitorReset: monitored_[word.core] = -1; return 0;
    case ControlKind::kMonitor: monitored_[word.core] = word.neuron; return 0;
    case ControlKind::kTau2: tau2_[first + word.neuron] = true; break;
    case ControlKind::kTau1All:
    case ControlKind::kTau2All:
      for (unsigned i = 0; i < kCoreNeurons; ++i) tau2_[first + i] = word.kind == ControlKind::kTau2All;
      break;
  }
  return 1U << word.core;
}

CamWord ChipMemory::cam(unsigned neuron, unsigned cell) const {
  const std::uint16_t stored = cams_[std::size_t{neuron} * kCams + cell];
  return {static_cast<std::uint16_t>(stored % kChipNeurons), static_cast<std::uint16_t>(neuron),
          static_cast<std::uint8_t>(cell), static_cast<Synapse>(stored / kChipNeurons)};
}

std::span<const Target> ChipMemory::targets(unsigned core, unsigned source) {
  Index& index = index_[core];
  if (index.stale) build(core);
  return {index.targets.data() + index.starts[source], index.starts[source + 1] - index.starts[source]};
}

/// Counting sort of the core's cells by source.
void ChipMemory::build(unsigned core) {
  Index& index = index_[core];
  const std::uint16_t* cells = cams_.data() + core * kCoreCams;
  index.starts.assign(kChipNeurons + 1, 0);
  index.targets.resize(kCoreCams);
  for (std::size_t i = 0; i < kCoreCams; ++i) ++index.starts[cells[i] % kChipNeurons + 1];
  for (std::size_t s = 0; s < kChipNeurons; ++s) index.starts[s + 1] += index.starts[s];
  std::vector<std::uint32_t> next(index.starts.begin(), index.starts.end() - 1);
  for (std::size_t i = 0; i < kCoreCams; ++i)
    index.targets[next[cells[i] % kChipNeurons]++] = {static_cast<std::uint8_t>(i / kCams),
                                                      static_cast<std::uint8_t>(i % kCams),
                                                      static_cast<Synapse>(cells[i] / kChipNeurons)};
  index.stale = false;
}

}  // namespace rockpool::dynapse
