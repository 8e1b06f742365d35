#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <thread>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/random.h"
#include "rockpool/thread_pool.h"
#include "rockpool/time_grid.h"

using namespace rockpool;

TEST_CASE("Philox4x32-10 gives the known answers of Random123") {
  CHECK(philox4x32({0, 0, 0, 0}, {0, 0}) == PhiloxCounter{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u});
  CHECK(philox4x32({0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu}, {0xffffffffu, 0xffffffffu}) ==
        PhiloxCounter{0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu});
  CHECK(philox4x32({0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u}, {0xa4093822u, 0x299f31d0u}) ==
        PhiloxCounter{0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u});
}

TEST_CASE("random numbers do not depend on how the units are cut") {
  const RandomStream stream{42, 7};
  std::vector<double> whole(17), pieces(17);
  fill_normal(stream, 5, 3, whole.data(), 17);
  fill_normal(stream, 5, 3, pieces.data(), 4);
  fill_normal(stream, 5, 7, pieces.data() + 4, 1);
  fill_normal(stream, 5, 8, pieces.data() + 5, 12);
  CHECK(whole == pieces);
}

TEST_CASE("normal quantiles") {
  CHECK(normal_quantile(0.5) == 0.0);
  CHECK(std::fabs(normal_quantile(0.975) - 1.959963984540054) < 1e-14);
  CHECK(std::fabs(normal_quantile(1e-10) + 6.361340902404056) < 1e-12);
  CHECK(std::fabs(normal_quantile(1e-300) + 37.0470962993612) < 1e-11);
}

TEST_CASE("standard normals have the stated moments") {
  std::vector<double> x(1'000'000);
  for (std::size_t step = 0; step < 1000; ++step) fill_normal({1, 0}, step, 0, x.data() + step * 1000, 1000);
  double mean = 0, square = 0;
  for (const double v : x) mean += v, square += v * v;
  mean /= 1e6, square /= 1e6;
  CHECK(std::fabs(mean) < 4.9e-3);          // alpha = 1e-6
  CHECK(std::fabs(square - 1.0) < 6.9e-3);  // alpha = 1e-6
}

TEST_CASE("steps and times are inverse to each other") {
  for (const double dt : {1e-6, 1e-4, 3e-3, 0.1, 1.0})
    for (const double t0 : {0.0, 0.3, 17.7, 1e4})
      for (const double k : {0.0, 1.0, 3.0, 999.0, 123456.0, 1.2e7}) {
        CHECK(step_floor(time_of(k, t0, dt), t0, dt) == k);
        CHECK(step_ceil(time_of(k, t0, dt), t0, dt) == k);
        CHECK(step_floor(time_of(k, t0, dt) + dt / 2, t0, dt) == k);
      }
  CHECK(step_floor(0.3, 0.0, 0.1) == 3.0);
}

TEST_CASE("parallel_for visits every index once and rethrows") {
  std::vector<std::atomic<int>> seen(1000);
  ThreadPool::instance().parallel_for(1000, [&](std::size_t i) { ++seen[i]; });
  for (auto& s : seen) CHECK(s == 1);
  CHECK_THROWS_AS(ThreadPool::instance().parallel_for(10,
                                                      [](std::size_t i) {
                                                        if (i == 3) throw_range("i", "small", "3");
                                                      }),
                  Error);
}

TEST_CASE("a job runs although threads beyond a lowered concurrency sleep") {
  auto& pool = ThreadPool::instance();
  const unsigned before = pool.concurrency();
  std::atomic<int> done{0};
  const auto run = [&] {
    const int seen = done;
    pool.submit(
        [&] {
          ++done;
          done.notify_all();
        },
        std::stop_source());
    done.wait(seen);
  };
  pool.set_concurrency(5);
  run();
  pool.set_concurrency(1);
  for (int i = 0; i < 50; ++i) run();
  CHECK(done == 51);
  pool.set_concurrency(before);
}

TEST_CASE("a team comes together although the concurrency is lowered meanwhile") {
  auto& pool = ThreadPool::instance();
  const unsigned before = pool.concurrency();
  for (int i = 0; i < 1000; ++i) {
    pool.set_concurrency(3);
    std::thread lower([&] { pool.set_concurrency(1); });
    std::atomic<unsigned> members{0}, size{0};
    pool.run_team(3, [&](unsigned, unsigned all) {
      ++members;
      size = all;
    });
    lower.join();
    REQUIRE(members == size);
  }
  pool.set_concurrency(before);
}
