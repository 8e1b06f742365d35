// The driver over the real libusb, with the board model behind umockdev. Run under umockdev-wrapper.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <future>
#include <mutex>
#include <thread>

#include "mock_bus.h"
#include "rockpool/dynapse/driver.h"
#include "rockpool/dynapse/shared_model.h"

using namespace rockpool;
using namespace rockpool::dynapse;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::uint8_t> descriptors(std::uint16_t version = kFirmwareVersion) {
  const auto device = device_descriptor(version);
  const auto configuration = configuration_descriptor();
  std::vector<std::uint8_t> bytes(device.begin(), device.end());
  bytes.insert(bytes.end(), configuration.begin(), configuration.end());
  return bytes;
}

std::vector<std::uint8_t> bytes_of(std::initializer_list<unsigned> words) {
  std::vector<std::uint8_t> bytes;
  for (const auto w : words) bytes.push_back(static_cast<std::uint8_t>(w)), bytes.push_back(static_cast<std::uint8_t>(w >> 8));
  return bytes;
}

struct Rig {
  mock::Bus bus;
  std::shared_ptr<SharedModel> model;
  std::shared_ptr<mock::Board> board;
  std::shared_ptr<Transport> transport;
  DriverOptions options;

  explicit Rig(BoardOptions what = {}) {
    model = std::make_shared<SharedModel>(what);
    board = bus.add(model, descriptors(what.device_version), what.serial);
    options.settle_time = 0ms;
    options.control_timeout = 300ms;
    transport = open_libusb();
  }
  std::shared_ptr<Driver> open() { return Driver::open(transport, options); }
};

template <typename Body>
std::string code_of(Body body) {
  try {
    body();
  } catch (const Error& error) {
    return error.code();
  }
  return "none";
}

template <typename Condition>
bool soon(Condition condition, Clock::duration limit = 5s) {
  for (const auto end = Clock::now() + limit; Clock::now() < end; std::this_thread::sleep_for(1ms))
    if (condition()) return true;
  return condition();
}

std::vector<std::pair<double, std::uint32_t>> events_of(Driver& driver, std::size_t wanted) {
  std::vector<std::pair<double, std::uint32_t>> got;
  std::vector<double> times(100000);
  std::vector<std::uint32_t> addresses(100000);
  soon([&] {
    const auto read = driver.read(times, addresses);
    for (std::size_t i = 0; i < read.taken.events; ++i) got.emplace_back(times[i], addresses[i]);
    return got.size() >= wanted || read.ended;
  });
  return got;
}

}  // namespace

TEST_CASE("usb: nothing plugged in") {
  mock::Bus bus;
  const auto transport = open_libusb();
  CHECK(transport->devices().empty());
  CHECK(code_of([&] { Driver::open(transport); }) == "ERR_NO_DEVICE");
}

TEST_CASE("usb: enumerates, opens by serial, by bus and address, the first of two") {
  Rig rig;
  const auto second = rig.bus.add(std::make_shared<SharedModel>(BoardOptions{.serial = "MODEL002"}), descriptors(), "MODEL002");
  REQUIRE(soon([&] { return rig.transport->devices().size() == 2; }));
  CHECK(rig.transport->devices()[0].bcd_device == 3);
  CHECK(rig.open()->info().serial == "MODEL001");
  rig.options.serial = "MODEL002";
  const auto driver = rig.open();
  CHECK(driver->info().serial == "MODEL002");
  CHECK(driver->info().logic == 5);
  CHECK(driver->info().logic_clock_mhz == 90);
  CHECK(second->claimed());
  driver->close();
  CHECK(!second->claimed());
  rig.options.serial.reset();
  rig.options.bus = 1;
  rig.options.address = 3;
  CHECK(rig.open()->info().serial == "MODEL002");
  rig.options.address = 77;
  CHECK(code_of([&] { rig.open(); }) == "ERR_NO_DEVICE");
}

