// Linear, rate, synapse and signal modules.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/linear.h"
#include "rockpool/random.h"
#include "rockpool/rate_batch.h"
#include "rockpool/signal_batch.h"
#include "rockpool/thread_pool.h"
#include "targets.h"

using namespace rockpool;

namespace {

using Vector = std::vector<double>;

Vector normals(std::size_t n, std::uint32_t stream, double scale = 1.0) {
  Vector v(n);
  fill_normal({11, stream}, 0, 0, v.data(), n);
  for (double& x : v) x *= scale;
  return v;
}

template <typename T>
std::vector<T> project(const Vector& w, const Vector& bias, const std::vector<T>& x, std::size_t inputs, std::size_t outputs) {
  std::vector<T> out(x.size() / inputs * outputs);
  RunControl control;
  linear({inputs, outputs, w, bias}, std::span<const T>(x), std::span<T>(out), control);
  return out;
}

}  // namespace

TEST_CASE("linear projections: dense, sparse and few rows, of any width") {
  for_each_target([] {
    for (const std::size_t outputs : {1, 2, 5, 17, 64, 130, 300}) {
      const std::size_t inputs = 700, rows = 101;
      const Vector w = normals(inputs * outputs, 1), bias = normals(outputs, 2);
      for (const double density : {0.0, 0.05, 1.0}) {
        Vector x = normals(rows * inputs, 3);
        Vector u(x.size());
        fill_uniform({1, 1}, 0, 0, u.data(), u.size());
        for (std::size_t i = 0; i < x.size(); ++i)
          if (u[i] > density) x[i] = 0.0;
        CAPTURE(outputs);
        CAPTURE(density);
        const Vector out = project(w, bias, x, inputs, outputs);
        double worst = 0.0;
        for (std::size_t r = 0; r < rows; ++r)
          for (std::size_t j = 0; j < outputs; ++j) {
            double want = bias[j];
            for (std::size_t k = 0; k < inputs; ++k) want += x[r * inputs + k] * w[k * outputs + j];
            worst = std::max(worst, std::abs(out[r * outputs + j] - want));
          }
        CHECK(worst < 1e-11);
        // One row at a time: another path, the same bits.
        bool same = true;
        for (std::size_t r = 0; r < rows; r += 9) {
          const Vector one = project(w, bias,
                                     Vector(x.begin() + static_cast<std::ptrdiff_t>(r * inputs),
                                            x.begin() + static_cast<std::ptrdiff_t>((r + 1) * inputs)),
                                     inputs, outputs);
          same = same && std::equal(one.begin(), one.end(), out.begin() + static_cast<std::ptrdiff_t>(r * outputs));
        }
        CHECK(same);
        const std::vector<float> narrow(x.begin(), x.end());
        const auto out32 = project(w, bias, narrow, inputs, outputs);
        double off = 0.0;
        for (std::size_t i = 0; i < out.size(); ++i) off = std::max(off, std::abs(static_cast<double>(out32[i]) - out[i]));
        CHECK(off < 2e-4);
      }
    }
  });
}

TEST_CASE("linear projections: what is not finite reaches the sums of zeros") {
  Vector w(100 * 3, 1.0);
  w[4] = std::numeric_limits<double>::infinity();
  for (const std::size_t rows : {1, 50}) {
    const Vector out = project(w, {}, Vector(rows * 100), 100, 3);
    CHECK(out[0] == 0.0);
    CHECK(std::isnan(out[1]));
  }
}

TEST_CASE("linear projections refuse shapes that do not fit") {
  RunControl control;
  Vector out(6);
  const Vector w(6), x(4);
  CHECK_THROWS_AS(linear({2, 3, w, {}}, std::span<const double>(x).first(3), out, control), Error);
  CHECK_THROWS_AS(linear({2, 2, w, {}}, std::span<const double>(x), out, control), Error);
  CHECK_THROWS_AS(linear({2, 3, w, x}, std::span<const double>(x), out, control), Error);
  CHECK_THROWS_AS(linear({0, 3, {}, {}}, std::span<const double>(x), out, control), Error);
}

