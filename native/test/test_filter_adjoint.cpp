#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stop_token>
#include <vector>

#include "adjoint_checks.h"
#include "rockpool/error.h"
#include "rockpool/filter_adjoint.h"

using namespace rockpool;
using namespace rockpool::adjoint_checks;

namespace {

/// Three filters of two sections each, and one behind them.
struct Bank {
  bool rectify;
  std::size_t batch = 2, steps = 50, filters = 3, states = 3 * 3 * 2;
  Vector bandpass, lowpass{0.2, 0.3, 0.1, 1.0, -0.5, 0.1};
  Vector u = normals(batch * steps, 1), state = normals(batch * states, 2, 0.3), g_out = normals(u.size() * filters, 3),
         g_after = normals(state.size(), 4);

  explicit Bank(bool rectified) : rectify(rectified) {
    for (std::size_t i = 0; i < 6; ++i) {
      const double r = 0.8 + 0.02 * static_cast<double>(i), angle = 0.4 + 0.3 * static_cast<double>(i);
      bandpass.insert(bandpass.end(), {0.3, 0.05, -0.3, 1.0, -2 * r * std::cos(angle), r * r});
    }
  }
  FilterBankParameters parameters() const { return {filters, bandpass, lowpass, rectify}; }

  std::pair<Vector, Vector> forward(const Vector& in, const Vector& from) const {
    Vector out(in.size() * filters), after(batch * states);
    FilterBatchRun<double> run;
    run.batch = batch, run.steps = in.size() / batch, run.input = in, run.out = out;
    RunControl control;
    FilterBankPlan(parameters()).run_batch(from, after, run, control);
    return {out, after};
  }
  double loss() const {
    const auto [out, after] = forward(u, state);
    return dot(out, g_out) + dot(after, g_after);
  }
  Vector piece(const Vector& v, std::size_t first, std::size_t n, std::size_t width) const {
    Vector part;
    for (std::size_t b = 0; b < batch; ++b)
      for (std::size_t i = 0; i < n * width; ++i) part.push_back(v[(b * steps + first) * width + i]);
    return part;
  }
  std::pair<Vector, Vector> back(const Vector& from, const Vector& after, std::size_t first, std::size_t n,
                                 RunControl control = {}) const {
    const Vector in = piece(u, first, n, 1), g = piece(g_out, first, n, filters);
    Vector g_u(in.size()), g_state(batch * states);
    filter_bank_adjoint(parameters(), FilterAdjointRun<double>{batch, n, in, from, g, after, g_u, g_state}, control);
    return {g_u, g_state};
  }
};

}  // namespace

TEST_CASE("filter bank adjoint: central differences, dot test, pieces") {
  for (const bool rectify : {false, true}) {
    Bank bank(rectify);
    const auto [u, state] = bank.back(bank.state, bank.g_after, 0, bank.steps);
    const auto loss = [&bank] { return bank.loss(); };
    check_gradient(bank.u, u, loss, 1e-5);
    check_gradient(bank.state, state, loss, 1e-5);
    // A rectified bank is linear between its kinks, and through 0.
    CHECK(std::abs(dot(u, bank.u) + dot(state, bank.state) - bank.loss()) <= 1e-12 * std::abs(bank.loss()));
    const Vector middle = bank.forward(bank.piece(bank.u, 0, 20, 1), bank.state).second;
    const auto late = bank.back(middle, bank.g_after, 20, 30);
    const auto early = bank.back(bank.state, late.second, 0, 20);
    CHECK(early.second == state);
    CHECK(early.first == bank.piece(u, 0, 20, 1));
    CHECK(late.first == bank.piece(u, 20, 30, 1));
  }
}

TEST_CASE("filter bank adjoint: wrong shapes and a stop") {
  const Bank bank(true);
  CHECK_THROWS_AS(bank.back(bank.state, Vector(3), 0, 50), Error);
  CHECK_THROWS_AS(bank.back(Vector(3), {}, 0, 50), Error);
  CHECK(bank.back(bank.state, bank.g_after, 0, 0).second == bank.g_after);
  std::stop_source source;
  source.request_stop();
  CHECK_THROWS_AS(bank.back(bank.state, {}, 0, 50, RunControl(source.get_token(), {})), Error);
}
