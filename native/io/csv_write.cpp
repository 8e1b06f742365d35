#include <charconv>
#include <cmath>

#include "rockpool/csv.h"
#include "rockpool/error.h"

namespace rockpool {

namespace {

constexpr std::size_t kLine = 4096;  // bytes between two looks at the control

/// Text that grows, with room for one number at its end.
class Text {
 public:
  void put(char c) { text_.push_back(c); }

  template <typename T>
  void put_number(T value) {
    char buffer[32];
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isnan(value)) {
        text_ += "nan";  // whatever its sign
        return;
      }
    }
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    text_.append(buffer, end);
  }

  void report(RunControl& control, std::uint64_t rows) {
    rows_ += rows;
    if (rows_ < kLine) return;
    control.advance(rows_);
    rows_ = 0;
  }

  std::string finish(RunControl& control) {
    control.advance(rows_);
    return std::move(text_);
  }

 private:
  std::string text_;
  std::uint64_t rows_ = 0;
};

}  // namespace

std::string write_csv_rows(std::span<const double> times, std::span<const double> samples, std::size_t columns, char separator,
                           RunControl& control) {
  const std::size_t rows = columns > 0 ? samples.size() / columns : times.size();
  if (rows * columns != samples.size() || (!times.empty() && times.size() != rows))
    throw_shape("samples", "a row for each time", to_text(samples.size()) + " elements");
  control.set_total(rows);
  Text out;
  for (std::size_t row = 0; row < rows; ++row) {
    bool first = true;
    if (!times.empty()) {
      out.put_number(times[row]);
      first = false;
    }
    for (std::size_t column = 0; column < columns; ++column) {
      if (!first) out.put(separator);
      out.put_number(samples[row * columns + column]);
      first = false;
      if (column % kLine == kLine - 1) control.advance(0);
    }
    out.put('\n');
    out.report(control, 1);
  }
  return out.finish(control);
}

std::string write_csv_events(std::span<const double> times, std::span<const std::int32_t> channels, char separator,
                             RunControl& control) {
  if (times.size() != channels.size())
    throw_shape("channels", to_text(times.size()) + " elements long", to_text(channels.size()) + " elements");
  control.set_total(times.size());
  Text out;
  for (std::size_t i = 0; i < times.size(); ++i) {
    out.put_number(times[i]);
    out.put(separator);
    out.put_number(channels[i]);
    out.put('\n');
    out.report(control, 1);
  }
  return out.finish(control);
}

}  // namespace rockpool
