#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "allocations.h"
#include "neurons/rate_kernels.h"
#include "rockpool/error.h"
#include "rockpool/pass_through.h"
#include "rockpool/random.h"
#include "rockpool/rate.h"
#include "targets.h"

using namespace rockpool;

namespace {

using Vector = std::vector<double>;

Vector normals(std::size_t n, std::uint32_t stream, double scale = 1.0) {
  Vector v(n);
  fill_normal({99, stream}, 0, 0, v.data(), n);
  for (double& x : v) x *= scale;
  return v;
}

struct Net {
  std::size_t n, m;
  Vector w_in, w_rec, bias, tau, input;
  RateParameters parameters;
  explicit Net(std::size_t units, std::size_t inputs, std::size_t steps)
      : n(units),
        m(inputs),
        w_in(normals(m * n, 1)),
        w_rec(normals(n * n, 2, 1.0 / std::sqrt(static_cast<double>(n)))),
        bias(normals(n, 3, 0.3)),
        tau(n),
        input(normals(steps * m, 4)) {
    for (std::size_t j = 0; j < n; ++j) tau[j] = 1.0 + 0.1 * static_cast<double>(j % 7);
    parameters.inputs = m;
    parameters.units = n;
    parameters.w_in = w_in;
    parameters.w_rec = w_rec;
    parameters.bias = bias;
    parameters.tau = tau;
    parameters.dt = 0.1;
    parameters.activation = RateActivation::kRelu;
  }
};

Vector evolve(const RatePlan& plan, Vector& x, const Vector& input, std::uint64_t first, std::uint64_t steps) {
  const MatrixSource source(input, plan.inputs(), 0);
  Vector out(plan.rows(steps) * plan.columns());
  RunControl control;
  plan.run({x}, {first, steps, 5, input.empty() ? nullptr : &source, nullptr, out}, control);
  return out;
}

double lane(RateActivation h, double x) {
  switch (h) {
    case RateActivation::kRelu: return x > 0 ? x : 0;
    case RateActivation::kTanh: return std::tanh(x);
    case RateActivation::kSigmoid: return (std::tanh(x) + 1) / 2;
    default: return x;
  }
}

/// The model as the head of rate.h says it, in plain loops.
Vector reference(const RateParameters& p, Vector& x, const Vector& input, std::size_t steps) {
  Vector out;
  const auto activity = [&] {
    Vector r(p.units);
    for (std::size_t j = 0; j < p.units; ++j)
      r[j] = lane(p.activation, x[j] + (p.bias_in == RateBias::kActivation ? p.bias[j] : 0));
    return r;
  };
  for (std::size_t k = 0; k < steps; ++k) {
    const Vector r = activity();
    if (p.record == RateRecord::kPre) out.insert(out.end(), r.begin(), r.end());
    for (std::size_t j = 0; j < p.units; ++j) {
      double d = -x[j] + (p.bias_in == RateBias::kDerivative ? p.bias[j] : 0);
      for (std::size_t i = 0; i < p.inputs; ++i) d += input[k * p.inputs + i] * p.w_in[i * p.units + j];
      for (std::size_t i = 0; i < p.units; ++i) d += r[i] * p.w_rec[i * p.units + j];
      x[j] += p.dt / p.tau[j] * d;
    }
    if (p.record == RateRecord::kPost) {
      const Vector after = activity();
      out.insert(out.end(), after.begin(), after.end());
    }
  }
  if (p.record == RateRecord::kPre) {
    const Vector r = activity();
    out.insert(out.end(), r.begin(), r.end());
  }
  return out;
}

double largest_difference(const Vector& a, const Vector& b) {
  REQUIRE(a.size() == b.size());
  double worst = 0, scale = 1e-300;
  for (std::size_t i = 0; i < a.size(); ++i) {
    worst = std::max(worst, std::fabs(a[i] - b[i]));
    scale = std::max(scale, std::fabs(b[i]));
  }
  return worst / scale;
}

}  // namespace