TEST_CASE("rate modules do what their equations say, in pieces too") {
  for_each_target([] {
    const std::size_t n = 19, batch = 3, steps = 30;
    const Vector leak = Vector(n, 0.1), bias = normals(n, 4, 0.2), theta = normals(n, 5, 0.1), w = normals(n * n, 6, 0.2);
    const Vector u = normals(batch * steps * n, 7);
    for (const auto h :
         {BatchActivation::kRelu, BatchActivation::kTanh, BatchActivation::kSigmoid, BatchActivation::kLeakyRelu}) {
      const auto lane = [h](double z) {
        return h == BatchActivation::kRelu      ? std::max(0.0, z)
               : h == BatchActivation::kTanh    ? std::tanh(z)
               : h == BatchActivation::kSigmoid ? (std::tanh(z) + 1) / 2
                                                : (z < 0 ? 0.01 * z : z);
      };
      const RateBatchParameters p{n, h, leak, bias, theta, w, 0.0, LifNoise::kStationary, 1e-3};
      Vector x0(n), x(batch * n), out(u.size()), x_rec(u.size()), rec(u.size());
      RunControl control;
      run_rate_batch(p, x0, x, RateBatchRun<double>{batch, steps, 0, 0, u, {}, out, x_rec, rec}, control);
      double worst = 0.0;
      for (std::size_t b = 0; b < batch; ++b) {
        Vector s(n);
        for (std::size_t t = 0; t < steps; ++t) {
          Vector r(n), next(n);
          for (std::size_t j = 0; j < n; ++j) r[j] = lane(s[j] - theta[j]);
          for (std::size_t j = 0; j < n; ++j) {
            double sum = 0;
            for (std::size_t i = 0; i < n; ++i) sum += r[i] * w[i * n + j];
            const std::size_t at = (b * steps + t) * n + j;
            next[j] = s[j] + leak[j] * (-s[j] + u[at] + bias[j] + sum);
            worst = std::max(
                {worst, std::abs(sum - rec[at]), std::abs(next[j] - x_rec[at]), std::abs(lane(next[j] - theta[j]) - out[at])});
          }
          s = next;
        }
      }
      CHECK(worst < 1e-12);
    }
  });
}

TEST_CASE("rate modules take an activity from outside, step by step") {
  const Vector leak{0.2}, bias{0.1}, theta{0.0}, w{0.5, -0.25, 0.125, 1.0}, u{1.0, 2.0}, r{0.5, 4.0}, x0{0.0, 1.0};
  Vector x(2);
  RunControl control;
  const RateBatchParameters p{2, BatchActivation::kGiven, leak, bias, theta, w, 0.0, LifNoise::kStationary, 1e-3};
  run_rate_batch(p, x0, x, RateBatchRun<double>{1, 1, 0, 0, u, r, {}, {}, {}}, control);
  CHECK(x[0] == doctest::Approx(0.2 * (1.0 + 0.1 + 0.75)));
  CHECK(x[1] == doctest::Approx(1.0 + 0.2 * (2.0 + 0.1 + 3.875 - 1.0)));
  CHECK_THROWS_AS(run_rate_batch(p, x0, x, RateBatchRun<double>{1, 2, 0, 0, u, r, {}, {}, {}}, control), Error);
}

TEST_CASE("exponential synapses, both orders") {
  const Vector u{1, 0, 2, 0}, decay{std::exp(-0.1)};
  Vector state{0}, after(1), out(4);
  RunControl control;
  const SignalRun<double> run{1, 4, 1, 0, 0, u, out};
  exp_filter(run, decay, false, 0.0, false, state, after, control);
  const Vector want{0.904837418, 0.818730753, 2.550493057, 2.307781552};
  for (std::size_t i = 0; i < 4; ++i) CHECK(out[i] == doctest::Approx(want[i]).epsilon(1e-9));
  CHECK(after[0] == out[3]);
  exp_filter(run, decay, true, 0.0, false, state, after, control);
  CHECK(out[0] == 1.0);
  CHECK(out[2] == doctest::Approx(2.818730753).epsilon(1e-9));
}

TEST_CASE("exponential synapses: stationary noise") {
  for (const bool decay_first : {false, true}) {
    const std::size_t n = 40, steps = 3000;
    const Vector u(n * steps), decay{0.9}, state(n);
    Vector after(n), out(n * steps);
    RunControl control;
    exp_filter(SignalRun<double>{1, steps, n, 0, 5, u, out}, decay, decay_first, 0.3, false, state, after, control);
    double squares = 0;
    for (std::size_t i = n * 100; i < out.size(); ++i) squares += out[i] * out[i];
    CHECK(std::sqrt(squares / static_cast<double>(out.size() - n * 100)) == doctest::Approx(0.3).epsilon(0.03));
  }
}

TEST_CASE("latch") {
  const Vector u{0.0, 0.5, 0.05, -0.05, -0.2, 0.0}, state{0.0};
  Vector after(1), out(6);
  RunControl control;
  latch(SignalRun<double>{1, 6, 1, 0, 0, u, out}, 0.1, state, after, control);
  CHECK(out == Vector{0, 1, 1, 1, 0, 0});
  CHECK(after[0] == 0.0);
}

