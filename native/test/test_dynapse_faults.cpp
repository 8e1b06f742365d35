// A thousand ways in which a board may fail: whatever happens, every call ends, and the board can be opened again.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "dynapse_double.h"
#include "dynapse_faults.h"
#include "rockpool/dynapse/driver.h"
#include "rockpool/dynapse/shared_model.h"

using namespace rockpool;
using namespace rockpool::dynapse;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

/// The longest that a call took. Calls are bounded by the control timeout of 20 ms; the bound that is asserted allows for a
/// machine that is busy.
struct Watch {
  std::atomic<std::int64_t> longest{0};
  std::atomic<unsigned> failed{0}, passed{0}, late{0};  // late: longer than 500 ms

  template <typename Body>
  void run(Body body) {
    const auto begin = Clock::now();
    try {
      body();
      ++passed;
    } catch (const Error& error) {
      const auto& code = error.code();
      if (code.rfind("ERR_DEVICE", 0) != 0 && code != "ERR_NO_DEVICE" && code != "ERR_CLOSED") throw;
      ++failed;
    }
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
    if (ms > 500) ++late;
    for (auto old = longest.load(); ms > old && !longest.compare_exchange_weak(old, ms);) {
    }
  }
};

/// Calls the board answers to, from three threads, and reads what it sends.
void work(Driver& driver, std::uint32_t seed, Watch& watch) {
  auto configuring = std::async(std::launch::async, [&] {
    RunControl control;
    const std::vector<std::uint32_t> words(300, encode(CamWord{1, 2, 3, Synapse::kFastExc}));
    watch.run([&] { driver.write_chip(seed % 4, words, control); });
    watch.run([&] { driver.write_memory(0, std::vector<std::uint16_t>(401, 7), control); });
    Driver::Train train;
    train.events = 5;
    watch.run([&] { driver.start_train(train); });
    watch.run([&] { driver.stop_train(); });
  });
  auto asking = std::async(std::launch::async, [&] {
    for (int i = 0; i < 10; ++i) watch.run([&] { driver.read_register(module::kSysinfo, 0); });
    watch.run([&] { driver.statistics(); });
    watch.run([&] { driver.reset_timestamps(); });
  });
  watch.run([&] { driver.start(); });
  std::vector<double> times(500);
  std::vector<std::uint32_t> addresses(500);
  for (int i = 0; i < 5; ++i) {
    watch.run([&] {
      auto ready = std::make_shared<std::promise<void>>();
      auto told = ready->get_future();
      driver.when_ready(100, 1ms, [ready] { ready->set_value(); });
      if (told.wait_for(3ms) == std::future_status::ready) driver.read(times, addresses);
    });
  }
  if (seed % 3 == 0) watch.run([&] { driver.stop(); });
  if (seed % 5 == 0) watch.run([&] { driver.close(); });  // while the others are at work
  configuring.get();
  asking.get();
}

void play(std::uint32_t seed, const std::shared_ptr<BoardPort>& board, Watch& watch) {
  const auto bus = LocalTransport::create();
  const auto plugs = std::make_shared<Plugs>(bus, board);
  const auto schedule = std::make_shared<Schedule>(seed);
  const auto faulty = std::make_shared<FaultyTransport>(bus, schedule, plugs);
  DriverOptions options;
  options.control_timeout = options.chip_timeout = 20ms;
  options.settle_time = 0ms;
  options.queue_events = 1000;
  std::shared_ptr<Driver> driver;
  watch.run([&] { driver = Driver::open(faulty, options); });
  if (driver) {
    work(*driver, seed, watch);
    watch.run([&] { driver->close(); });
    CHECK(driver->closed());
  }
  driver.reset();
  // Once nothing fails any more, the board works as ever.
  schedule->off();
  plugs->in();
  const auto again = Driver::open(faulty, options);
  CHECK(again->read_register(module::kSysinfo, sysinfo::kLogicVersion) == kLogicVersion);
  again->start();
  CHECK(again->streaming());
  again->stop();
}

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr std::uint32_t kSchedules = 250;
constexpr bool kModel = false;  // too slow there
#else
constexpr std::uint32_t kSchedules = 1000;
constexpr bool kModel = true;
#endif

}  // namespace

TEST_CASE("dynapse faults: random schedules") {
  Watch watch;
  const auto model = std::make_shared<SharedModel>(BoardOptions{});
  for (std::uint32_t seed = 0; seed < kSchedules; ++seed) {
    CAPTURE(seed);
    if (kModel && seed % 50 == 9) {
      model->with([](BoardModel& m) { m.start_test_stream({2, 20000}); });
      play(seed, model, watch);
      continue;
    }
    const auto board = std::make_shared<BoardDouble>();
    for (int i = 0; i < 3000; ++i) board->send({0x8000U | static_cast<unsigned>(i), 0x1011, 0x2022});
    play(seed, board, watch);
  }
  MESSAGE(kSchedules << " schedules: " << watch.passed.load() << " calls succeeded, " << watch.failed.load()
                     << " failed as they should, the longest took " << watch.longest.load() << " ms, " << watch.late.load()
                     << " more than 500 ms");
  CHECK(watch.failed.load() > kSchedules / 10);
  CHECK(watch.longest.load() < 5000);
}
