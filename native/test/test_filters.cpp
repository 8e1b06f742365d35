#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "rockpool/butterworth.h"
#include "rockpool/error.h"
#include "rockpool/filters.h"
#include "rockpool/mel.h"
#include "rockpool/random.h"
#include "rockpool/thread_pool.h"
#include "targets.h"

using namespace rockpool;

namespace {

using Vector = std::vector<double>;

Vector flat(const std::vector<FilterSection>& sections) {
  Vector all;
  for (const auto& section : sections) all.insert(all.end(), section.begin(), section.end());
  return all;
}

Vector noise(std::size_t n) {
  Vector v(n);
  fill_normal({5, 0}, 0, 0, v.data(), n);
  return v;
}

/// A bank of `n` band-passes of order 3, with a low-pass of order 3.
struct Bank {
  std::size_t n;
  Vector bandpass, lowpass = flat(butterworth_lowpass(3, 0.05));
  explicit Bank(std::size_t filters) : n(filters) {
    Vector low(n), high(n);
    mel_bands(8000, 100, 2, low, high);
    bandpass.resize(n * 3 * 6);
    butterworth_bank(3, 8000, low, high, bandpass);
  }
  FilterBankPlan plan(bool rectify = true) const { return FilterBankPlan({n, bandpass, lowpass, rectify}); }
};

Vector run(const FilterBankPlan& plan, const Vector& u, Vector& state, std::uint64_t first, std::uint64_t steps,
           FilterBankRun options = {}) {
  const MatrixSource source(u, 1, 0);
  Vector out(static_cast<std::size_t>(filtered_rows(first, steps, options.every)) * plan.filters());
  options.first_step = first, options.steps = steps, options.input = &source, options.out = out;
  RunControl control;
  plan.run(state, options, control);
  return out;
}

/// One section after the other, one filter at a time.
Vector reference(const Bank& bank, const Vector& u, bool rectify = true) {
  Vector out(u.size() * bank.n);
  for (std::size_t j = 0; j < bank.n; ++j) {
    Vector x = u;
    const auto section = [&](const double* c) {
      double z0 = 0, z1 = 0;
      for (double& v : x) {
        const double y = c[0] * v + z0;
        z0 = c[1] * v + z1 - c[4] * y;
        z1 = c[2] * v - c[5] * y;
        v = y;
      }
    };
    for (std::size_t s = 0; s < 3; ++s) section(bank.bandpass.data() + (j * 3 + s) * 6);
    if (rectify)
      for (double& v : x) v = std::fabs(v);
    for (std::size_t s = 0; s < 2; ++s) section(bank.lowpass.data() + s * 6);
    for (std::size_t k = 0; k < u.size(); ++k) out[k * bank.n + j] = x[k];
  }
  return out;
}

void check_close(const Vector& a, const Vector& b, double tolerance) {
  REQUIRE(a.size() == b.size());
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::fabs(a[i] - b[i]));
  CHECK(worst <= tolerance);
}

}  // namespace

TEST_CASE("filters: Butterworth magnitudes are those of the formula") {
  for (const std::size_t order : {1u, 2u, 3u, 4u, 7u, 12u})
    for (const auto& [low, high] : {std::pair{0.1, 0.3}, std::pair{0.02, 0.025}, std::pair{0.03, 0.9}, std::pair{0.4, 0.6}}) {
      CAPTURE(order);
      CAPTURE(low);
      const auto warp = [](double f) { return std::tan(std::numbers::pi * f / 2); };
      const auto bandpass = flat(butterworth_bandpass(order, low, high));
      const auto lowpass = flat(butterworth_lowpass(order, high));
      CHECK(bandpass.size() == 6 * order);
      CHECK(lowpass.size() == 6 * ((order + 1) / 2));
      for (double f = 0.01; f < 1; f += 0.0521) {
        const double s = warp(f), n = static_cast<double>(order), w = std::numbers::pi * f;
        const double x = (s * s - warp(low) * warp(high)) / (s * (warp(high) - warp(low)));
        const double band = 1 / std::sqrt(1 + std::pow(x, 2 * n)), pass = 1 / std::sqrt(1 + std::pow(s / warp(high), 2 * n));
        CHECK(filter_magnitude(bandpass, w) == doctest::Approx(band).epsilon(1e-8));
        CHECK(filter_magnitude(lowpass, w) == doctest::Approx(pass).epsilon(1e-8));
      }
      CHECK(filter_magnitude(bandpass, std::numbers::pi * low) == doctest::Approx(std::sqrt(0.5)).epsilon(1e-8));
      CHECK(filter_magnitude(bandpass, 0) == 0);
      CHECK(filter_magnitude(lowpass, 0) == doctest::Approx(1).epsilon(1e-9));
    }
}

