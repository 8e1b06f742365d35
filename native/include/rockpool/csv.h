// Tables of numbers as text: comma-separated values and their relatives.
//
// Text is parsed in pieces, so that a file of any size takes no more memory than its numbers. Whatever is wrong with it is an
// Error with code ERR_FILE that names line and column, both from 1. Numbers have a decimal point and are read and written
// exactly: what is written is the shortest text that gives the same double.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rockpool/run_control.h"

namespace rockpool {

/// How fields are told apart. A separator of ' ' stands for any number of blanks and tabs.
struct CsvSyntax {
  char separator = ',';
  char comment = '#';  // 0: there are no comments
};

/// What is before the first row of numbers.
struct CsvHead {
  CsvSyntax syntax;
  std::vector<std::string> names;  // empty: there is no header
  std::size_t columns = 0;         // 0: nothing but comments
  std::size_t offset = 0;          // of the first row
  std::uint64_t line = 1;          // of the first row
  std::string comments;            // before the first row, without their marks
};

enum class CsvHeader { kAuto, kNo, kYes };

/// Reads the head of a file. A separator of 0 means: the first of tab, semicolon, comma that the first row has, otherwise
/// blanks. With kAuto the first row is a header when one of its fields is no number.
CsvHead read_csv_head(std::span<const std::uint8_t> text, CsvSyntax syntax, CsvHeader header);

/// What the columns mean.
struct CsvForm {
  static constexpr std::int32_t kIgnore = -2, kTime = -1;  // all others: where in an output row the value goes

  CsvSyntax syntax;
  std::vector<std::int32_t> roles;  // one for each column
  bool missing_is_nan = false;      // of samples; a missing time or channel is always an error
  bool events = false;              // rows are (time, channel), not (time, samples)
  double time_unit = 1.0;           // seconds
};

/// Where in a file a piece of text begins.
struct CsvPosition {
  std::uint64_t line = 1;
  bool ordered = true;  // whether times must not decrease
  double last_time;     // of the row before; -infinity for none
};

struct CsvRows {
  std::size_t consumed = 0;  // bytes: all whole lines
  std::uint64_t rows = 0;
  std::vector<double> times;
  std::vector<double> samples;  // row-major; not with events
  std::vector<std::int32_t> channels;
};

/// Reads the whole lines of `text`; with `last`, what follows the last line end is a line, too. Advances the position.
CsvRows read_csv_rows(std::span<const std::uint8_t> text, bool last, const CsvForm& form, CsvPosition& position,
                      RunControl& control);

/// Rows of `columns` numbers, and of one time before them unless `times` is empty; each line ends with a line feed. @{
std::string write_csv_rows(std::span<const double> times, std::span<const double> samples, std::size_t columns, char separator,
                           RunControl& control);
std::string write_csv_events(std::span<const double> times, std::span<const std::int32_t> channels, char separator,
                             RunControl& control);
/// @}

}  // namespace rockpool
