// Matrices of synapses.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "rockpool/error.h"
#include "rockpool/random.h"
#include "rockpool/synapses.h"

namespace rockpool {

namespace {

constexpr std::size_t kMostNeurons = 0xfffffff0u;

void check_size(std::size_t rows, std::size_t columns) {
  if (rows > kMostNeurons || columns > kMostNeurons)
    throw_range("the number of neurons", "less than 2^32", to_text(std::max(rows, columns)));
}

void check_weight(double w, std::size_t row, std::size_t column) {
  if (!std::isfinite(w)) throw_range("weights", "finite", to_text(w) + " from " + to_text(row) + " to " + to_text(column));
}

bool narrow(const std::vector<double>& weights) {
  return std::ranges::all_of(weights, [](double w) { return static_cast<double>(static_cast<float>(w)) == w; });
}

/// Takes over the weights in the smallest form that holds them.
void keep_weights(SynapseMatrix& m, std::vector<double>&& weights) {
  if (weights.empty() || std::ranges::all_of(weights, [&](double w) { return w == weights[0]; })) {
    m.shared_weight = weights.empty() ? 0.0 : weights[0];
  } else if (narrow(weights)) {
    m.weights32.assign(weights.begin(), weights.end());
  } else {
    m.weights64 = std::move(weights);
  }
}

/// Sorts the columns of a row and adds up those that occur twice.
void tidy_row(std::vector<std::pair<std::uint32_t, double>>& row) {
  const auto by_column = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (!std::ranges::is_sorted(row, by_column)) std::ranges::stable_sort(row, by_column);
  std::size_t kept = 0;
  for (std::size_t k = 0; k < row.size(); ++k) {
    if (kept > 0 && row[kept - 1].first == row[k].first)
      row[kept - 1].second += row[k].second;
    else
      row[kept++] = row[k];
  }
  row.resize(kept);
}

}  // namespace

SynapseMatrixPointer make_dense_synapses(std::size_t rows, std::size_t columns, std::span<const double> weights) {
  check_size(rows, columns);
  if (columns != 0 ? weights.size() / columns != rows || weights.size() % columns != 0 : !weights.empty())
    throw_shape("weights", to_text(rows) + " x " + to_text(columns), to_text(weights.size()) + " numbers");
  auto m = std::make_shared<SynapseMatrix>();
  m->rows = rows;
  m->columns = columns;
  m->entries = weights.size();
  m->starts.reserve(rows + 1);
  m->starts.push_back(0);
  const auto count = static_cast<std::size_t>(std::ranges::count_if(weights, [](double w) { return w != 0.0; }));
  m->targets.reserve(count);
  std::vector<double> kept;
  kept.reserve(count);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      const double w = weights[r * columns + c];
      if (w == 0.0) continue;
      check_weight(w, r, c);
      m->targets.push_back(static_cast<std::uint32_t>(c));
      kept.push_back(w);
    }
    m->starts.push_back(m->targets.size());
  }
  keep_weights(*m, std::move(kept));
  return m;
}