TEST_CASE("usb: busy, and the next candidate") {
  Rig rig;
  rig.board->set([](mock::Faults& f) { f.claim_error = -EBUSY; });
  CHECK(code_of([&] { rig.open(); }) == "ERR_DEVICE_BUSY");
  const auto found = find_boards(*rig.transport);
  REQUIRE(found.size() == 1);
  CHECK(found[0].problem_code == "ERR_DEVICE_BUSY");
  CHECK(found[0].serial == "MODEL001");
  rig.bus.add(std::make_shared<SharedModel>(BoardOptions{.serial = "MODEL002"}), descriptors(), "MODEL002");
  REQUIRE(soon([&] { return rig.transport->devices().size() == 2; }));
  CHECK(rig.open()->info().serial == "MODEL002");
}

TEST_CASE("usb: no permission, which says the rule that gives it") {
  if (::geteuid() != 0) return;  // only root can become somebody who may not
  Rig rig;
  const std::filesystem::path node = rig.bus.node(2);
  const auto root = node.parent_path().parent_path().parent_path().parent_path().parent_path();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
    if (!entry.is_symlink()) ::chmod(entry.path().c_str(), 0777);
  ::chmod(root.c_str(), 0777);
  ::chmod(node.c_str(), 0600);
  REQUIRE(::seteuid(65534) == 0);
  std::string code, message;
  try {
    rig.open();
  } catch (const Error& error) {
    code = error.code(), message = error.what();
  }
  const auto found = find_boards(*rig.transport);
  REQUIRE(::seteuid(0) == 0);
  CHECK(code == "ERR_DEVICE_ACCESS");
  CHECK(message.find("SUBSYSTEM==\"usb\", ATTR{idVendor}==\"152a\"") != std::string::npos);
  REQUIRE(found.size() == 1);
  CHECK(found[0].problem_code == "ERR_DEVICE_ACCESS");
  ::chmod(node.c_str(), 0666);
  CHECK(rig.open()->info().serial == "MODEL001");
}

TEST_CASE("usb: boards come and go, told by libusb or found by looking") {
  for (const bool looks : {false, true}) {
    CAPTURE(looks);
    Rig rig;
    rig.transport = open_libusb(looks);
    std::mutex mutex;
    std::vector<std::pair<unsigned, bool>> changes;
    const auto count = [&] {
      const std::lock_guard lock(mutex);
      return changes.size();
    };
    rig.transport->on_hotplug([&](const DeviceInfo& device, bool arrived) {
      const std::lock_guard lock(mutex);
      changes.emplace_back(device.address, arrived);
    });
    rig.board->unplug();
    REQUIRE(soon([&] { return count() == 1; }));
    rig.board = rig.bus.add(rig.model, descriptors(), "MODEL001");
    REQUIRE(soon([&] { return count() == 2; }));
    rig.transport->on_hotplug({});
    rig.board->unplug();
    std::this_thread::sleep_for(looks ? 700ms : 50ms);
    CHECK(changes == std::vector<std::pair<unsigned, bool>>{{2, false}, {3, true}});
  }
}

TEST_CASE("usb: stale firmware, wrong logic, a serial number that is too long") {
  CHECK(code_of([] { Rig(BoardOptions{.device_version = 2}).open(); }) == "ERR_DEVICE_FIRMWARE");
  CHECK(code_of([] { Rig(BoardOptions{.logic_version = 4}).open(); }) == "ERR_DEVICE_LOGIC");
  Rig newer(BoardOptions{.logic_version = 6});
  CHECK(code_of([&] { newer.open(); }) == "ERR_DEVICE_LOGIC");
  CHECK(!newer.board->claimed());
  newer.options.any_logic = true;
  CHECK(newer.open()->info().logic == 6);
}