TEST_CASE("filters: mel bands") {
  Vector low(4), high(4);
  mel_bands(8000, 100, 2, low, high);
  check_close(low, {100, 591.468125340, 1384.862398462, 2665.666666667}, 1e-9);
  check_close(high, {150, 887.202188010, 2077.293597693, 3998.5}, 1e-9);
  CHECK(hz_of_mel(mel_of_hz(440)) == doctest::Approx(440).epsilon(1e-14));
  mel_bands(8000, 100, 0.5, std::span(low).first(1), std::span(high).first(1));
  CHECK(low[0] == doctest::Approx(100));
  CHECK(high[0] == doctest::Approx(150));
}

TEST_CASE("filters: a bank is its sections one after the other, on every instruction set") {
  const auto u = noise(700);
  for (const std::size_t n : {1u, 5u, 16u, 17u, 40u}) {
    CAPTURE(n);
    const Bank bank(n);
    Vector first;
    for_each_target([&] {
      for (const bool rectify : {true, false}) {
        Vector state(bank.plan().state_size());
        const auto out = run(bank.plan(rectify), u, state, 0, 700);
        check_close(out, reference(bank, u, rectify), 1e-12);
        if (!rectify) continue;
        if (first.empty()) first = out;
        CHECK(out == first);
      }
    });
  }
  const Bank bank(3);
  Vector state(3 * 3 * 2);
  const FilterBankPlan only({3, bank.bandpass, {}, false}), rectified({3, bank.bandpass, {}, true});
  auto out = run(only, u, state, 0, 700);
  for (double& v : out) v = std::fabs(v);
  Vector again(3 * 3 * 2);
  CHECK(out == run(rectified, u, again, 0, 700));
}

TEST_CASE("filters: pieces and threads change no bit") {
  const std::size_t steps = 3000;
  const auto u = noise(steps);
  const Bank bank(37);
  const auto plan = bank.plan();
  Vector state(plan.state_size());
  const auto whole = run(plan, u, state, 0, steps);
  auto& pool = ThreadPool::instance();
  const unsigned before = pool.concurrency();
  for (const unsigned threads : {1u, 3u})
    for (const std::size_t piece : {1u, 7u, 128u, 1000u}) {
      pool.set_concurrency(threads);
      Vector z(plan.state_size()), out;
      for (std::size_t at = 0; at < steps; at += piece) {
        const auto part = run(plan, u, z, at, std::min(piece, steps - at));
        out.insert(out.end(), part.begin(), part.end());
      }
      CHECK(out == whole);
      CHECK(z == state);
    }
  pool.set_concurrency(before);
}

TEST_CASE("filters: every n-th row, by the absolute step") {
  const std::size_t steps = 700;
  const auto u = noise(steps);
  const Bank bank(18);
  const auto plan = bank.plan();
  Vector state(plan.state_size());
  const auto whole = run(plan, u, state, 0, steps);
  for (const std::uint64_t every : {2u, 3u, 128u, 200u, 1000u}) {
    CAPTURE(every);
    FilterBankRun options;
    options.every = every;
    Vector z(plan.state_size()), out;
    for (std::size_t at = 0; at < steps; at += 111) {
      const auto part = run(plan, u, z, at, std::min<std::size_t>(111, steps - at), options);
      out.insert(out.end(), part.begin(), part.end());
    }
    Vector expected;
    for (std::size_t k = 0; k < steps; k += every)
      expected.insert(expected.end(), whole.begin() + static_cast<std::ptrdiff_t>(k * 18),
                      whole.begin() + static_cast<std::ptrdiff_t>((k + 1) * 18));
    CHECK(out == expected);
  }
  CHECK(filtered_rows(5, 0, 3) == 0);
  CHECK(filtered_rows(6, 1, 3) == 1);
  CHECK(filtered_rows(7, 2, 3) == 0);
  CHECK(filtered_rows(7, 3, 3) == 1);
}

