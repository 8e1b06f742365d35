#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/random.h"
#include "rockpool/ridge.h"
#include "rockpool/simd.h"
#include "rockpool/thread_pool.h"

using namespace rockpool;

namespace {

std::vector<double> normals(std::size_t n, std::uint64_t step) {
  std::vector<double> x(n);
  fill_normal({7, 0}, step, 0, x.data(), n);
  return x;
}

RidgeSolution fit(const RidgeOptions& options, const std::vector<double>& x, const std::vector<double>& y, double regularize,
                  std::size_t pieces = 1) {
  RidgeAccumulator accumulator(options);
  const std::size_t rows = y.size() / options.num_outputs;
  RunControl control;
  for (std::size_t p = 0; p < pieces; ++p) {
    const std::size_t first = rows * p / pieces, last = rows * (p + 1) / pieces;
    accumulator.train_batch(x.data() + first * options.num_features, y.data() + first * options.num_outputs, last - first,
                            control);
  }
  return accumulator.solve(regularize, true, control);
}

const std::vector<double> kX{1, 2, 0, 1, 3, -1, 2, 2, 1, 0};
const std::vector<double> kY{1, 0, 2, 1, 1};

}  // namespace

TEST_CASE("ridge: reference values") {
  const auto close = [](double a, double b) { return std::fabs(a - b) < 1e-9; };
  auto s = fit({2, 1}, kX, kY, 0.5);
  CHECK(close(s.weights[0], 0.5296167247));
  CHECK(close(s.weights[1], -0.0696864111));
  CHECK(close(s.bias[0], 0.2857142857));
  s = fit({2, 1, false}, kX, kY, 0.5);
  CHECK(close(s.weights[0], 0.6439024390));
  CHECK(close(s.weights[1], 0.0065040650));
  s = fit({2, 1, true, true}, kX, kY, 0.5);
  CHECK(close(s.weights[0], 0.4785485877));
  CHECK(close(s.weights[1], -0.1010392610));
  CHECK(close(s.bias[0], 0.3199542951));
  const std::vector<double> labels{1, 0, 1, 0, 0};
  s = fit({2, 1, true, false, FisherMode::kRelabelled}, kX, labels, 0.5);
  CHECK(close(s.weights[0], 0.7167745147));
  CHECK(close(s.weights[1], -0.1319064211));
  CHECK(close(s.bias[0], -0.8163265306));
  for (const std::size_t pieces : {1u, 2u, 5u}) {  // classes are counted over all batches
    s = fit({2, 1, true, false, FisherMode::kWeighted}, kX, labels, 0.5, pieces);
    CHECK(close(s.weights[0], 0.4089376054));
    CHECK(close(s.weights[1], 0.0111145179));
    CHECK(close(s.bias[0], -0.5921355205));
  }
}

TEST_CASE("ridge: sums equal the plain products on every instruction set") {
  for (const auto target : simd::available_targets()) {
    simd::set_target(target);
    for (const auto& [features, outputs, rows] : std::vector<std::array<std::size_t, 3>>{
             {1, 1, 1}, {23, 1, 7}, {24, 30, 300}, {25, 3, 513}, {100, 50, 260}, {3, 60, 40}}) {
      for (const bool bias : {false, true}) {
        const auto x = normals(rows * features, 1), y = normals(rows * outputs, 2);
        RidgeAccumulator accumulator({features, outputs, bias});
        RunControl control;
        accumulator.train_batch(x.data(), y.data(), rows, control);
        const std::size_t n = accumulator.num_effective();
        std::vector<double> xtx(n * n), xty(n * outputs);
        accumulator.read_xtx(xtx.data(), false);
        accumulator.read_xty(xty.data(), false);
        const auto z = [&](std::size_t r, std::size_t c) { return c < features ? x[r * features + c] : 1.0; };
        double worst = 0;
        for (std::size_t i = 0; i < n; ++i) {
          for (std::size_t j = 0; j < n; ++j) {
            double sum = 0;
            for (std::size_t r = 0; r < rows; ++r) sum += z(r, i) * z(r, j);
            worst = std::max(worst, std::fabs(sum - xtx[i * n + j]));
          }
          for (std::size_t o = 0; o < outputs; ++o) {
            double sum = 0;
            for (std::size_t r = 0; r < rows; ++r) sum += z(r, i) * y[r * outputs + o];
            worst = std::max(worst, std::fabs(sum - xty[i * outputs + o]));
          }
        }
        CHECK(worst < 1e-10);
      }
    }
  }
}

TEST_CASE("ridge: the number of threads changes no bit") {
  const std::size_t features = 400, outputs = 3, rows = 700;
  const auto x = normals(rows * features, 1), y = normals(rows * outputs, 2);
  auto& pool = ThreadPool::instance();
  const unsigned before = pool.concurrency();
  pool.set_concurrency(1);
  const auto one = fit({features, outputs}, x, y, 0.1, 3);
  pool.set_concurrency(3);
  const auto three = fit({features, outputs}, x, y, 0.1, 3);
  pool.set_concurrency(before);
  CHECK(one.weights == three.weights);
  CHECK(one.bias == three.bias);
  CHECK(one.condition == three.condition);
}

