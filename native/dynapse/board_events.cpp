#include <algorithm>
#include <cmath>

#include "dynapse/board_state.h"

namespace rockpool::dynapse {

namespace {

constexpr std::uint64_t kTicksPerMicrosecond = 90;
constexpr double kMostTicks = 9e15;
// Each neuron of the board can hold one spike back.
constexpr std::size_t kMostStalled = kBoardNeurons;

}  // namespace

void BoardModel::State::advance(double microseconds) {
  if (!(microseconds > 0.0)) return;
  const double ticks = std::min(fraction + microseconds * static_cast<double>(kTicksPerMicrosecond), kMostTicks);
  const double whole = std::floor(ticks);
  fraction = ticks - whole;
  run_to(now + static_cast<std::uint64_t>(whole));
}

void BoardModel::State::run_to(std::uint64_t end) {
  for (;;) {
    const std::uint64_t step = step_end(), train = spike_generator.next(), drawn = poisson_generator.next();
    const std::uint64_t next = std::min({step, train, drawn});
    if (next > end) break;
    now = std::max(now, next);
    if (step == next) {  // what comes at the end of a step belongs to the next one
      step_neurons();
    } else if (train == next) {
      const StimulusWord word = spike_generator.fire();
      ++counters.generator_events;
      deliver(word.chip, word.virtual_core * kCoreNeurons + word.neuron, word.cores);
    } else {
      ++counters.generator_events;
      deliver(host_chip(reg(module::kPoisson, poisson::kChipId)), poisson_generator.fire(), (1U << kCores) - 1);
    }
  }
  now = end;
  clock();
}

/// When the step of neurons that are awake ends.
std::uint64_t BoardModel::State::step_end() {
  const bool awake = powered && std::ranges::any_of(cores, [](const SiliconCore& core) { return core.awake(); });
  if (awake && !was_awake) step_number = std::max(step_number, now / step_ticks);
  was_awake = awake;
  return awake ? (step_number + 1) * step_ticks : kNever;
}

void BoardModel::State::step_neurons() {
  std::array<std::span<const std::int32_t>, kChips * kCores> spikes;
  for (std::size_t k = 0; k < cores.size(); ++k)
    if (cores[k].awake()) spikes[k] = cores[k].step(step_number);
  ++step_number;
  for (unsigned k = 0; k < spikes.size(); ++k)
    for (const std::int32_t neuron : spikes[k]) spike(k / kCores, k % kCores * kCoreNeurons + static_cast<unsigned>(neuron));
}

void BoardModel::State::stimulate() {
  const auto value = [&](std::uint8_t parameter) { return reg(module::kSpikeGen, parameter); };
  SpikeGenerator::Registers registers;
  registers.variable = (value(spike_gen::kVariable) & 1) != 0;
  registers.base = value(spike_gen::kBaseAddress);
  registers.count = value(spike_gen::kCount);
  registers.interval = value(spike_gen::kInterval);
  registers.interval_base = value(spike_gen::kIntervalBase);
  spike_generator.start(now, registers);
  if (!options.mark_stimulus || !is_on(module::kMux, mux::kRun)) return;
  clock();
  fifo.word(kStimulusStart);
}

void BoardModel::State::spike(unsigned chip, unsigned neuron) {
  ++counters.neuron_spikes;
  const unsigned low = neuron % kCoreNeurons;
  for (unsigned cell = 0; cell < kSrams; ++cell) {
    const SramWord& route = chips[chip].sram(neuron, cell);
    if (route.cores == 0) continue;
    const RouteEnd end = route_end(chip, route);
    if (end.fpga)
      to_usb(route.virtual_core, low, route.cores);
    else if (end.chip)
      deliver(*end.chip, route.virtual_core * kCoreNeurons + low, route.cores);
    else
      ++counters.off_board;
  }
}

void BoardModel::State::deliver(unsigned chip, unsigned source, unsigned destination_cores) {
  if (!powered) return;
  for (unsigned core = 0; core < kCores; ++core) {
    if ((destination_cores >> core & 1) == 0) continue;
    const auto targets = chips[chip].targets(core, source);
    counters.synaptic_events += targets.size();
    SiliconCore& neurons = core_of(chip, core);
    for (const Target& target : targets) neurons.arrive(target);
  }
}

void BoardModel::State::to_usb(unsigned core, unsigned neuron, unsigned nibble) {
  if (!is_on(module::kAer, aer::kRun)) return;
  ++aer_events;
  if (!is_on(module::kMux, mux::kRun)) return;
  clock();
  if (stalled.empty() && fifo.spike(core, neuron, nibble)) {
    ++counters.usb_spikes;
  } else if (is_on(module::kMux, mux::kDropAerOnStall)) {
    ++mux_dropped;
  } else if (is_on(module::kAer, aer::kWaitOnStall) && stalled.size() < kMostStalled) {
    stalled.push_back({static_cast<std::uint8_t>(core), static_cast<std::uint8_t>(neuron), static_cast<std::uint8_t>(nibble)});
  } else {
    ++aer_dropped;
  }
}

/// The FIFO hears of the time, and takes what waits for room.
void BoardModel::State::clock() {
  fifo.clock(now / kTicksPerMicrosecond);
  while (!stalled.empty()) {
    const auto [core, neuron, nibble] = stalled.front();
    if (!fifo.spike(core, neuron, nibble)) break;
    stalled.pop_front();
    ++counters.usb_spikes;
  }
}

void BoardModel::State::power() {
  const bool on =
      is_on(module::kAer, aer::kRun) || is_on(module::kChip, chip::kRun) || is_on(module::kMux, mux::kForceChipBias);
  if (powered && !on)
    for (SiliconCore& core : cores) core.reset();
  if (!on) was_awake = false;
  powered = on;
}

}  // namespace rockpool::dynapse
