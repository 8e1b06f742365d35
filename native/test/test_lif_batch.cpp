#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stop_token>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/lif_batch.h"
#include "rockpool/random.h"
#include "rockpool/thread_pool.h"
#include "targets.h"

using namespace rockpool;

namespace {

using Vector = std::vector<double>;

Vector normals(std::size_t n, std::uint32_t stream, double scale = 1.0, double shift = 0.0) {
  Vector v(n);
  fill_normal({7, stream}, 0, 0, v.data(), n);
  for (double& x : v) x = shift + scale * x;
  return v;
}

struct Net {
  std::size_t n, k, batch, steps;
  Vector alpha, beta, bias, theta, w_rec, gamma, w_ahp, input;
  LifBatchParameters p;

  Net(std::size_t units, std::size_t synapses, std::size_t batch_size, std::size_t num_steps)
      : n(units), k(synapses), batch(batch_size), steps(num_steps), alpha(n), beta(n * k), bias(n), theta(n) {
    for (std::size_t j = 0; j < n; ++j) {
      alpha[j] = 0.7 + 0.2 * static_cast<double>(j % 5) / 5.0;
      bias[j] = 0.01 * static_cast<double>(j % 3);
      theta[j] = 0.6 + 0.1 * static_cast<double>(j % 7);
    }
    for (std::size_t s = 0; s < n * k; ++s) beta[s] = 0.5 + 0.4 * static_cast<double>(s % 11) / 11.0;
    p.units = n, p.synapses = k;
    p.v_from_v = alpha, p.i_from_i = beta, p.bias = bias, p.threshold = theta;
    input = normals(batch * steps * p.columns(), 1, 0.4, 0.1);
  }
  void recurrent() {
    w_rec = normals(n * n * k, 2, 0.1 / std::sqrt(static_cast<double>(n)));
    p.w_rec = w_rec;
  }
  void ahp() {
    gamma = Vector{0.95}, w_ahp = Vector(n, -0.3);
    p.a_from_a = gamma, p.w_ahp = w_ahp;
  }
};

struct Result {
  Vector v, i, s, a, out, v_record, before, i_record, rec_record, a_record;
};

template <typename T = double>
Result evolve(const Net& net, std::size_t first = 0, std::size_t steps = SIZE_MAX, const Result* from = nullptr) {
  if (steps == SIZE_MAX) steps = net.steps;
  const std::size_t n = net.n, syn = n * net.k, columns = net.p.columns(), rows = net.batch * steps;
  const std::size_t ahp = net.p.a_from_a.empty() ? 0 : n;
  Result r;
  r.v.resize(net.batch * n), r.i.resize(net.batch * syn), r.s.resize(net.batch * n), r.a.resize(net.batch * ahp);
  const Vector v0(n, 0.1), i0(syn), s0(n), a0(ahp);
  const LifBatchState state =
      from == nullptr ? LifBatchState{v0, i0, s0, a0} : LifBatchState{from->v, from->i, from->s, from->a};
  std::vector<T> input, out(rows * n), v(rows * n), before(rows * n), i(rows * syn), rec(rows * syn), a(rows * ahp);
  for (std::size_t b = 0; b < net.batch; ++b)
    for (std::size_t x = 0; x < steps * columns; ++x)
      input.push_back(static_cast<T>(net.input[(b * net.steps + first) * columns + x]));
  RunControl control;
  run_lif_batch(net.p, state, {r.v, r.i, r.s, r.a}, {net.batch, steps, first, 3, input, out, {v, before, i, rec, a, {}}},
                control);
  r.out.assign(out.begin(), out.end()), r.v_record.assign(v.begin(), v.end()), r.before.assign(before.begin(), before.end());
  r.i_record.assign(i.begin(), i.end()), r.rec_record.assign(rec.begin(), rec.end()), r.a_record.assign(a.begin(), a.end());
  return r;
}

/// The model as the head of lif_batch.h says it, in plain loops.
Result reference(const Net& net) {
  const auto& p = net.p;
  const std::size_t n = net.n, k = net.k, syn = n * k;
  Result r;
  for (std::size_t b = 0; b < net.batch; ++b) {
    Vector v(n, 0.1), i(syn), s(n), a(n);
    for (std::size_t t = 0; t < net.steps; ++t) {
      const double* u = net.input.data() + (b * net.steps + t) * p.columns();
      Vector rec(syn);
      if (!p.w_rec.empty())
        for (std::size_t q = 0; q < syn; ++q)
          for (std::size_t j = 0; j < n; ++j) rec[q] += s[j] * p.w_rec[j * syn + q];
      for (std::size_t q = 0; q < syn; ++q) {
        if (p.scheme == LifScheme::kAddThenDecay) i[q] = (i[q] + u[q] + rec[q]) * net.beta[q];
        if (p.scheme == LifScheme::kDecayThenAdd) i[q] = i[q] * net.beta[q] + u[q] + rec[q];
        if (p.scheme == LifScheme::kEuler) i[q] += net.beta[q] * (u[q] + rec[q] - i[q]);
      }
      r.rec_record.insert(r.rec_record.end(), rec.begin(), rec.end());
      r.i_record.insert(r.i_record.end(), i.begin(), i.end());
      for (std::size_t j = 0; j < n; ++j) {
        double drive = k == 0 ? u[j] : 0.0;
        for (std::size_t q = 0; q < k; ++q) drive += i[j * k + q];
        if (!p.a_from_a.empty()) {
          a[j] = (a[j] + s[j] * p.w_ahp[j]) * p.a_from_a[0];
          drive += a[j];
          r.a_record.push_back(a[j]);
        }
        v[j] = p.scheme == LifScheme::kEuler ? v[j] + net.alpha[j] * (drive + net.bias[j] - v[j])
                                             : v[j] * net.alpha[j] + drive + net.bias[j];
        r.before.push_back(v[j]);
        s[j] = v[j] >= net.theta[j] ? std::min(std::floor(v[j] / net.theta[j]), p.max_spikes) : 0.0;
        if (p.output_membrane) s[j] = 0.0;
        v[j] -= s[j] * net.theta[j];
        r.v_record.push_back(v[j]);
        r.out.push_back(p.output_membrane ? v[j] : s[j]);
      }
    }
    r.v.insert(r.v.end(), v.begin(), v.end()), r.s.insert(r.s.end(), s.begin(), s.end());
    r.i.insert(r.i.end(), i.begin(), i.end());
    if (!p.a_from_a.empty()) r.a.insert(r.a.end(), a.begin(), a.end());
  }
  return r;
}

void check_close(const Vector& got, const Vector& want, double tolerance) {
  REQUIRE(got.size() == want.size());
  double worst = 0.0;
  for (std::size_t i = 0; i < got.size(); ++i) worst = std::max(worst, std::abs(got[i] - want[i]) / (1.0 + std::abs(want[i])));
  CHECK(worst <= tolerance);
}

void check_all(const Result& got, const Result& want, double tolerance) {
  check_close(got.out, want.out, tolerance);
  check_close(got.v_record, want.v_record, tolerance);
  check_close(got.before, want.before, tolerance);
  check_close(got.i_record, want.i_record, tolerance);
  check_close(got.rec_record, want.rec_record, tolerance);
  check_close(got.a_record, want.a_record, tolerance);
  check_close(got.v, want.v, tolerance);
  check_close(got.i, want.i, tolerance);
  check_close(got.s, want.s, tolerance);
  check_close(got.a, want.a, tolerance);
}

}  // namespace

