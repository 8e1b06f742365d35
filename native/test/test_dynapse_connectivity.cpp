#include <doctest/doctest.h>

#include <numeric>

#include "rockpool/dynapse/connectivity.h"
#include "rockpool/dynapse/mismatch.h"
#include "rockpool/error.h"

using namespace rockpool::dynapse;
using rockpool::CsrSpan;

namespace {

struct Sparse {
  std::size_t rows, columns;
  CountMatrix parts;
  CsrSpan span() const { return {rows, columns, parts.indptr, parts.indices, parts.data}; }
};

Sparse empty(std::size_t rows, std::size_t columns) {
  Sparse s{rows, columns, {}};
  s.parts.indptr.assign(rows + 1, 0.0);
  return s;
}

Sparse block(std::size_t rows, std::size_t columns, const std::vector<double>& dense) {
  Sparse s{rows, columns, {}};
  s.parts.indptr.push_back(0.0);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j)
      if (const double x = dense[i * columns + j]; x != 0.0)
        s.parts.indices.push_back(static_cast<std::int32_t>(j)), s.parts.data.push_back(x);
    s.parts.indptr.push_back(static_cast<double>(s.parts.indices.size()));
  }
  return s;
}

using Ids = std::vector<std::int32_t>;

Sparse board(const Sparse& b, const Ids& pre, const Ids& post, std::size_t rows = 4096) {
  return {rows, 4096, connect(empty(rows, 4096).span(), b.span(), pre, post, false)};
}

}  // namespace

TEST_CASE("dynapse connectivity: blocks replace or add, and are cut to whole numbers") {
  const auto first = board(block(2, 2, {1, -2, 0, 3}), {5, 4095}, {4000, 7});
  CHECK_FALSE(first.parts.truncated);
  CHECK(first.parts.data == std::vector<double>{-2, 1, 3});
  CHECK(first.parts.indices == Ids{7, 4000, 7});
  const auto second = block(1, 2, {2.7, -1.5});
  const auto added = connect(first.span(), second.span(), Ids{5}, Ids{7, 4000}, true);
  CHECK(added.truncated);
  CHECK(added.indices == Ids{7});  // 4000 adds up to 0
  CHECK(added.data == std::vector<double>{3});
  const auto replaced = connect(first.span(), second.span(), Ids{5}, Ids{7, 8}, false);
  CHECK(replaced.indices == Ids{7, 8, 4000, 7});
  CHECK(replaced.data == std::vector<double>{2, -1, 1, 3});
  std::vector<double> read(4);
  read_block(first.span(), Ids{4095, 5}, Ids{4000, 7}, read);
  CHECK(read == std::vector<double>{0, 3, 1, -2});
  CHECK_THROWS_AS(connect(first.span(), second.span(), Ids{5}, Ids{7, 7}, false), rockpool::Error);
  CHECK_THROWS_AS(connect(first.span(), second.span(), Ids{4096}, Ids{7, 8}, false), rockpool::Error);
  CHECK_THROWS_AS(connect(first.span(), second.span(), Ids{5, 6}, Ids{7, 8}, false), rockpool::Error);
}

TEST_CASE("dynapse connectivity: 64 cells for each neuron") {
  const auto rec = board(block(2, 2, {40, 40, 24, -25}), {1, 2}, {10, 11});
  auto report = check_connectivity(rec.span(), std::nullopt, 1.0);
  CHECK(report.fan_in == Ids{11});
  CHECK(report.fan_out.empty());
  CHECK(report.aliases.empty());
  const auto ext = board(block(1, 1, {1}), {3}, {10}, 1024);
  CHECK(check_connectivity(rec.span(), ext.span(), 1.0).fan_in == Ids{10, 11});
  CHECK(check_connectivity(rec.span(), ext.span(), 2.0).fan_in.empty());
}

TEST_CASE("dynapse connectivity: targets on three chips") {
  const auto rec = board(block(2, 4, {1, 1, 1, 1, 1, 1, 1, 0}), {1, 1026}, {10, 1034, 2058, 3082});
  CHECK(check_connectivity(rec.span(), std::nullopt, 1.0).fan_out == Ids{1});
}

TEST_CASE("dynapse connectivity: equal names of two chips at one core") {
  const auto rec = board(block(3, 2, {1, 0, 1, 0, 0, 1}), {77, 1024 + 77, 2048 + 77}, {10, 300});
  const auto report = check_connectivity(rec.span(), std::nullopt, 1.0);
  REQUIRE(report.aliases.size() == 1);
  CHECK(report.aliases[0].core == 0);
  CHECK(report.aliases[0].name == 77);
  CHECK(report.aliases[0].chips == 0b11);
  const auto ext = board(block(1, 1, {-1}), {77}, {511}, 1024);
  const auto both = check_connectivity(rec.span(), ext.span(), 1.0);
  REQUIRE(both.aliases.size() == 2);
  CHECK(both.aliases[1].core == 1);
  CHECK(both.aliases[1].chips == 0b10100);
}

TEST_CASE("dynapse connectivity: weights by core and synapse") {
  const auto rec = board(block(1, 3, {2, -3, 1}), {9}, {10, 300, 4095});
  std::vector<double> exc(16), inh(16), weights(3), row(4096);
  std::iota(exc.begin(), exc.end(), 1.0);
  std::iota(inh.begin(), inh.end(), 100.0);
  connection_weights(rec.span(), exc, inh, {}, weights);
  CHECK(weights == std::vector<double>{2.0, -303.0, 16.0});
  connection_weights(rec.span(), exc, inh, {true, 5, {}}, weights);
  CHECK(weights[0] == 2.0 * (1.0 * mismatch_factor(5, 12 + 9, 10)));
  CHECK(weights[1] == -3.0 * (101.0 * mismatch_factor(5, 12 + 4096 + 9, 300)));
  // The same factors, as a matrix.
  std::vector<double> matrix(std::size_t{kMismatchRows} * 4096, 1.0), again(3), neurons(4096), spread_again(4096);
  for (const std::uint32_t r : {2u, 12u + 9u, 12u + 4096u + 9u})
    mismatch_factors(5, r, 0, std::span(matrix).subspan(std::size_t{r} * 4096, 4096));
  connection_weights(rec.span(), exc, inh, {true, 5, matrix}, again);
  CHECK(again == weights);
  spread(exc, {true, 5, {}}, 2, neurons);
  spread(exc, {true, 5, matrix}, 2, spread_again);
  CHECK(neurons == spread_again);
  CHECK(neurons[300] == 2.0 * mismatch_factor(5, 2, 300));
  spread(exc, {}, 2, neurons);
  CHECK(neurons[4095] == 16.0);
}
