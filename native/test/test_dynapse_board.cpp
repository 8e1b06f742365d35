#include <algorithm>
#include <limits>

#include "dynapse_host.h"
#include "rockpool/error.h"

using namespace dynapse_test;

namespace {

using Words = std::vector<std::uint16_t>;

/// A board that streams, without packet delay.
struct Running {
  BoardModel board;
  Host host{board};
  explicit Running(const BoardOptions& options = {}) : board(options) { host.start(); }
};

}  // namespace

TEST_CASE("dynapse board: identity") {
  BoardModel board;
  Host host{board};
  CHECK(host.read(module::kSysinfo, sysinfo::kLogicVersion) == 5);
  CHECK(host.read(module::kSysinfo, sysinfo::kChipIdentifier) == 64);
  CHECK(host.read(module::kSysinfo, sysinfo::kLogicClock) == 90);
  CHECK(host.read(module::kMux, mux::kHasStatistics) == 1);
  CHECK(host.read(module::kAer, aer::kHasStatistics) == 1);
  host.write(module::kSysinfo, sysinfo::kLogicVersion, 7);
  CHECK(host.read(module::kSysinfo, sysinfo::kLogicVersion) == 5);

  std::array<std::uint8_t, 18> device{};
  CHECK(board.control({0x80, 6, 0x0100, 0, 18}, device) == 18);
  CHECK(device[8] == 0x2A);
  CHECK(device[11] == 0x84);
  CHECK(device[12] == kFirmwareVersion);
  std::array<std::uint8_t, 255> text{};
  CHECK(board.control({0x80, 6, static_cast<std::uint16_t>(0x0300 | device[16]), 0x0409, 255}, text) == 2 + 2 * 8);
  CHECK(text[2] == 'M');
}

TEST_CASE("dynapse board: registers keep what is written, wrong requests stall") {
  BoardModel board;
  Host host{board};
  for (const std::uint8_t module : {0, 1, 5, 9, 15, 16, 18}) {
    CHECK(host.read(module, 77) == 0);
    CHECK(host.write(module, 77, 0xDEADBEEF));
    CHECK(host.read(module, 77) == 0xDEADBEEF);
  }
  host.write(module::kMux, mux::kTimestampReset, 1);
  CHECK(host.read(module::kMux, mux::kTimestampReset) == 0);

  std::array<std::uint8_t, 12> bytes{};
  const auto moved = [&](Setup setup, std::size_t n) { return board.control(setup, std::span(bytes).first(n)); };
  CHECK(moved({0x40, 0xC2, 2, 0, 12}, 12) == 12);
  CHECK(moved({0x40, 0xC2, 3, 0, 12}, 12) == BoardPort::kStalled);
  CHECK(moved({0x40, 0xC2, 0, 0, 0}, 0) == BoardPort::kStalled);
  CHECK(moved({0x40, 0xBF, 0, 0, 2}, 2) == BoardPort::kStalled);
  CHECK(moved({0x40, 0xBF, 256, 0, 4}, 4) == BoardPort::kStalled);
  CHECK(moved({0xC0, 0xBF, 0, 0, 8}, 8) == BoardPort::kStalled);
  CHECK(moved({0xC0, 0xC2, 0, 0, 2}, 2) == BoardPort::kStalled);
  CHECK(moved({0x40, 0x99, 0, 0, 0}, 0) == BoardPort::kStalled);
  CHECK(moved({0x40, 0xBF, 0, 0, 4}, 8) == BoardPort::kStalled);
  CHECK(moved({0xC0, 0xC5, 0, 0, 2}, 2) == 2);
  CHECK(bytes[0] == 0xC5);
}

TEST_CASE("dynapse board: golden words arrive at the chip that is selected") {
  BoardModel board;
  Host host{board};
  CHECK(host.send(2, 0x3A5764A7) != 0);  // the bus does not run
  CHECK(board.counters().lost_chip_words == 1);
  host.write(module::kChip, chip::kRun, 1);
  const std::vector<std::uint32_t> words{0x3A5764A7,
                                         0x2D5363B0,
                                         0x00317057,
                                         0x0051650D,
                                         0x009541ED,
                                         0x0161178F,
                                         0x00C94020,
                                         0x01CDFC70,
                                         encode(ControlWord{ControlKind::kTau2, 1, 9}),
                                         encode(ControlWord{ControlKind::kMonitor, 3, 200})};
  CHECK(host.send(2, words) == 0);
  CHECK(board.counters().chip_words == words.size());
  CHECK(board.cam(2048 + 0x2C7, 37) == CamWord{0x1A5, 0x2C7, 37, Synapse::kFastExc});
  CHECK(board.cam(1024 + 0x2C7, 37).source == 0);
  CHECK(encode(board.sram(2048 + 0x2C7, 1)) == 0x2D5363B0);
  CHECK(board.bias(2, 12) == 0x00317057);
  CHECK(board.bias(2, 114 + 1) == 0x01CDFC70);
  CHECK(board.uses_tau2(2048 + 256 + 9));
  CHECK(board.monitored(2, 3) == 200);
  CHECK(host.send(2, encode(ControlWord{ControlKind::kTau1All, 1, 0})) == 0);
  CHECK(host.send(2, encode(ControlWord{ControlKind::kMonitorReset, 3, 0})) == 0);
  CHECK_FALSE(board.uses_tau2(2048 + 256 + 9));
  CHECK(board.monitored(2, 3) == -1);
  // 0xC2 moves no word to a chip: it has no handshake.
  const Record record{module::kChip, chip::kContent, 0x00020010};
  CHECK(host.write_many({&record, 1}, false));
  CHECK(board.counters().chip_words == words.size() + 2);
}

