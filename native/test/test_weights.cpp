#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/portable_math.h"
#include "rockpool/weights.h"
#include "weights/draws.h"

using namespace rockpool;

TEST_CASE("portable logarithm and exponential are those of the library within two units in the last place") {
  const auto ulps = [](double a, double b) {
    return a == b ? 0.0 : std::fabs(a - b) / (std::nextafter(std::fabs(b), INFINITY) - std::fabs(b));
  };
  Draws draws({17, 0}, 0);
  for (int k = 0; k < 200000; ++k) {
    const double u = draws.uniform();
    const double x = k % 2 == 0 ? u : std::ldexp(0.5 + u, static_cast<int>(draws.below(1800)) - 900);
    CAPTURE(x);
    REQUIRE(ulps(portable_log(x), std::log(x)) <= 2.0);
    const double y = -700.0 * draws.uniform() * draws.uniform();
    CAPTURE(y);
    REQUIRE(ulps(portable_exp(y), std::exp(y)) <= 3.0);
  }
  CHECK(portable_log(1.0) == 0.0);
  CHECK(portable_exp(0.0) == 1.0);
  CHECK(portable_exp(-1e300) == 0.0);
  CHECK(portable_exp(-std::numeric_limits<double>::infinity()) == 0.0);
  CHECK(portable_exp(-744.0) > 0.0);
}

TEST_CASE("draws are those of fill_uniform and fill_normal, numbers below n are evenly distributed") {
  std::vector<double> uniforms(7), normals(7);
  fill_uniform({5, 3}, 11, 0, uniforms.data(), uniforms.size());
  fill_normal({5, 3}, 11, 0, normals.data(), normals.size());
  Draws a({5, 3}, 11), b({5, 3}, 11);
  for (std::size_t k = 0; k < 7; ++k) {
    CHECK(a.uniform() == uniforms[k]);
    CHECK(b.normal() == normals[k]);
  }
  Draws draws({1, 0}, 0);
  std::vector<int> hits(7);
  for (int k = 0; k < 70000; ++k) ++hits[draws.below(7)];
  for (const int h : hits) CHECK(std::abs(h - 10000) < 600);
  CHECK(draws.below(1) == 0);
  const std::uint64_t large = (std::uint64_t{1} << 63) + 1;  // nearly half of the words are refused
  for (int k = 0; k < 100; ++k) CHECK(draws.below(large) < large);
}

TEST_CASE("a partial shuffle draws the same whether it stores all elements or those that moved") {
  for (const std::uint64_t most : {std::uint64_t{300}, std::uint64_t{2000}}) {
    CAPTURE(most);
    PartialShuffle some(2000, 300), all(2000, 2000);
    for (std::uint64_t round = 0; round < 4; ++round) {
      Draws a({2, 0}, round), b({2, 0}, round);
      std::set<std::uint64_t> seen;
      for (std::uint64_t k = 0; k < (round == 1 ? 3 : 300); ++k) {
        const auto value = some.next(a);
        CHECK(value == all.next(b));
        CHECK(value < 2000);
        CHECK(seen.insert(value).second);
      }
      some.reset();
      all.reset();
    }
  }
  PartialShuffle whole(5, 5);
  Draws draws({3, 0}, 0);
  std::set<std::uint64_t> seen;
  for (int k = 0; k < 5; ++k) seen.insert(whole.next(draws));
  CHECK(seen.size() == 5);
}

TEST_CASE("an urn of slots empties evenly and completely") {
  for (const std::size_t n : {1u, 2u, 7u, 8u, 100u}) {
    UrnOfSlots urn(n, 3);
    std::vector<int> taken(n);
    Draws draws({4, 0}, n);
    for (std::size_t k = 0; k < 3 * n; ++k) ++taken[urn.take(draws)];
    CHECK(urn.total() == 0);
    CHECK(std::all_of(taken.begin(), taken.end(), [](int t) { return t == 3; }));
  }
}

TEST_CASE("connections are compressed, added up, counted") {
  ConnectionList list(4, 3);
  struct Connection {
    std::size_t pre, post;
    double value;
  };
  const std::vector<Connection> given{{2, 1, 1.0}, {0, 2, 2.0}, {2, 0, 3.0}, {2, 1, -1.0}, {0, 2, 4.0}, {3, 2, 0.0}};
  for (const auto& c : given) list.add(c.pre, c.post, c.value);
  const auto all = list.compress();
  CHECK(all.indptr == std::vector<double>{0, 1, 1, 3, 4});
  CHECK(all.indices == std::vector<std::int32_t>{2, 0, 1, 2});
  CHECK(all.data == std::vector<double>{6, 3, 0, 0});
  CHECK(all.counts == std::vector<std::int32_t>{2, 1, 2, 1});
  const auto set = list.compress(/*drop_zeros=*/true);
  CHECK(set.indptr == std::vector<double>{0, 1, 1, 2, 2});
  CHECK(set.indices == std::vector<std::int32_t>{2, 0});
  CHECK(set.data == std::vector<double>{6, 3});
  const auto twos = list.count(2.0);
  CHECK(twos.indptr == std::vector<double>{0, 1, 1, 1, 1});
  CHECK(ConnectionList(2, 2).compress(true).indptr == std::vector<double>{0, 0, 0});
  CHECK_THROWS_AS(ConnectionList(2, 2, 1e12), Error);
}

TEST_CASE("the core refuses what the facade should never let through") {
  std::vector<double> m(6), out(4);
  CHECK_THROWS_AS(DenseSink(2, 2, m), Error);
  CHECK_THROWS_AS(balance_ei(m, 2, 1, 1, false, 0), Error);
  CHECK_THROWS_AS(spectral_radius(m, 2), Error);
  std::vector<double> bad{1, NAN, 0, 1};
  CHECK_THROWS_AS(spectral_radius(bad, 2), Error);
  CHECK_THROWS_AS(krylov_radius(bad, 2, {}), Error);
  std::vector<std::int32_t> rows{2};
  std::vector<double> fine{1, 0, 0, 1}, weights(4), jacobian(4);
  CHECK_THROWS_AS(wipe_non_switching(fine, 2, {rows, 1, 1}, weights, jacobian), Error);
  DenseSink sink(2, 2, out);
  SparseEi too_many;
  too_many.size = 2;
  too_many.entries = 5;
  CHECK_THROWS_AS(sparse_ei(too_many, sink), Error);
  CHECK_THROWS_AS(normal_rows(0, 2, 3, 0, 1, sink), Error);
  Conform no_weights;
  no_weights.rows = no_weights.columns = 2;
  no_weights.excitatory = no_weights.max_outputs = 1;
  CHECK_THROWS_AS(conform(no_weights, sink), Error);
}
