#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stop_token>
#include <vector>

#include "adjoint_checks.h"
#include "rockpool/error.h"
#include "rockpool/signal_adjoint.h"
#include "rockpool/thread_pool.h"

using namespace rockpool;
using namespace rockpool::adjoint_checks;

namespace {

constexpr std::size_t kBatch = 3, kSteps = 30, kChannels = 5;

template <typename T>
std::vector<T> piece(const Vector& v, std::size_t first, std::size_t steps, std::size_t channels = kChannels) {
  std::vector<T> part;
  for (std::size_t b = 0; b < kBatch; ++b)
    for (std::size_t i = 0; i < steps * channels; ++i) part.push_back(static_cast<T>(v[(b * kSteps + first) * channels + i]));
  return part;
}

struct Filter {
  bool decay_first, white = false;
  double noise = 0.0;
  Vector decay{0.9, 0.5, 0.97, 0.3, 0.8};
  Vector state = normals(kBatch * kChannels, 1), u = normals(kBatch * kSteps * kChannels, 2), g_out = normals(u.size(), 3),
         g_after = normals(state.size(), 4);

  template <typename T>
  std::pair<std::vector<T>, Vector> forward(const Vector& from, std::size_t first, std::size_t steps, double std) const {
    const auto in = piece<T>(u, first, steps);
    std::vector<T> out(in.size());
    Vector after(from.size());
    RunControl control;
    exp_filter(SignalRun<T>{kBatch, steps, kChannels, first, 9, in, out}, decay, decay_first, std, white, from, after, control);
    return {out, after};
  }
  double loss() const {
    const auto [out, after] = forward<double>(state, 0, kSteps, noise);
    return dot(out, g_out) + dot(after, g_after);
  }
};

template <typename T>
struct FilterGradients {
  std::vector<T> u;
  Vector state, log_decay;
};

template <typename T>
FilterGradients<T> back(const Filter& f, const Vector& from, const Vector& g_after, std::size_t first, std::size_t steps,
                        Vector sums = Vector(kBatch * kChannels)) {
  const auto currents = f.forward<T>(from, first, steps, f.white ? 0.0 : f.noise).first;
  const auto g_out = piece<T>(f.g_out, first, steps);
  FilterGradients<T> g{std::vector<T>(g_out.size()), Vector(kBatch * kChannels), std::move(sums)};
  RunControl control;
  exp_filter_adjoint<T>({kBatch, steps, kChannels, first, 9, g_out, g.u}, f.decay, f.decay_first, f.noise, f.white, from,
                        currents, g_after, g.state, g.log_decay, control);
  return g;
}

Vector over_batch(const Vector& v, std::size_t n = kChannels) {
  Vector sum(n);
  for (std::size_t i = 0; i < v.size(); ++i) sum[i % n] += v[i];
  return sum;
}

}  // namespace

TEST_CASE("exponential synapse adjoint: central differences, with noise too") {
  for (const bool decay_first : {false, true})
    for (const bool white : {false, true})
      for (const double noise : {0.0, 0.7}) {
        CAPTURE(decay_first);
        CAPTURE(white);
        CAPTURE(noise);
        Filter f{decay_first, white, noise};
        const auto g = back<double>(f, f.state, f.g_after, 0, kSteps);
        const auto loss = [&f] { return f.loss(); };
        Vector decay = over_batch(g.log_decay);
        for (std::size_t j = 0; j < kChannels; ++j) decay[j] /= f.decay[j];
        check_gradient(f.decay, decay, loss, 1e-4);
        check_gradient(f.u, g.u, loss);
        check_gradient(f.state, g.state, loss);
      }
}