TEST_CASE("rate: the recurrent golden vector") {
  const Vector w{0, 0.5, -0.5, 0}, tau{1, 2}, bias{0.1, 0}, input(8, 1.0);
  RateParameters p;
  p.inputs = p.units = 2;
  p.w_rec = w, p.tau = tau, p.bias = bias, p.dt = 0.1, p.activation = RateActivation::kRelu;
  for_each_target([&] {
    Vector x(2, 0.0);
    const auto out = evolve(*make_rate_plan(p), x, input, 0, 4);
    CHECK(largest_difference({out.begin(), out.begin() + 8},
                             {0.1, 0, 0.2, 0.0525, 0.287375, 0.104875, 0.36339375, 0.156815625}) < 1e-14);
    CHECK(out.size() == 10);
    CHECK(largest_difference(x, {0.329213594, 0.208059688}) < 1e-8);
  });
}

TEST_CASE("rate: bias in the derivative, recorded after the update") {
  const Vector w{0, 0.5, -0.5, 0}, tau{1, 2}, bias{0.1, 0}, input(8, 1.0);
  RateParameters p;
  p.inputs = p.units = 2;
  p.w_rec = w, p.tau = tau, p.bias = bias, p.dt = 0.1, p.activation = RateActivation::kRelu;
  p.bias_in = RateBias::kDerivative, p.record = RateRecord::kPost;
  Vector x(2, 0.0);
  const auto out = evolve(*make_rate_plan(p), x, input, 0, 4);
  CHECK(largest_difference(out, {0.11, 0.05, 0.2065, 0.10025, 0.2908375, 0.1504, 0.36423375, 0.200150938}) < 1e-8);
}

TEST_CASE("rate: every activation, order and size agrees with plain loops") {
  for_each_target([] {
    for (const auto activation :
         {RateActivation::kLinear, RateActivation::kRelu, RateActivation::kTanh, RateActivation::kSigmoid})
      for (const std::size_t n : {1u, 3u, 17u, 130u}) {
        Net net(n, n % 2 == 0 ? 5 : 1, 60);
        net.parameters.activation = activation;
        if (n == 3) net.parameters.bias_in = RateBias::kDerivative, net.parameters.record = RateRecord::kPost;
        Vector x = normals(n, 7), expected_x = x, single = x;
        const auto expected = reference(net.parameters, expected_x, net.input, 60);
        CHECK(largest_difference(evolve(*make_rate_plan(net.parameters), x, net.input, 0, 60), expected) < 1e-12);
        CHECK(largest_difference(x, expected_x) < 1e-12);
        net.parameters.precision = Precision::kFloat32;
        CHECK(largest_difference(evolve(*make_rate_plan(net.parameters), single, net.input, 0, 60), expected) < 1e-4);
      }
  });
}

TEST_CASE("rate: a run in pieces is bit for bit the run in one piece") {
  for_each_target([] {
    for (const auto precision : {Precision::kFloat64, Precision::kFloat32}) {
      Net net(70, 9, 500);
      net.parameters.noise_std = 0.2;
      net.parameters.precision = precision;
      const auto plan = make_rate_plan(net.parameters);
      Vector x(70, 0.0), whole_x(70, 0.0);
      const auto whole = evolve(*plan, whole_x, net.input, 0, 500);
      std::size_t first = 0;
      for (const std::size_t steps : {1u, 2u, 7u, 0u, 190u, 300u}) {
        const auto piece = evolve(*plan, x, net.input, first, steps);
        CHECK(std::equal(piece.begin(), piece.end(), whole.begin() + static_cast<std::ptrdiff_t>(first * 70)));
        first += steps;
      }
      CHECK(x == whole_x);
    }
  });
}

TEST_CASE("rate: weights that are not finite act on silent units too") {
  Net net(20, 20, 5);
  net.w_rec[3 * 20 + 11] = std::numeric_limits<double>::infinity();
  net.parameters.w_in = {};
  Vector x(20, -100.0);  // all silent
  evolve(*make_rate_plan(net.parameters), x, {}, 0, 1);
  CHECK(std::isnan(x[11]));
  CHECK(std::isfinite(x[10]));
}