TEST_CASE("delta modulation, with and without refractory steps, in pieces") {
  const Vector up{0.5}, down{0.25}, u{1.0, 1.6, 2.7, 2.2, 2.2}, state{std::nan(""), 0.0};
  Vector after(2), out(10), record(5);
  RunControl control;
  up_down(SignalRun<double>{1, 5, 1, 0, 0, u, out}, {up, down, 0, 2.0}, state, after, std::span<double>(record), control);
  CHECK(out == Vector{0, 0, 2, 0, 4, 0, 0, 2, 0, 0});
  CHECK(record == Vector{1.0, 1.0, 1.5, 2.5, 2.25});
  Vector middle(2), rest(6), start(4);
  up_down(SignalRun<double>{1, 2, 1, 0, 0, std::span(u).first(2), start}, {up, down, 0, 2.0}, state, middle, {}, control);
  up_down(SignalRun<double>{1, 3, 1, 2, 0, std::span(u).last(3), rest}, {up, down, 0, 2.0}, middle, after, {}, control);
  CHECK(rest == Vector(out.begin() + 4, out.end()));
  // A spike at step 1 blinds steps 1 and 2, where the reference follows.
  up_down(SignalRun<double>{1, 5, 1, 0, 0, u, out}, {up, down, 2, 1.0}, state, after, {}, control);
  CHECK(out == Vector{0, 0, 1, 0, 0, 0, 0, 1, 0, 0});
}

TEST_CASE("dropout keeps the share that was asked for, and depends on seed, step and channel only") {
  const std::size_t n = 100, steps = 200, batch = 2;
  const Vector u(batch * steps * n, 1.0);
  Vector out(u.size()), again(u.size());
  RunControl control;
  const auto mean = [](const Vector& v) {
    double sum = 0;
    for (const double x : v) sum += x;
    return sum / static_cast<double>(v.size());
  };
  dropout(SignalRun<double>{batch, steps, n, 0, 4, u, out}, 0.3, false, 1.0, control);
  CHECK(mean(out) == doctest::Approx(0.7).epsilon(0.02));
  dropout(SignalRun<double>{batch, steps, n, 0, 4, u, again}, 0.3, false, 1.0, control);
  CHECK(out == again);
  const Vector part(steps / 2 * n, 1.0);
  Vector tail(part.size());
  dropout(SignalRun<double>{1, steps / 2, n, steps / 2, 4, part, tail}, 0.3, false, 1.0, control);
  CHECK(std::equal(tail.begin(), tail.end(), out.begin() + static_cast<std::ptrdiff_t>(steps / 2 * n)));
  dropout(SignalRun<double>{batch, steps, n, 0, 4, u, out}, 0.5, true, 2.0, control);
  for (std::size_t t = 1; t < steps; ++t)
    CHECK(std::equal(out.begin(), out.begin() + n, out.begin() + static_cast<std::ptrdiff_t>(t * n)));
  CHECK(mean(out) == doctest::Approx(1.0).epsilon(0.2));
}

TEST_CASE("soft-max is over channels and does not overflow") {
  const Vector u{1000.0, 1001.0, -5.0, -5.0};
  Vector out(4);
  RunControl control;
  softmax(SignalRun<double>{1, 2, 2, 0, 0, u, out}, false, control);
  CHECK(out[1] == doctest::Approx(1 / (1 + std::exp(-1.0))));
  CHECK(out[2] == doctest::Approx(0.5));
  softmax(SignalRun<double>{1, 2, 2, 0, 0, u, out}, true, control);
  CHECK(out[0] == doctest::Approx(-1 - std::log1p(std::exp(-1.0))));
}

TEST_CASE("leaks convert into each other and back") {
  const Vector tau{2e-3, 10e-3, 0.5};
  Vector other(3), back(3);
  for (const auto kind : {Leak::kDecay, Leak::kBitshift}) {
    convert_leak(Leak::kTau, kind, 1e-3, tau, other);
    convert_leak(kind, Leak::kTau, 1e-3, other, back);
    for (std::size_t i = 0; i < 3; ++i) CHECK(back[i] == doctest::Approx(tau[i]).epsilon(1e-10));
  }
  CHECK(other[0] == doctest::Approx(-std::log2(1 - std::exp(-0.5))));
  round_bitshift(1e-3, true, 1.0, Vector{1e-3, 2e-3, 17e-3}, other);
  CHECK(other == Vector{1, 1, 4});
  round_bitshift(1e-3, false, 0.0, Vector{2e-3, 4e-3, 1.024}, other);
  CHECK(other == Vector{1, 2, 10});
}
