// What the driver sends to chips and generators.
#include <algorithm>
#include <vector>

#include "dynapse/driver_errors.h"
#include "dynapse/driver_turn.h"

namespace rockpool::dynapse {

namespace {

constexpr std::uint32_t kDefaultRequestDelay = 30;
constexpr std::uint32_t kDefaultPacketSlices = 8;  // of 125 us

std::vector<std::uint32_t> sram_words(unsigned chip, bool monitor) {
  std::vector<std::uint32_t> words;
  words.reserve(std::size_t{kChipNeurons} * kSrams);
  for (std::uint16_t neuron = 0; neuron < kChipNeurons; ++neuron)
    for (std::uint8_t cell = 0; cell < kSrams; ++cell)
      words.push_back(encode(monitor && cell == 0 ? monitor_route(chip, neuron) : SramWord{neuron, cell}));
  return words;
}

void check_chip(unsigned chip) {
  if (chip >= kChips) throw_range("chip", "0 to 3", to_text(chip));
}

}  // namespace

void Driver::select_chip(unsigned chip) {
  if (selected_ == chip) return;
  selected_.reset();
  put(module::kChip, chip::kChipId, wire_chip(chip));
  selected_ = chip;
}

template <typename Body>
void Driver::on_chip_bus(Body body) {
  const bool was_on = chip_bus_;
  if (!was_on) put(module::kChip, chip::kRun, 1);
  chip_bus_ = true;
  try {
    body();
  } catch (...) {
    chip_bus_ = was_on;
    if (!was_on && !closing_ && !lost()) {
      auto data = encode_value(0);
      connection_->control(write_register_setup(module::kChip, chip::kRun), data, options_.control_timeout);
    }
    throw;
  }
  if (was_on) return;
  put(module::kChip, chip::kRun, 0);
  chip_bus_ = false;
}

void Driver::put_chip(unsigned chip, std::span<const std::uint32_t> words, std::size_t pieces, RunControl& control) {
  std::array<std::uint8_t, kMaxRecords * kRecordBytes> data;
  for (std::size_t from = 0; from < words.size(); from += pieces) {
    const std::size_t count = std::min(pieces, words.size() - from);
    for (std::size_t i = 0; i < count; ++i)
      encode_record({module::kChip, chip::kContent, words[from + i]},
                    std::span<std::uint8_t, kRecordBytes>(data.data() + i * kRecordBytes, kRecordBytes));
    std::array<std::uint8_t, 2> verdict{};
    try {
      transfer(write_many_setup(count, true), {data.data(), count * kRecordBytes}, options_.chip_timeout, "configuring a chip");
      transfer(verify_setup(), verdict, options_.chip_timeout, "asking whether a chip took its configuration");
    } catch (...) {
      known_[chip] = false;
      throw;
    }
    if (verdict[0] != static_cast<std::uint8_t>(Request::kCheckedRegisters) || verdict[1] != 0) {
      known_[chip] = false;
      throw device_error("ERR_DEVICE_CHIP", "chip " + to_text(chip) + " did not acknowledge one of the configuration words " +
                                                to_text(from) + " to " + to_text(from + count - 1) + " of " +
                                                to_text(words.size()) + "; those after them were not sent");
    }
    control.advance(count);
  }
}

void Driver::write_chip(unsigned chip, std::span<const std::uint32_t> words, RunControl& control) {
  check_chip(chip);
  for (const auto word : words)
    if (word >> 30 != 0) throw_range("words", "of 30 bits", to_text(word));
  if (words.empty()) return;
  const Turn turn(*this);
  control.set_total(words.size());
  on_chip_bus([&] {
    select_chip(chip);
    put_chip(chip, words, kMaxRecords, control);
  });
}

void Driver::clear_cams(unsigned chip, RunControl& control) {
  std::vector<std::uint32_t> words;
  words.reserve(std::size_t{kChipNeurons} * kCams);
  for (std::uint16_t neuron = 0; neuron < kChipNeurons; ++neuron)
    for (std::uint8_t cam = 0; cam < kCams; ++cam) words.push_back(encode(CamWord{0, neuron, cam, Synapse::kSlowInh}));
  write_chip(chip, words, control);
}

void Driver::clear_srams(unsigned chip, bool monitor, RunControl& control) {
  check_chip(chip);
  write_chip(chip, sram_words(chip, monitor), control);
}

void Driver::configure(RunControl& control) {
  {
    const Turn turn(*this);
    const bool streamed = streaming();
    control.set_total(std::uint64_t{kChips} * 2 * (kBiasWords + std::size_t{kChipNeurons} * kSrams));
    put(module::kMux, mux::kForceChipBias, 0);
    put(module::kMux, mux::kDropAerOnStall, 0);
    put(module::kAer, aer::kAckDelay, 0);
    put(module::kAer, aer::kAckExtension, 0);
    put(module::kAer, aer::kWaitOnStall, 0);
    put(module::kAer, aer::kExternalControl, 0);
    put(module::kChip, chip::kReqDelay, kDefaultRequestDelay);
    put(module::kChip, chip::kReqExtension, kDefaultRequestDelay);
    put(module::kUsb, usb::kEarlyPacketDelay, kDefaultPacketSlices * usb::kCyclesPerSlice);
    put(module::kChip, chip::kRun, 1);
    chip_bus_ = true;
    put(module::kAer, aer::kRun, 1);
    for (const bool first : {true, false}) {
      for (unsigned chip = 0; chip < kChips; ++chip) {
        selected_.reset();
        select_chip(chip);
        put_chip(chip, bias_words(first), 1, control);  // biases one by one, as the reference host sends them
      }
      for (unsigned chip = 0; chip < kChips; ++chip) {
        selected_.reset();
        select_chip(chip);
        put_chip(chip, sram_words(chip, !first), kMaxRecords, control);
        if (!first) known_[chip] = true;
      }
    }
    if (!streamed) {
      put(module::kChip, chip::kRun, 0);
      chip_bus_ = false;
      put(module::kAer, aer::kRun, 0);
    }
  }
  wait(options_.settle_time, control);
}

void Driver::write_memory_word(std::uint32_t address, std::uint16_t word) {
  put(module::kSram, sram::kCommand, 1);
  put(module::kSram, sram::kWriteData, word);
  put(module::kSram, sram::kAddress, address);
}

void Driver::write_memory(std::uint32_t address, std::span<const std::uint16_t> words, RunControl& control) {
  if (address > sram::kWords || words.size() > sram::kWords - address)
    throw_range("words", "within the memory's " + to_text(sram::kWords) + " words",
                to_text(words.size()) + " words from address " + to_text(address));
  if (words.empty()) return;
  const Turn turn(*this);
  control.set_total(words.size());
  const std::size_t even = words.size() / 2 * 2;
  if (even != words.size()) write_memory_word(address + static_cast<std::uint32_t>(even), words.back());
  if (even == 0) return;
  write_memory_word(address, 0);  // sets the pointer; the burst begins at the same address
  put(module::kSram, sram::kBurst, 1);
  std::vector<Record> records;
  for (std::size_t from = 0; from < even; from += 2 * kMaxRecords) {
    records.clear();
    for (std::size_t i = from; i < std::min(even, from + 2 * kMaxRecords); i += 2)
      records.push_back({module::kSram, sram::kWriteData, words[i] | std::uint32_t{words[i + 1]} << 16});
    put_many(records);
    control.advance(2 * records.size());
  }
  put(module::kSram, sram::kBurst, 0);
}

std::uint16_t Driver::read_memory(std::uint32_t address) {
  if (address >= sram::kWords) throw_range("address", "below " + to_text(sram::kWords), to_text(address));
  const Turn turn(*this);
  put(module::kSram, sram::kCommand, 0);
  put(module::kSram, sram::kAddress, address);
  return static_cast<std::uint16_t>(read_register(module::kSram, sram::kReadData));
}

void Driver::start_train(const Train& train) {
  const std::uint64_t words = std::uint64_t{train.events} * (train.variable ? 2 : 1);
  if (train.events == 0 || train.events > kMaxTrainEvents)
    throw_range("events", "1 to " + to_text(kMaxTrainEvents), to_text(train.events));
  if (train.address + words > sram::kWords)
    throw_range("address", "such that the train lies in memory", to_text(train.address));
  if (train.interval > kMaxInterval) throw_range("interval", "0 to " + to_text(kMaxInterval), to_text(train.interval));
  if (train.interval_base == 0 || train.interval_base > kMaxIntervalBase)
    throw_range("intervalBase", "1 to " + to_text(kMaxIntervalBase), to_text(train.interval_base));
  const Turn turn(*this);
  put(module::kSpikeGen, spike_gen::kRun, 0);  // its rising edge starts the train
  put(module::kSpikeGen, spike_gen::kInterval, train.interval);
  put(module::kSpikeGen, spike_gen::kIntervalBase, train.interval_base);
  put(module::kSpikeGen, spike_gen::kVariable, train.variable ? 1 : 0);
  put(module::kSpikeGen, spike_gen::kBaseAddress, train.address);
  put(module::kSpikeGen, spike_gen::kCount, train.events - 1);
  put(module::kSpikeGen, spike_gen::kRepeat, train.repeat ? 1 : 0);
  if (!train.reset_clock) {
    put(module::kSpikeGen, spike_gen::kRun, 1);
    return;
  }
  const Record start[] = {{module::kMux, mux::kTimestampReset, 1},
                          {module::kMux, mux::kTimestampReset, 0},
                          {module::kSpikeGen, spike_gen::kRun, 1}};
  put_many(start);
}

void Driver::stop_train() {
  const Turn turn(*this);
  put(module::kSpikeGen, spike_gen::kRepeat, 0);
  put(module::kSpikeGen, spike_gen::kRun, 0);
}

void Driver::set_poisson(unsigned chip, std::span<const std::uint32_t> sources, std::span<const double> rates,
                         RunControl& control) {
  check_chip(chip);
  if (sources.size() != rates.size()) throw_shape("rates", to_text(sources.size()) + " elements long", to_text(rates.size()));
  std::vector<Record> records;
  records.reserve(2 * sources.size());
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (sources[i] >= kPoissonSources) throw_range("sources", "of 0 to 1023", to_text(sources[i]));
    records.push_back({module::kPoisson, poisson::kWriteData, poisson_value(rates[i])});
    records.push_back({module::kPoisson, poisson::kWriteAddress, sources[i]});
  }
  const Turn turn(*this);
  put(module::kPoisson, poisson::kChipId, wire_chip(chip));
  constexpr std::size_t kPairs = kMaxRecords / 2 * 2;  // a rate and its source in the same request
  control.set_total(records.size());
  for (std::size_t from = 0; from < records.size(); from += kPairs) {
    const auto piece = std::span(records).subspan(from, std::min(kPairs, records.size() - from));
    put_many(piece);
    control.advance(piece.size());
  }
}

void Driver::run_poisson(bool on) {
  const Turn turn(*this);
  put(module::kPoisson, poisson::kRun, on ? 1 : 0);
}

}  // namespace rockpool::dynapse
