#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/event_router.h"

using namespace rockpool;

namespace {

struct Events {
  std::vector<double> times;
  std::vector<std::int32_t> channels;
  bool operator==(const Events&) const = default;
};

Events route(const EventRouter& router, const Events& in, double from, double to, bool periodic = false) {
  const RoutedEvents routed(router, {in.times, in.channels, 0.0, 1.0, periodic}, from, to);
  Events out{std::vector<double>(routed.count()), std::vector<std::int32_t>(routed.count())};
  RunControl control;
  routed.fill(out.times.data(), out.channels.data(), control);
  return out;
}

}  // namespace

TEST_CASE("event router: copies by input event, then channel") {
  const std::vector<double> weights{2, 0, 1.9, 0, 1, -0.5};
  const EventRouter router(2, 3, weights);
  const Events in{{0.1, 0.1, 0.5}, {1, 0, 0}};
  CHECK(route(router, in, 0, 1) == Events{{0.1, 0.1, 0.1, 0.1, 0.5, 0.5, 0.5}, {1, 0, 0, 2, 0, 0, 2}});
  CHECK(route(router, in, 0.1, 0.5) == Events{{0.1, 0.1, 0.1, 0.1}, {1, 0, 0, 2}});
  CHECK(route(router, in, 0.6, 1).times.empty());
  CHECK(route(router, in, 1.3, 1.6, true) == Events{{1.5, 1.5, 1.5}, {0, 0, 2}});
}

TEST_CASE("event router: many copies, reported and stopped") {
  const std::vector<double> weights{3e6};
  const EventRouter router(1, 1, weights);
  const std::vector<double> times{0.1, 0.2};
  const std::vector<std::int32_t> channels{0, 0};
  const RoutedEvents routed(router, {times, channels, 0.0, 1.0, false}, 0, 1);
  CHECK(routed.count() == 6000000);
  Events out{std::vector<double>(6000000), std::vector<std::int32_t>(6000000)};
  std::stop_source source;
  std::uint64_t seen = 0;
  RunControl control(source.get_token(), [&](std::uint64_t done, std::uint64_t total) {
    CHECK(total == 6000000);
    seen = done;
    source.request_stop();
  });
  CHECK_THROWS_AS(routed.fill(out.times.data(), out.channels.data(), control), Error);
  CHECK(seen == 3000000);
}

TEST_CASE("event router: bad arguments") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double wrong : {-1.0, nan, 2147483648.0, 1.0 / 0.0})
    CHECK_THROWS_WITH_AS(EventRouter(1, 2, std::vector<double>{1, wrong}), doctest::Contains("weights[0, 1]"), Error);
  CHECK_THROWS_AS(EventRouter(2, 2, std::vector<double>{1, 2, 3}), Error);
  CHECK_THROWS_AS(EventRouter(2, 0, std::vector<double>{}), Error);
  const std::vector<double> weights{1, 1};
  const EventRouter router(1, 2, weights);
  const Events in{{0.1, 0.2}, {0, 1}};
  CHECK_THROWS_WITH_AS(route(router, in, 0, 1), doctest::Contains("received 1"), Error);
  const EventRouter largest(1, 1, std::vector<double>{2147483647});
  const std::vector<double> times(1000, 0.5);
  const std::vector<std::int32_t> channels(1000, 0);
  CHECK_THROWS_AS(RoutedEvents(largest, {times, channels, 0, 1, false}, 0, 1), std::bad_alloc);
}