TEST_CASE("dynapse board: a handshake that fails shows in the verify, and its request ends there") {
  BoardModel board;
  Host host{board};
  host.write(module::kChip, chip::kRun, 1);
  board.fail_handshakes(1);
  std::vector<std::uint32_t> words;
  for (std::uint8_t cam = 0; cam < 10; ++cam) words.push_back(encode(CamWord{5, 3, cam, Synapse::kSlowExc}));
  CHECK(host.send(0, words) == 1);
  CHECK(board.counters().lost_chip_words == 10);
  CHECK(board.cam(3, 0).source == 0);
  CHECK(host.send(0, words) == 0);
  CHECK(board.cam(3, 9).source == 5);
}

TEST_CASE("dynapse board: the default configuration arrives whole") {
  BoardModel board;
  Host host{board};
  host.write(module::kChip, chip::kRun, 1);
  host.write(module::kAer, aer::kRun, 1);
  std::vector<std::uint32_t> empty, monitors;
  for (unsigned chip = 0; chip < kChips; ++chip) {
    empty.clear(), monitors.clear();
    for (std::uint16_t n = 0; n < kChipNeurons; ++n)
      for (std::uint8_t cell = 0; cell < kSrams; ++cell) {
        SramWord none;
        none.neuron = n, none.cell = cell;
        empty.push_back(encode(none));
        monitors.push_back(cell == 0 ? encode(monitor_route(chip, n)) : encode(none));
      }
    CHECK(host.send(chip, bias_words(true)) == 0);
    CHECK(host.send(chip, empty) == 0);
    CHECK(host.send(chip, bias_words(false)) == 0);
    CHECK(host.send(chip, monitors) == 0);
  }
  CHECK(board.counters().chip_words == 33616);
  for (unsigned n = 0; n < kBoardNeurons; ++n)
    REQUIRE(board.sram(n, 0) == monitor_route(n / kChipNeurons, static_cast<std::uint16_t>(n % kChipNeurons)));
  // At the low-power biases nobody fires.
  board.advance(200e3);
  CHECK(board.counters().neuron_spikes == 0);
}

TEST_CASE("dynapse board: spikes leave by the monitor route, stamped") {
  Running r;
  for (const unsigned n : {1u, 1024u + 258, 2048u + 2 * 256 + 255, 3072u + 3 * 256 + 127}) r.host.monitor(n);
  r.host.write(module::kMux, mux::kTimestampReset, 1);
  r.board.advance(5);
  r.board.fire(1);
  r.board.fire(1024 + 258);
  r.board.fire(2048 + 2 * 256 + 255);
  r.board.fire(3072 + 3 * 256 + 127);
  r.board.advance(32766);
  r.board.fire(1);
  r.board.advance(0.5);
  r.board.fire(1);
  r.board.advance(0.6);
  r.board.fire(1);
  r.board.fire(2);  // no route
  r.board.advance(2);
  // The golden vector of the fact sheet, by another way.
  CHECK(r.host.words() ==
        Words{0x0001, 0x8005, 0x1011, 0x2022, 0x5FF3, 0x67F4, 0x7001, 0x8003, 0x1011, 0x1011, 0x8004, 0x1011});
  CHECK(r.host.read64(module::kAer, aer::kEvents) == 7);
}

TEST_CASE("dynapse board: time wraps, and starts anew") {
  Running r;
  r.host.monitor(5);
  r.board.advance(3.0 * 32768);
  r.board.fire(5);
  r.host.write(module::kMux, mux::kTimestampReset, 1);
  r.host.write(module::kMux, mux::kTimestampReset, 0);
  r.board.advance(7);
  r.board.fire(5);
  r.board.advance(1);
  CHECK(r.host.words() == Words{0x7001, 0x7001, 0x7001, 0x8000, 0x1051, 0x0001, 0x8007, 0x1051});
  r.host.write(module::kMux, mux::kTimestampRun, 0);
  r.board.advance(1e6);
  r.board.fire(5);
  r.host.write(module::kMux, mux::kTimestampRun, 1);
  r.board.advance(2);
  r.board.fire(5);
  r.board.advance(1);
  CHECK(r.host.words() == Words{0x1051, 0x8002, 0x1051});
}

