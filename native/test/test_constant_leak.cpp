#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/iaf.h"
#include "targets.h"

using namespace rockpool;

namespace {

constexpr std::size_t kUnits = 21;  // whole vectors and a rest
constexpr double kDt = 1e-3;

struct Leaking {
  std::vector<double> rate, least, rest, bias, tau{20e-3}, thresh{1.0}, reset{-65e-3};
  IafParameters p;

  Leaking() : rate(kUnits), least(kUnits), rest(kUnits), bias(kUnits) {
    for (std::size_t j = 0; j < kUnits; ++j) {
      const auto x = static_cast<double>(j);
      rate[j] = 0.1 * x;
      least[j] = -0.07 - 1e-3 * x;
      rest[j] = -0.065 + 1e-3 * x;
      bias[j] = 1e-3 * (x - 10.0);
    }
    p.units = kUnits;
    p.inputs = 1;
    p.dt = kDt;
    p.tau_mem = tau;
    p.v_thresh = thresh;
    p.v_reset = reset;
    p.v_rest = rest;
    p.bias = bias;
    p.leak_rate = rate;
    p.v_min = least;
    p.leak = IafLeak::kConstant;
  }
};

std::vector<double> run(const IafParameters& p, double v0, std::uint64_t steps) {
  const auto plan = make_iaf_plan(p);
  std::vector<double> v(kUnits, v0);
  std::vector<std::int32_t> refractory(kUnits);
  std::vector<PendingSpike> spikes, events;
  SpikingState state{v, {}, {}, refractory, &spikes, &events};
  SpikingRun r;
  r.steps = steps;
  r.dt = kDt;
  SpikeList out;
  RunControl control;
  plan->run(state, r, out, control);
  return v;
}

}  // namespace

TEST_CASE("a constant leak, with a rate, a rest and a limit of its own for each neuron") {
  for_each_target([] {
    Leaking x;
    for (const IafLeak leak : {IafLeak::kConstant, IafLeak::kConstantLegacy}) {
      for (const bool rests : {true, false}) {
        x.p.leak = leak;
        x.p.v_rest = rests ? std::span<const double>(x.rest) : std::span<const double>();
        const auto v = run(x.p, -60e-3, 40);
        for (std::size_t j = 0; j < kUnits; ++j) {
          double expected = -60e-3;
          const double a = kDt / x.tau[0], lost = x.rate[j] * kDt;
          for (int k = 0; k < 40; ++k) {
            const double distance = expected - x.rest[j];
            if (leak == IafLeak::kConstant)
              expected += a * x.bias[j] - (rests ? std::copysign(std::fmin(lost, std::fabs(distance)), distance) : lost);
            else
              expected += a * lost * (rests ? static_cast<double>((distance < 0) - (distance > 0)) : 1.0);
            expected = std::fmax(expected, x.least[j]);
          }
          CHECK(v[j] == doctest::Approx(expected).epsilon(1e-12));
        }
      }
    }
  });
}

TEST_CASE("a constant leak: one value for all is as many equal ones, wrong ones are refused") {
  Leaking x;
  const std::vector<double> rate(kUnits, 0.2), least(kUnits, -0.07), one_rate{0.2}, one_least{-0.07};
  x.p.leak_rate = rate, x.p.v_min = least;
  const auto many = run(x.p, -60e-3, 50);
  x.p.leak_rate = one_rate, x.p.v_min = one_least;
  CHECK(run(x.p, -60e-3, 50) == many);
  const std::vector<double> negative{-0.1}, two{0.1, 0.1};
  x.p.leak_rate = negative;
  CHECK_THROWS_AS(make_iaf_plan(x.p), Error);
  x.p.leak_rate = two;
  CHECK_THROWS_AS(make_iaf_plan(x.p), Error);
  x.p.leak_rate = {};
  CHECK_THROWS_AS(make_iaf_plan(x.p), Error);
  x.p.leak_rate = one_rate, x.p.v_min = two;
  CHECK_THROWS_AS(make_iaf_plan(x.p), Error);
}
