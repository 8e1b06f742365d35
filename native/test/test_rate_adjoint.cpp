#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stop_token>
#include <vector>

#include "adjoint_checks.h"
#include "rockpool/error.h"
#include "rockpool/rate_adjoint.h"
#include "rockpool/rate_batch.h"
#include "rockpool/thread_pool.h"
#include "targets.h"

using namespace rockpool;
using namespace rockpool::adjoint_checks;

namespace {

const auto kNamed = {BatchActivation::kIdentity, BatchActivation::kRelu, BatchActivation::kLeakyRelu, BatchActivation::kTanh,
                     BatchActivation::kSigmoid};

/// Neurons, an input, and the weights of a loss that is linear in all that a run gives.
struct Net {
  std::size_t n, batch, steps;
  BatchActivation activation;
  Vector leak, bias, theta, w, x0, u, g_out, g_x, g_rec, g_after;
  double noise_std = 0.0;
  LifNoise noise = LifNoise::kStationary;

  Net(BatchActivation h, std::size_t units, std::size_t batches, std::size_t num_steps, bool recurrent)
      : n(units),
        batch(batches),
        steps(num_steps),
        activation(h),
        leak(n),
        bias(normals(n, 1, 0.2)),
        theta(normals(n, 2, 0.2)),
        w(recurrent ? normals(n * n, 3, 0.7 / std::sqrt(static_cast<double>(n))) : Vector()),
        x0(normals(batch * n, 4, 0.5)),
        u(normals(batch * steps * n, 5)),
        g_out(normals(u.size(), 6)),
        g_x(normals(u.size(), 7)),
        g_rec(recurrent ? normals(u.size(), 8) : Vector()),
        g_after(normals(batch * n, 9)) {
    for (std::size_t j = 0; j < n; ++j) leak[j] = 0.05 + 0.3 * static_cast<double>(j % 7) / 7.0;
  }
  RateBatchParameters parameters() const { return {n, activation, leak, bias, theta, w, noise_std, noise, 1e-3}; }
};

template <typename T>
struct Forward {
  std::vector<T> out, x, rec;
  Vector after;
};

template <typename T>
std::vector<T> slice(const std::vector<T>& v, const Net& net, std::size_t first, std::size_t steps) {
  std::vector<T> part;
  if (v.empty()) return part;
  for (std::size_t b = 0; b < net.batch; ++b) {
    const auto from = v.begin() + static_cast<std::ptrdiff_t>((b * net.steps + first) * net.n);
    part.insert(part.end(), from, from + static_cast<std::ptrdiff_t>(steps * net.n));
  }
  return part;
}

template <typename T>
std::vector<T> narrow(const Vector& v) {
  return std::vector<T>(v.begin(), v.end());
}

template <typename T = double>
Forward<T> forward(const Net& net, const Vector& x0, std::size_t first = 0, std::size_t steps = SIZE_MAX) {
  if (steps == SIZE_MAX) steps = net.steps;
  const auto u = narrow<T>(slice(net.u, net, first, steps));
  Forward<T> f{std::vector<T>(u.size()), std::vector<T>(u.size()), std::vector<T>(u.size()), Vector(net.batch * net.n)};
  RunControl control;
  run_rate_batch(net.parameters(), x0, f.after, RateBatchRun<T>{net.batch, steps, first, 3, u, {}, f.out, f.x, f.rec}, control);
  return f;
}

double loss(const Net& net) {
  const auto f = forward(net, net.x0);
  return dot(net.g_out, f.out) + dot(net.g_x, f.x) + (net.w.empty() ? 0.0 : dot(net.g_rec, f.rec)) + dot(net.g_after, f.after);
}

template <typename T>
struct Gradients {
  std::vector<T> u, rec;
  Vector start, x0, log_leak, bias, theta;
};

/// `after`: the gradient of the new state. The sums of `sums` go on.
template <typename T>
Gradients<T> backward(const Net& net, const Vector& x0, const Vector& after, std::size_t first = 0,
                      std::size_t steps = SIZE_MAX, const Gradients<T>* sums = nullptr, RunControl control = {}) {
  if (steps == SIZE_MAX) steps = net.steps;
  const auto f = forward<T>(net, x0, first, steps);
  const std::size_t each = net.batch * net.n;
  Gradients<T> g{std::vector<T>(f.x.size()),
                 std::vector<T>(net.w.empty() ? 0 : f.x.size()),
                 Vector(each),
                 Vector(each),
                 sums ? sums->log_leak : Vector(each),
                 sums ? sums->bias : Vector(each),
                 sums ? sums->theta : Vector(each)};
  const auto g_out = narrow<T>(slice(net.g_out, net, first, steps)), g_x = narrow<T>(slice(net.g_x, net, first, steps)),
             g_rec = narrow<T>(slice(net.g_rec, net, first, steps));
  RateAdjointRun<T> run;
  run.batch = net.batch, run.steps = steps, run.first_step = first, run.seed = 3;
  run.x_start = x0, run.x = f.x, run.activity = f.out;
  run.g_out = g_out, run.g_x = g_x, run.g_i_rec = g_rec, run.g_x_after = after;
  run.g_input = g.u, run.g_rec = g.rec, run.g_x_start = g.x0, run.activity_start = g.start;
  run.log_leak = g.log_leak, run.bias = g.bias, run.threshold = g.theta;
  run_rate_adjoint(net.parameters(), run, control);
  return g;
}

Vector over_batch(const Net& net, const Vector& v) {
  Vector sum(net.n);
  for (std::size_t i = 0; i < v.size(); ++i) sum[i % net.n] += v[i];
  return sum;
}

Vector weights_gradient(const Net& net, const Gradients<double>& g) {
  const auto f = forward(net, net.x0);
  Vector sum(net.n * net.n);
  for (std::size_t b = 0; b < net.batch; ++b)
    for (std::size_t k = 0; k < net.steps; ++k) {
      const double* r = k == 0 ? g.start.data() + b * net.n : f.out.data() + (b * net.steps + k - 1) * net.n;
      for (std::size_t i = 0; i < net.n; ++i)
        for (std::size_t j = 0; j < net.n; ++j) sum[i * net.n + j] += r[i] * g.rec[(b * net.steps + k) * net.n + j];
    }
  return sum;
}

void check_all(Net net) {
  const auto g = backward<double>(net, net.x0, net.g_after);
  const auto l = [&net] { return loss(net); };
  Vector leak = over_batch(net, g.log_leak);
  for (std::size_t j = 0; j < net.n; ++j) leak[j] /= net.leak[j];
  check_gradient(net.leak, leak, l, 1e-4);
  check_gradient(net.bias, over_batch(net, g.bias), l);
  check_gradient(net.theta, over_batch(net, g.theta), l);
  check_gradient(net.x0, g.x0, l);
  check_gradient(net.u, g.u, l);
  if (!net.w.empty()) check_gradient(net.w, weights_gradient(net, g), l);
}

}  // namespace