TEST_CASE("usb: registers, also when answers are short, stalled or do not come") {
  Rig rig;
  const auto driver = rig.open();
  driver->write_register(module::kChip, chip::kReqDelay, 77);
  CHECK(driver->read_register(module::kChip, chip::kReqDelay) == 77);
  CHECK(driver->statistics().events.has_value());
  rig.board->set([](mock::Faults& f) { f.short_by = 1; });
  CHECK(code_of([&] { driver->read_register(6, 0); }) == "ERR_DEVICE_IO");
  rig.board->set([](mock::Faults& f) { f = {}, f.control_status = -EPIPE, f.control_count = 1; });
  CHECK(code_of([&] { driver->write_register(5, 3, 1); }) == "ERR_DEVICE_IO");
  CHECK(driver->read_register(6, 0) == 5);
  rig.board->set([](mock::Faults& f) { f = {}, f.control_silent = true, f.control_count = 1; });
  CHECK(code_of([&] { driver->read_register(6, 0); }) == "ERR_DEVICE_TIMEOUT");
  CHECK(driver->read_register(6, 0) == 5);
  rig.board->set([](mock::Faults& f) { f = {}, f.control_status = -EPROTO, f.control_count = 1; });
  CHECK(code_of([&] { driver->read_register(6, 0); }) == "ERR_DEVICE_IO");
  rig.board->set([](mock::Faults& f) { f = {}, f.control_status = -EOVERFLOW, f.control_count = 1; });
  CHECK(code_of([&] { driver->read_register(6, 0); }) == "ERR_DEVICE_IO");
}

TEST_CASE("usb: the default configuration") {
  Rig rig;
  const auto driver = rig.open();
  rig.board->count_from_zero();
  RunControl control;
  driver->configure(control);
  CHECK(rig.board->controls() == 2509);
  CHECK(rig.model->with([](BoardModel& m) { return m.counters().chip_words; }) == 33616);
  CHECK(rig.model->with([](BoardModel& m) { return m.sram(5, 0); }) == monitor_route(0, 5));
}

TEST_CASE("usb: a chip that does not acknowledge") {
  Rig rig;
  const auto driver = rig.open();
  RunControl control;
  rig.model->with([](BoardModel& m) { m.fail_handshakes(1); });
  const std::vector<std::uint32_t> words(100, encode(CamWord{1, 2, 3, Synapse::kFastExc}));
  CHECK(code_of([&] { driver->write_chip(1, words, control); }) == "ERR_DEVICE_CHIP");
  driver->write_chip(1, words, control);
  CHECK(rig.model->with([](BoardModel& m) { return m.cam(1024 + 2, 3); }) == CamWord{1, 2, 3, Synapse::kFastExc});
}

TEST_CASE("usb: memory of the FPGA, odd and even, and a train") {
  Rig rig;
  const auto driver = rig.open();
  RunControl control;
  for (const std::size_t count : {1U, 8U, 341U}) {
    std::vector<std::uint16_t> words(count);
    for (std::size_t i = 0; i < count; ++i) words[i] = static_cast<std::uint16_t>(7 * i + 3);
    driver->write_memory(100, words, control);
    rig.model->with([&](BoardModel& m) {
      for (std::size_t i = 0; i < count; ++i) CHECK(m.memory(static_cast<std::uint32_t>(100 + i)) == words[i]);
    });
  }
  CHECK(driver->read_memory(101) == 10);
  Driver::Train train;
  train.events = 3;
  driver->start_train(train);
  CHECK(driver->read_register(module::kSpikeGen, spike_gen::kCount) == 2);
}

TEST_CASE("usb: spikes of the model") {
  Rig rig;
  const auto driver = rig.open();
  RunControl control;
  driver->configure(control);
  driver->start();
  rig.model->with([](BoardModel& m) {
    for (const unsigned neuron : {1U, 1024U + 300U, 4095U}) m.fire(neuron);
  });
  std::vector<std::uint32_t> addresses;
  for (const auto& [time, address] : events_of(*driver, 3)) addresses.push_back(address);
  for (const std::uint32_t neuron : {1U, 1024U + 300U, 4095U})
    CHECK(std::count(addresses.begin(), addresses.end(), neuron) >= 1);
}

