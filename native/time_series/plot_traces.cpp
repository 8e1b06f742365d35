// Traces, events and points reduced to the pixels of a picture.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "rockpool/error.h"
#include "rockpool/plot.h"

namespace rockpool {

namespace {

/// Where a value lies on a grid of n cells from `from` to `to`; the last cell includes `to`.
std::size_t cell_of(double value, double from, double to, std::size_t n) {
  // Halves, since the difference of large limits may be more than a double holds.
  const double at = (value / 2 - from / 2) / (to / 2 - from / 2) * static_cast<double>(n);
  return at > 0 ? std::min(static_cast<std::size_t>(at), n - 1) : 0;  // also for an empty range, whose quotient is NaN
}

double value_of(const PlotSamples& in, std::size_t i) {
  return in.samples[i * in.channels + in.channel] + in.offset;
}

/// Collects points; breaks in a row are one.
class Line {
 public:
  void add(double x, double y) {
    if (!std::isfinite(y)) {
      if (trace_.y.empty() || std::isnan(trace_.y.back())) return;
      y = NAN;
    }
    trace_.x.push_back(x);
    trace_.y.push_back(y);
  }
  PlotTrace take() {
    if (!trace_.y.empty() && std::isnan(trace_.y.back())) {
      trace_.x.pop_back();
      trace_.y.pop_back();
    }
    return std::move(trace_);
  }

 private:
  PlotTrace trace_;
};

/// What one pixel column shows of a trace: at most four samples, in their order.
class Column {
 public:
  bool empty() const { return count_ == 0; }
  void add(std::size_t i, double y) {
    if (count_++ == 0) {
      first_ = low_ = high_ = i;
      low_y_ = high_y_ = y;
    }
    last_ = i;
    if (y < low_y_) low_ = i, low_y_ = y;
    if (y > high_y_) high_ = i, high_y_ = y;
  }
  void flush(const PlotSamples& in, Line& line) {
    if (empty()) return;
    std::size_t kept[] = {first_, std::min(low_, high_), std::max(low_, high_), last_};
    const auto end = std::unique(std::begin(kept), std::end(kept));
    for (auto i = std::begin(kept); i != end; ++i) line.add(in.times[*i], value_of(in, *i));
    count_ = 0;
  }

 private:
  std::size_t count_ = 0, first_ = 0, low_ = 0, high_ = 0, last_ = 0;
  double low_y_ = 0, high_y_ = 0;
};

}  // namespace

PlotTrace reduce_trace(const PlotSamples& in, double from, double to, std::size_t columns) {
  if (in.channel >= in.channels || in.samples.size() / in.channels != in.times.size() || in.samples.size() % in.channels != 0)
    throw_shape("samples", to_text(in.times.size()) + " x " + to_text(in.channels), to_text(in.samples.size()) + " elements");
  const auto at = [&](auto it) { return static_cast<std::size_t>(it - in.times.begin()); };
  std::size_t begin = at(std::lower_bound(in.times.begin(), in.times.end(), from));
  std::size_t end = at(std::upper_bound(in.times.begin() + static_cast<std::ptrdiff_t>(begin), in.times.end(), to));
  if (begin > 0) --begin;
  if (end < in.times.size()) ++end;

  Line line;
  if (end - begin <= 4 * columns) {
    for (std::size_t i = begin; i < end; ++i) line.add(in.times[i], value_of(in, i));
    return line.take();
  }
  Column column;
  std::size_t current = 0;
  bool broken = false;  // since the last finite sample
  for (std::size_t i = begin; i < end; ++i) {
    const double y = value_of(in, i);
    if (!std::isfinite(y)) {
      broken = true;
      continue;
    }
    const std::size_t c = cell_of(in.times[i], from, to, columns);
    if (c != current || column.empty()) {
      column.flush(in, line);
      if (broken) line.add(in.times[i], NAN);
      current = c;
    }
    // A break within a column is narrower than a pixel and not seen.
    broken = false;
    column.add(i, y);
  }
  column.flush(in, line);
  return line.take();
}

PlotEvents reduce_events(std::span<const double> times, std::span<const std::int32_t> channels, const PlotEventGrid& grid) {
  if (times.size() != channels.size())
    throw_shape("channels", to_text(times.size()) + " elements long", to_text(channels.size()) + " elements");
  for (const std::int32_t c : channels)
    if (c < 0 || static_cast<std::size_t>(c) >= grid.num_channels)
      throw_range("channels", "from 0 to " + to_text(grid.num_channels) + " - 1", to_text(c));
  PlotEvents out;
  out.rows = std::min(grid.num_channels, grid.max_rows);
  const auto shown = [&](std::size_t i) { return times[i] >= grid.from && times[i] <= grid.to; };
  const auto mark = [&](std::size_t i) {
    out.times.push_back(times[i]);
    out.channels.push_back(channels[i]);
  };
  if (times.size() <= grid.max_marks) {
    for (std::size_t i = 0; i < times.size(); ++i)
      if (shown(i)) mark(i);
    return out;
  }
  out.counts.assign(out.rows * grid.columns, 0);
  std::size_t occupied = 0;
  const bool own_rows = out.rows == grid.num_channels;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (!shown(i)) continue;
    const auto channel = static_cast<std::size_t>(channels[i]);
    const std::size_t row = own_rows ? channel : channel * out.rows / grid.num_channels;
    double& count = out.counts[row * grid.columns + cell_of(times[i], grid.from, grid.to, grid.columns)];
    if (count == 0 && ++occupied <= grid.max_marks && own_rows) mark(i);
    ++count;
  }
  if (own_rows && occupied <= grid.max_marks) {
    out.counts.clear();
  } else {
    out.times.clear();
    out.channels.clear();
  }
  return out;
}

