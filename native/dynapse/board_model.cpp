#include "rockpool/dynapse/board_model.h"

#include <cmath>

#include "dynapse/board_state.h"
#include "rockpool/error.h"

namespace rockpool::dynapse {

namespace {

constexpr std::size_t kLeastFifo = 512, kMostFifo = std::size_t{1} << 28;
constexpr std::uint32_t kMostPerMicrosecond = 1024;
constexpr std::uint64_t kMostMicroseconds = std::uint64_t{1} << 50;

void check_index(const char* name, unsigned value, unsigned count) {
  if (value >= count)
    throw Error(
        ErrorKind::kRange, "ERR_INDEX",
        std::string("expected ") + name + " to be an integer from 0 to " + to_text(count - 1) + ", received " + to_text(value));
}

const BoardOptions& checked(const BoardOptions& options) {
  if (!(options.neuron_step * kFpgaClockHz >= 1.0 && options.neuron_step <= 1.0))
    throw_range("neuronStep", "a number of seconds from 1 / 90e6 to 1", to_text(options.neuron_step));
  if (options.fifo_words < kLeastFifo || options.fifo_words > kMostFifo)
    throw_range("fifoWords", "an integer from 512 to 2^28", to_text(options.fifo_words));
  if (options.serial.size() > kSerialLength)
    throw_range("serial", "at most 8 characters", to_text(options.serial.size()) + " of them");
  return options;
}

}  // namespace

BoardModel::State::State(const BoardOptions& given)
    : options(checked(given)),
      registers(std::size_t{256} * 256),
      fifo(given.fifo_words),
      spike_generator(memory),
      poisson_generator(given.seed),
      step_ticks(static_cast<std::uint64_t>(std::llround(given.neuron_step * kFpgaClockHz))) {
  const double step = static_cast<double>(step_ticks) / kFpgaClockHz;
  cores.reserve(kChips * kCores);
  for (unsigned k = 0; k < kChips * kCores; ++k) {
    cores.emplace_back(k * kCoreNeurons, step, given.seed, given.mismatch);
    cores.back().configure(chips[k / kCores], k % kCores);
  }
}

BoardModel::BoardModel(const BoardOptions& options) : state_(std::make_unique<State>(options)) {}
BoardModel::~BoardModel() = default;

int BoardModel::control(const Setup& setup, std::span<std::uint8_t> data) {
  if (data.size() != setup.length) return kStalled;
  switch (setup.request_type & 0x60) {
    case 0x00: return state_->standard(setup, data);
    case 0x40: return (setup.request_type & 0x1F) == 0 ? state_->vendor(setup, data) : kStalled;
    default: return kStalled;
  }
}

std::size_t BoardModel::bulk_in(std::span<std::uint8_t> buffer) {
  State& s = *state_;
  if (s.test_stream) {
    const std::size_t n = s.test_stream->read(buffer);
    if (s.test_stream->done()) s.test_stream.reset();
    return n;
  }
  if (!s.is_on(module::kUsb, usb::kRun)) return 0;
  const std::size_t n = s.fifo.read(buffer);
  if (!s.stalled.empty()) s.clock();
  return n;
}

void BoardModel::advance(double microseconds) {
  state_->advance(microseconds);
}

void BoardModel::start_test_stream(const TestStream& stream) {
  if (stream.per_microsecond > kMostPerMicrosecond)
    throw_range("perMicrosecond", "an integer from 0 to " + to_text(kMostPerMicrosecond), to_text(stream.per_microsecond));
  if (stream.microseconds > kMostMicroseconds)
    throw_range("microseconds", "an integer from 0 to 2^50", to_text(stream.microseconds));
  state_->test_stream.emplace(stream);
}

void BoardModel::fire(unsigned board_neuron) {
  check_index("neuron", board_neuron, kBoardNeurons);
  state_->spike(board_neuron / kChipNeurons, board_neuron % kChipNeurons);
}

void BoardModel::fail_handshakes(std::uint32_t words) {
  state_->failures = words;
}

CamWord BoardModel::cam(unsigned board_neuron, unsigned cell) const {
  check_index("neuron", board_neuron, kBoardNeurons);
  check_index("cell", cell, kCams);
  return state_->chips[board_neuron / kChipNeurons].cam(board_neuron % kChipNeurons, cell);
}

SramWord BoardModel::sram(unsigned board_neuron, unsigned cell) const {
  check_index("neuron", board_neuron, kBoardNeurons);
  check_index("cell", cell, kSrams);
  return state_->chips[board_neuron / kChipNeurons].sram(board_neuron % kChipNeurons, cell);
}

std::uint32_t BoardModel::bias(unsigned chip, unsigned address) const {
  check_index("chip", chip, kChips);
  check_index("address", address, 128);
  return state_->chips[chip].bias(address);
}

bool BoardModel::uses_tau2(unsigned board_neuron) const {
  check_index("neuron", board_neuron, kBoardNeurons);
  return state_->chips[board_neuron / kChipNeurons].uses_tau2(board_neuron % kChipNeurons);
}

int BoardModel::monitored(unsigned chip, unsigned core) const {
  check_index("chip", chip, kChips);
  check_index("core", core, kCores);
  return state_->chips[chip].monitored(core);
}

double BoardModel::potential(unsigned board_neuron) const {
  check_index("neuron", board_neuron, kBoardNeurons);
  return state_->cores[board_neuron / kCoreNeurons].potential(board_neuron % kCoreNeurons);
}

std::uint16_t BoardModel::memory(std::uint32_t address) const {
  check_index("address", address, sram::kWords);
  return state_->memory.word(address);
}

BoardCounters BoardModel::counters() const {
  return state_->counters;
}

double BoardModel::microseconds() const {
  return (static_cast<double>(state_->now) + state_->fraction) * 1e6 / kFpgaClockHz;
}

const BoardOptions& BoardModel::options() const {
  return state_->options;
}

}  // namespace rockpool::dynapse
