#include "rockpool/rows.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "rockpool/error.h"

namespace rockpool {

void take_columns(std::span<const double> in, std::size_t width, std::span<const std::int32_t> columns, double* out) {
  for (const std::int32_t c : columns)
    if (c < 0 || static_cast<std::size_t>(c) >= width)
      throw Error(ErrorKind::kRange, "ERR_INDEX",
                  "expected channels to be from 0 to " + to_text(width) + " - 1, received " + to_text(c));
  if (columns.empty()) return;
  for (const double* row = in.data(); row != in.data() + in.size(); row += width)
    for (const std::int32_t c : columns) *out++ = row[c];
}

void join_columns(std::span<const double> a, std::size_t a_width, std::span<const double> b, std::size_t b_width,
                  std::size_t rows, double* out) {
  for (std::size_t i = 0; i < rows; ++i) {
    out = std::copy_n(a.data() + i * a_width, a_width, out);
    out = std::copy_n(b.data() + i * b_width, b_width, out);
  }
}

void repeat(std::span<const double> in, std::span<double> out) {
  if (in.empty()) return;
  for (std::size_t at = 0; at < out.size(); at += in.size())
    std::copy_n(in.data(), std::min(in.size(), out.size() - at), out.data() + at);
}

void repeat_rows(std::span<const double> in, std::size_t width, std::size_t times, std::span<double> out) {
  if (out.size() != in.size() * times || (width != 0 ? in.size() % width != 0 : !in.empty()))
    throw_shape("the repeated rows", to_text(in.size() * times) + " elements long", to_text(out.size()));
  auto* to = out.data();
  for (std::size_t at = 0; at < in.size(); at += width)
    for (std::size_t k = 0; k < times; ++k) to = std::copy_n(in.data() + at, width, to);
}

std::size_t merge_series(std::span<const double> times, std::span<const double> samples, std::size_t channels,
                         std::span<const double> lengths, bool remove_duplicates, std::span<double> out_times,
                         std::span<double> out_samples) {
  // Series by series, merging sorted runs: n log(number of series) when done in pairs; ties keep the order of the series.
  std::vector<std::size_t> order(times.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<std::size_t> starts{0};
  for (const double length : lengths) starts.push_back(starts.back() + static_cast<std::size_t>(length));
  ROCKPOOL_INVARIANT(starts.back() == times.size() && samples.size() == times.size() * channels);
  const auto before = [&](std::size_t i, std::size_t j) { return times[i] < times[j]; };
  const auto at = [&](std::size_t s) {
    return order.begin() + static_cast<std::ptrdiff_t>(starts[std::min(s, lengths.size())]);
  };
  for (std::size_t width = 1; width < lengths.size(); width *= 2)
    for (std::size_t s = 0; s + width < lengths.size(); s += 2 * width)
      std::inplace_merge(at(s), at(s + width), at(s + 2 * width), before);

  const auto series_of = [&](std::size_t i) { return std::upper_bound(starts.begin(), starts.end(), i) - starts.begin() - 1; };
  std::size_t kept = 0;
  for (std::size_t k = 0; k < order.size();) {
    std::size_t end = k + 1;
    while (end < order.size() && times[order[end]] == times[order[k]]) ++end;
    const auto first = remove_duplicates && end > k + 1 ? series_of(order[k]) : -1;
    for (; k < end; ++k) {
      if (first >= 0 && series_of(order[k]) != first) continue;
      out_times[kept] = times[order[k]];
      std::copy_n(samples.data() + order[k] * channels, channels, out_samples.data() + kept * channels);
      ++kept;
    }
  }
  return kept;
}

}  // namespace rockpool