TEST_CASE("exponential synapse adjoint: dot test, pieces, threads, floats") {
  const auto compare = []<typename T>(T) {
    for (const bool decay_first : {false, true}) {
      const Filter f{decay_first, false, 0.2};
      const auto whole = back<T>(f, f.state, f.g_after, 0, kSteps);
      const Vector middle = f.forward<T>(f.state, 0, 13, f.noise).second;
      ThreadPool::instance().set_concurrency(3);
      const auto late = back<T>(f, middle, f.g_after, 13, kSteps - 13);
      ThreadPool::instance().set_concurrency(2);
      const auto early = back<T>(f, f.state, late.state, 0, 13, late.log_decay);
      CHECK(early.state == whole.state);
      CHECK(early.log_decay == whole.log_decay);
      CHECK(std::equal(early.u.begin(), early.u.begin() + 13 * kChannels, whole.u.begin()));
      CHECK(std::equal(late.u.rbegin(), late.u.rbegin() + 17 * kChannels, whole.u.rbegin()));
    }
  };
  compare(double{}), compare(float{});
  for (const bool decay_first : {false, true}) {
    const Filter f{decay_first};
    const auto g = back<double>(f, f.state, f.g_after, 0, kSteps);
    CHECK(std::abs(f.loss() - dot(g.u, f.u) - dot(g.state, f.state)) <= 1e-12 * std::abs(f.loss()));
    const auto narrow = back<float>(f, f.state, f.g_after, 0, kSteps);
    for (std::size_t i = 0; i < g.log_decay.size(); ++i)
      CHECK(narrow.log_decay[i] == doctest::Approx(g.log_decay[i]).epsilon(1e-4));
  }
}

TEST_CASE("soft-max adjoint: central differences") {
  for (const bool logarithm : {false, true}) {
    Vector u = normals(kBatch * kSteps * kChannels, 1), g_out = normals(u.size(), 2), out(u.size()), g(u.size());
    RunControl control;
    const auto loss = [&] {
      softmax(SignalRun<double>{kBatch, kSteps, kChannels, 0, 0, u, out}, logarithm, control);
      return dot(out, g_out);
    };
    loss();
    softmax_adjoint<double>({kBatch, kSteps, kChannels, 0, 0, g_out, g}, logarithm, out, control);
    check_gradient(u, g, loss);
  }
}

namespace {

struct UpDown {
  std::uint64_t refractory;
  bool fresh;
  Vector up{0.5, 0.3, 0.7, 0.4, 0.6}, down{0.4, 0.5, 0.3, 0.6, 0.7};
  Vector u = normals(kBatch * kSteps * kChannels, 5), g_out = normals(2 * u.size(), 6), g_record = normals(u.size(), 7);
  Vector state = start(), g_after = ones();

  Vector start() const {
    Vector s(2 * kBatch * kChannels);
    for (std::size_t b = 0; b < kBatch; ++b)
      for (std::size_t j = 0; j < kChannels; ++j)
        s[b * 2 * kChannels + j] = fresh ? std::numeric_limits<double>::quiet_NaN() : 0.1 * static_cast<double>(j);
    return s;
  }
  /// The refractory steps that are left are no function of anything.
  static Vector ones() {
    Vector s(2 * kBatch * kChannels);
    for (std::size_t b = 0; b < kBatch; ++b)
      std::fill_n(s.begin() + static_cast<std::ptrdiff_t>(b * 2 * kChannels), kChannels, 0.7);
    return s;
  }
  UpDownParameters parameters(bool smooth) const { return {up, down, refractory, 2.0, smooth}; }

