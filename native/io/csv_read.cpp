#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "io/bytes.h"
#include "io/csv_fields.h"
#include "rockpool/csv.h"

namespace rockpool {

using io::CsvScanner;
using io::throw_file;

namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kMaxColumns = 1 << 20;
constexpr std::size_t kMaxComments = 1 << 16;

std::string place(std::uint64_t line, std::size_t column) {
  return "line " + to_text(line) + ", column " + to_text(column + 1) + ": ";
}

std::string quoted(std::string_view field) {
  if (field.empty()) return "an empty field";
  if (field.size() > 40) return "'" + std::string(field.substr(0, 40)) + "...'";
  return "'" + std::string(field) + "'";
}

[[noreturn]] void throw_field(std::uint64_t line, std::size_t column, const std::string& what, std::string_view field) {
  throw_file(place(line, column) + "expected " + what + ", received " + quoted(field));
}

[[noreturn]] void throw_number(std::uint64_t line, std::size_t column, std::string_view field, std::errc error) {
  if (error == std::errc::result_out_of_range) throw_field(line, column, "a number within the range of doubles", field);
  if (field.find(',') != std::string_view::npos) throw_field(line, column, "a number with a decimal point", field);
  throw_field(line, column, "a number", field);
}

/// After the byte order mark of UTF-8. Text of 16 bits is told by its mark.
const char* skip_mark(const char* begin, const char* end) {
  const auto starts = [&](std::string_view mark) {
    return static_cast<std::size_t>(end - begin) >= mark.size() && std::memcmp(begin, mark.data(), mark.size()) == 0;
  };
  if (starts("\xff\xfe") || starts("\xfe\xff")) throw_file("its text is UTF-16; UTF-8 can be read");
  return starts("\xef\xbb\xbf") ? begin + 3 : begin;
}

char find_separator(const char* at, const char* end) {
  bool in_quotes = false;
  std::string_view found;
  for (; at != end && *at != '\n' && *at != '\r'; ++at) {
    if (*at == '"') in_quotes = !in_quotes;
    if (in_quotes) continue;
    if (*at == '\t') return '\t';
    if (*at == ';') found = ";";
    if (*at == ',' && found.empty()) found = ",";
  }
  return found.empty() ? ' ' : found[0];
}

/// Reads one line of numbers into where they belong.
class RowReader {
 public:
  RowReader(const CsvForm& form, CsvPosition& position, CsvRows& out) : form_(form), position_(position), out_(out) {
    width_ = static_cast<std::size_t>(std::count_if(form.roles.begin(), form.roles.end(), [](auto role) { return role >= 0; }));
    row_.resize(std::max<std::size_t>(width_, 1));
    for (const auto role : form.roles) {
      if (role < CsvForm::kIgnore || (role >= 0 && static_cast<std::size_t>(role) >= width_))
        throw_range("roles", "a place for each column", to_text(role));
    }
  }

  void read(CsvScanner& in) {
    const std::size_t columns = form_.roles.size();
    std::size_t column = 0;
    do {
      if (column == columns) throw_file(wrong_length("more"));
      take_field(in, column++);
    } while (in.next());
    if (column < columns) throw_file(wrong_length(to_text(column)));
    ++out_.rows;
    if (form_.events)
      out_.channels.push_back(channel_);
    else
      out_.samples.insert(out_.samples.end(), row_.begin(), row_.begin() + static_cast<std::ptrdiff_t>(width_));
  }

 private:
  std::string wrong_length(const std::string& got) const {
    return "line " + to_text(position_.line) + ": expected " + to_text(form_.roles.size()) + " columns, received " + got;
  }

  void take_field(CsvScanner& in, std::size_t column) {
    const std::int32_t role = form_.roles[column];
    double value = 0;
    if (role >= 0 && !form_.events && in.take_number(value)) {
      row_[static_cast<std::size_t>(role)] = value;
      return;
    }
    std::string_view field;
    if (!in.take(field, storage_))
      throw_file(place(position_.line, column) + "expected closing quotes, received the end of the line");
    if (role == CsvForm::kIgnore) return;
    const std::errc error = io::parse_number(field, value);
    if (error != std::errc()) {
      if (role < 0 || form_.events || !form_.missing_is_nan || !io::is_missing(field))
        throw_number(position_.line, column, field, error);
      value = std::numeric_limits<double>::quiet_NaN();
    }
    if (role == CsvForm::kTime)
      put_time(value, column, field);
    else if (form_.events)
      put_channel(value, column, field);
    else
      row_[static_cast<std::size_t>(role)] = value;
  }