TEST_CASE("filters: normalised, without mean") {
  const std::size_t steps = 2500, n = 5;
  const auto u = noise(steps);
  const Bank bank(n);
  const auto plan = bank.plan();
  Vector state(plan.state_size());
  auto expected = run(plan, u, state, 0, steps);
  double largest = 0;
  for (const double v : expected) largest = std::max(largest, std::fabs(v));
  for (double& v : expected) v /= largest;
  FilterBankRun options;
  options.normalize = true;
  std::ranges::fill(state, 0.0);
  CHECK(run(plan, u, state, 0, steps, options) == expected);
  for (std::size_t j = 0; j < n; ++j) {
    double mean = 0;
    for (std::size_t k = 0; k < steps; ++k) mean += expected[k * n + j] / static_cast<double>(steps);
    for (std::size_t k = 0; k < steps; ++k) expected[k * n + j] -= mean;
  }
  options.subtract_mean = true;
  std::ranges::fill(state, 0.0);
  check_close(run(plan, u, state, 0, steps, options), expected, 1e-12);
  std::ranges::fill(state, 0.0);
  for (const double v : run(plan, Vector(steps), state, 0, steps, options)) REQUIRE(v == 0.0);
}

TEST_CASE("filters: what decays ends in 0, never in numbers that take long to compute with") {
  const Bank bank(4);
  const auto plan = bank.plan();
  Vector state(plan.state_size());
  CHECK(run(plan, {1}, state, 0, 1)[0] > 0);
  FilterBankRun silence;
  Vector out(4 * 4);
  silence.steps = 4000000, silence.every = 1000000, silence.out = out;
  RunControl control;
  plan.run(state, silence, control);
  CHECK(out[3] > 0);
  CHECK(out.back() == 0);
  for (const double z : state) {
    CHECK(std::fabs(z) < 1e-300);
    CHECK((z == 0 || std::fabs(z) >= std::numeric_limits<double>::min()));
  }
}

TEST_CASE("filters: failures change nothing") {
  const Bank bank(3);
  const auto plan = bank.plan();
  auto u = noise(500);
  Vector state(plan.state_size());
  run(plan, u, state, 0, 500);
  const Vector before = state;
  u[250] = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH_AS(run(plan, u, state, 0, 500), doctest::Contains("of neuron 0 to be finite"), Error);
  CHECK(state == before);
  std::stop_source source;
  source.request_stop();
  RunControl control(source.get_token(), {});
  Vector out(500 * 3);
  FilterBankRun options;
  options.steps = 500, options.out = out;
  CHECK_THROWS_AS(plan.run(state, options, control), Error);
  CHECK(state == before);
}

TEST_CASE("filters: wrong arguments") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(butterworth_lowpass(0, 0.5), Error);
  CHECK_THROWS_AS(butterworth_lowpass(65, 0.5), Error);
  for (const double wrong : {0.0, 1.0, -0.1, nan}) CHECK_THROWS_AS(butterworth_lowpass(2, wrong), Error);
  CHECK_THROWS_AS(butterworth_bandpass(2, 0.3, 0.3), Error);
  CHECK_THROWS_AS(butterworth_bandpass(2, 0.3, nan), Error);
  Vector out(12);
  CHECK_THROWS_WITH_AS(butterworth_bank(1, 100, Vector{10, 20}, Vector{20, 50}, out), doctest::Contains("band 1"), Error);
  CHECK_THROWS_AS(butterworth_bank(2, 100, Vector{10, 20}, Vector{20, 30}, out), Error);
  const Vector section{1, 0, 0, 1, 0, 0}, scaled{1, 0, 0, 2, 0, 0};
  CHECK_THROWS_AS(FilterBankPlan({0, section, {}, true}), Error);
  CHECK_THROWS_AS(FilterBankPlan({2, section, {}, true}), Error);
  CHECK_THROWS_AS(FilterBankPlan({1, scaled, {}, true}), Error);
  CHECK_THROWS_AS(FilterBankPlan({1, section, Vector{1, 2}, true}), Error);
  CHECK_THROWS_AS(FilterBankPlan({1, Vector{nan, 0, 0, 1, 0, 0}, {}, true}), Error);
  const FilterBankPlan plan({1, section, {}, true});
  Vector state(2), rows(3);
  RunControl control;
  FilterBankRun options;
  options.steps = 2, options.out = rows;
  CHECK_THROWS_AS(plan.run(state, options, control), Error);
  options.steps = 3;
  CHECK_THROWS_AS(plan.run(std::span(state).first(1), options, control), Error);
  options.every = 0;
  CHECK_THROWS_AS(plan.run(state, options, control), Error);
  state[0] = nan, options.every = 1;
  CHECK_THROWS_AS(plan.run(state, options, control), Error);
}