TEST_CASE("rate: the readout and a forcing input") {
  Net net(12, 4, 30);
  const auto w_out = normals(12 * 3, 8);
  net.parameters.w_out = w_out;
  net.parameters.outputs = 3;
  Vector x(12, 0.1), y(12, 0.1);
  const auto plain_parameters = [&] {
    auto p = net.parameters;
    p.w_out = {};
    return p;
  }();
  const auto projected = evolve(*make_rate_plan(net.parameters), x, net.input, 0, 30);
  const auto activity = evolve(*make_rate_plan(plain_parameters), y, net.input, 0, 30);
  Vector expected(31 * 3, 0.0);
  for (std::size_t k = 0; k < 31; ++k)
    for (std::size_t i = 0; i < 12; ++i)
      for (std::size_t o = 0; o < 3; ++o) expected[k * 3 + o] += activity[k * 12 + i] * w_out[i * 3 + o];
  CHECK(largest_difference(projected, expected) < 1e-13);
  CHECK(x == y);

  // Forcing with r @ W_rec replays the recurrent network.
  auto forced = plain_parameters;
  forced.w_rec = {};
  Vector force(30 * 12, 0.0), z(12, 0.1), out(31 * 12);
  for (std::size_t k = 0; k < 30; ++k)
    for (std::size_t i = 0; i < 12; ++i)
      for (std::size_t j = 0; j < 12; ++j) force[k * 12 + j] += activity[k * 12 + i] * net.w_rec[i * 12 + j];
  const MatrixSource input(net.input, 4, 0), forcing(force, 12, 0);
  RunControl control;
  make_rate_plan(forced)->run({z}, {0, 30, 5, &input, &forcing, out}, control);
  CHECK(largest_difference(out, activity) < 1e-12);
}

TEST_CASE("rate: a step with the activity from outside is a step") {
  Net net(15, 4, 6);
  const auto plan = make_rate_plan(net.parameters);
  Vector x(15, 0.0), y(15, 0.0), r(15);
  evolve(*plan, x, net.input, 0, 6);
  const MatrixSource source(net.input, 4, 0);
  for (std::uint64_t k = 0; k < 6; ++k) {
    plan->activity(y, r);
    plan->step({y}, {k, 1, 5, &source, nullptr, {}}, r);
  }
  CHECK(x == y);
}

TEST_CASE("rate: noise has the stated stationary deviation") {
  for (const auto scaling : {NoiseScaling::kLegacy, NoiseScaling::kStationary, NoiseScaling::kUnscaled}) {
    const std::size_t n = 60, steps = 6000;
    const double tau[] = {0.5}, s = 0.7, a = 0.1 / 0.5;
    RateParameters p;
    p.inputs = p.units = n;
    p.tau = tau, p.dt = 0.1, p.noise_std = s, p.noise_scaling = scaling;
    Vector x(n, 0.0);
    const auto out = evolve(*make_rate_plan(p), x, {}, 0, steps);
    double square = 0;
    for (std::size_t i = 500 * n; i < out.size(); ++i) square += out[i] * out[i];
    const double deviation = std::sqrt(square / static_cast<double>(out.size() - 500 * n));
    const double expected = scaling == NoiseScaling::kLegacy       ? s / std::sqrt(1 - a / 2)
                            : scaling == NoiseScaling::kStationary ? s
                                                                   : s * std::sqrt(a / (2 - a));
    CHECK(std::fabs(deviation / expected - 1) < 0.02);
  }
}

TEST_CASE("rate: steps allocate nothing") {
  Net net(40, 6, 4000);
  net.parameters.noise_std = 0.1;
  const auto plan = make_rate_plan(net.parameters);
  const MatrixSource source(net.input, 6, 0);
  const auto allocations = [&](std::uint64_t steps) {
    Vector x(40, 0.0), out(plan->rows(steps) * 40);
    RunControl control;
    const auto before = allocations_so_far();
    plan->run({x}, {0, steps, 1, &source, nullptr, out}, control);
    return allocations_so_far() - before;
  };
  CHECK(allocations(10) == allocations(4000));
  CHECK(allocations(10) > 0);
}

TEST_CASE("rate: a stopped run changes nothing") {
  Net net(50, 5, 100000);
  const auto plan = make_rate_plan(net.parameters);
  const MatrixSource source(net.input, 5, 0);
  std::stop_source stop;
  RunControl control(stop.get_token(), [&](std::uint64_t done, std::uint64_t) {
    if (done > 1000) stop.request_stop();
  });
  Vector x(50, 0.25), out(100001 * 50);
  CHECK_THROWS_AS(plan->run({x}, {0, 100000, 1, &source, nullptr, out}, control), Error);
  CHECK(x == Vector(50, 0.25));
}

