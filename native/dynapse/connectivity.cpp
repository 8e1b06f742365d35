#include "rockpool/dynapse/connectivity.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "rockpool/dynapse/mismatch.h"
#include "rockpool/dynapse/protocol.h"
#include "rockpool/error.h"

namespace rockpool::dynapse {

namespace {

constexpr std::size_t kBoardCores = kChips * kCores;
constexpr int kMostChips = 3;  // one of four routes is the monitor's

std::size_t row_start(const CsrSpan& m, std::size_t i) {
  return static_cast<std::size_t>(m.indptr[i]);
}
double value_of(const CsrSpan& m, std::size_t k) {
  return m.data.size() == 1 ? m.data[0] : m.data[k];
}

/// What each number is in a list of different ones; -1: not in it.
std::vector<std::int32_t> places(std::span<const std::int32_t> numbers, std::size_t count, std::size_t expected,
                                 const std::string& name) {
  if (numbers.size() != expected)
    throw_shape(name, to_text(expected) + " numbers, one for each line of the block", to_text(numbers.size()) + " of them");
  std::vector<std::int32_t> place(count, -1);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::int32_t number = numbers[i];
    if (number < 0 || static_cast<std::size_t>(number) >= count)
      throw Error(ErrorKind::kRange, "ERR_INDEX",
                  "expected " + name + " to be integers from 0 to " + to_text(count - 1) + ", received " + to_text(number));
    if (place[static_cast<std::size_t>(number)] >= 0) throw_range(name, "numbers that differ", to_text(number) + " twice");
    place[static_cast<std::size_t>(number)] = static_cast<std::int32_t>(i);
  }
  return place;
}

void append_row(CountMatrix& out, std::span<const double> row) {
  for (std::size_t j = 0; j < row.size(); ++j) {
    if (row[j] == 0.0) continue;
    out.indices.push_back(static_cast<std::int32_t>(j));
    out.data.push_back(row[j]);
  }
  out.indptr.push_back(static_cast<double>(out.indices.size()));
}

}  // namespace

CountMatrix connect(const CsrSpan& base, const CsrSpan& block, std::span<const std::int32_t> rows,
                    std::span<const std::int32_t> columns, bool add) {
  check_csr(base);
  check_csr(block);
  const auto place = places(rows, base.rows, block.rows, "idsPre");
  places(columns, base.columns, block.columns, "idsPost");
  CountMatrix out;
  out.indptr.push_back(0.0);
  std::vector<double> row(base.columns);
  for (std::size_t i = 0; i < base.rows; ++i) {
    std::ranges::fill(row, 0.0);
    for (std::size_t k = row_start(base, i); k < row_start(base, i + 1); ++k)
      row[static_cast<std::size_t>(base.indices[k])] = value_of(base, k);
    if (place[i] >= 0) {
      const auto b = static_cast<std::size_t>(place[i]);
      if (!add)
        for (const std::int32_t j : columns) row[static_cast<std::size_t>(j)] = 0.0;
      for (std::size_t k = row_start(block, b); k < row_start(block, b + 1); ++k) {
        const double whole = std::trunc(value_of(block, k));
        out.truncated |= whole != value_of(block, k);
        row[static_cast<std::size_t>(columns[static_cast<std::size_t>(block.indices[k])])] += whole;
      }
    }
    append_row(out, row);
  }
  return out;
}

void read_block(const CsrSpan& matrix, std::span<const std::int32_t> rows, std::span<const std::int32_t> columns,
                std::span<double> out) {
  check_csr(matrix);
  if (out.size() != rows.size() * columns.size())
    throw_shape("out", to_text(rows.size() * columns.size()) + " numbers", to_text(out.size()) + " of them");
  const auto row_of = places(rows, matrix.rows, rows.size(), "idsPre");
  const auto column_of = places(columns, matrix.columns, columns.size(), "idsPost");
  std::ranges::fill(out, 0.0);
  for (std::size_t i = 0; i < matrix.rows; ++i) {
    if (row_of[i] < 0) continue;
    double* row = out.data() + static_cast<std::size_t>(row_of[i]) * columns.size();
    for (std::size_t k = row_start(matrix, i); k < row_start(matrix, i + 1); ++k)
      if (const std::int32_t j = column_of[static_cast<std::size_t>(matrix.indices[k])]; j >= 0) row[j] = value_of(matrix, k);
  }
}

