#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/rows.h"
#include "rockpool/sampler.h"
#include "rockpool/times.h"

using namespace rockpool;

namespace {

const std::vector<double> kTimes{1.247, 2.497, 3.367, 3.938, 4.208, 4.907, 5.638, 5.897, 6.16};
const std::vector<double> kSamples{1.635,  0.273,  -1.233, -0.958, 1.6,    0.203,  -1.732, -0.084, -1.163,
                                   -0.629, -0.488, -0.713, 0.553,  -0.063, -0.589, 0.41,   0.83,   -1.643};
const std::vector<double> kQueries{0.847, 1.253, 1.338, 3.72, 4.723, 5.532, 5.646, 3.938, 6.16, 6.46};

SamplerSpec spec_of(InterpKind kind, int degree = 0) {
  SamplerSpec spec;
  spec.times = kTimes;
  spec.count = kTimes.size();
  spec.samples = kSamples;
  spec.channels = 2;
  spec.kind = kind;
  spec.degree = degree;
  spec.t_start = 0;
  spec.t_stop = 7;
  return spec;
}

void check_close(const std::vector<double>& got, const std::vector<double>& expected, double relative) {
  REQUIRE(got.size() == expected.size());
  double largest = 0;
  for (const double v : expected) largest = std::max(largest, std::fabs(v));
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CHECK(std::fabs(got[i] - expected[i]) <= relative * largest);
  }
}

std::vector<double> sampled(const SamplerSpec& spec, const std::vector<double>& t) {
  std::vector<double> out(t.size() * spec.channels);
  Sampler(spec).sample(t.data(), t.size(), out.data());
  return out;
}

}  // namespace

TEST_CASE("splines give the numbers of scipy.interpolate.interp1d") {
  check_close(sampled(spec_of(InterpKind::kSpline, 2), kQueries),
              {5.332018342740895,
               1.5979846776739859,
               1.5898027147420957,
               0.2565617049179421,
               0.9820799058325165,
               0.03459765380364011,
               -0.8204728057912141,
               0.1844461129722833,
               -0.7238960144094222,
               -0.7785812560871817,
               0.8419603996199054,
               -0.3038961771511736,
               0.5215677489270856,
               -0.041943990161545985,
               -1.7319999999999998,
               -0.084,
               0.83,
               -1.643,
               6.322704355432748,
               -7.618241410500929},
              1e-12);
  check_close(sampled(spec_of(InterpKind::kSpline, 3), kQueries),
              {13.279576100074987,
               2.8848166597577114,
               1.5163189862366797,
               0.244734284536457,
               -0.007767065898261175,
               -0.1244651849690856,
               -0.8017132457561199,
               0.19613814730413368,
               -0.7062435903562628,
               -0.7873296097752049,
               0.8083233357590546,
               -0.30461261263710787,
               0.5223977962741969,
               -0.04120382317382041,
               -1.732,
               -0.08399999999999999,
               0.83,
               -1.643,
               11.322960200520077,
               -11.11909069415046},
              1e-12);
  check_close(sampled(spec_of(InterpKind::kSpline, 5), kQueries),
              {130.7513709034771,
               -13.257750246015723,
               0.6515892195216176,
               0.360706977440971,
               -11.07773075998368,
               1.3517092478405288,
               -1.2889209690374175,
               0.27126752730132286,
               -0.72521210918976,
               -0.74977463834581,
               0.8500362436454996,
               -0.34661361269781715,
               0.5224652659847213,
               -0.040342776902717925,
               -1.7320000000000007,
               -0.0840000000000001,
               0.83,
               -1.643,
               16.84507172760866,
               -14.112082588033836},
              1e-11);
}

TEST_CASE("a spline needs samples, at different times, and keeps NaN to its channel") {
  auto spec = spec_of(InterpKind::kSpline, 3);
  spec.count = 3;
  spec.times = spec.times.first(3);
  spec.samples = spec.samples.first(6);
  CHECK_THROWS_AS(Sampler{spec}, Error);
  const std::vector<double> equal{0, 1, 1, 2, 3, 4, 5, 6, 7};
  spec = spec_of(InterpKind::kSpline, 2);
  spec.times = equal;
  CHECK_THROWS_AS(Sampler{spec}, Error);
  auto samples = kSamples;
  samples[8] = NAN;
  spec = spec_of(InterpKind::kSpline, 3);
  spec.samples = samples;
  const auto with_nan = sampled(spec, kQueries), without = sampled(spec_of(InterpKind::kSpline, 3), kQueries);
  for (std::size_t i = 0; i < kQueries.size(); ++i) {
    CHECK(std::isnan(with_nan[2 * i]));
    CHECK(with_nan[2 * i + 1] == without[2 * i + 1]);
  }
}