TEST_CASE("rate: a plan knows whether it still fits its parameters") {
  for (const auto precision : {Precision::kFloat64, Precision::kFloat32}) {
    Net net(33, 5, 1);
    net.parameters.precision = precision;
    const auto plan = make_rate_plan(net.parameters);
    CHECK(plan->matches(net.parameters));
    for (double* element : {&net.w_in[34], &net.w_rec[33 * 33 - 1], &net.bias[0], &net.tau[32]}) {
      const double before = *element;
      *element += 1;
      CHECK_FALSE(plan->matches(net.parameters));
      *element = before;
    }
    CHECK(plan->matches(net.parameters));
  }
}

TEST_CASE("rate: lengths that do not fit are refused") {
  Net net(10, 3, 10);
  net.parameters.tau = std::span<const double>(net.tau).first(9);
  CHECK_THROWS_AS(make_rate_plan(net.parameters), Error);
  net.parameters.tau = net.tau;
  const auto plan = make_rate_plan(net.parameters);
  Vector x(9, 0.0), y(10, 0.0), out(10);
  RunControl control;
  CHECK_THROWS_AS(plan->run({x}, {0, 1, 1, nullptr, nullptr, out}, control), Error);
  CHECK_THROWS_AS(plan->run({y}, {0, 1, 1, nullptr, nullptr, out}, control), Error);
}

TEST_CASE("activations are accurate and keep signs, infinities and NaN") {
  for_each_target([] {
    Vector x, out;
    for (double v = -30; v <= 30; v += 1.0 / 1024) x.push_back(v);
    for (double v = 1e-300; v < 1; v *= 3) x.push_back(v), x.push_back(-v);
    out.resize(x.size());
    apply_activation(RateActivation::kTanh, x, out);
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
      if (x[i] != 0) worst = std::max(worst, std::fabs(out[i] - std::tanh(x[i])) / std::fabs(std::tanh(x[i])));
    CHECK(worst < 6e-16);
    const double inf = std::numeric_limits<double>::infinity();
    Vector odd{-0.0, inf, -inf, std::nan("")}, result(4);
    apply_activation(RateActivation::kTanh, odd, result);
    CHECK(std::signbit(result[0]));
    CHECK(result[1] == 1);
    CHECK(result[2] == -1);
    CHECK(std::isnan(result[3]));
    apply_activation(RateActivation::kRelu, odd, result);
    CHECK(std::isnan(result[3]));
  });
}

TEST_CASE("pass through: weights, bias and a delay that survives any cutting") {
  for_each_target([] {
    const std::size_t m = 3, n = 37, steps = 50, delay = 7;
    const auto w = normals(m * n, 1), bias = normals(n, 2), input = normals(steps * m, 3);
    PassThroughParameters p;
    p.inputs = m, p.units = n, p.weights = w, p.bias = bias;
    const auto plan = make_pass_through_plan(p);
    const MatrixSource source(input, m, 0);
    Vector expected(steps * n);
    for (std::size_t k = 0; k < steps; ++k)
      for (std::size_t j = 0; j < n; ++j) {
        double y = 0;
        for (std::size_t i = 0; i < m && k >= delay; ++i) y += input[(k - delay) * m + i] * w[i * n + j];
        expected[k * n + j] = y + bias[j];
      }
    for (const std::vector<std::size_t>& cuts : {std::vector<std::size_t>{50}, {1, 2, 3, 0, 4, 40}, {20, 5, 25}}) {
      Vector last(n, 0.0), buffer(delay * n, 0.0), out;
      std::uint64_t first = 0;
      for (const auto k : cuts) {
        Vector piece(k * n);
        RunControl control;
        plan->run({last, buffer}, {first, k, 1, &source, nullptr, piece}, control);
        out.insert(out.end(), piece.begin(), piece.end());
        first += k;
      }
      CHECK(largest_difference(out, expected) < 1e-14);
      for (std::size_t j = 0; j < n; ++j) CHECK(std::fabs(last[j] + bias[j] - expected[(steps - 1) * n + j]) < 1e-14);
    }
  });
}

