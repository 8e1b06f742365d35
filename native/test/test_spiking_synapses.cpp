// Synapses that plans share.
#include <doctest/doctest.h>

#include <vector>

#include "rockpool/error.h"
#include "rockpool/iaf.h"

using namespace rockpool;

namespace {

const std::vector<double> kTau{10e-3}, kSynapse{5e-3}, kThreshold{1.0}, kZero{0.0}, kBias{1.5}, kOtherBias{1.2};

IafParameters parameters(std::size_t units) {
  IafParameters p;
  p.units = units;
  p.inputs = units;
  p.dt = 1e-3;
  p.tau_mem = kTau;
  p.tau_syn = {kSynapse};
  p.v_thresh = kThreshold;
  p.v_reset = kZero;
  p.v_rest = kZero;
  p.bias = kBias;
  return p;
}

std::vector<double> potentials(const SpikingPlan& plan, std::uint64_t steps, SpikeList& out) {
  std::vector<double> v(plan.units()), i0(plan.units());
  for (std::size_t j = 0; j < v.size(); ++j) v[j] = 0.9 * static_cast<double>(j) / static_cast<double>(v.size());
  std::vector<std::int32_t> refractory(plan.units());
  std::vector<PendingSpike> spikes, events;
  SpikingRun run;
  run.steps = steps;
  run.dt = 1e-3;
  RunControl control;
  plan.run({v, {i0, {}}, {}, refractory, &spikes, &events}, run, out, control);
  return v;
}

}  // namespace

TEST_CASE("a plan with the synapses of another computes what one of its own would") {
  for (const double probability : {0.1, 0.9}) {  // rows, panels
    CAPTURE(probability);
    auto p = parameters(300);
    const auto route = make_route(make_random_synapses(300, 300, probability, -0.01, 3, true), WeightPart::kAll, {3});
    p.rec_route[0] = route;
    p.threads = 2;
    const auto first = make_iaf_plan(p);
    p.bias = kOtherBias;
    p.threads = 1;
    const auto own = make_iaf_plan(p);
    p.rec_route = {};
    p.synapses_of = first;
    const auto shared = make_iaf_plan(p);
    CHECK(shared->synapses() == own->synapses());
    SpikeList a, b, c;
    const auto v = potentials(*own, 100, a);
    CHECK(potentials(*shared, 100, b) == v);
    CHECK(!a.neurons.empty());
    CHECK(a.neurons == b.neurons);
    CHECK(a.steps == b.steps);
    CHECK(potentials(*first, 100, c) != v);
  }
}

TEST_CASE("synapses are shared only by plans of one size, currents and precision, without routes of their own") {
  auto p = parameters(20);
  p.rec_route[0] = make_route(make_random_synapses(20, 20, 0.5, 0.1, 3, true), WeightPart::kAll, {1});
  const auto first = make_iaf_plan(p);
  p.synapses_of = first;
  CHECK_THROWS_AS(make_iaf_plan(p), Error);
  p.rec_route = {};
  CHECK_NOTHROW(make_iaf_plan(p));
  p.precision = Precision::kFloat32;
  CHECK_THROWS_AS(make_iaf_plan(p), Error);
  auto other = parameters(21);
  other.synapses_of = first;
  CHECK_THROWS_AS(make_iaf_plan(other), Error);
  auto two = parameters(20);
  two.tau_syn = {kSynapse, kSynapse};
  two.synapses_of = first;
  CHECK_THROWS_AS(make_iaf_plan(two), Error);
}
