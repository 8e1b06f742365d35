// A board without a board: what a DYNAP-SE1 answers on its two pipes, byte for byte, with simulated neurons behind it. It knows
// nothing of USB, threads or the clock on the wall: whoever owns it passes requests on and lets board time go by. Equal seeds
// and equal calls give equal bytes.
//
// Where the public facts end, this is what we chose:
// - registers, memories and CAMs hold 0 at power-on; unknown registers keep what is written to them
// - CHIP.CONTENT goes to a chip by the checked requests alone, and only while CHIP.RUN is on: otherwise their verify fails
// - TIMESTAMP_RUN starts from 0; no reset word without a reset pulse; USB.RUN going off empties the FIFO
// - without AER.RUN spikes are lost uncounted; with a full FIFO they are dropped (counted by the multiplexer where
//   DROP_AER_ON_TRANSFER_STALL is set, otherwise by the AER unit) unless WAIT_ON_TRANSFER_STALL holds them back
// - without AER.RUN, CHIP.RUN and FORCE_CHIP_BIAS_ENABLE the neurons have no power and rest
// - the Poisson generator reaches all four cores of its chip; bits 15..14 of a stimulus word are the host number of its chip
// - spikes of a neuron step happen at its end; a core without weights and direct current rests; biases act as
// native/dynapse/bias_map.h says
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "rockpool/dynapse/board_port.h"

namespace rockpool::dynapse {

struct BoardOptions {
  std::uint64_t seed = 1;
  bool mismatch = true;
  double neuron_step = 1e-4;  // seconds, at least one tick of 90 MHz
  std::size_t fifo_words = std::size_t{1} << 16;
  std::string serial = "MODEL001";  // at most 8 characters
  std::uint16_t device_version = kFirmwareVersion;
  std::uint32_t logic_version = kLogicVersion;
  bool mark_stimulus = false;  // the start of a spike train writes the special event kStimulusStart, a code of our own
};

inline constexpr std::uint16_t kStimulusStart = 0x0002;

/// What happened inside and no register tells.
struct BoardCounters {
  std::uint64_t chip_words = 0;       // that reached a chip
  std::uint64_t lost_chip_words = 0;  // that did not: CHIP.RUN off, an unchecked request, a handshake that failed
  std::uint64_t neuron_spikes = 0;
  std::uint64_t generator_events = 0;  // of the FPGA
  std::uint64_t synaptic_events = 0;
  std::uint64_t off_board = 0;   // routed to where there is no chip
  std::uint64_t usb_spikes = 0;  // written to the FIFO
  bool operator==(const BoardCounters&) const = default;
};

/// A stream of spikes from nowhere, to try the way to the host at full speed: `per_microsecond` spikes in each microsecond from
/// now on, whatever the registers say and however much time passes, as fast as it is read.
struct TestStream {
  std::uint32_t per_microsecond = 20;
  std::uint64_t microseconds = 0;
};

class BoardModel final : public BoardPort {
 public:
  /// @throws Error for options out of range.
  explicit BoardModel(const BoardOptions& options = {});
  ~BoardModel() override;

  int control(const Setup& setup, std::span<std::uint8_t> data) override;
  std::size_t bulk_in(std::span<std::uint8_t> buffer) override;
  void advance(double microseconds) override;

  /// Replaces what the bulk pipe gives until the stream has been read.
  void start_test_stream(const TestStream& stream);

  /// A neuron fires now, as if by itself. @throws Error ERR_INDEX
  void fire(unsigned board_neuron);
  /// The next `words` chip words are not acknowledged, nor those behind them in their request.
  void fail_handshakes(std::uint32_t words);

  /// What the chips and the FPGA hold, for those who look inside. @throws Error ERR_INDEX
  CamWord cam(unsigned board_neuron, unsigned cell) const;
  SramWord sram(unsigned board_neuron, unsigned cell) const;
  std::uint32_t bias(unsigned chip, unsigned address) const;
  bool uses_tau2(unsigned board_neuron) const;
  int monitored(unsigned chip, unsigned core) const;
  double potential(unsigned board_neuron) const;
  std::uint16_t memory(std::uint32_t address) const;
  BoardCounters counters() const;
  /// Board time since power-on, in microseconds.
  double microseconds() const;

  const BoardOptions& options() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The descriptors of section 9.6 of the USB specification, as this board has them.
std::array<std::uint8_t, 18> device_descriptor(std::uint16_t device_version);
std::array<std::uint8_t, 25> configuration_descriptor();

}  // namespace rockpool::dynapse
