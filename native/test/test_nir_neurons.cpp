#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/nir_neurons.h"

using namespace rockpool;

namespace {

using Values = std::vector<double>;

/// One batch of one neuron from rest; returns its membrane after each step.
Values membrane(NirNeuronParameters p, const Values& input) {
  const Values zero{0.0};
  Values v(1), i(1), s(1), out(input.size()), record(input.size());
  p.units = 1;
  RunControl control;
  run_nir_neurons(p, {zero, zero, zero}, {v, i, s}, {1, input.size(), input, out, record, {}}, control);
  return record;
}

}  // namespace

TEST_CASE("NIR neurons: exact for an input that is constant over a step") {
  const Values tau{5e-3}, r{2.0}, leak{0.5};
  NirNeuronParameters p;
  p.tau_mem = tau, p.r = r, p.v_leak = leak, p.dt = 1e-3;
  const auto v = membrane(p, Values(50, 3.0));
  for (std::size_t k = 0; k < v.size(); ++k)
    CHECK(v[k] == doctest::Approx(6.5 * (1.0 - std::exp(-static_cast<double>(k + 1) * 1e-3 / 5e-3))).epsilon(1e-12));
}

TEST_CASE("NIR neurons: long time constants lose nothing") {
  const Values tau{1e12}, r{1e15}, leak{0.0};
  NirNeuronParameters p;
  p.tau_mem = tau, p.r = r, p.v_leak = leak, p.dt = 1e-3;
  CHECK(membrane(p, {1.0})[0] == doctest::Approx(1.0).epsilon(1e-12));
}

TEST_CASE("NIR neurons: resets") {
  const Values tau{2e-3}, one{1.0}, zero{0.0}, reset{0.25};
  NirNeuronParameters p;
  p.tau_mem = tau, p.r = one, p.v_leak = zero, p.v_threshold = one, p.integration = NirIntegration::kEuler;
  const Values input{3.0, 0.0, 3.0, 0.0, 2.0};
  CHECK(membrane(p, input) == Values{0.5, 0.25, 0.625, 0.3125, 0.15625});
  p.reset_next = true;
  CHECK(membrane(p, input) == Values{1.5, -0.25, 1.375, -0.3125, 0.84375});
  p.reset = NirReset::kValue, p.v_reset = reset;
  CHECK(membrane(p, input) == Values{1.5, 0.25, 1.625, 0.25, 1.125});
  p.reset_next = false;
  CHECK(membrane(p, input) == Values{0.25, 0.125, 0.25, 0.125, 0.25});
}

TEST_CASE("NIR neurons: wrong parameters") {
  const Values tau{0.0}, one{1.0}, two{1.0, 2.0};
  NirNeuronParameters p;
  p.r = one, p.tau_mem = tau, p.v_leak = one;
  CHECK_THROWS_AS(membrane(p, {1.0}), Error);
  p.tau_mem = one, p.dt = 3.0, p.integration = NirIntegration::kEuler;
  CHECK_THROWS_AS(membrane(p, {1.0}), Error);
  p.dt = 1.0, p.w_rec = two;
  CHECK_THROWS_AS(membrane(p, {1.0}), Error);
  p.w_rec = {};
  CHECK_THROWS_AS(membrane(p, {HUGE_VAL}), Error);
}

TEST_CASE("First element outside and transposition") {
  const Values x{1.0, 0.0, std::nan("")};
  CHECK(first_outside(x, 0.0, true) == 2);
  CHECK(first_outside(x, 0.0, false) == 1);
  CHECK(first_outside(Values{1.0, 2.0}, 0.0, false) == 2);
  Values a(35 * 70), b(a.size());
  for (std::size_t k = 0; k < a.size(); ++k) a[k] = static_cast<double>(k);
  transpose(a, 35, 70, b);
  CHECK(b[69 * 35 + 34] == a[34 * 70 + 69]);
  CHECK(b[3 * 35 + 7] == a[7 * 70 + 3]);
}