TEST_CASE("rate adjoint: central differences for every parameter and activation") {
  for_each_target([] {
    for (const auto h : kNamed)
      for (const bool recurrent : {false, true}) {
        CAPTURE(static_cast<int>(h));
        CAPTURE(recurrent);
        check_all(Net(h, 11, 3, 40, recurrent));
      }
  });
}

TEST_CASE("rate adjoint: the size of the noise depends on the leak") {
  for (const auto noise : {LifNoise::kStationary, LifNoise::kSqrtDt}) {
    Net net(BatchActivation::kTanh, 5, 2, 30, true);
    net.noise = noise, net.noise_std = noise == LifNoise::kStationary ? 0.5 : 10.0;
    check_all(net);
  }
}

TEST_CASE("rate adjoint: dot test") {
  for_each_target([] {
    for (const bool recurrent : {false, true}) {
      // With the identity a run is affine: J v = f(v) - f(0).
      Net net(BatchActivation::kIdentity, 33, 4, 70, recurrent);
      const auto g = backward<double>(net, net.x0, net.g_after);
      const double with = loss(net);
      const double back = dot(g.u, net.u) + dot(g.x0, net.x0);
      std::fill(net.u.begin(), net.u.end(), 0.0), std::fill(net.x0.begin(), net.x0.end(), 0.0);
      const double forth = with - loss(net);
      CHECK(std::abs(forth - back) <= 1e-12 * std::abs(forth));
    }
  });
}

TEST_CASE("rate adjoint: in pieces and on several threads the same bits") {
  const auto compare = []<typename T>(T) {
    for (const auto h : kNamed)
      for (const bool recurrent : {false, true}) {
        Net net(h, 19, 5, 50, recurrent);
        net.noise_std = 0.1;
        const auto whole = backward<T>(net, net.x0, net.g_after);
        ThreadPool::instance().set_concurrency(3);
        const auto threads = backward<T>(net, net.x0, net.g_after);
        ThreadPool::instance().set_concurrency(1);
        const auto middle = forward<T>(net, net.x0, 0, 32).after;
        const auto late = backward<T>(net, middle, net.g_after, 32, 18);
        const auto early = backward<T>(net, net.x0, late.x0, 0, 32, &late);
        ThreadPool::instance().set_concurrency(2);
        for (const auto* other : {&threads, &early}) {
          CHECK(whole.x0 == other->x0);
          CHECK(whole.log_leak == other->log_leak);
          CHECK(whole.bias == other->bias);
          CHECK(whole.theta == other->theta);
        }
        CHECK(whole.u == threads.u);
        CHECK(slice(whole.u, net, 0, 32) == early.u);
        CHECK(slice(whole.u, net, 32, 18) == late.u);
        CHECK(slice(whole.rec, net, 32, 18) == late.rec);
      }
  };
  for_each_target([&] { compare(double{}), compare(float{}); });
}