  double loss() const {
    Vector out(2 * u.size()), record(u.size()), after(state.size());
    RunControl control;
    up_down(SignalRun<double>{kBatch, kSteps, kChannels, 0, 0, u, out}, parameters(true), state, after,
            std::span<double>(record), control);
    for (std::size_t b = 0; b < kBatch; ++b)
      std::fill_n(after.begin() + static_cast<std::ptrdiff_t>((2 * b + 1) * kChannels), kChannels, 0.0);
    return dot(out, g_out) + dot(record, g_record) + dot(after, g_after);
  }
};

struct UpDownGradients {
  Vector u, state, up, down;
};

UpDownGradients back(const UpDown& m, const Vector& from, const Vector& g_after, std::size_t first, std::size_t steps,
                     bool smooth, const UpDownGradients* sums = nullptr) {
  const auto u = piece<double>(m.u, first, steps), g_out = piece<double>(m.g_out, first, steps, 2 * kChannels),
             g_record = piece<double>(m.g_record, first, steps);
  UpDownGradients g{Vector(u.size()), Vector(from.size()), sums ? sums->up : Vector(kBatch * kChannels),
                    sums ? sums->down : Vector(kBatch * kChannels)};
  RunControl control;
  up_down_adjoint<double>({kBatch, steps, kChannels, first, 0, g_out, g.u}, m.parameters(smooth), u, from, g_record, g_after,
                          g.state, g.up, g.down, control);
  return g;
}

}  // namespace

TEST_CASE("delta modulation adjoint: central differences of the smooth counts") {
  for (const std::uint64_t refractory : {0, 1, 3})
    for (const bool fresh : {false, true}) {
      CAPTURE(refractory);
      CAPTURE(fresh);
      UpDown m{refractory, fresh};
      const auto g = back(m, m.state, m.g_after, 0, kSteps, true);
      const auto loss = [&m] { return m.loss(); };
      check_gradient(m.u, g.u, loss, 1e-6);
      check_gradient(m.up, over_batch(g.up), loss, 1e-6);
      check_gradient(m.down, over_batch(g.down), loss, 1e-6);
    }
}

TEST_CASE("delta modulation adjoint: in pieces the same bits") {
  for (const std::uint64_t refractory : {0, 2}) {
    const UpDown m{refractory, true};
    const auto whole = back(m, m.state, m.g_after, 0, kSteps, false);
    const auto u = piece<double>(m.u, 0, 11);
    Vector out(2 * u.size()), middle(m.state.size());
    RunControl control;
    up_down(SignalRun<double>{kBatch, 11, kChannels, 0, 0, u, out}, m.parameters(false), m.state, middle, {}, control);
    const auto late = back(m, middle, m.g_after, 11, kSteps - 11, false);
    const auto early = back(m, m.state, late.state, 0, 11, false, &late);
    CHECK(early.up == whole.up);
    CHECK(early.down == whole.down);
    CHECK(early.state == whole.state);
    CHECK(std::equal(early.u.begin(), early.u.begin() + 11 * kChannels, whole.u.begin()));
  }
}

TEST_CASE("signal adjoints: leaks, wrong shapes and a stop") {
  const Vector tau{0.02, 0.5, 1e-4}, g{1.0, 2.0, 3.0};
  Vector out(3);
  euler_leak_adjoint(1e-3, 10.0, tau, g, out);
  CHECK(out == Vector{-50.0, -4.0, 0.0});
  decay_adjoint(1e-3, tau, g, out);
  CHECK(out[0] == doctest::Approx(1e-3 / 4e-4));
  decay_adjoint(1e-3, Vector{1e-200, 1e-200, 1.0}, Vector{0.0, 0.0, 0.0}, out);
  CHECK(out == Vector(3));
  const Filter f{false};
  CHECK_THROWS_AS(back<double>(f, f.state, Vector(2), 0, kSteps), Error);
  std::stop_source source;
  source.request_stop();
  RunControl stopped(source.get_token(), {});
  const Vector u(kBatch * kSteps * kChannels);
  Vector du(u.size());
  CHECK_THROWS_AS(softmax_adjoint<double>({kBatch, kSteps, kChannels, 0, 0, u, du}, false, u, stopped), Error);
  RunControl control;
  CHECK_THROWS_AS(softmax_adjoint<double>({kBatch, kSteps, kChannels + 1, 0, 0, u, du}, false, u, control), Error);
}