TEST_CASE("usb: golden words, wraps, resets, odd lengths, unknown words") {
  Rig rig;
  const auto driver = rig.open();
  driver->start();
  rig.board->script({bytes_of({0x0001, 0x8005, 0x1011, 0x2022, 0x5FF3, 0x67F4, 0x7001, 0x8003, 0x1011, 0x1010}), 0});
  auto odd = bytes_of({0x3000, 0x8004, 0x1021});
  odd.push_back(0x55);
  rig.board->script({odd, 0});
  auto got = events_of(*driver, 6);
  REQUIRE(got.size() == 6);
  CHECK(got[3] == std::pair{5.0, 3072U + 768U + 127U});
  CHECK(got[4].first == 32771.0);
  CHECK(got[5] == std::pair{32772.0, 2U});
  const auto counts = driver->counts();
  CHECK(counts.unknown == 1);
  CHECK(counts.odd_bytes == 1);
  CHECK(counts.unroutable == 1);
  CHECK(counts.resets >= 1);
}

TEST_CASE("usb: 200000 words arrive as they were sent") {
  Rig rig;
  const auto driver = rig.open();
  driver->start();
  constexpr std::size_t kEvents = 200000;
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < kEvents; ++i) {
    const auto word = spike_word(i / 256 % 4, i % 256, 1 + i % 4);
    bytes.push_back(static_cast<std::uint8_t>(word)), bytes.push_back(static_cast<std::uint8_t>(word >> 8));
  }
  for (std::size_t i = 0; i < bytes.size(); i += 8192)
    rig.board->script({{bytes.begin() + static_cast<std::ptrdiff_t>(i),
                        bytes.begin() + static_cast<std::ptrdiff_t>(std::min(i + 8192, bytes.size()))},
                       0});
  const auto got = events_of(*driver, kEvents);
  REQUIRE(got.size() == kEvents);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < kEvents; ++i) wrong += got[i].second != (i % 4) * 1024 + i / 256 % 4 * 256 + i % 256 ? 1 : 0;
  CHECK(wrong == 0);
  CHECK(driver->counts().lost == 0);
}

TEST_CASE("usb: reads that fail are tried again, a halt is taken off") {
  Rig rig;
  const auto driver = rig.open();
  driver->start();
  for (const int status : {-EPIPE, -EOVERFLOW, -EPROTO}) {
    rig.board->script({{}, status});
    rig.board->script({bytes_of({0x1011}), 0});
  }
  CHECK(events_of(*driver, 3).size() == 3);
  CHECK(driver->counts().failed_transfers == 3);
  CHECK(soon([&] { return rig.board->pending() == 8; }));
}

TEST_CASE("usb: a pipe that stays broken ends the stream with a reason, and a new start works") {
  Rig rig;
  const auto driver = rig.open();
  driver->start();
  for (int i = 0; i < 16; ++i) rig.board->script({{}, -EPROTO});  // eight are tried again, then eight reads end
  std::vector<double> times(10);
  std::vector<std::uint32_t> addresses(10);
  Driver::Read read;
  CHECK(soon([&] { return (read = driver->read(times, addresses)).ended; }));
  CHECK(!read.why.empty());
  CHECK(soon([&] { return !driver->streaming(); }));
  driver->stop();
  driver->start();
  soon([&] { return rig.board->pending() == 8; });
  rig.board->script({bytes_of({0x1011}), 0});
  CHECK(events_of(*driver, 1).size() == 1);
}

TEST_CASE("usb: no read can be submitted") {
  Rig rig;
  const auto driver = rig.open();
  rig.board->set([](mock::Faults& f) { f.submit_error = -ENOMEM; });
  CHECK(code_of([&] { driver->start(); }) == "ERR_DEVICE_IO");
  rig.board->set([](mock::Faults& f) { f = {}; });
  driver->start();
  CHECK(driver->streaming());
}