TEST_CASE("rate adjoint: floats") {
  for_each_target([] {
    for (const auto h : kNamed) {
      const Net net(h, 17, 3, 40, true);
      const auto wide = backward<double>(net, net.x0, net.g_after);
      const auto narrow = backward<float>(net, net.x0, net.g_after);
      double off = 0.0, size = 0.0;
      for (std::size_t i = 0; i < wide.u.size(); ++i) {
        off = std::max(off, std::abs(wide.u[i] - static_cast<double>(narrow.u[i])));
        size = std::max(size, std::abs(wide.u[i]));
      }
      CHECK(off < 1e-5 * size);
      for (std::size_t i = 0; i < wide.bias.size(); ++i) {
        CHECK(narrow.bias[i] == doctest::Approx(wide.bias[i]).epsilon(1e-4));
        CHECK(narrow.log_leak[i] == doctest::Approx(wide.log_leak[i]).epsilon(1e-3));
      }
    }
  });
}

TEST_CASE("rate adjoint: an activation from outside goes by its slopes") {
  Net net(BatchActivation::kTanh, 7, 2, 20, true);
  const auto want = backward<double>(net, net.x0, net.g_after);
  const auto f = forward(net, net.x0);
  const auto slopes = [&](const Vector& r, double sign) {
    Vector s(r.size());
    for (std::size_t i = 0; i < r.size(); ++i) s[i] = sign * (1 - r[i] * r[i]);
    return s;
  };
  const Vector s0 = slopes(want.start, 1), t0 = slopes(want.start, -1), s = slopes(f.out, 1), t = slopes(f.out, -1);
  Gradients<double> g{Vector(f.x.size()), Vector(f.x.size()), {}, Vector(14), Vector(14), Vector(14), Vector(14)};
  RateAdjointRun<double> run;
  run.batch = 2, run.steps = 20, run.seed = 3;
  run.x_start = net.x0, run.x = f.x, run.slope_start = s0, run.theta_slope_start = t0, run.slope = s, run.theta_slope = t;
  run.g_out = net.g_out, run.g_x = net.g_x, run.g_i_rec = net.g_rec, run.g_x_after = net.g_after;
  run.g_input = g.u, run.g_rec = g.rec, run.g_x_start = g.x0;
  run.log_leak = g.log_leak, run.bias = g.bias, run.threshold = g.theta;
  net.activation = BatchActivation::kGiven;
  RunControl control;
  run_rate_adjoint(net.parameters(), run, control);
  CHECK(g.u == want.u);
  CHECK(g.x0 == want.x0);
  CHECK(g.theta == want.theta);
  run.slope = {};
  CHECK_THROWS_AS(run_rate_adjoint(net.parameters(), run, control), Error);
}

TEST_CASE("rate adjoint: nothing to do, wrong shapes and a stop") {
  for (const auto& [batch, steps] : {std::pair<std::size_t, std::size_t>{0, 5}, {2, 0}}) {
    const Net net(BatchActivation::kRelu, 3, batch, steps, true);
    const auto g = backward<double>(net, net.x0, net.g_after);
    CHECK(g.x0 == net.g_after);
  }
  Net net(BatchActivation::kRelu, 3, 2, 5, true);
  CHECK_THROWS_AS(backward<double>(net, net.x0, Vector(5)), Error);
  CHECK_THROWS_AS(backward<double>(net, Vector(3), Vector(5)), Error);
  std::stop_source source;
  source.request_stop();
  CHECK_THROWS_AS(backward<double>(net, net.x0, net.g_after, 0, SIZE_MAX, nullptr, RunControl(source.get_token(), {})), Error);
}

TEST_CASE("activation adjoint: central differences") {
  for_each_target([] {
    for (const auto h : kNamed) {
      Vector x = normals(40, 1), g_out = normals(40, 2), out(40), g(40);
      RunControl control;
      const auto l = [&] {
        activate(h, std::span<const double>(x), std::span<double>(out), control);
        return dot(out, g_out);
      };
      l();
      activate_adjoint(h, std::span<const double>(out), std::span<const double>(g_out), std::span<double>(g), control);
      check_gradient(x, g, l);
    }
  });
}