TEST_CASE("LIF modules do what their equations say") {
  for_each_target([] {
    for (const std::size_t synapses : {0, 1, 2, 3}) {
      for (const auto scheme : {LifScheme::kAddThenDecay, LifScheme::kDecayThenAdd, LifScheme::kEuler}) {
        Net net(21, synapses, 3, 40);
        net.p.scheme = scheme;
        if (synapses > 0) net.recurrent();
        net.ahp();
        net.p.max_spikes = 2;
        CAPTURE(synapses);
        const auto want = reference(net);
        double spikes = 0;
        for (const double s : want.out) spikes += s;
        CHECK(spikes > 10);
        check_all(evolve(net), want, 1e-12);
      }
    }
  });
}

TEST_CASE("LIF modules may give the membrane, and never spike then") {
  Net net(9, 1, 2, 25);
  net.p.output_membrane = true;
  check_all(evolve(net), reference(net), 1e-12);
}

TEST_CASE("LIF modules in single precision") {
  Net net(37, 2, 2, 12);
  const auto got = evolve<float>(net), want = reference(net);
  check_close(got.i_record, want.i_record, 1e-5);
  std::size_t differ = 0;
  for (std::size_t i = 0; i < got.out.size(); ++i) differ += got.out[i] != want.out[i] ? 1 : 0;
  CHECK(differ <= 1);
}