PlotTrace reduce_points(std::span<const double> x, std::span<const double> y, const PlotFrame& frame, std::size_t columns,
                        std::size_t rows) {
  if (x.size() != y.size()) throw_shape("y", to_text(x.size()) + " elements long", to_text(y.size()) + " elements");
  std::vector<bool> taken(columns * rows);
  PlotTrace out;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool inside = x[i] >= frame.x_from && x[i] <= frame.x_to && y[i] >= frame.y_from && y[i] <= frame.y_to;
    if (!inside || !std::isfinite(x[i]) || !std::isfinite(y[i])) continue;
    const std::size_t cell =
        cell_of(y[i], frame.y_from, frame.y_to, rows) * columns + cell_of(x[i], frame.x_from, frame.x_to, columns);
    if (taken[cell]) continue;
    taken[cell] = true;
    out.x.push_back(x[i]);
    out.y.push_back(y[i]);
  }
  return out;
}

namespace {

double share_of(double value, double from, double to) {
  return to > from ? (value / 2 - from / 2) / (to / 2 - from / 2) : 0.5;
}

/// Appends tenths of a pixel: 123 as 12.3.
void append_tenths(std::string& text, double pixels) {
  char digits[24];
  const auto tenths = static_cast<long long>(std::llround(pixels * 10));
  const auto end = std::to_chars(digits, digits + sizeof digits, std::llabs(tenths) / 10).ptr;
  if (tenths < 0) text += '-';
  text.append(digits, end);
  if (const auto rest = std::llabs(tenths) % 10; rest != 0) {
    text += '.';
    text += static_cast<char>('0' + rest);
  }
}

}  // namespace

std::string marks_path(std::span<const double> x, std::span<const double> y, const PlotFrame& f, double size) {
  if (x.size() != y.size()) throw_shape("y", to_text(x.size()) + " elements long", to_text(y.size()) + " elements");
  std::string path;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!(x[i] >= f.x_from && x[i] <= f.x_to && y[i] >= f.y_from && y[i] <= f.y_to)) continue;
    const double across = share_of(x[i], f.x_from, f.x_to), up = share_of(y[i], f.y_from, f.y_to);
    path += 'M';
    append_tenths(path, f.left + across * f.width);
    path += ' ';
    append_tenths(path, f.top + (1 - up) * f.height - size / 2);
    path += 'v';
    append_tenths(path, size);
  }
  return path;
}

}  // namespace rockpool