TEST_CASE("ridge: error from the sums equals the error of the prediction") {
  const std::size_t features = 10, outputs = 4, rows = 200;
  const auto x = normals(rows * features, 1), y = normals(rows * outputs, 2);
  for (const bool standardize : {false, true}) {
    const auto s = fit({features, outputs, true, standardize}, x, y, 0.7, 1);
    std::vector<double> predicted(rows * outputs), mse(outputs);
    ridge_predict(x.data(), rows, features, s.weights.data(), s.bias.data(), outputs, predicted.data());
    RunControl control;
    ridge_evaluate(x.data(), y.data(), rows, features, s, false, nullptr, mse.data(), control);
    for (std::size_t o = 0; o < outputs; ++o) CHECK(std::fabs(mse[o] - s.mse[o]) < 1e-12);
  }
}

TEST_CASE("ridge: rank deficiency falls back to the least-norm solution") {
  const std::size_t rows = 50;
  const auto a = normals(rows, 1);
  std::vector<double> x(rows * 3), y(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    x[r * 3] = x[r * 3 + 1] = a[r];
    x[r * 3 + 2] = 0;
    y[r] = 2 * a[r];
  }
  const auto s = fit({3, 1, false}, x, y, 0);
  CHECK(s.method == SolveMethod::kOrthogonal);
  CHECK(s.rank == 1);
  CHECK(std::fabs(s.weights[0] - 1) < 1e-12);
  CHECK(std::fabs(s.weights[1] - 1) < 1e-12);
  CHECK(std::fabs(s.weights[2]) < 1e-12);
  const auto regular = fit({3, 1, false}, x, y, 1e-6);
  CHECK(regular.method == SolveMethod::kCholesky);
}

TEST_CASE("ridge: a failed batch changes nothing") {
  RidgeAccumulator accumulator({2, 1, true, true});
  RunControl control;
  accumulator.train_batch(kX.data(), kY.data(), 5, control);
  std::vector<double> before(9), after(9);
  accumulator.read_xtx(before.data(), false);
  auto bad = kX;
  bad[7] = NAN;
  CHECK_THROWS_WITH_AS(accumulator.train_batch(bad.data(), kY.data(), 5, control), doctest::Contains("X[3, 1]"), Error);
  std::stop_source source;
  source.request_stop();
  RunControl stopped(source.get_token(), nullptr);
  CHECK_THROWS_AS(accumulator.train_batch(kX.data(), kY.data(), 5, stopped), Error);
  accumulator.read_xtx(after.data(), false);
  CHECK(before == after);
  CHECK(accumulator.rows() == 5);
}

TEST_CASE("ridge: rows from a source give bit for bit what rows in memory give") {
  const std::size_t rows = 20000, features = 37, outputs = 2;
  const auto x = normals(rows * features, 1);
  auto y = normals(rows * outputs, 2);
  const MatrixSource source(x, features, 0);
  for (const auto fisher : {FisherMode::kNone, FisherMode::kRelabelled, FisherMode::kWeighted})
    for (const bool standardize : {false, true}) {
      auto labels = y;
      if (fisher != FisherMode::kNone)
        for (double& v : labels) v = v > 0.3 ? 1 : 0;
      RidgeAccumulator a({features, outputs, true, standardize, fisher}), b(a.options());
      RunControl control;
      a.train_batch(x.data(), labels.data(), rows, control);
      b.train_batch(source, labels.data(), rows, control);
      const auto one = a.solve(0.1, true, control), two = b.solve(0.1, true, control);
      if (fisher == FisherMode::kWeighted) {  // the rows of a class are grouped by block
        for (std::size_t i = 0; i < one.weights.size(); ++i) CHECK(std::fabs(one.weights[i] - two.weights[i]) < 1e-13);
      } else {
        CHECK(one.weights == two.weights);
        CHECK(one.bias == two.bias);
      }
      std::vector<double> predicted(rows * outputs), mse(outputs), mse_of_source(outputs);
      const bool classes = fisher == FisherMode::kWeighted;
      ridge_evaluate(x.data(), labels.data(), rows, features, one, classes, predicted.data(), mse.data(), control);
      ridge_evaluate(source, labels.data(), rows, one, classes, nullptr, mse_of_source.data(), control);
      CHECK(mse == mse_of_source);
    }
  RidgeAccumulator wrong({features + 1, outputs});
  RunControl control;
  CHECK_THROWS_AS(wrong.train_batch(source, y.data(), rows, control), Error);
  auto bad = x;
  bad[15000 * features + 3] = INFINITY;
  RidgeAccumulator finite({features, outputs});
  const MatrixSource bad_source(bad, features, 0);
  CHECK_THROWS_WITH_AS(finite.train_batch(bad_source, y.data(), rows, control), doctest::Contains("X[15000, 3]"), Error);
  CHECK(finite.rows() == 0);
}
