#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/weights.h"

namespace rockpool {

namespace {

/// One line of a matrix: a row or a column.
struct Line {
  std::size_t first, stride, length;
};

/// Keeps the `keep` largest positive elements of sign * x in a line, of equal ones those of lower index.
void prune_line(std::vector<double>& x, const Line& line, double sign, std::size_t keep, std::vector<std::size_t>& found) {
  found.clear();
  for (std::size_t i = 0; i < line.length; ++i)
    if (sign * x[line.first + i * line.stride] > 0) found.push_back(line.first + i * line.stride);
  if (found.size() <= keep) return;
  std::stable_sort(found.begin(), found.end(), [&](std::size_t a, std::size_t b) { return sign * x[a] > sign * x[b]; });
  for (std::size_t i = keep; i < found.size(); ++i) x[found[i]] = 0;
}

void prune(std::vector<double>& x, std::size_t rows, std::size_t columns, double limit, bool of_columns) {
  if (limit < 0) return;
  const double half = std::nearbyint(limit / 2);  // half to even
  const auto keep = static_cast<std::size_t>(std::min(half, 4294967295.0));
  std::vector<std::size_t> found;
  for (std::size_t k = 0; k < (of_columns ? columns : rows); ++k) {
    const Line line = of_columns ? Line{k, columns, rows} : Line{k * columns, 1, columns};
    prune_line(x, line, 1, keep, found);
    prune_line(x, line, -1, keep, found);
  }
}

}  // namespace

void discretise(std::span<const double> weights, std::size_t columns, const DiscretiseOptions& options, std::span<double> out,
                std::span<std::int32_t> counts) {
  if (columns == 0 || weights.size() % columns != 0 || out.size() != weights.size() || counts.size() != weights.size())
    throw_shape("weights", "rows of " + to_text(columns) + " elements", to_text(weights.size()) + " elements");
  if (!(options.connections >= 1) || options.connections > 2147483647.0)
    throw_range("connections", "an integer from 1 to 2147483647", to_text(options.connections));
  std::vector<double> x(weights.begin(), weights.end());
  for (const double w : x)
    if (!std::isfinite(w)) throw_range("weights", "finite", to_text(w));
  prune(x, x.size() / columns, columns, options.inputs, true);
  prune(x, x.size() / columns, columns, options.outputs, false);
  double largest = 0, smallest = 0;
  for (const double w : x) {
    largest = std::max(largest, w);
    smallest = std::min(smallest, w);
  }
  const double exc = largest / options.connections, inh = -smallest / options.connections;
  for (std::size_t k = 0; k < x.size(); ++k) {
    // The base of weights near the smallest number is 0.
    const double base = x[k] > 0 ? exc : inh;
    const double n = x[k] == 0 || base == 0 ? 0.0 : std::nearbyint(x[k] / base);
    counts[k] = static_cast<std::int32_t>(n);
    out[k] = n == 0 ? 0.0 : n * base;
  }
}

}  // namespace rockpool
