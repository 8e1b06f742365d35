#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/linear_adjoint.h"
#include "rockpool/thread_pool.h"

namespace {

template <typename T>
std::vector<T> uniform(std::size_t n, unsigned seed, double share = 1.0) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<double> draw(-1.0, 1.0), keep(0.0, 1.0);
  std::vector<T> values(n);
  for (auto& v : values) {
    const double x = draw(engine);
    v = keep(engine) < share ? static_cast<T>(x) : T(0);
  }
  return values;
}

template <typename T>
struct Case {
  std::size_t batch, steps, inputs, outputs;
  std::vector<T> x, g;
  std::vector<double> first;

  Case(std::size_t b, std::size_t s, std::size_t i, std::size_t o, double share, bool shifted)
      : batch(b), steps(s), inputs(i), outputs(o), x(uniform<T>(b * s * i, 1, share)), g(uniform<T>(b * s * o, 2)) {
    if (shifted) first = uniform<double>(b * i, 3);
  }

  rockpool::OuterProducts<T> products(std::span<double> sums) const {
    return {batch, steps, inputs, outputs, x, first, g, sums};
  }

  std::vector<double> sums() const {
    std::vector<double> out(inputs * outputs);
    rockpool::RunControl control;
    rockpool::add_outer_products(products(out), control);
    return out;
  }

  double at(std::size_t b, std::size_t n, std::size_t i) const {
    if (first.empty()) return x[(b * steps + n) * inputs + i];
    return n == 0 ? static_cast<double>(static_cast<T>(first[b * inputs + i])) : x[(b * steps + n - 1) * inputs + i];
  }

  double expected(std::size_t i, std::size_t o) const {
    double sum = 0.0;
    for (std::size_t b = 0; b < batch; ++b)
      for (std::size_t n = 0; n < steps; ++n) sum += at(b, n, i) * static_cast<double>(g[(b * steps + n) * outputs + o]);
    return sum;
  }
};

/// Steps [from, to) of all elements.
template <typename T>
Case<T> piece(const Case<T>& whole, std::size_t from, std::size_t to) {
  Case<T> part(0, 0, whole.inputs, whole.outputs, 1.0, false);
  part.batch = whole.batch, part.steps = to - from;
  for (std::size_t b = 0; b < whole.batch; ++b)
    for (std::size_t n = from; n < to; ++n) {
      for (std::size_t i = 0; i < whole.inputs; ++i) part.x.push_back(whole.x[(b * whole.steps + n) * whole.inputs + i]);
      for (std::size_t o = 0; o < whole.outputs; ++o) part.g.push_back(whole.g[(b * whole.steps + n) * whole.outputs + o]);
    }
  if (!whole.first.empty())
    for (std::size_t b = 0; b < whole.batch; ++b)
      for (std::size_t i = 0; i < whole.inputs; ++i) part.first.push_back(whole.at(b, from, i));
  return part;
}

}  // namespace

TEST_CASE_TEMPLATE("Outer products of a batch are summed, dense or sparse, shifted or not", T, double, float) {
  const double tolerance = sizeof(T) == 8 ? 1e-12 : 2e-5;
  for (const double share : {1.0, 0.05})
    for (const bool shifted : {false, true}) {
      const Case<T> c(19, 70, 67, 130, share, shifted);
      const auto sums = c.sums();
      double worst = 0.0;
      for (std::size_t i = 0; i < c.inputs; ++i)
        for (std::size_t o = 0; o < c.outputs; ++o)
          worst = std::max(worst, std::abs(sums[i * c.outputs + o] - c.expected(i, o)));
      CHECK(worst <= tolerance * 30);
    }
}

TEST_CASE_TEMPLATE("Sums of pieces, the last one first, are those of the whole bit for bit, on any number of threads", T,
                   double, float) {
  auto& pool = rockpool::ThreadPool::instance();
  const auto before = pool.concurrency();
  for (const bool shifted : {false, true}) {
    const Case<T> whole(5, 100, 9, 40, 0.5, shifted);
    const auto expected = whole.sums();
    for (const unsigned threads : {1U, 3U}) {
      pool.set_concurrency(threads);
      CHECK(whole.sums() == expected);
      std::vector<double> sums(expected.size());
      rockpool::RunControl control;
      for (const auto& [from, to] : {std::pair<std::size_t, std::size_t>{64, 100}, {32, 64}, {0, 32}}) {
        const auto part = piece(whole, from, to);
        rockpool::add_outer_products(part.products(sums), control);
      }
      CHECK(sums == expected);
    }
  }
  pool.set_concurrency(before);
}

TEST_CASE("The derivative by the input is the transposed product: <v, J u> = <J^T v, u>") {
  constexpr std::size_t kRows = 40, kInputs = 35, kOutputs = 90;
  const auto w = uniform<double>(kInputs * kOutputs, 1), u = uniform<double>(kRows * kInputs, 2);
  const auto v = uniform<double>(kRows * kOutputs, 3);
  std::vector<double> ju(v.size()), jtv(u.size());
  rockpool::RunControl control;
  rockpool::linear({kInputs, kOutputs, w, {}}, std::span<const double>(u), std::span<double>(ju), control);
  rockpool::linear_input_gradient(kInputs, kOutputs, w, std::span<const double>(v), std::span<double>(jtv), control);
  double left = 0.0, right = 0.0;
  for (std::size_t i = 0; i < v.size(); ++i) left += v[i] * ju[i];
  for (std::size_t i = 0; i < u.size(); ++i) right += u[i] * jtv[i];
  CHECK(left == doctest::Approx(right).epsilon(1e-12));
}

TEST_CASE("Shapes of adjoints are checked") {
  Case<double> c(2, 3, 4, 5, 1.0, false);
  std::vector<double> sums(19);
  rockpool::RunControl control;
  CHECK_THROWS_AS(rockpool::add_outer_products(c.products(sums), control), rockpool::Error);
  std::vector<double> steps(9);
  CHECK_THROWS_AS(rockpool::add_steps(2, 3, 5, std::span<const double>(c.g), steps), rockpool::Error);
}