namespace {

template <typename T>
struct Batch {
  std::vector<T> out;
  Vector state;
};

template <typename T>
Batch<T> run_batch(const FilterBankPlan& plan, std::size_t batch, const std::vector<T>& u, const Vector& state,
                   FilterBatchRun<T> options = {}) {
  Batch<T> result{std::vector<T>(u.size() * plan.filters()), Vector(batch * plan.state_size())};
  options.batch = batch, options.steps = u.size() / batch, options.input = u, options.out = result.out;
  RunControl control;
  plan.run_batch(std::span<const double>(state), std::span<double>(result.state), options, control);
  return result;
}

}  // namespace

TEST_CASE("filters: each element of a batch is the run of its samples, in pieces too, on any number of threads") {
  const std::size_t batch = 3, steps = 700;
  const unsigned before = ThreadPool::instance().concurrency();
  const auto u = noise(batch * steps);
  for (const std::size_t n : {1u, 16u, 37u}) {
    const Bank bank(n);
    const auto plan = bank.plan();
    for_each_target([&] {
      Vector out, state;
      for (std::size_t e = 0; e < batch; ++e) {
        Vector own(plan.state_size());
        const auto part = run(plan, Vector(u.begin() + e * steps, u.begin() + (e + 1) * steps), own, 0, steps);
        out.insert(out.end(), part.begin(), part.end());
        state.insert(state.end(), own.begin(), own.end());
      }
      for (const unsigned threads : {1u, 3u}) {
        ThreadPool::instance().set_concurrency(threads);
        const auto whole = run_batch(plan, batch, u, Vector(plan.state_size()));
        CHECK(whole.out == out);
        CHECK(whole.state == state);
      }
      for (const std::size_t cut : {1u, 128u, 301u}) {
        Vector first, second;
        for (std::size_t e = 0; e < batch; ++e) {
          first.insert(first.end(), u.begin() + e * steps, u.begin() + e * steps + cut);
          second.insert(second.end(), u.begin() + e * steps + cut, u.begin() + (e + 1) * steps);
        }
        const auto begin = run_batch(plan, batch, first, Vector(plan.state_size()));
        const auto rest = run_batch(plan, batch, second, begin.state);
        CHECK(rest.state == state);
        for (std::size_t e = 0; e < batch; ++e) {
          const auto* whole = out.data() + (e * steps + cut) * n;
          CHECK(std::equal(whole, whole + (steps - cut) * n, rest.out.data() + e * (steps - cut) * n));
        }
      }
    });
    // Floats only come in and go out.
    const std::vector<float> single(u.begin(), u.end());
    const auto rounded = run_batch(plan, batch, Vector(single.begin(), single.end()), Vector(plan.state_size()));
    const auto floats = run_batch(plan, batch, single, Vector(plan.state_size()));
    CHECK(floats.out == std::vector<float>(rounded.out.begin(), rounded.out.end()));
    CHECK(floats.state == rounded.state);
  }
  ThreadPool::instance().set_concurrency(before);
}

TEST_CASE("filters: the elements of a batch are normalised and centred each by itself") {
  const Bank bank(5);
  const auto plan = bank.plan(false);
  Vector u = noise(2 * 400);
  for (std::size_t k = 400; k < 800; ++k) u[k] *= 1000;
  FilterBatchRun<double> options;
  options.normalize = options.subtract_mean = true;
  const auto both = run_batch(plan, 2, u, Vector(plan.state_size()), options);
  for (std::size_t e = 0; e < 2; ++e) {
    const Vector part(u.begin() + e * 400, u.begin() + (e + 1) * 400);
    const auto alone = run_batch(plan, 1, part, Vector(plan.state_size()), options);
    CHECK(std::equal(alone.out.begin(), alone.out.end(), both.out.begin() + static_cast<std::ptrdiff_t>(e * 400 * 5)));
    FilterBankRun series;
    series.normalize = series.subtract_mean = true;
    Vector state(plan.state_size());
    CHECK(run(plan, part, state, 0, 400, series) == alone.out);
  }
}

TEST_CASE("filters: a batch refuses what does not fit, and says where numbers end") {
  const Bank bank(20);
  const auto plan = bank.plan();
  auto u = noise(2 * 300);
  CHECK_THROWS_WITH_AS(run_batch(plan, 2, u, Vector(7)), doctest::Contains("state"), Error);
  CHECK_THROWS_AS(run_batch(plan, 2, u, Vector(plan.state_size(), NAN)), Error);
  u[450] = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH_AS(run_batch(plan, 2, u, Vector(plan.state_size())), doctest::Contains("batch element 1"), Error);
  CHECK(run_batch(plan, 1, Vector{}, Vector(plan.state_size())).state == Vector(plan.state_size()));
  CHECK(lowest_edge(Vector{300, 100, 200}, Vector{10, 20, 30}) == 90);
}
