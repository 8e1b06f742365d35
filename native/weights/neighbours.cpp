// Partners by distance on a sheet of neurons.
//
// The Gaussian is a product of one of the row and one of the column, so a partner with replacement is drawn in two steps: its
// row, by what the row adds up to, then its place in the row. Without replacement, partners that were drawn before are refused;
// where that takes too long (narrow Gaussians), all that are left run a race: the smallest log(-log u) + d^2 wins, which is the
// same distribution (exponential variates of rate exp(-d^2)) and needs no probability that could vanish.
#include <algorithm>
#include <cmath>
#include <string>

#include "draws.h"
#include "rockpool/error.h"
#include "rockpool/portable_math.h"
#include "rockpool/weights.h"

namespace rockpool {

namespace {

/// exp(-(d / width)^2) for d = 0 .. n - 1, up to where it vanishes.
std::vector<double> profile(std::size_t n, double width) {
  std::vector<double> p;
  for (std::size_t d = 0; d < n; ++d) {
    const double q = static_cast<double>(d) / width;
    const double value = portable_exp(-(q * q));
    if (!(value > 0)) break;
    p.push_back(value);
  }
  return p;
}

/// Places of one axis near `centre`, with the running sums of their weights.
class Axis {
 public:
  Axis(std::size_t n, double width, bool torus) : n_(n), torus_(torus), profile_(profile(n, width)) {}

  std::size_t distance(std::size_t a, std::size_t b) const {
    const std::size_t d = a > b ? a - b : b - a;
    return torus_ ? std::min(d, n_ - d) : d;
  }
  double weight(std::size_t a, std::size_t b) const {
    const std::size_t d = distance(a, b);
    return d < profile_.size() ? profile_[d] : 0.0;
  }
  /// First and one after the last place with a weight. All, on a torus.
  std::size_t first(std::size_t centre) const { return torus_ ? 0 : centre - std::min(centre, profile_.size() - 1); }
  std::size_t last(std::size_t centre) const { return torus_ ? n_ : std::min(n_, centre + profile_.size()); }

 private:
  std::size_t n_;
  bool torus_;
  std::vector<double> profile_;
};

/// Where a point falls among running sums: never on an element without weight.
std::size_t locate(const std::vector<double>& sums, std::size_t count, double point) {
  const auto end = sums.begin() + static_cast<std::ptrdiff_t>(count);
  auto it = std::upper_bound(sums.begin(), end, point);
  if (it == end) it = std::lower_bound(sums.begin(), end, sums[count - 1]);
  return static_cast<std::size_t>(it - sums.begin());
}

class Neighbourhood {
 public:
  explicit Neighbourhood(const Sheet& s)
      : s_(s), rows_(s.rows, s.width_rows, s.torus), columns_(s.columns, s.width_columns, s.torus) {}

  /// Prepares the draws of one neuron; false when all other neurons are too far away to have a weight.
  bool centre(std::size_t neuron) {
    x_ = neuron / s_.columns;
    y_ = neuron % s_.columns;
    sum_columns(sums_, false);
    sum_columns(own_sums_, true);
    first_row_ = rows_.first(x_);
    row_sums_.clear();
    double total = 0;
    for (std::size_t x = first_row_; x < rows_.last(x_); ++x) {
      const std::size_t here = in_row(x);
      total += here == 0 ? 0.0 : rows_.weight(x, x_) * (x == x_ ? own_sums_ : sums_)[here - 1];
      row_sums_.push_back(total);
    }
    return total > 0;
  }

  std::size_t draw(Draws& draws) const {
    const std::size_t x = first_row_ + locate(row_sums_, row_sums_.size(), draws.uniform() * row_sums_.back());
    const auto& sums = x == x_ ? own_sums_ : sums_;
    const std::size_t here = in_row(x);
    return x * s_.columns + columns_.first(y_) + locate(sums, here, draws.uniform() * sums[here - 1]);
  }

  /// (dx / wx)^2 + (dy / wy)^2
  double squared_distance(std::size_t neuron) const {
    const double dx = static_cast<double>(rows_.distance(neuron / s_.columns, x_)) / s_.width_rows;
    const double dy = static_cast<double>(columns_.distance(neuron % s_.columns, y_)) / s_.width_columns;
    return dx * dx + dy * dy;
  }

