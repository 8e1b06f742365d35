#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/lif_adjoint.h"
#include "rockpool/random.h"
#include "rockpool/thread_pool.h"
#include "targets.h"

using namespace rockpool;

namespace {

using Vector = std::vector<double>;
using Named = std::map<std::string, Vector>;

Vector normals(std::size_t n, std::uint32_t stream, double scale = 1.0, double shift = 0.0) {
  Vector v(n);
  fill_normal({11, stream}, 0, 0, v.data(), n);
  for (double& x : v) x = shift + scale * x;
  return v;
}

double dot(const Vector& a, const Vector& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Neurons with all their numbers by name: what is differentiated.
struct Net {
  std::size_t n, k, batch, steps;
  bool recurrent, ahp;
  LifBatchParameters p;  // its spans are put by spans()
  Named x;

  Net(std::size_t units, std::size_t synapses, std::size_t elements, std::size_t rows, bool rec, bool with_ahp)
      : n(units), k(synapses), batch(elements), steps(rows), recurrent(rec), ahp(with_ahp) {
    p.units = n, p.synapses = k;
    x["input"] = normals(batch * steps * p.columns(), 1, 0.5, 0.15);
    x["alpha"] = normals(n, 2, 0.05, 0.8), x["beta"] = normals(syn(), 3, 0.05, 0.6);
    x["bias"] = normals(n, 4, 0.05, 0.02), x["theta"] = normals(n, 5, 0.1, 0.9);
    x["w_rec"] = recurrent ? normals(n * syn(), 6, 0.3 / std::sqrt(static_cast<double>(n))) : Vector{};
    x["gamma"] = ahp ? normals(n, 7, 0.05, 0.7) : Vector{}, x["w_ahp"] = ahp ? normals(n, 8, 0.1, -0.3) : Vector{};
    x["v0"] = normals(batch * n, 9, 0.3), x["i0"] = normals(batch * syn(), 10, 0.3);
    x["s0"] = normals(batch * n, 11, 0.5, 0.5), x["a0"] = normals(batch * (ahp ? n : 0), 12, 0.1);
  }
  std::size_t syn() const { return n * k; }
  LifBatchParameters with(const Named& y) const {
    LifBatchParameters q = p;
    q.v_from_v = y.at("alpha"), q.i_from_i = y.at("beta"), q.bias = y.at("bias"), q.threshold = y.at("theta");
    q.w_rec = y.at("w_rec"), q.a_from_a = y.at("gamma"), q.w_ahp = y.at("w_ahp");
    return q;
  }
};

/// What a run gives, or the gradients of it; [batch, steps, ...] and states [batch, ...].
template <typename T>
struct Signals {
  std::vector<T> out, v, before, i, rec, a;
  Vector v1, i1, s1, a1;

  Signals(const Net& net, std::size_t steps) {
    const std::size_t rows = net.batch * steps, ahp = net.ahp ? net.n : 0;
    out.resize(rows * net.n), v = out, before = out;
    i.resize(rows * net.syn()), rec = i, a.resize(rows * ahp);
    v1.resize(net.batch * net.n), s1 = v1, i1.resize(net.batch * net.syn()), a1.resize(net.batch * ahp);
  }
};

template <typename T>
std::vector<T> cut(const std::vector<T>& all, std::size_t batch, std::size_t rows, std::size_t first, std::size_t steps) {
  std::vector<T> some;
  const std::size_t width = rows == 0 ? 0 : all.size() / (batch * rows);
  for (std::size_t b = 0; b < batch; ++b) {
    const auto from = all.begin() + static_cast<std::ptrdiff_t>((b * rows + first) * width);
    some.insert(some.end(), from, from + static_cast<std::ptrdiff_t>(steps * width));
  }
  return some;
}

template <typename T>
std::vector<T> as(const Vector& x) {
  return std::vector<T>(x.begin(), x.end());
}

LifBatchState state_of(const Named& y) {
  return {y.at("v0"), y.at("i0"), y.at("s0"), y.at("a0")};
}

template <typename T>
Signals<T> forward(const Net& net, const Named& y, std::size_t first = 0, std::size_t steps = SIZE_MAX) {
  if (steps == SIZE_MAX) steps = net.steps;
  Signals<T> r(net, steps);
  const auto input = as<T>(cut(y.at("input"), net.batch, net.steps, first, steps));
  RunControl control;
  run_lif_batch(net.with(y), state_of(y), {r.v1, r.i1, r.s1, r.a1},
                {net.batch, steps, first, 3, input, r.out, {r.v, r.before, r.i, r.rec, r.a, {}}}, control);
  return r;
}

/// The gradients of a loss are random numbers: the loss is a weighted sum of all that a run gives.
template <typename T>
Signals<T> random_gradients(const Net& net) {
  Signals<T> g(net, net.steps);
  const auto fill = [](auto& to, std::uint32_t stream) {
    const Vector x = normals(to.size(), stream);
    for (std::size_t j = 0; j < to.size(); ++j) to[j] = static_cast<std::decay_t<decltype(to[0])>>(x[j]);
  };
  fill(g.out, 21), fill(g.v, 22), fill(g.i, 23), fill(g.rec, 24), fill(g.a, 25);
  fill(g.v1, 26), fill(g.i1, 27), fill(g.s1, 28), fill(g.a1, 29);
  return g;
}

double loss(const Signals<double>& r, const Signals<double>& g) {
  return dot(r.out, g.out) + dot(r.v, g.v) + dot(r.i, g.i) + dot(r.rec, g.rec) + dot(r.a, g.a) + dot(r.v1, g.v1) +
         dot(r.i1, g.i1) + dot(r.s1, g.s1) + dot(r.a1, g.a1);
}

/// Gradients per batch element, by the names of Net::x.
template <typename T>
struct Gradients {
  Named sums;
  std::vector<T> input, arrival;

  explicit Gradients(const Net& net) {
    for (const char* name : {"alpha", "bias", "theta", "v0", "s0"}) sums[name] = Vector(net.batch * net.n);
    for (const char* name : {"beta", "i0"}) sums[name] = Vector(net.batch * net.syn());
    sums["w_rec"] = Vector(net.x.at("w_rec").size());
    for (const char* name : {"gamma", "w_ahp", "a0"}) sums[name] = Vector(net.ahp ? net.batch * net.n : 0);
  }
};

/// Adds the gradients of rows [first, first + steps), and replaces the gradients of the state after them by those of that
/// before.
template <typename T>
void backward(const Net& net, const Named& y, std::size_t first, std::size_t steps, Signals<T>& g, Gradients<T>& to,
              bool tell_arrivals = false) {
  const auto r = forward<T>(net, y, first, steps);
  const auto part = [&](const std::vector<T>& x) { return cut(x, net.batch, net.steps, first, steps); };
  const auto out = part(g.out), v = part(g.v), i = part(g.i), rec = part(g.rec), a = part(g.a);
  to.input.resize(net.batch * steps * net.p.columns()), to.arrival.resize(net.batch * steps * net.syn());
  const auto input = as<T>(cut(y.at("input"), net.batch, net.steps, first, steps));
  LifAdjointRun<T> run{net.batch, steps, r.before, r.out, r.i, r.a};
  if (net.p.output_membrane) run.spikes = {};
  if (tell_arrivals) run.input = input, run.i_rec = r.rec;
  run.g_out = out, run.g_v_mem = v, run.g_i_syn = i, run.g_i_rec = rec, run.g_i_ahp = a;
  run.g_input = to.input, run.g_arrival = to.arrival;
  auto& s = to.sums;
  const LifAdjointSums sums{s["alpha"], s["beta"], s["bias"], s["theta"], s["gamma"], s["w_ahp"], s["w_rec"]};
  RunControl control;
  run_lif_adjoint(net.with(y), state_of(y), {g.v1, g.i1, g.s1, g.a1}, {s["v0"], s["i0"], s["s0"], s["a0"]}, sums, run, control);
  g.v1 = s["v0"], g.i1 = s["i0"], g.s1 = s["s0"], g.a1 = s["a0"];
}

/// The gradient of every number of the net.
Named gradients(const Net& net, bool tell_arrivals = false) {
  auto g = random_gradients<double>(net);
  Gradients<double> to(net);
  backward(net, net.x, 0, net.steps, g, to, tell_arrivals);
  Named all = to.sums;
  all["input"] = to.input;
  for (const char* name : {"alpha", "beta", "bias", "theta", "gamma", "w_ahp"}) {
    const std::size_t each = all[name].size() / net.batch;
    for (std::size_t j = each; j < all[name].size(); ++j) all[name][j % std::max<std::size_t>(each, 1)] += all[name][j];
    all[name].resize(each);
  }
  return all;
}

/// The largest relative difference to central differences, over all parameters and five random directions of each.
double worst_difference(const Net& net, bool tell_arrivals = false) {
  const Named found = gradients(net, tell_arrivals);
  const auto g = random_gradients<double>(net);
  double worst = 0.0;
  for (const auto& [name, value] : net.x) {
    if (value.empty()) continue;
    for (std::uint32_t k = 0; k < 5; ++k) {
      const Vector direction = normals(value.size(), 40 + k);
      const double want = dot(found.at(name), direction);
      double best = INFINITY;
      // A step across a kink of the function tells nothing; a shorter one does not cross it.
      for (const double h : {1e-5, 1e-6, 1e-7}) {
        const auto at = [&](double step) {
          Named y = net.x;
          for (std::size_t j = 0; j < value.size(); ++j) y[name][j] += step * direction[j];
          return loss(forward<double>(net, y), g);
        };
        const double got = (at(h) - at(-h)) / (2.0 * h);
        best = std::min(best, std::abs(got - want) / std::max({std::abs(got), std::abs(want), 1e-3}));
        if (best < 1e-7) break;
      }
      if (best > 1e-6) MESSAGE(name << " differs by " << best);
      worst = std::max(worst, best);
    }
  }
  return worst;
}

const LifScheme schemes[] = {LifScheme::kAddThenDecay, LifScheme::kDecayThenAdd, LifScheme::kEuler};
const LifSurrogate::Kind surrogates[] = {LifSurrogate::Kind::kStepPwl, LifSurrogate::Kind::kPeriodicExponential};

}  // namespace

TEST_CASE("Gradients of LIF modules are those of central differences, for all variants") {
  for (const auto scheme : schemes)
    for (const auto surrogate : surrogates)
      for (const std::size_t synapses : {0, 1, 3})
        for (const bool recurrent : {false, true})
          for (const bool ahp : {false, true}) {
            if (recurrent && synapses == 0) continue;
            Net net(5, synapses, 2, 12, recurrent, ahp);
            net.p.scheme = scheme, net.p.surrogate.kind = surrogate, net.p.smooth = true;
            net.p.noise_std = ahp ? 0.1 : 0.0;
            net.p.noise = LifNoise::kSqrtDt;
            CAPTURE(static_cast<int>(scheme));
            CAPTURE(static_cast<int>(surrogate));
            CAPTURE(synapses);
            CAPTURE(recurrent);
            CAPTURE(ahp);
            CHECK(worst_difference(net) <= 1e-6);
          }
}

TEST_CASE("Gradients of LIF modules: options of the surrogate, decays of 0, the membrane as output") {
  for_each_target([] {
    for (const auto surrogate : surrogates) {
      Net net(6, 2, 2, 12, true, true);
      net.p.smooth = true, net.p.surrogate = {surrogate, 0.3, true};
      net.p.max_spikes = 1;
      for (double& u : net.x["input"]) u *= 2.0;
      CHECK(worst_difference(net) <= 1e-6);
      const auto masked = gradients(net);
      net.p.surrogate.masked = false;
      CHECK(gradients(net).at("input") != masked.at("input"));
    }
    Net zero(4, 2, 2, 10, true, false);
    zero.p.smooth = true;
    std::ranges::fill(zero.x["beta"], 0.0);
    CHECK(worst_difference(zero, true) <= 1e-6);
    Net membrane(4, 2, 2, 10, true, true);
    membrane.p.output_membrane = true;
    for (const auto scheme : schemes) {
      membrane.p.scheme = scheme;
      CHECK(worst_difference(membrane) <= 1e-6);
    }
  });
}

TEST_CASE("The adjoint of a linear LIF run is its transpose") {
  for (const auto scheme : schemes)
    for (const std::size_t synapses : {0, 1, 2}) {
      Net net(17, synapses, 3, 40, false, false);
      net.p.scheme = scheme, net.p.output_membrane = true;
      std::ranges::fill(net.x["bias"], 0.0);
      const auto g = random_gradients<double>(net);
      const auto found = gradients(net);
      const double back =
          dot(found.at("input"), net.x["input"]) + dot(found.at("v0"), net.x["v0"]) + dot(found.at("i0"), net.x["i0"]);
      CHECK(back == doctest::Approx(loss(forward<double>(net, net.x), g)).epsilon(1e-12));
    }
}

TEST_CASE("Gradients of LIF modules with spikes: the derivative is the surrogate's, with an absolute window") {
  Net net(1, 0, 1, 1, false, false);
  net.x = Named{{"input", {0.0}}, {"alpha", {0.5}}, {"beta", {}},  {"bias", {0.0}}, {"theta", {2.0}}, {"w_rec", {}},
                {"gamma", {}},    {"w_ahp", {}},    {"v0", {0.0}}, {"i0", {}},      {"s0", {0.0}},    {"a0", {}}};
  const auto slope = [&net](double x) {
    net.x["input"][0] = x;
    Signals<double> g(net, 1);
    g.out[0] = 1.0;
    Gradients<double> to(net);
    backward(net, net.x, 0, 1, g, to);
    CHECK(to.sums["theta"][0] == doctest::Approx(-to.input[0] * x / 2.0));
    return to.input[0];
  };
  net.p.surrogate.window = 0.25;
  CHECK(slope(1.7) == 0.0);
  CHECK(slope(1.8) == 0.5);
  CHECK(slope(50.0) == 0.5);
  net.p.surrogate.kind = LifSurrogate::Kind::kPeriodicExponential;
  net.p.max_spikes = 3;
  CHECK(slope(0.5) == doctest::Approx(0.5 * std::exp(-1.5 / 0.25)));
  CHECK(slope(2.5) == doctest::Approx(0.5 * std::exp(-0.5 / 0.25)));
  CHECK(slope(3.5) == doctest::Approx(0.5 * std::exp(-0.5 / 0.25)));
  CHECK(slope(7.0) == doctest::Approx(0.5 * std::exp(-1.0 / 0.25)));
  net.p.surrogate.masked = true;
  CHECK(slope(5.9) > 0.0);
  CHECK(slope(6.1) == 0.0);
}

namespace {

template <typename T>
void check_bits() {
  Net net(19, 2, 5, 70, true, true);
  net.p.surrogate.kind = LifSurrogate::Kind::kPeriodicExponential;
  auto& pool = ThreadPool::instance();
  pool.set_concurrency(1);
  auto g = random_gradients<T>(net);
  Gradients<T> whole(net);
  backward(net, net.x, 0, net.steps, g, whole);
  for (const unsigned threads : {2u, 3u}) {
    pool.set_concurrency(threads);
    auto again = random_gradients<T>(net);
    Gradients<T> same(net);
    backward(net, net.x, 0, net.steps, again, same);
    CHECK(same.sums == whole.sums);
    CHECK(same.input == whole.input);
  }
  // In pieces: the states that each starts from, then backwards.
  auto h = random_gradients<T>(net);
  Gradients<T> pieces(net);
  const std::size_t starts[] = {0, 32, 64, 70};
  std::vector<Named> from{net.x};
  for (std::size_t c = 0; c + 2 < std::size(starts); ++c) {
    const auto r = forward<T>(net, from.back(), starts[c], starts[c + 1] - starts[c]);
    from.push_back(from.back());
    from.back()["v0"] = r.v1, from.back()["i0"] = r.i1, from.back()["s0"] = r.s1, from.back()["a0"] = r.a1;
  }
  for (std::size_t c = std::size(starts) - 1; c-- > 0;) {
    const std::size_t steps = starts[c + 1] - starts[c];
    backward(net, from[c], starts[c], steps, h, pieces);
    CHECK(pieces.input == cut(whole.input, net.batch, net.steps, starts[c], steps));
  }
  CHECK(pieces.sums == whole.sums);
}

}  // namespace

TEST_CASE("Gradients of LIF modules: bit for bit the same in pieces and on any number of threads") {
  const auto threads = ThreadPool::instance().concurrency();
  for_each_target([] {
    check_bits<double>();
    check_bits<float>();
  });
  ThreadPool::instance().set_concurrency(threads);
}

TEST_CASE("Gradients of LIF modules in single precision") {
  for_each_target([] {
    Net net(37, 2, 2, 25, true, true);
    net.p.smooth = true, net.p.surrogate.kind = LifSurrogate::Kind::kPeriodicExponential;
    auto g = random_gradients<double>(net);
    auto gf = random_gradients<float>(net);
    Gradients<double> want(net);
    Gradients<float> got(net);
    backward(net, net.x, 0, net.steps, g, want);
    backward(net, net.x, 0, net.steps, gf, got);
    for (const auto& [name, value] : want.sums) {
      const double scale = std::sqrt(dot(value, value));
      double squares = 0.0;
      for (std::size_t j = 0; j < value.size(); ++j) squares += std::pow(value[j] - got.sums[name][j], 2);
      CAPTURE(name);
      CHECK(std::sqrt(squares) <= 1e-4 * scale);
    }
  });
}

TEST_CASE("Gradients of LIF modules: what is not wanted may be absent") {
  Net net(5, 1, 2, 9, false, false);
  const auto r = forward<double>(net, net.x);
  const auto g = random_gradients<double>(net);
  Vector v(10), i(10), s(10), input(90), bias(10);
  RunControl control;
  LifAdjointRun<double> run{2, 9, r.before, r.out};
  run.g_out = g.out;
  run_lif_adjoint(net.with(net.x), state_of(net.x), {}, {v, i, s, {}}, {}, run, control);
  run.g_input = input;
  Vector v2(10), i2(10), s2(10);
  run_lif_adjoint(net.with(net.x), state_of(net.x), {}, {v2, i2, s2, {}}, {.bias = bias}, run, control);
  CHECK(v == v2);
  CHECK(i == i2);
  CHECK(dot(bias, bias) > 0.0);
  // The gradient of the input in the memory of the currents.
  Vector i_syn = r.i, beta(10), beta2(10);
  run.i_syn = r.i;
  run_lif_adjoint(net.with(net.x), state_of(net.x), {}, {v2, i2, s2, {}}, {.i_from_i = beta}, run, control);
  run.i_syn = run.g_input = i_syn;
  run_lif_adjoint(net.with(net.x), state_of(net.x), {}, {v2, i2, s2, {}}, {.i_from_i = beta2}, run, control);
  CHECK(i_syn == input);
  CHECK(beta == beta2);
  run.i_syn = {}, run.g_input = input;
  run_lif_adjoint(net.with(net.x), state_of(net.x), {}, {v2, i2, s2, {}}, {.bias = bias}, run, control);
  run.steps = 0, run.v_mem_before = run.spikes = run.g_out = {}, run.g_input = {};
  run_lif_adjoint(net.with(net.x), state_of(net.x), {v, i, s, {}}, {v2, i2, s2, {}}, {}, run, control);
  CHECK(v == v2);
}

TEST_CASE("Gradients of LIF modules refuse what does not fit, and stop when they are asked to") {
  Net net(300, 1, 2, 40, true, false);
  const auto r = forward<double>(net, net.x);
  Vector v(600), i(600), s(600), beta(600);
  std::stop_source source;
  RunControl control(source.get_token(), [&source](std::uint64_t, std::uint64_t) { source.request_stop(); });
  RunControl quiet;
  LifAdjointRun<double> run{2, 40, r.before, r.out};
  const auto code = [&](const LifAdjointSums& sums, RunControl& with) {
    try {
      run_lif_adjoint(net.with(net.x), state_of(net.x), {}, {v, i, s, {}}, sums, run, with);
    } catch (const Error& e) {
      return e.code();
    }
    return std::string("none");
  };
  CHECK(code({.i_from_i = beta}, quiet) == "ERR_SHAPE");
  CHECK(code({.bias = std::span(beta).subspan(1)}, quiet) == "ERR_SHAPE");
  CHECK(code({}, quiet) == "none");
  source.request_stop();
  CHECK(code({}, control) == "ERR_ABORTED");
  run.spikes = {};
  CHECK(code({}, quiet) == "ERR_SHAPE");
  run.spikes = r.out;
  net.p.surrogate.window = 0.0;
  CHECK(code({}, quiet) == "ERR_VALUE");
}
