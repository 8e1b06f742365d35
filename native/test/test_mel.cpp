#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/mel.h"
#include "rockpool/random.h"

using namespace rockpool;

namespace {

MelSpec spec() {
  MelSpec s;
  s.sample_rate_hz = 16000;
  s.bands = 20;
  s.window = 400;
  s.hop = 160;
  s.f_max_hz = 8000;
  return s;
}

std::vector<double> run(const MelSpec& s, const std::vector<double>& x, std::size_t channels) {
  const MelSpectrogram mel(s);
  std::vector<double> out(mel.frames(x.size() / channels) * channels * s.bands);
  RunControl control;
  mel.compute(x.data(), x.size() / channels, channels, out.data(), control);
  return out;
}

}  // namespace

TEST_CASE("a tone shows in its band, with the power that it has") {
  std::vector<double> x(4000);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(2 * std::numbers::pi * 1000 * static_cast<double>(i) / 16000);
  const auto out = run(spec(), x, 1);
  REQUIRE(out.size() == 25 * 20);
  const double* frame = out.data() + 10 * 20;
  std::size_t peak = 0;
  double total = 0;
  for (std::size_t b = 0; b < 20; ++b) {
    if (frame[b] > frame[peak]) peak = b;
    total += frame[b];
  }
  // 1000 Hz is mel 1000; edges are mel(8000) / 21 = 135.2 apart, so band 6 (edges 6 to 8) peaks at mel 946.6.
  CHECK(peak == 6);
  CHECK(total == doctest::Approx(0.5).epsilon(1e-3));
}

TEST_CASE("white noise has its variance spread over all bands but the outer halves") {
  std::vector<double> x(160000);
  fill_normal({1, 0}, 0, 0, x.data(), x.size());
  const auto out = run(spec(), x, 1);
  double total = 0;
  for (const double v : out) total += v;
  CHECK(total / 1000 == doctest::Approx(0.94).epsilon(0.03));
}

TEST_CASE("channels are independent, the floor holds and NaN stays visible") {
  auto s = spec();
  s.decibel = true;
  s.floor_db = -80;
  std::vector<double> x(2 * 1000, 0.0);
  for (std::size_t i = 0; i < 1000; ++i) x[2 * i + 1] = i % 2 ? 1 : -1;
  x[2 * 999] = NAN;
  const auto out = run(s, x, 2);
  CHECK(out[0] == -80);
  CHECK(out[20 + 19] > -60);
  CHECK(std::isnan(out[6 * 40]));
  CHECK(!std::isnan(out[6 * 40 + 20]));
}

TEST_CASE("every band is fed, however narrow, and nonsense is refused") {
  auto s = spec();
  s.bands = 300;
  std::vector<double> x(400);
  fill_normal({2, 0}, 0, 0, x.data(), x.size());
  for (const double v : run(s, x, 1)) CHECK(v > 0);
  s.f_max_hz = 8001;
  CHECK_THROWS_AS(MelSpectrogram{s}, Error);
  s = spec();
  s.bands = 0;
  CHECK_THROWS_AS(MelSpectrogram{s}, Error);
}

TEST_CASE("the sample rate of an even time base") {
  std::vector<double> t(100);
  for (std::size_t i = 0; i < t.size(); ++i) t[i] = 5 + static_cast<double>(i) / 44100;
  CHECK(even_sample_rate(t.data(), t.size()) == doctest::Approx(44100));
  t[50] += 0.1 / 44100;
  CHECK(even_sample_rate(t.data(), t.size()) == 0);
  CHECK(even_sample_rate(t.data(), 1) == 0);
}