TEST_CASE("usb: stopping cancels what is under way; with a full queue too") {
  Rig rig;
  rig.options.queue_events = 10;
  const auto driver = rig.open();
  driver->start();
  CHECK(soon([&] { return rig.board->pending() == 8; }));
  std::vector<std::uint8_t> many;
  for (int i = 0; i < 1000; ++i) many.push_back(0x11), many.push_back(0x10);
  rig.board->script({many, 0});
  CHECK(soon([&] { return driver->counts().lost == 990; }));
  const auto begin = Clock::now();
  driver->stop();
  CHECK(Clock::now() - begin < 2s);
  CHECK(rig.board->pending() == 0);
  CHECK(events_of(*driver, 10).size() == 10);
}

TEST_CASE("usb: unplugged while idle, streaming, configuring; plugged in again") {
  Rig rig;
  std::atomic<int> arrived{0}, left{0};
  rig.transport->on_hotplug([&](const DeviceInfo&, bool here) { ++(here ? arrived : left); });
  auto driver = rig.open();
  rig.board->unplug();
  CHECK(code_of([&] { driver->read_register(6, 0); }) == "ERR_DEVICE_LOST");
  driver->close();
  CHECK(soon([&] { return left == 1; }));
  CHECK(soon([&] { return rig.transport->devices().empty(); }));

  const auto replug = [&] {
    rig.board = rig.bus.add(rig.model, descriptors(), "MODEL001");  // at a new address, as on a real bus
    REQUIRE(soon([&] { return !rig.transport->devices().empty(); }));
    driver = rig.open();
  };
  replug();
  driver->start();
  rig.board->script({bytes_of({0x1011}), 0});
  CHECK(events_of(*driver, 1).size() == 1);
  rig.board->unplug();
  std::vector<double> times(10);
  std::vector<std::uint32_t> addresses(10);
  Driver::Read read;
  CHECK(soon([&] { return (read = driver->read(times, addresses)).ended; }, 500ms));
  CHECK(read.why == "the board was unplugged");
  driver.reset();

  replug();
  auto configuring = std::async(std::launch::async, [&] {
    RunControl control;
    for (;;)
      if (const auto code = code_of([&] { driver->configure(control); }); code != "none") return code;
  });
  std::this_thread::sleep_for(50ms);
  rig.board->unplug();
  REQUIRE(configuring.wait_for(2s) == std::future_status::ready);
  CHECK(configuring.get() == "ERR_DEVICE_LOST");
  driver->close();
  driver->close();
  replug();
  CHECK(driver->read_register(6, 0) == 5);
  CHECK(arrived >= 3);
  rig.transport->on_hotplug({});
}

TEST_CASE("usb: closing ends a transfer that is not answered") {
  Rig rig;
  rig.options.control_timeout = 30s;
  const auto driver = rig.open();
  rig.board->set([](mock::Faults& f) { f.control_silent = true, f.control_count = 1; });
  auto reading = std::async(std::launch::async, [&] { return code_of([&] { driver->read_register(6, 0); }); });
  std::this_thread::sleep_for(50ms);
  const auto begin = Clock::now();
  driver->close();
  CHECK(reading.get() == "ERR_CLOSED");
  CHECK(Clock::now() - begin < 1500ms);
}

TEST_CASE("usb: two boards stream together") {
  Rig rig;
  const auto second = rig.bus.add(std::make_shared<SharedModel>(BoardOptions{.serial = "MODEL002"}), descriptors(), "MODEL002");
  REQUIRE(soon([&] { return rig.transport->devices().size() == 2; }));
  const auto one = rig.open();
  rig.options.bus = 1;  // by its place: umockdev does not bear the same node to be opened twice
  rig.options.address = 3;
  const auto two = rig.open();
  one->start();
  two->start();
  for (int i = 0; i < 50; ++i) {
    rig.board->script({bytes_of({0x1011}), 0});
    second->script({bytes_of({0x2022, 0x2022}), 0});
  }
  const auto a = events_of(*one, 50), b = events_of(*two, 100);
  REQUIRE(a.size() == 50);
  REQUIRE(b.size() == 100);
  CHECK(a[49].second == 1);
  CHECK(b[99].second == 1024 + 256 + 2);
}