TEST_CASE("the order of queries and the number of threads change no value") {
  const std::size_t n = 40'000, channels = 5;
  std::vector<double> times(n), samples(n * channels), rising(2 * n);
  std::uint32_t state = 1;
  const auto uniform = [&] { return static_cast<double>(state = state * 1664525u + 1013904223u) / 4294967296.0; };
  double t = 0;
  for (double& x : times) x = t += uniform() < 0.1 ? 0 : uniform();
  for (double& x : samples) x = uniform();
  for (double& x : rising) x = uniform() * t;
  std::sort(rising.begin(), rising.end());
  rising[0] = times[17], rising[n] = times[n - 2];
  std::vector<double> falling(rising.rbegin(), rising.rend()), shuffled = rising;
  for (std::size_t i = shuffled.size(); i-- > 1;)
    std::swap(shuffled[i], shuffled[static_cast<std::size_t>(uniform() * static_cast<double>(i))]);
  for (const auto kind :
       {InterpKind::kPrevious, InterpKind::kNext, InterpKind::kNearest, InterpKind::kNearestUp, InterpKind::kLinear}) {
    CAPTURE(static_cast<int>(kind));
    SamplerSpec spec;
    spec.times = times, spec.count = n, spec.samples = samples, spec.channels = channels, spec.kind = kind;
    spec.t_start = times[0], spec.t_stop = t;
    // One at a time, the plain way.
    const auto one = [&](double query) { return sampled(spec, {query}); };
    for (const auto* queries : {&rising, &falling, &shuffled}) {
      const auto all = sampled(spec, *queries);
      bool same = true;
      for (std::size_t i = 0; i < queries->size(); i += 97) {
        const auto single = one((*queries)[i]);
        for (std::size_t c = 0; c < channels; ++c) {
          const double a = all[i * channels + c], b = single[c];
          same = same && (a == b || (a != a && b != b));
        }
      }
      CHECK(same);
    }
  }
}

TEST_CASE("a clocked series samples as one with the same stored times") {
  std::vector<double> times(101);
  clock_times(0.3, 0.1, 5, times);
  std::vector<double> samples(times.size());
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = std::sin(static_cast<double>(i));
  for (const auto kind : {InterpKind::kPrevious, InterpKind::kLinear, InterpKind::kSpline}) {
    SamplerSpec stored;
    stored.times = times, stored.count = times.size(), stored.samples = samples, stored.channels = 1, stored.kind = kind;
    stored.degree = kind == InterpKind::kSpline ? 3 : 0;
    stored.t_start = times.front(), stored.t_stop = times.back();
    SamplerSpec clocked = stored;
    clocked.times = {}, clocked.clocked = true, clocked.clock_t0 = 0.3, clocked.clock_dt = 0.1, clocked.clock_first = 5;
    std::vector<double> a(100), b(100);
    Sampler(stored).sample(times.data(), 100, a.data());
    Sampler(clocked).sample_clocked(0.3, 0.1, 5, 100, b.data());
    CHECK(a == b);
    const SamplerData owned(clocked);
    Sampler(owned.spec()).sample_clocked(0.3, 0.1, 5, 100, a.data());
    CHECK(a == b);
  }
}

TEST_CASE("queries without a value are counted, and the first of them told") {
  auto spec = spec_of(InterpKind::kPrevious);
  const std::vector<double> t{2, 8, 1, -1, NAN, 7 + 5e-10};
  std::vector<double> out(12);
  const auto report = Sampler(spec).sample(t.data(), t.size(), out.data());
  CHECK(report.outside == 4);  // 8, 1 (before the first sample), -1, NaN
  CHECK(report.first_outside == 8);
  CHECK(report.snapped == 1);
  CHECK(std::isnan(out[2]));
  CHECK(out[10] == 0.83);
}

TEST_CASE("merging keeps the order of the series at equal times") {
  const std::vector<double> times{0, 1, 2, 0.5, 1, 1, 3, 0.5, 2}, samples{1, 2, 3, 10, 20, 21, 30, 100, 200}, lengths{3, 4, 2};
  std::vector<double> t(9), y(9);
  CHECK(merge_series(times, samples, 1, lengths, false, t, y) == 9);
  CHECK(y == std::vector<double>{1, 10, 100, 2, 20, 21, 3, 200, 30});
  CHECK(merge_series(times, samples, 1, lengths, true, t, y) == 5);
  CHECK(std::vector<double>(y.begin(), y.begin() + 5) == std::vector<double>{1, 10, 2, 3, 30});
}