  void put_time(double value, std::size_t column, std::string_view field) {
    if (form_.time_unit != 1.0) value *= form_.time_unit;
    if (!std::isfinite(value)) throw_field(position_.line, column, "a finite time", field);
    if (position_.ordered && value < position_.last_time)
      throw_field(position_.line, column, "a time not before that of the row before (" + to_text(position_.last_time) + " s)",
                  field);
    position_.last_time = value;
    out_.times.push_back(value);
  }

  void put_channel(double value, std::size_t column, std::string_view field) {
    if (!(value >= 0 && value < 2147483647.0) || value != std::floor(value))
      throw_field(position_.line, column, "a channel (an integer from 0 to 2147483646)", field);
    channel_ = static_cast<std::int32_t>(value);
  }

  const CsvForm& form_;
  CsvPosition& position_;
  CsvRows& out_;
  std::size_t width_ = 0;
  std::vector<double> row_;
  std::int32_t channel_ = 0;
  std::string storage_;
};

}  // namespace

CsvHead read_csv_head(Bytes text, CsvSyntax syntax, CsvHeader header) {
  const char* begin = reinterpret_cast<const char*>(text.data());
  const char* end = begin + text.size();
  CsvHead head;
  CsvSyntax blanks = syntax;
  blanks.separator = ' ';
  CsvScanner lines(skip_mark(begin, end), end, blanks, io::CsvPart::kHeader);
  for (; !lines.done(); lines.skip_line_end(), ++head.line) {
    lines.skip_blanks();
    if (lines.at_comment()) {
      const char* from = lines.at() + 1;
      lines.skip_to_line_end();
      if (head.comments.size() < kMaxComments) head.comments.append(from, lines.at()).push_back('\n');
    } else if (!lines.at_line_end()) {
      break;
    }
  }
  head.syntax = syntax;
  head.offset = static_cast<std::size_t>(lines.at() - begin);
  if (lines.done()) return head;
  if (syntax.separator == 0) head.syntax.separator = find_separator(lines.at(), end);
  CsvScanner row(lines.at(), end, head.syntax, io::CsvPart::kHeader);
  bool numbers = true;
  std::string storage;
  do {
    std::string_view field;
    if (!row.take(field, storage)) throw_file(place(head.line, head.names.size()) + "expected closing quotes, received none");
    if (head.names.size() == kMaxColumns)
      throw_file("line " + to_text(head.line) + ": more than " + to_text(kMaxColumns) + " columns");
    double value;
    if (!io::is_missing(field) && io::parse_number(field, value) == std::errc::invalid_argument) numbers = false;
    head.names.emplace_back(field);
  } while (row.next());
  head.columns = head.names.size();
  if (header == CsvHeader::kNo || (header == CsvHeader::kAuto && numbers)) {
    head.names.clear();
    return head;
  }
  row.skip_to_line_end();
  row.skip_line_end();
  head.line += 1 + row.inner_lines();
  head.offset = static_cast<std::size_t>(row.at() - begin);
  return head;
}

CsvRows read_csv_rows(Bytes text, bool last, const CsvForm& form, CsvPosition& position, RunControl& control) {
  const char* begin = reinterpret_cast<const char*>(text.data());
  const char* end = begin + text.size();
  if (!last)
    while (end != begin && end[-1] != '\n') --end;
  CsvRows out;
  out.consumed = static_cast<std::size_t>(end - begin);
  control.set_total(out.consumed);
  RowReader reader(form, position, out);
  CsvScanner in(begin, end, form.syntax, io::CsvPart::kRows);
  const char* reported = begin;
  for (; !in.done(); in.skip_line_end(), ++position.line) {
    if (in.at() - reported > (1 << 16)) {
      control.advance(static_cast<std::uint64_t>(in.at() - reported));
      reported = in.at();
    }
    in.skip_blanks();
    if (in.at_comment()) in.skip_to_line_end();
    if (!in.at_line_end()) reader.read(in);
    if (in.at_comment()) in.skip_to_line_end();
  }
  control.advance(static_cast<std::uint64_t>(end - reported));
  return out;
}

}  // namespace rockpool