ConnectivityReport check_connectivity(const CsrSpan& recurrent, const std::optional<CsrSpan>& external, double resolution) {
  check_csr(recurrent);
  if (recurrent.rows != kBoardNeurons || recurrent.columns != kBoardNeurons)
    throw_shape("connectionsRec", "4096 x 4096", to_text(recurrent.rows) + " x " + to_text(recurrent.columns));
  if (external) {
    check_csr(*external);
    if (external->rows > kChipNeurons || external->columns != kBoardNeurons)
      throw_shape("connectionsExt", "at most 1024 x 4096", to_text(external->rows) + " x " + to_text(external->columns));
  }
  if (!(resolution > 0.0)) throw_range("resolution", "a number greater than 0", to_text(resolution));

  ConnectivityReport report;
  std::vector<double> cells(kBoardNeurons, 0.0);
  std::vector<std::uint8_t> sources(kBoardCores * kChipNeurons, 0);  // chips, by core and name
  const auto count = [&](const CsrSpan& m, bool outside) {
    for (std::size_t i = 0; i < m.rows; ++i) {
      unsigned target_chips = 0;
      for (std::size_t k = row_start(m, i); k < row_start(m, i + 1); ++k) {
        if (value_of(m, k) == 0.0) continue;
        const auto post = static_cast<std::size_t>(m.indices[k]);
        cells[post] += std::ceil(std::abs(value_of(m, k)) / resolution);
        target_chips |= 1U << post / kChipNeurons;
        const std::size_t chip = outside ? kChips : i / kChipNeurons;
        sources[post / kCoreNeurons * kChipNeurons + i % kChipNeurons] |= static_cast<std::uint8_t>(1U << chip);
      }
      if (!outside && std::popcount(target_chips) > kMostChips) report.fan_out.push_back(static_cast<std::int32_t>(i));
    }
  };
  count(recurrent, false);
  if (external) count(*external, true);
  for (std::size_t j = 0; j < kBoardNeurons; ++j)
    if (cells[j] > kCams) report.fan_in.push_back(static_cast<std::int32_t>(j));
  for (std::size_t k = 0; k < sources.size(); ++k)
    if (std::popcount(sources[k]) > 1)
      report.aliases.push_back({static_cast<std::int32_t>(k / kChipNeurons), static_cast<std::int32_t>(k % kChipNeurons),
                                static_cast<std::int32_t>(sources[k])});
  return report;
}

void spread(std::span<const double> cores, const Mismatch& mismatch, std::uint32_t row, std::span<double> neurons) {
  if (cores.size() != kBoardCores || neurons.size() != kBoardNeurons || row >= kParameterRows)
    throw_shape("cores", "16 numbers for 4096 neurons", to_text(cores.size()) + " for " + to_text(neurons.size()));
  if (!mismatch.on)
    std::ranges::fill(neurons, 1.0);
  else if (mismatch.factors.empty())
    mismatch_factors(mismatch.seed, row, 0, neurons);
  else
    std::ranges::copy(mismatch.factors.subspan(std::size_t{row} * kBoardNeurons, kBoardNeurons), neurons.begin());
  for (std::size_t j = 0; j < neurons.size(); ++j) neurons[j] *= cores[j / kCoreNeurons];
}

void connection_weights(const CsrSpan& connections, std::span<const double> base_exc, std::span<const double> base_inh,
                        const Mismatch& mismatch, std::span<double> weights) {
  check_csr(connections);
  if (connections.rows > kBoardNeurons || connections.columns != kBoardNeurons || base_exc.size() != kBoardCores ||
      base_inh.size() != kBoardCores || weights.size() != connections.indices.size())
    throw_shape("connections", "at most 4096 x 4096, with a weight for each",
                to_text(connections.rows) + " x " + to_text(connections.columns));
  std::vector<double> exc(kBoardNeurons, 1.0), inh(kBoardNeurons, 1.0);
  const auto factors = [&](std::uint32_t row, std::vector<double>& out) {
    if (mismatch.factors.empty())
      mismatch_factors(mismatch.seed, row, 0, out);
    else
      std::ranges::copy(mismatch.factors.subspan(std::size_t{row} * kBoardNeurons, kBoardNeurons), out.begin());
  };
  for (std::size_t i = 0; i < connections.rows; ++i) {
    const std::size_t begin = row_start(connections, i), end = row_start(connections, i + 1);
    if (mismatch.on && begin < end) {
      factors(kParameterRows + static_cast<std::uint32_t>(i), exc);
      factors(kParameterRows + kBoardNeurons + static_cast<std::uint32_t>(i), inh);
    }
    for (std::size_t k = begin; k < end; ++k) {
      const auto post = static_cast<std::size_t>(connections.indices[k]);
      const double count = value_of(connections, k);
      weights[k] =
          count * (count > 0.0 ? base_exc[post / kCoreNeurons] * exc[post] : base_inh[post / kCoreNeurons] * inh[post]);
    }
  }
}

}  // namespace rockpool::dynapse