TEST_CASE("rate: records of inputs and activities, and what a plain run gives does not change") {
  for_each_target([] {
    for (const auto order : {RateRecord::kPre, RateRecord::kPost}) {
      Net net(37, 5, 400);
      const auto w_out = normals(37 * 3, 8);
      net.parameters.w_out = w_out;
      net.parameters.outputs = 3;
      net.parameters.bias_in = RateBias::kDerivative;
      net.parameters.record = order;
      net.parameters.final_record = false;
      net.parameters.noise_std = 0.1;
      const auto plan = make_rate_plan(net.parameters);
      const MatrixSource source(net.input, 5, 0);
      Vector x(37, 0.2), y = x, out(400 * 3), same(400 * 3), inputs(400 * 37), recurrent(400 * 37), activities(400 * 37);
      RunControl control;
      plan->run({x}, {0, 400, 5, &source, nullptr, out}, control);
      plan->run({y}, {0, 400, 5, &source, nullptr, same, inputs, recurrent, activities}, control);
      CHECK(x == y);
      CHECK(out == same);
      Vector expected_in(400 * 37, 0.0), expected_rec(400 * 37, 0.0), expected_out(400 * 3, 0.0);
      for (std::size_t k = 0; k < 400; ++k)
        for (std::size_t j = 0; j < 37; ++j) {
          for (std::size_t i = 0; i < 5; ++i) expected_in[k * 37 + j] += net.input[k * 5 + i] * net.w_in[i * 37 + j];
          // The activity that drives step k is that at its start: the one recorded a row earlier when rows are taken
          // afterwards.
          for (std::size_t i = 0; i < 37; ++i) {
            const double r = order == RateRecord::kPre ? activities[k * 37 + i] : k > 0 ? activities[(k - 1) * 37 + i] : 0.2;
            expected_rec[k * 37 + j] += r * net.w_rec[i * 37 + j];
          }
          for (std::size_t o = 0; o < 3; ++o) expected_out[k * 3 + o] += activities[k * 37 + j] * w_out[j * 3 + o];
        }
      CHECK(largest_difference(inputs, expected_in) < 1e-13);
      CHECK(largest_difference(recurrent, expected_rec) < 1e-13);
      CHECK(largest_difference(out, expected_out) < 1e-13);
    }
  });
}

TEST_CASE("rate: a state that is not finite is an error that names unit and step, where that is asked for") {
  for_each_target([] {
    Net net(20, 4, 600);
    net.parameters.check_finite = true;
    const auto plan = make_rate_plan(net.parameters);
    Vector x(20, 0.1), out(plan->rows(600) * 20), force(600 * 20, 0.0);
    force[417 * 20 + 13] = force[418 * 20 + 2] = std::numeric_limits<double>::infinity();
    const MatrixSource source(net.input, 4, 0), forcing(force, 20, 0);
    RunControl control;
    CHECK_THROWS_WITH_AS(plan->run({x}, {0, 600, 5, &source, &forcing, out}, control),
                         "expected the state of neuron 13 to be finite, received Infinity at time step 417", Error);
    CHECK(x == Vector(20, 0.1));
    x[7] = std::nan("");
    CHECK_THROWS_WITH_AS(plan->run({x}, {3, 1, 5, nullptr, nullptr, std::span(out).first(40)}, control),
                         "expected the state of neuron 7 to be finite, received NaN at time step 3", Error);
    net.parameters.check_finite = false;
    make_rate_plan(net.parameters)->run({x}, {3, 1, 5, nullptr, nullptr, std::span(out).first(40)}, control);
    CHECK(std::isnan(x[7]));
  });
}

TEST_CASE("rate: a state that has decayed away stays out of the numbers that slow the processor down") {
  for_each_target([] {
    RateParameters p;
    p.inputs = p.units = 3;
    const Vector tau{1.0};
    p.tau = tau, p.dt = 0.1;
    Vector x(3, 1.0), out(20001 * 3);
    RunControl control;
    make_rate_plan(p)->run({x}, {0, 20000, 1, nullptr, nullptr, out}, control);
    for (const double v : x) CHECK((std::fabs(v) < 1e-300 && std::fpclassify(v) != FP_SUBNORMAL));
  });
}
