#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/logistic.h"
#include "rockpool/random.h"
#include "targets.h"

using namespace rockpool;

namespace {

using Vector = std::vector<double>;

Vector normals(std::size_t n, std::uint32_t stream) {
  Vector v(n);
  fill_normal({3, stream}, 0, 0, v.data(), n);
  return v;
}

struct Problem {
  std::size_t rows, features, outputs;
  Vector x, y, weights, bias;
  Problem(std::size_t rows_, std::size_t features_, std::size_t outputs_)
      : rows(rows_),
        features(features_),
        outputs(outputs_),
        x(normals(rows * features, 1)),
        y(rows * outputs),
        weights(normals(features * outputs, 2)),
        bias(normals(outputs, 3)) {
    fill_uniform({3, 4}, 0, 0, y.data(), y.size());
  }
  Vector train(const LogisticOptions& options, Vector& w, Vector& b) const {
    Vector loss(options.epochs);
    RunControl control;
    train_logistic(MatrixSource(x, features, 0), y, rows, options, w, b, loss, control);
    return loss;
  }
};

struct Step {
  double loss = 0;
  void run(const Problem& p, const LogisticOptions& options, const std::vector<std::uint32_t>& batch, Vector& w, Vector& b) {
    Vector dw(w.size()), db(b.size());
    for (const auto r : batch)
      for (std::size_t o = 0; o < p.outputs; ++o) {
        double z = b[o];
        for (std::size_t f = 0; f < p.features; ++f) z += p.x[r * p.features + f] * w[f * p.outputs + o];
        const double s = 1 / (1 + std::exp(-z)), y = p.y[r * p.outputs + o];
        loss -= y * std::log(s) + (1 - y) * std::log(1 - s);
        for (std::size_t f = 0; f < p.features; ++f) dw[f * p.outputs + o] += p.x[r * p.features + f] * (s - y);
        db[o] += s - y;
      }
    const auto n = static_cast<double>(batch.size());
    for (std::size_t i = 0; i < w.size(); ++i)
      w[i] -= options.learning_rate * (dw[i] / n + options.regularize / static_cast<double>(p.features) * w[i]);
    for (std::size_t o = 0; o < b.size(); ++o) b[o] -= options.learning_rate * db[o] / n;
  }
};

void check_close(const Vector& a, const Vector& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-12));
}

}  // namespace

TEST_CASE("logistic: steps are those of the equations") {
  for_each_target([] {
    const Problem p(53, 7, 3);
    for (const std::size_t size : {0u, 10u, 53u, 1000u}) {
      const LogisticOptions options{0.3, 0.2, size, 3, 11};
      Vector w = p.weights, b = p.bias, expected_w = w, expected_b = b, expected_loss;
      const auto loss = p.train(options, w, b);
      std::vector<std::uint32_t> order(p.rows);
      std::iota(order.begin(), order.end(), 0u);
      const std::size_t n = size == 0 ? p.rows : std::min(size, p.rows);
      for (std::size_t pass = 0; pass < 3; ++pass) {
        if (pass > 0) shuffled(11, pass, order);
        Step step;
        for (std::size_t first = 0; first < p.rows; first += n)
          step.run(p, options,
                   {order.begin() + static_cast<std::ptrdiff_t>(first),
                    order.begin() + static_cast<std::ptrdiff_t>(std::min(first + n, p.rows))},
                   expected_w, expected_b);
        expected_loss.push_back(step.loss / static_cast<double>(p.rows * p.outputs));
      }
      check_close(w, expected_w);
      check_close(b, expected_b);
      check_close(loss, expected_loss);
    }
  });
}

TEST_CASE("logistic: converges to where the gradient vanishes") {
  const Problem p(200, 4, 2);
  Vector w = p.weights, b = p.bias;
  const auto loss = p.train({1.0, 0.0, 0, 2000, 0}, w, b);
  CHECK(loss.back() < loss.front());
  for (std::size_t o = 0; o < p.outputs; ++o) {
    double gradient = 0;
    for (std::size_t r = 0; r < p.rows; ++r) {
      double z = b[o];
      for (std::size_t f = 0; f < p.features; ++f) z += p.x[r * p.features + f] * w[f * p.outputs + o];
      gradient += 1 / (1 + std::exp(-z)) - p.y[r * p.outputs + o];
    }
    CHECK(std::fabs(gradient / static_cast<double>(p.rows)) < 1e-10);
  }
}

TEST_CASE("logistic: large activations neither overflow nor give NaN") {
  Problem p(2, 1, 1);
  p.x = {1000, -1000};
  p.y = {0, 1};
  Vector w{1}, b{0};
  const auto loss = p.train({0.0, 0.0, 0, 1, 0}, w, b);
  CHECK(loss[0] == 1000);
  p.train({1.0, 0.0, 0, 1, 0}, w, b);
  CHECK(w[0] == -999);
}

TEST_CASE("logistic: an order is a permutation of its own for every pass and seed") {
  std::vector<std::uint32_t> a(1000), b(1000), c(1000), again(1000);
  shuffled(1, 1, a);
  shuffled(1, 2, b);
  shuffled(2, 1, c);
  shuffled(1, 1, again);
  CHECK(a == again);
  CHECK(a != b);
  CHECK(a != c);
  double distance = 0;
  for (std::size_t i = 0; i < a.size(); ++i) distance += std::fabs(static_cast<double>(a[i]) - static_cast<double>(i));
  CHECK(distance / 1000 == doctest::Approx(1000.0 / 3).epsilon(0.1));
  std::sort(a.begin(), a.end());
  for (std::uint32_t i = 0; i < 1000; ++i) CHECK(a[i] == i);
}

TEST_CASE("logistic: what fails leaves the model as it was") {
  Problem p(20, 3, 2);
  Vector w = p.weights, b = p.bias;
  const auto unchanged = [&] { return w == p.weights && b == p.bias; };
  auto bad = p;
  bad.y[5] = 1.5;
  CHECK_THROWS_WITH_AS(bad.train({0.1}, w, b), doctest::Contains("Y[2, 1]"), Error);
  CHECK(unchanged());
  bad = p;
  for (double& x : bad.x) x *= 1e300;
  CHECK_THROWS_WITH_AS(bad.train({1e10, 1e300, 0, 5}, w, b), doctest::Contains("converge"), Error);
  CHECK(unchanged());
  Vector loss(5);
  std::stop_source source;
  RunControl control(source.get_token(), [&](std::uint64_t done, std::uint64_t) {
    if (done >= 40) source.request_stop();
  });
  const MatrixSource rows(p.x, p.features, 0);
  CHECK_THROWS_AS(train_logistic(rows, p.y, p.rows, {0.1, 0, 0, 5, 0}, w, b, loss, control), Error);
  CHECK(unchanged());
  Vector short_bias(1);
  CHECK_THROWS_AS(p.train({0.1}, w, short_bias), Error);
  CHECK_THROWS_AS(p.train({-0.1}, w, b), Error);
}