TEST_CASE("dynapse board: each switch of the way to the host") {
  for (const auto [module, parameter, kept] : {std::array{0, 0, 0}, {1, 3, 0}, {9, 0, 0}, {0, 1, 1}}) {
    Running r;
    r.host.monitor(5);
    r.host.write(static_cast<std::uint8_t>(module), static_cast<std::uint8_t>(parameter), 0);
    r.board.advance(10);
    r.board.fire(5);
    r.board.advance(10);
    CHECK(r.host.words().size() == static_cast<std::size_t>(kept));
  }
}

TEST_CASE("dynapse board: short packets wait for the early packet delay, full ones do not") {
  Running r;
  r.host.monitor(5);
  r.host.write(module::kUsb, usb::kEarlyPacketDelay, 8 * usb::kCyclesPerSlice);  // 1 ms
  r.board.advance(10);
  r.board.fire(5);
  r.board.advance(999);
  CHECK(r.host.words().empty());
  r.board.advance(1);
  CHECK(r.host.words().size() == 2);
  for (int i = 0; i < 300; ++i) r.board.fire(5);
  CHECK(r.host.words().size() == 256);
  r.board.advance(1000);
  CHECK(r.host.words().size() == 45);
}

TEST_CASE("dynapse board: a full FIFO loses spikes where the board would count them, never time") {
  BoardOptions small;
  small.fifo_words = 512;
  for (const bool drop : {false, true})
    for (const bool wait : {false, true}) {
      Running r(small);
      r.host.monitor(5);
      r.host.write(module::kMux, mux::kDropAerOnStall, drop);
      r.host.write(module::kAer, aer::kWaitOnStall, wait);
      r.board.advance(1);
      for (int i = 0; i < 600; ++i) r.board.fire(5);
      r.board.advance(10.0 * 32768);
      auto words = r.host.words();
      r.board.fire(5);
      r.board.advance(1);
      const auto more = r.host.words();
      words.insert(words.end(), more.begin(), more.end());
      CHECK(words[512] == 0x700A);  // the wraps, as one word
      const auto spikes = spikes_of(words);
      const bool held = wait && !drop;
      CHECK(spikes.size() == (held ? 601 : 512));
      CHECK(spikes[510].microsecond == 1);
      CHECK(spikes[511].microsecond == 10 * 32768 + 1);
      CHECK(spikes.back().microsecond == 10 * 32768 + 1);
      CHECK(r.host.read64(module::kMux, mux::kAerDropped) == (drop ? 89 : 0));
      CHECK(r.host.read64(module::kAer, aer::kEventsDropped) == (!drop && !wait ? 89 : 0));
      CHECK(r.host.read64(module::kAer, aer::kEvents) == 601);
    }
}

TEST_CASE("dynapse board: a test stream is what it says, in pieces of any size") {
  for (const std::size_t piece : {512, 8192, 514}) {
    BoardModel board;
    const TestStream stream{3, 2 * 32768 + 77};
    board.start_test_stream(stream);
    Words words;
    std::vector<std::uint8_t> bytes(piece);
    while (const std::size_t n = board.bulk_in(bytes))
      for (std::size_t i = 0; i < n; i += 2) words.push_back(static_cast<std::uint16_t>(bytes[i] | bytes[i + 1] << 8));
    const auto spikes = spikes_of(words);
    CHECK(words[0] == kResetWord);
    REQUIRE(spikes.size() == 3 * stream.microseconds);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < spikes.size(); ++i)
      wrong += spikes[i].microsecond != i / 3 || spikes[i].neuron != i % (3 * 32768) * 1237 % 4096;
    CHECK(wrong == 0);
  }
}

TEST_CASE("dynapse board: nothing comes of nonsense") {
  BoardModel board;
  board.advance(-1.0);
  board.advance(std::numeric_limits<double>::quiet_NaN());
  CHECK(board.microseconds() == 0.0);
  board.advance(std::numeric_limits<double>::infinity());
  CHECK(board.microseconds() > 1e13);
  CHECK_THROWS_AS(board.fire(4096), rockpool::Error);
  CHECK_THROWS_AS(board.cam(0, 64), rockpool::Error);
  BoardOptions wrong;
  wrong.neuron_step = 0.0;
  CHECK_THROWS_AS(BoardModel{wrong}, rockpool::Error);
  wrong = {};
  wrong.serial = "123456789";
  CHECK_THROWS_AS(BoardModel{wrong}, rockpool::Error);
}
