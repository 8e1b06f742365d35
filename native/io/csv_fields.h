// One field of a line of text. For native/io only.
#pragma once

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

#include "rockpool/csv.h"

namespace rockpool::io {

inline bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// A number, NaN and infinities included, that is the whole text.
inline std::errc parse_number(std::string_view text, double& value) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
#if defined(_LIBCPP_VERSION) && !defined(__cpp_lib_to_chars)
  // Older libraries of Apple's lack it. The process stays in the locale "C".
  const std::string copy(text);
  char* stop = nullptr;
  errno = 0;
  const bool plain = !copy.empty() && copy.find_first_of("xX \v\f") == std::string::npos;
  value = plain ? std::strtod(copy.c_str(), &stop) : 0;
  if (!plain || stop != copy.c_str() + copy.size()) return std::errc::invalid_argument;
  return errno == ERANGE ? std::errc::result_out_of_range : std::errc();
#else
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return end != text.data() + text.size() ? std::errc::invalid_argument : error;
#endif
}

/// Whether the text stands for a value that is not there.
inline bool is_missing(std::string_view text) {
  return text.empty() || text == "NA" || text == "N/A" || text == "null" || text == "NULL" || text == "None" || text == "-";
}

/// In a header quotes may span lines and `#` is a letter like any other; in a row of numbers a comment may follow the last of
/// them.
enum class CsvPart { kHeader, kRows };

/// Walks through the fields of text up to the end of a line.
class CsvScanner {
 public:
  CsvScanner(const char* at, const char* end, CsvSyntax syntax, CsvPart part)
      : at_(at), end_(end), syntax_(syntax), in_rows_(part == CsvPart::kRows) {}

  const char* at() const { return at_; }
  bool done() const { return at_ == end_; }
  /// Lines that ended inside quoted fields.
  std::uint64_t inner_lines() const { return inner_lines_; }

  bool at_line_end() const { return at_ == end_ || *at_ == '\n' || *at_ == '\r'; }

  void skip_line_end() {
    if (at_ == end_) return;
    if (*at_++ == '\r' && at_ != end_ && *at_ == '\n') ++at_;
  }

  void skip_blanks() {
    while (at_ != end_ && is_blank(*at_) && (*at_ != syntax_.separator || syntax_.separator == ' ')) ++at_;
  }

  bool at_comment() const { return at_ != end_ && syntax_.comment != 0 && *at_ == syntax_.comment; }

  void skip_to_line_end() {
    while (!at_line_end()) ++at_;
  }

  /// The next field of the line, without blanks around it and without quotes. False when quotes do not end.
  bool take(std::string_view& field, std::string& storage) {
    skip_blanks();
    if (at_ != end_ && *at_ == '"') return take_quoted(field, storage);
    const char* begin = at_;
    while (!at_field_end()) ++at_;
    field = trimmed({begin, static_cast<std::size_t>(at_ - begin)});
    return true;
  }

  /// A plain number that is the whole next field; false, and nothing taken, when it is anything else.
  bool take_number(double& value) {
#if !defined(_LIBCPP_VERSION) || defined(__cpp_lib_to_chars)
    skip_blanks();
    const auto [end, error] = std::from_chars(at_, end_, value);
    if (error != std::errc() || (end != end_ && !ends_number(*end))) return false;
    at_ = end;
    return true;
#else
    return false;
#endif
  }

  /// Steps over a separator; false when the line ends instead.
  bool next() {
    skip_blanks();
    if (at_line_end() || (in_rows_ && at_comment())) return false;
    if (syntax_.separator != ' ') ++at_;
    return true;
  }

 private:
  bool at_separator() const {
    return syntax_.separator == ' ' ? is_blank(*at_) : *at_ == syntax_.separator;
  }
  bool ends_number(char c) const {
    return c == syntax_.separator || c == '\n' || c == '\r' || (syntax_.separator == ' ' && c == '\t');
  }
  bool at_field_end() const {
    return at_line_end() || at_separator() || (in_rows_ && at_comment());
  }

  bool take_quoted(std::string_view& field, std::string& storage) {
    storage.clear();
    for (++at_; at_ != end_; ++at_) {
      if (*at_ == '\n') {
        if (in_rows_) return false;
        ++inner_lines_;
      }
      if (*at_ == '"') {
        if (at_ + 1 == end_ || at_[1] != '"') {
          ++at_;
          // What follows the quotes belongs to the field, as other readers have it.
          while (!at_field_end()) storage += *at_++;
          field = trimmed(storage);
          return true;
        }
        ++at_;
      }
      storage += *at_;
    }
    return false;
  }

  const char* at_;
  const char* end_;
  CsvSyntax syntax_;
  bool in_rows_;
  std::uint64_t inner_lines_ = 0;
};

}  // namespace rockpool::io
