#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/random.h"
#include "rockpool/up_down.h"

using namespace rockpool;

namespace {

using Vector = std::vector<double>;
constexpr double kNone = std::numeric_limits<double>::infinity();
const double kUndefined = std::numeric_limits<double>::quiet_NaN();

struct Coder {
  Vector thr_up, thr_down, tau, reference, turns;
  UpDownParameters parameters;
  explicit Coder(std::size_t inputs, double threshold = 0.5)
      : thr_up(inputs, threshold),
        thr_down(inputs, threshold),
        tau(inputs, kNone),
        reference(inputs, kUndefined),
        turns(2 * inputs) {}

  const UpDownParameters& connected() {
    parameters.thr_up = thr_up, parameters.thr_down = thr_down, parameters.tau = tau;
    return parameters;
  }
};

struct Events {
  Vector times;
  std::vector<std::int32_t> channels;
};

Events encode(Coder& coder, const Vector& u, std::uint64_t first, std::uint64_t steps, double offset = 0.5) {
  const auto& p = coder.connected();
  const MatrixSource source(u, p.inputs(), 0);
  RunControl control;
  const UpDownEvents events(p, {first, steps, 11, &source, offset}, coder.reference, control);
  Events out{Vector(events.count()), std::vector<std::int32_t>(events.count())};
  events.fill(out.times.data(), out.channels.data(), coder.turns, control);
  return out;
}

Vector decode(Coder& coder, const Events& events, std::uint64_t first, std::uint64_t steps) {
  Vector out(steps * coder.thr_up.size());
  RunControl control;
  decode_up_down(coder.connected(), {events.times, events.channels, 0, 1e9, false}, first, steps, coder.reference, out,
                 control);
  return out;
}

Vector walk(std::size_t inputs, std::size_t steps) {
  Vector u(inputs * steps), xi(inputs);
  for (std::size_t k = 0; k < steps; ++k) {
    fill_normal({3, 0}, k, 0, xi.data(), inputs);
    for (std::size_t i = 0; i < inputs; ++i) u[k * inputs + i] = (k > 0 ? u[(k - 1) * inputs + i] : 1.0) + 0.7 * xi[i];
  }
  return u;
}

}  // namespace

TEST_CASE("up-down: steps of a threshold") {
  const Vector u{0, 1.2, 1.2, -0.3, -0.3, 2.1};
  Coder coder(1);
  const auto events = encode(coder, u, 0, 6);
  CHECK(events.times == Vector{1.5, 1.5, 3.5, 3.5, 5.5, 5.5, 5.5, 5.5});
  CHECK(events.channels == std::vector<std::int32_t>{0, 0, 1, 1, 0, 0, 0, 0});
  CHECK(coder.reference == Vector{2.0});
  Coder decoder(1);
  decoder.reference = {0};
  CHECK(decode(decoder, events, 0, 6) == Vector{0, 1, 1, 0, 0, 2});

  Coder single(1);
  single.parameters.multiplex = false;
  CHECK(encode(single, u, 0, 6).channels == std::vector<std::int32_t>{0, 0, 1, 1, 0});
  CHECK(single.reference == Vector{0.5});
}

TEST_CASE("up-down: decay, from the first sample on") {
  Coder coder(2, 0.1);
  coder.tau = {4.0, kNone};
  const auto events = encode(coder, {1, 1, 1, 1}, 0, 2);
  // Reference 0 decays to 0.75 and climbs by 0.2; then to 0.7125 and climbs by 0.2.
  CHECK(events.channels == std::vector<std::int32_t>{0, 0, 0, 0});
  CHECK(events.times == Vector{0.5, 0.5, 1.5, 1.5});
  CHECK(coder.reference[0] == doctest::Approx(0.9125).epsilon(1e-15));
  CHECK(coder.reference[1] == 1);
}

TEST_CASE("up-down: repeats, and channels in turn") {
  const Vector u{0, 0, 1.6, -1.2, 0, 0};
  Coder shared(2);
  shared.parameters.spread = 3;
  shared.parameters.repeat = 2;
  const auto events = encode(shared, u, 0, 3);
  // Six events of direction 0, four of direction 3, six of direction 1, four of direction 2, in one turn.
  CHECK(events.channels == std::vector<std::int32_t>{0, 1, 2, 0, 1, 2, 9, 10, 11, 9, 4, 5, 3, 4, 5, 3, 7, 8, 6, 7});
  CHECK(shared.turns == Vector{0, 0, 0, 0});

  Coder own(2);
  own.parameters = shared.parameters;
  own.parameters.own_turns = true;
  const auto first = encode(own, u, 0, 2);
  CHECK(first.channels == std::vector<std::int32_t>{0, 1, 2, 0, 1, 2, 9, 10, 11, 9});
  CHECK(own.turns == Vector{0, 0, 0, 1});
  CHECK(encode(own, u, 2, 1).channels == std::vector<std::int32_t>{3, 4, 5, 3, 4, 5, 6, 7, 8, 6});
}