TEST_CASE("LIF modules: bit for bit the same in pieces and on any number of threads") {
  const auto threads = ThreadPool::instance().concurrency();
  for_each_target([] {
    Net net(33, 2, 4, 60);
    net.recurrent();
    net.ahp();
    net.p.noise_std = 0.2;
    ThreadPool::instance().set_concurrency(1);
    const auto whole = evolve(net);
    ThreadPool::instance().set_concurrency(3);
    const auto threaded = evolve(net);
    CHECK(whole.out == threaded.out);
    CHECK(whole.v == threaded.v);
    const auto first = evolve(net, 0, 23);
    const auto second = evolve(net, 23, 37, &first);
    CHECK(second.v == whole.v);
    CHECK(second.i == whole.i);
    CHECK(second.a == whole.a);
    for (std::size_t b = 0; b < net.batch; ++b)
      CHECK(std::equal(second.out.begin() + static_cast<std::ptrdiff_t>(b * 37 * net.n),
                       second.out.begin() + static_cast<std::ptrdiff_t>((b + 1) * 37 * net.n),
                       whole.out.begin() + static_cast<std::ptrdiff_t>((b * 60 + 23) * net.n)));
  });
  ThreadPool::instance().set_concurrency(threads);
}

TEST_CASE("LIF modules spike at exact multiples of the threshold, in both precisions") {
  for_each_target([] {
    Net net(64, 0, 1, 1);
    std::ranges::fill(net.bias, 0.0);
    std::ranges::fill(net.theta, 0.1f);
    net.input.assign(64, 0.0);
    for (std::size_t j = 0; j < 64; ++j) net.input[j] = static_cast<double>(static_cast<float>(j) * 0.1f);
    net.alpha.assign(64, 0.0);
    const auto got = evolve<float>(net);
    for (std::size_t j = 0; j < 64; ++j) CHECK(got.out[j] == static_cast<double>(j));
  });
}

TEST_CASE("LIF modules: stationary noise has the deviation that was asked for") {
  for (const auto scheme : {LifScheme::kAddThenDecay, LifScheme::kEuler}) {
    Net net(50, 0, 4, 2000);
    net.p.scheme = scheme;
    net.p.output_membrane = true;
    net.p.noise_std = 0.5;
    net.alpha.assign(50, scheme == LifScheme::kEuler ? 0.1 : 0.9);
    net.bias.assign(50, 0.0);
    std::ranges::fill(net.input, 0.0);
    const auto r = evolve(net);
    double squares = 0, count = 0;
    for (std::size_t i = 0; i < r.out.size(); ++i)
      if (i / 50 % 2000 > 100) squares += r.out[i] * r.out[i], ++count;
    CHECK(std::sqrt(squares / count) == doctest::Approx(0.5).epsilon(0.02));
  }
}

TEST_CASE("LIF modules refuse what they cannot run") {
  Net net(5, 1, 1, 4);
  const auto code = [&net] {
    try {
      evolve(net);
    } catch (const Error& e) {
      return e.code();
    }
    return std::string("none");
  };
  net.theta[2] = 0.0;
  CHECK(code() == "ERR_VALUE");
  net.theta[2] = std::nan("");
  CHECK(code() == "ERR_VALUE");
  net.theta[2] = 1.0;
  net.input[7] = std::nan("");
  CHECK(code() == "ERR_NOT_FINITE");
  net.input[7] = 0.0;
  net.p.bias = net.p.bias.subspan(1);
  CHECK(code() == "ERR_SHAPE");
}

TEST_CASE("LIF modules stop when they are asked to") {
  Net net(2000, 1, 1, 50);
  net.recurrent();
  std::stop_source source;
  RunControl control(source.get_token(), [&source](std::uint64_t done, std::uint64_t) {
    if (done > 0) source.request_stop();
  });
  Vector v(2000), i(2000), s(2000), out(50 * 2000);
  const LifBatchRun<double> run{1, 50, 0, 0, net.input, out, {}};
  CHECK_THROWS_AS(run_lif_batch(net.p, {v, i, s, {}}, {v, i, s, {}}, run, control), Error);
  CHECK(v == Vector(2000));
}