SynapseMatrixPointer make_sparse_synapses(std::size_t rows, std::size_t columns, std::span<const double> starts,
                                          std::span<const std::int32_t> targets, std::span<const double> weights) {
  check_size(rows, columns);
  if (starts.size() != rows + 1)
    throw_shape("indptr", to_text(rows + 1) + " elements long", to_text(starts.size()) + " elements");
  if (weights.size() != targets.size() && weights.size() != 1)
    throw_shape("data", "one number or " + to_text(targets.size()), to_text(weights.size()) + " numbers");
  if (starts[0] != 0.0 || starts[rows] != static_cast<double>(targets.size()))
    throw_range("indptr", "from 0 to " + to_text(targets.size()) + ", the number of indices",
                "from " + to_text(starts[0]) + " to " + to_text(starts[rows]));
  auto m = std::make_shared<SynapseMatrix>();
  m->rows = rows;
  m->columns = columns;
  m->starts.reserve(rows + 1);
  m->starts.push_back(0);
  m->targets.reserve(targets.size());
  std::vector<double> kept;
  kept.reserve(targets.size());
  std::vector<std::pair<std::uint32_t, double>> row;
  for (std::size_t r = 0; r < rows; ++r) {
    if (!(starts[r + 1] >= starts[r]) || starts[r + 1] != std::floor(starts[r + 1]) ||
        starts[r + 1] > static_cast<double>(targets.size()))
      throw_range("indptr", "non-decreasing integers", to_text(starts[r + 1]) + " at " + to_text(r + 1));
    row.clear();
    for (auto k = static_cast<std::size_t>(starts[r]); k < static_cast<std::size_t>(starts[r + 1]); ++k) {
      if (targets[k] < 0 || static_cast<std::size_t>(targets[k]) >= columns)
        throw Error(ErrorKind::kRange, "ERR_INDEX",
                    "expected indices to be from 0 to " + to_text(static_cast<std::int64_t>(columns) - 1) + ", received " +
                        to_text(targets[k]));
      const double w = weights[weights.size() == 1 ? 0 : k];
      check_weight(w, r, static_cast<std::size_t>(targets[k]));
      row.emplace_back(static_cast<std::uint32_t>(targets[k]), w);
    }
    tidy_row(row);
    for (const auto& [column, w] : row) {
      m->targets.push_back(column);
      kept.push_back(w);
    }
    m->starts.push_back(m->targets.size());
  }
  keep_weights(*m, std::move(kept));
  return m;
}

SynapseMatrixPointer make_random_synapses(std::size_t rows, std::size_t columns, double probability, double weight,
                                          std::uint64_t seed, bool diagonal) {
  check_size(rows, columns);
  if (!(probability >= 0.0 && probability <= 1.0)) throw_range("probability", "from 0 to 1", to_text(probability));
  if (!std::isfinite(weight)) throw_range("weight", "finite", to_text(weight));
  auto m = std::make_shared<SynapseMatrix>();
  m->rows = rows;
  m->columns = columns;
  m->shared_weight = weight;
  m->starts.reserve(rows + 1);
  m->starts.push_back(0);
  const double expected = static_cast<double>(rows) * static_cast<double>(columns) * probability;
  m->targets.reserve(static_cast<std::size_t>(expected + 6.0 * std::sqrt(expected) + 16.0));
  // The gaps between connections are geometric: one draw for each of them, of the stream of its row.
  const double scale = probability >= 1.0 ? 0.0 : 1.0 / std::log1p(-probability);
  for (std::size_t r = 0; r < rows; ++r) {
    std::uint32_t draw = 0;
    PhiloxCounter block{};
    for (double c = -1.0; probability > 0.0;) {
      if ((draw & 1u) == 0) block = random_block({seed, 0}, r, draw >> 1);
      const double u = uniform_open(block[(draw & 1u) * 2], block[(draw & 1u) * 2 + 1]);
      ++draw;
      c += 1.0 + (probability >= 1.0 ? 0.0 : std::floor(std::log(u) * scale));
      if (!(c < static_cast<double>(columns))) break;
      if (diagonal || static_cast<std::size_t>(c) != r) m->targets.push_back(static_cast<std::uint32_t>(c));
    }
    m->starts.push_back(m->targets.size());
  }
  return m;
}

std::shared_ptr<const SynapseRoute> make_route(SynapseMatrixPointer matrix, WeightPart part,
                                               std::vector<std::uint32_t> delays) {
  if (delays.size() != 1 && delays.size() != matrix->stored())
    throw_shape("delays", "one number or " + to_text(matrix->stored()) + ", one for each synapse",
                to_text(delays.size()) + " numbers");
  return std::make_shared<const SynapseRoute>(SynapseRoute{std::move(matrix), part, std::move(delays)});
}

}  // namespace rockpool