TEST_CASE("up-down: the decoder follows the encoder within a threshold, in pieces too") {
  const std::size_t inputs = 5, steps = 4000;
  const auto u = walk(inputs, steps);
  Coder coder(inputs, 0.3);
  coder.thr_down[2] = 0.45;
  coder.tau = {50.0, kNone, 200.0, 1.5, kNone};
  coder.parameters.spread = 2, coder.parameters.repeat = 3, coder.parameters.own_turns = true;
  Coder pieces = coder, decoder = coder, parts = coder;
  const auto events = encode(coder, u, 0, steps);

  Events joined;
  for (std::size_t at = 0; at < steps; at += 170) {
    const auto part = encode(pieces, u, at, std::min<std::size_t>(170, steps - at));
    joined.times.insert(joined.times.end(), part.times.begin(), part.times.end());
    joined.channels.insert(joined.channels.end(), part.channels.begin(), part.channels.end());
  }
  CHECK(joined.times == events.times);
  CHECK(joined.channels == events.channels);
  CHECK(pieces.reference == coder.reference);
  CHECK(pieces.turns == coder.turns);

  decoder.reference.assign(u.begin(), u.begin() + inputs);
  parts.reference = decoder.reference;
  const auto signal = decode(decoder, events, 0, steps);
  CHECK(decoder.reference == coder.reference);
  for (std::size_t i = 0; i < steps * inputs; ++i) {
    CAPTURE(i);
    const double error = u[i] - signal[i];
    REQUIRE(error < 0.3 + 1e-12);
    REQUIRE(error > -(i % inputs == 2 ? 0.45 : 0.3) - 1e-12);
  }
  Vector again;
  for (std::size_t at = 0; at < steps; at += 999) {
    const auto part = decode(parts, events, at, std::min<std::size_t>(999, steps - at));
    again.insert(again.end(), part.begin(), part.end());
  }
  CHECK(again == signal);
}

TEST_CASE("up-down: noise is that of the step, however the run is cut") {
  const Vector u(2 * 300);
  Coder coder(2, 0.05), pieces(2, 0.05), quiet(2, 0.05);
  coder.parameters.noise_std = pieces.parameters.noise_std = 0.2;
  const auto events = encode(coder, u, 0, 300);
  CHECK(events.times.size() > 300);
  auto first = encode(pieces, u, 0, 7);
  const auto rest = encode(pieces, u, 7, 293);
  first.times.insert(first.times.end(), rest.times.begin(), rest.times.end());
  CHECK(first.times == events.times);
  CHECK(pieces.reference == coder.reference);
  CHECK(encode(quiet, u, 0, 300).times.empty());
}

TEST_CASE("up-down: events at the ends of steps stay in the run") {
  Coder coder(1);
  CHECK(encode(coder, {0, 1, 0}, 0, 3, 1.0).times == Vector{2, 2, 2.99, 2.99});
  Coder start(1);
  CHECK(encode(start, {0, 1, 0}, 0, 3, 0.0).times == Vector{1, 1, 2, 2});
}

TEST_CASE("up-down: wrong arguments and inputs") {
  const auto fails = [](auto change) {
    Coder coder(2);
    change(coder);
    CHECK_THROWS_AS(encode(coder, Vector(6), 0, 3), Error);
  };
  fails([](Coder& c) { c.thr_up[1] = 0; });
  fails([](Coder& c) { c.thr_down[0] = -1; });
  fails([](Coder& c) { c.thr_down[0] = kNone; });
  fails([](Coder& c) { c.tau[1] = 0.5; });
  fails([](Coder& c) { c.tau[1] = kUndefined; });
  fails([](Coder& c) { c.tau.pop_back(); });
  fails([](Coder& c) { c.reference.pop_back(); });
  fails([](Coder& c) { c.parameters.dt = 0; });
  fails([](Coder& c) { c.parameters.repeat = 0; });
  fails([](Coder& c) { c.parameters.spread = 0; });
  fails([](Coder& c) { c.parameters.spread = 0x7fffffffu; });

  Coder coder(1);
  CHECK_THROWS_WITH_AS(encode(coder, {0, 2e9}, 0, 2), doctest::Contains("2^31 thresholds"), Error);
  Coder infinite(1);
  CHECK_THROWS_WITH_AS(encode(infinite, {0, kNone}, 0, 2), doctest::Contains("to be finite"), Error);
  Coder many(1);
  many.parameters.repeat = 0x7fffffffu;
  CHECK_THROWS_AS(encode(many, {0, 1e6}, 0, 2), Error);
  Coder decoder(1);
  decoder.reference = {0};
  CHECK_THROWS_WITH_AS(decode(decoder, {{0.5}, {2}}, 0, 1), doctest::Contains("channels"), Error);
  CHECK_NOTHROW(decode(decoder, {}, 0, 0));
  Coder none(1);
  CHECK(encode(none, {}, 0, 0).times.empty());
  CHECK(std::isnan(none.reference[0]));
}