 private:
  void sum_columns(std::vector<double>& sums, bool own_row) const {
    sums.clear();
    double total = 0;
    for (std::size_t y = columns_.first(y_); y < columns_.last(y_); ++y) {
      if (!own_row || y != y_) total += columns_.weight(y, y_);
      sums.push_back(total);
    }
  }

  /// How many places of the window are in a row: the last rows may be incomplete or empty.
  std::size_t in_row(std::size_t x) const {
    const std::size_t length = std::min(s_.columns, s_.size - std::min(s_.size, x * s_.columns));
    const std::size_t first = columns_.first(y_);
    return std::min(sums_.size(), length - std::min(length, first));
  }

  const Sheet& s_;
  Axis rows_, columns_;
  std::size_t x_ = 0, y_ = 0, first_row_ = 0;
  std::vector<double> sums_, own_sums_, row_sums_;
};

struct Runner {
  double key;
  std::size_t neuron;
  bool operator<(const Runner& other) const { return key != other.key ? key < other.key : neuron < other.neuron; }
};

/// Distinct partners of one neuron.
class DistinctPartners {
 public:
  explicit DistinctPartners(std::size_t size) : taken_(size, 0) {}

  const std::vector<std::size_t>& draw(std::uint64_t seed, std::uint32_t stream, std::size_t neuron, std::size_t number,
                                       const Neighbourhood& around, bool reachable) {
    chosen_.clear();
    taken_[neuron] = 1;
    Draws draws({seed, stream}, neuron);
    for (std::size_t trial = 0; reachable && trial < 16 * number + 64 && chosen_.size() < number; ++trial)
      take(around.draw(draws));
    if (chosen_.size() < number) race({seed, stream | 0x80000000u}, neuron, number, around);
    taken_[neuron] = 0;
    for (const std::size_t i : chosen_) taken_[i] = 0;
    return chosen_;
  }

 private:
  void take(std::size_t i) {
    if (taken_[i]) return;
    taken_[i] = 1;
    chosen_.push_back(i);
  }

  void race(const RandomStream& stream, std::size_t neuron, std::size_t number, const Neighbourhood& around) {
    Draws draws(stream, neuron);
    std::vector<Runner> field;
    for (std::size_t i = 0; i < taken_.size(); ++i)
      if (!taken_[i]) field.push_back({portable_log(-portable_log(draws.uniform())) + around.squared_distance(i), i});
    const auto missing = static_cast<std::ptrdiff_t>(number - chosen_.size());
    std::partial_sort(field.begin(), field.begin() + missing, field.end());
    for (std::ptrdiff_t k = 0; k < missing; ++k) take(field[static_cast<std::size_t>(k)].neuron);
  }

  std::vector<std::uint8_t> taken_;
  std::vector<std::size_t> chosen_;
};

}  // namespace

void neighbours_2d(std::uint64_t seed, std::uint32_t stream, const Sheet& s, std::size_t offset, WeightSink& sink) {
  if (s.size == 0 || s.columns == 0 || s.rows < (s.size + s.columns - 1) / s.columns)
    throw_range("the grid", "large enough for " + to_text(s.size) + " neurons", to_text(s.rows) + " x " + to_text(s.columns));
  if (!(s.width_rows > 0) || !(s.width_columns > 0)) throw_range("width", "greater than 0", "another");
  if (s.neighbours == 0) return;
  if (s.multiple ? s.size < 2 : s.neighbours >= s.size)
    throw_range("the number of neighbours", "less than the number of neurons, " + to_text(s.size), to_text(s.neighbours));
  Neighbourhood around(s);
  DistinctPartners distinct(s.multiple ? 0 : s.size);
  for (std::size_t post = 0; post < s.size; ++post) {
    const bool reachable = around.centre(post);
    if (!s.multiple) {
      for (const std::size_t pre : distinct.draw(seed, stream, post, s.neighbours, around, reachable))
        sink.add(offset + pre, offset + post, 1.0);
      continue;
    }
    if (!reachable)
      throw_range("widthNeighbour", "wide enough for neighbours to have a probability above 0",
                  to_text(s.width_rows) + ", " + to_text(s.width_columns));
    Draws draws({seed, stream}, post);
    for (std::size_t k = 0; k < s.neighbours; ++k) sink.add(offset + around.draw(draws), offset + post, 1.0);
  }
}

}  // namespace rockpool
