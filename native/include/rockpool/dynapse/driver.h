// The driver of a DYNAP-SE1 board, the same on a board and on the board model: what travels is a Transport's business.
//
// Calls block, with finite limits, and may come from any thread; close() ends the ones under way. What fails throws an Error of
// kind kState with one of the codes
//   ERR_NO_DEVICE       nothing plugged in that fits          ERR_DEVICE_ACCESS  no permission to open it
//   ERR_DEVICE_BUSY     another program has it                ERR_DEVICE_FIRMWARE, ERR_DEVICE_LOGIC  of a version that is not
//   known ERR_DEVICE_TIMEOUT  no answer in time                     ERR_DEVICE_IO      a transfer failed or was short
//   ERR_DEVICE_CHIP     a chip did not acknowledge a word     ERR_DEVICE_LOST    unplugged
//   ERR_CLOSED          the driver is closed                  ERR_ABORTED        the RunControl was asked to stop
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "rockpool/dynapse/event_stream.h"
#include "rockpool/dynapse/protocol.h"
#include "rockpool/dynapse/transport.h"
#include "rockpool/run_control.h"

namespace rockpool::dynapse {

struct DriverOptions {
  std::optional<std::string> serial;  // choose by it, by bus and address, or the first board that opens
  std::optional<unsigned> bus, address;
  bool any_logic = false;  // newer logic than is known is let through
  std::chrono::milliseconds control_timeout{1000};
  std::chrono::milliseconds chip_timeout{5000};  // of requests with handshakes
  std::chrono::milliseconds settle_time{4000};   // after the default configuration, for the analogue parts
  std::size_t transfers = 8;                     // under way at once
  std::size_t transfer_bytes = kTransferBytes;
  std::size_t queue_events = std::size_t{1} << 20;
};

struct BoardInfo {
  DeviceInfo device;
  std::string serial;
  unsigned firmware = 0;
  std::uint32_t logic = 0;
  std::uint32_t chip_identifier = 0;
  std::uint32_t logic_clock_mhz = 0;
  bool is_master = false;
  bool has_aer_statistics = false, has_mux_statistics = false;
};

/// What can be told of a board without claiming it. `problem` is empty when it can be opened.
struct FoundBoard {
  DeviceInfo device;
  std::string serial;
  unsigned firmware = 0;
  std::uint32_t logic = 0;  // 0: could not be read
  std::string problem_code, problem;
};
std::vector<FoundBoard> find_boards(Transport& transport);

/// Of the board's own counters; empty where it has none.
struct BoardStatistics {
  std::optional<std::uint64_t> events, events_dropped, mux_dropped;
};

class StreamState;

class Driver {
 public:
  /// Opens the first board that fits the options and can be opened. Nothing is configured.
  static std::shared_ptr<Driver> open(std::shared_ptr<Transport> transport, const DriverOptions& options = {});
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  const BoardInfo& info() const { return info_; }
  const DriverOptions& options() const { return options_; }
  bool closed() const { return closing_.load(); }
  /// Unplugged: everything but close() and what is in the queue answers ERR_DEVICE_LOST.
  bool lost() const;

  std::uint32_t read_register(std::uint8_t module, std::uint8_t parameter);
  /// 64 bits at `parameter` (high half) and the next.
  std::uint64_t read_counter(std::uint8_t module, std::uint8_t parameter);
  /// Not CHIP.CHIP_CONTENT, nor CHIP.CHIP_ID, which write_chip() looks after.
  void write_register(std::uint8_t module, std::uint8_t parameter, std::uint32_t value);
  BoardStatistics statistics();

