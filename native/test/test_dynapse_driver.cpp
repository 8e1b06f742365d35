#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <thread>

#include "dynapse_double.h"
#include "rockpool/dynapse/driver.h"
#include "rockpool/dynapse/local_transport.h"

using namespace rockpool;
using namespace rockpool::dynapse;
using namespace std::chrono_literals;

namespace {

struct Bench {
  std::shared_ptr<BoardDouble> board = std::make_shared<BoardDouble>();
  std::shared_ptr<LocalTransport> transport = LocalTransport::create();
  DeviceInfo device = board_identity();
  DriverOptions options;

  Bench() {
    options.settle_time = 0ms;
    transport->plug(device, "DYNAP001", board);
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

/// Reads until `events` have come or nothing more will.
std::vector<std::pair<double, std::uint32_t>> read_all(Driver& driver, std::size_t events, std::string* why = nullptr) {
  std::vector<std::pair<double, std::uint32_t>> got;
  std::vector<double> times(1000);
  std::vector<std::uint32_t> addresses(1000);
  while (got.size() < events || why != nullptr) {
    std::promise<void> ready;
    driver.when_ready(events - std::min(events, got.size()) + (why != nullptr ? 1 : 0), 1ms, [&ready] { ready.set_value(); });
    if (ready.get_future().wait_for(2s) != std::future_status::ready) break;
    const auto read = driver.read(times, addresses);
    for (std::size_t i = 0; i < read.taken.events; ++i) got.emplace_back(times[i], addresses[i]);
    if (!read.ended) continue;
    if (why != nullptr) *why = read.why;
    break;
  }
  return got;
}

}  // namespace

TEST_CASE("dynapse driver: opens, says what the board is, closes twice") {
  Bench bench;
  const auto driver = bench.open();
  CHECK(driver->info().serial == "DYNAP001");
  CHECK(driver->info().firmware == 3);
  CHECK(driver->info().logic == 5);
  CHECK(driver->info().logic_clock_mhz == 90);
  CHECK(driver->info().is_master);
  CHECK(bench.board->transfers == 6);
  driver->close();
  driver->close();
  CHECK(code_of([&] { driver->read_register(6, 0); }) == "ERR_CLOSED");
  CHECK(code_of([&] { driver->start(); }) == "ERR_CLOSED");
  CHECK(bench.open()->info().logic == 5);
}

TEST_CASE("dynapse driver: errors of opening") {
  Bench bench;
  {
    const auto first = bench.open();
    CHECK(code_of([&] { bench.open(); }) == "ERR_DEVICE_BUSY");
  }
  bench.options.serial = "OTHER";
  CHECK(code_of([&] { bench.open(); }) == "ERR_NO_DEVICE");
  bench.options.serial = "DYNAP001";
  bench.open();
  bench.options.serial.reset();
  bench.options.bus = 7;
  CHECK(code_of([&] { bench.open(); }) == "ERR_NO_DEVICE");
  bench.options.bus.reset();
  for (const std::uint32_t logic : {4, 6}) {
    bench.board->registers[{6, 0}] = logic;
    CHECK(code_of([&] { bench.open(); }) == "ERR_DEVICE_LOGIC");
  }
  bench.options.any_logic = true;
  CHECK(bench.open()->info().logic == 6);
  bench.transport->unplug(bench.device);
  CHECK(code_of([&] { bench.open(); }) == "ERR_NO_DEVICE");
  auto old = bench.device;
  old.bcd_device = 2;
  bench.transport->plug(old, "DYNAP001", bench.board);
  CHECK(code_of([&] { bench.open(); }) == "ERR_DEVICE_FIRMWARE");
  auto second = board_identity(1, 9);
  bench.transport->plug(second, "DYNAP002", bench.board);
  CHECK(bench.open()->info().serial == "DYNAP002");  // the first one that opens
  bench.transport->unplug(second);
  bench.transport->plug(second, "TOO-LONG-A-SERIAL", bench.board);
  CHECK(code_of([&] { bench.open(); }) == "ERR_DEVICE_IO");
  const auto found = find_boards(*bench.transport);
  REQUIRE(found.size() == 2);
  CHECK(found[0].problem_code == "ERR_DEVICE_FIRMWARE");
  CHECK(found[1].problem_code == "ERR_DEVICE_IO");
}

TEST_CASE("dynapse driver: the default configuration is what the reference host sends") {
  Bench bench;
  const auto driver = bench.open();
  bench.board->transfers = 0;
  RunControl control;
  CHECK(!driver->chip_known(2));
  driver->configure(control);
  CHECK(bench.board->transfers == 2509);
  CHECK(bench.board->chip_words == 33616);
  for (const auto words : bench.board->words_of) CHECK(words == 33616 / 4);
  CHECK(bench.board->reg(9, 1) == 30000);
  CHECK(bench.board->reg(5, 0) == 0);
  CHECK(driver->chip_known(2));
}

TEST_CASE("dynapse driver: a configuration can be aborted and closed") {
  Bench bench;
  bench.options.settle_time = 60s;
  const auto driver = bench.open();
  std::stop_source source;
  auto waits = std::async(std::launch::async, [&] {
    RunControl control(source.get_token(), {});
    return code_of([&] { driver->configure(control); });
  });
  while (!driver->chip_known(3)) std::this_thread::sleep_for(1ms);
  source.request_stop();
  CHECK(waits.get() == "ERR_ABORTED");
  waits = std::async(std::launch::async, [&] {
    RunControl control;
    return code_of([&] { driver->configure(control); });
  });
  std::this_thread::sleep_for(20ms);
  driver->close();
  CHECK(waits.get() == "ERR_CLOSED");
}

TEST_CASE("dynapse driver: chip words that are not acknowledged") {
  Bench bench;
  const auto driver = bench.open();
  RunControl control;
  const std::vector<std::uint32_t> words(200, encode(CamWord{1, 2, 3, Synapse::kFastExc}));
  driver->write_chip(1, words, control);
  CHECK(bench.board->words_of[1] == 200);
  CHECK(bench.board->reg(5, 0) == 0);
  bench.board->verdict = 1;
  CHECK(code_of([&] { driver->write_chip(2, words, control); }) == "ERR_DEVICE_CHIP");
  CHECK(bench.board->words_of[2] == 85);
  CHECK(bench.board->reg(5, 0) == 0);
  CHECK(!driver->chip_known(2));
  CHECK(code_of([&] { driver->write_chip(4, words, control); }) == "ERR_VALUE");
  const std::uint32_t wide = 1U << 30;
  CHECK(code_of([&] { driver->write_chip(0, {&wide, 1}, control); }) == "ERR_VALUE");
  CHECK(code_of([&] { driver->write_register(5, 2, 0); }) == "ERR_VALUE");
  CHECK(code_of([&] { driver->write_register(6, 0, 0); }) == "ERR_VALUE");
}

TEST_CASE("dynapse driver: memory, trains, Poisson sources") {
  Bench bench;
  const auto driver = bench.open();
  RunControl control;
  for (const std::size_t count : {1U, 2U, 7U, 500U}) {
    std::vector<std::uint16_t> words(count);
    for (std::size_t i = 0; i < count; ++i) words[i] = static_cast<std::uint16_t>(3 * i + 1);
    driver->write_memory(10, words, control);
    CHECK(std::equal(words.begin(), words.end(), bench.board->memory.begin() + 10));
    CHECK(bench.board->memory[9] == 0);
  }
  CHECK(bench.board->memory[10 + 500] == 0);
  CHECK(driver->read_memory(12) == 7);
  CHECK(code_of([&] { driver->write_memory(sram::kWords - 1, std::vector<std::uint16_t>(2), control); }) == "ERR_VALUE");
  Driver::Train train;
  train.events = 40;
  train.repeat = true;
  driver->start_train(train);
  CHECK(bench.board->reg(16, 3) == 39);
  CHECK(bench.board->reg(16, 6) == 1);
  CHECK(bench.board->reg(16, 0) == 1);
  driver->stop_train();
  CHECK(bench.board->reg(16, 0) == 0);
  train.events = 0;
  CHECK(code_of([&] { driver->start_train(train); }) == "ERR_VALUE");
  const std::vector<std::uint32_t> sources{5, 1023};
  const std::vector<double> rates{100.0, 0.0};
  driver->set_poisson(3, sources, rates, control);
  CHECK(bench.board->reg(18, 3) == 12);
  CHECK(bench.board->reg(18, 1) == 1023);
  const std::vector<double> wrong{100.0, 5000.0};
  CHECK(code_of([&] { driver->set_poisson(3, sources, wrong, control); }) == "ERR_VALUE");
}

TEST_CASE("dynapse driver: streams, stops, starts again") {
  Bench bench;
  const auto driver = bench.open();
  driver->start();
  driver->start();
  CHECK(driver->streaming());
  for (const auto& [module, parameter] : {std::pair{9, 0}, {0, 0}, {0, 1}, {5, 0}, {1, 3}})
    CHECK(bench.board->reg(module, parameter) == 1);
  bench.board->send({0x8005, 0x1011, 0x2022, 0x7001, 0x8003, 0x1011});
  const auto got = read_all(*driver, 3);
  REQUIRE(got.size() == 3);
  CHECK(got[1] == std::pair{5.0, 1024U + 256U + 2U});
  CHECK(got[2] == std::pair{32771.0, 1U});
  driver->stop();
  CHECK(!driver->streaming());
  CHECK(bench.board->reg(9, 0) == 0);
  std::string why = "?";
  CHECK(read_all(*driver, 0, &why).empty());
  CHECK(why.empty());
  driver->start();
  bench.board->send({0x8001, 0x1011});
  CHECK(read_all(*driver, 1).at(0).first == 1.0);
  CHECK(driver->counts().events == 1);
}

TEST_CASE("dynapse driver: a full queue loses with a count, and the event thread goes on") {
  Bench bench;
  bench.options.queue_events = 100;
  const auto driver = bench.open();
  driver->start();
  for (int i = 0; i < 1000; ++i) bench.board->send({0x1011});
  while (driver->counts().events < 1000) std::this_thread::sleep_for(1ms);
  CHECK(driver->counts().lost == 900);
  std::vector<double> times(1000);
  std::vector<std::uint32_t> addresses(1000);
  const auto read = driver->read(times, addresses);
  CHECK(read.taken.events == 100);
  CHECK(read.taken.lost == 900);
  driver->stop();
}

TEST_CASE("dynapse driver: unplugged while idle, streaming and configuring; plugged in again") {
  Bench bench;
  std::vector<bool> seen;
  std::mutex mutex;
  bench.transport->on_hotplug([&](const DeviceInfo&, bool arrived) {
    const std::lock_guard lock(mutex);
    seen.push_back(arrived);
  });
  auto driver = bench.open();
  bench.transport->unplug(bench.device);
  CHECK(code_of([&] { driver->read_register(6, 0); }) == "ERR_DEVICE_LOST");
  CHECK(driver->lost());
  driver->close();
  bench.transport->plug(bench.device, "DYNAP001", bench.board);
  driver = bench.open();
  driver->start();
  bench.board->send({0x8005, 0x1011});
  CHECK(read_all(*driver, 1).size() == 1);
  bench.transport->unplug(bench.device);
  std::string why;
  read_all(*driver, 0, &why);
  CHECK(why == "the board was unplugged");
  CHECK(code_of([&] { driver->start(); }) == "ERR_DEVICE_LOST");
  driver.reset();
  bench.transport->plug(bench.device, "DYNAP001", bench.board);
  driver = bench.open();
  auto configuring = std::async(std::launch::async, [&] {
    RunControl control;
    while (true) {
      const auto code = code_of([&] { driver->configure(control); });
      if (code != "none") return code;
    }
  });
  std::this_thread::sleep_for(2ms);
  bench.transport->unplug(bench.device);
  CHECK(configuring.get() == "ERR_DEVICE_LOST");
  bench.transport->on_hotplug({});
  const std::lock_guard lock(mutex);
  CHECK(seen.size() >= 4);
}

TEST_CASE("dynapse driver: what waits for events is told when the driver closes, and may close it") {
  Bench bench;
  auto driver = bench.open();
  driver->start();
  std::promise<void> told;
  driver->when_ready(1, 1ms, [&told] { told.set_value(); });
  driver->close();
  CHECK(told.get_future().wait_for(2s) == std::future_status::ready);
  auto second = bench.open();
  second->start();
  std::promise<void> closed;
  Driver* raw = second.get();
  raw->when_ready(1, 1ms, [second = std::move(second), &closed]() mutable {
    second.reset();
    closed.set_value();
  });
  bench.board->send({0x8005, 0x1011});
  CHECK(closed.get_future().wait_for(2s) == std::future_status::ready);
}

TEST_CASE("dynapse driver: resets are told in order") {
  Bench bench;
  const auto driver = bench.open();
  driver->start();
  bench.board->send({0x8009, 0x1011});
  CHECK(read_all(*driver, 1).size() == 1);
  driver->reset_timestamps();
  bench.board->send({0x8002, 0x1021});
  std::vector<double> times(10);
  std::vector<std::uint32_t> addresses(10);
  Driver::Read read;
  while ((read = driver->read(times, addresses)).taken.resets == 0) std::this_thread::sleep_for(1ms);
  CHECK(read.taken.origin == 9.0);
  const auto got = read_all(*driver, 1);
  CHECK(got.at(0).first == 11.0);
  driver->close();
}