  /// Sends configuration words to a chip, switching its configuration bus on while it does. What comes after a word that was
  /// not acknowledged is not sent, and what the chip holds is no longer known (chip_known).
  void write_chip(unsigned chip, std::span<const std::uint32_t> words, RunControl& control);
  bool chip_known(unsigned chip) const { return chip < kChips && known_[chip].load(); }
  /// The default configuration: silent biases, empty routes, low-power biases, monitor routes; then waits `settle_time`.
  void configure(RunControl& control);
  /// Empties all input synapses of a chip.
  void clear_cams(unsigned chip, RunControl& control);
  /// Empties all routes of a chip; with `monitor` each neuron's cell 0 leads to the host.
  void clear_srams(unsigned chip, bool monitor, RunControl& control);

  /// Words of the FPGA's memory.
  void write_memory(std::uint32_t address, std::span<const std::uint16_t> words, RunControl& control);
  std::uint16_t read_memory(std::uint32_t address);

  struct Train {
    std::uint32_t address = 0;  // of the first word in memory
    std::uint32_t events = 1;
    bool variable = true;  // each event is followed by its interval; otherwise `interval` is that of all
    std::uint32_t interval = 1;
    std::uint32_t interval_base = 90;  // of a unit of time, in ticks of 90 MHz
    bool repeat = false;
    bool reset_clock = false;  // the board's clock begins at 0 with it, in the same request
  };
  /// Starts the spike generator on what is in memory.
  void start_train(const Train& train);
  /// No repetition, and the generator off.
  void stop_train();
  /// Rates in Hz of sources of the Poisson generator, for one chip.
  void set_poisson(unsigned chip, std::span<const std::uint32_t> sources, std::span<const double> rates, RunControl& control);
  void run_poisson(bool on);

  /// Begins to stream: time starts at 0. Streaming already: nothing happens.
  void start();
  /// Ends it; what is queued stays readable.
  void stop();
  bool streaming() const;
  /// The board's clock begins at 0 again; the stream tells where.
  void reset_timestamps();

  struct Read {
    EventQueue::Taken taken;
    bool ended = false;  // no more events will come until start()
    std::string why;     // empty after stop() and close(), otherwise what ended it
  };
  /// What is queued, without waiting.
  Read read(std::span<double> times, std::span<std::uint32_t> addresses);
  /// Calls `ready` once, on a thread of the driver's: when `events` are queued, when some are and `latency` has passed, when a
  /// loss or a reset is to be told, or when the stream has ended. One at a time: what was asked for before is called now.
  void when_ready(std::size_t events, std::chrono::milliseconds latency, std::function<void()> ready);
  StreamCounts counts() const;

  /// Stops, releases and closes the board. Ends calls that are under way. Idempotent, never hangs.
  void close();

 private:
  Driver(std::shared_ptr<Transport> transport, std::unique_ptr<Connection> connection, const DriverOptions& options,
         BoardInfo info);
  class Turn;
  void check_open() const;
  void transfer(const Setup& setup, std::span<std::uint8_t> data, std::chrono::milliseconds timeout, const char* what);
  void put(std::uint8_t module, std::uint8_t parameter, std::uint32_t value);
  void put_many(std::span<const Record> records);
  void put_chip(unsigned chip, std::span<const std::uint32_t> words, std::size_t pieces, RunControl& control);
  void select_chip(unsigned chip);
  template <typename Body>
  void on_chip_bus(Body body);
  void write_memory_word(std::uint32_t address, std::uint16_t word);
  void send_stop(std::chrono::milliseconds timeout);
  void wait(std::chrono::milliseconds time, RunControl& control);

  const std::shared_ptr<Transport> transport_;
  const std::unique_ptr<Connection> connection_;
  const DriverOptions options_;
  const BoardInfo info_;
  const std::shared_ptr<StreamState> stream_;
  std::atomic<bool> closing_{false};
  std::array<std::atomic<bool>, kChips> known_;

  std::mutex turn_mutex_;  // of taken_ and done_
  std::condition_variable turn_free_;
  bool taken_ = false;                // somebody configures
  bool done_ = false;                 // closed to the end
  std::optional<unsigned> selected_;  // chip, by the one whose turn it is
  bool chip_bus_ = false;             // CHIP.RUN, as we wrote it
};

}  // namespace rockpool::dynapse
