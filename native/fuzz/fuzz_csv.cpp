// libFuzzer target: tables as text. Cut anywhere, the rows are the same; what was read and is written again is the same.
//
//   out/fuzz/native/fuzz_csv -dict=native/fuzz/fuzz_csv.dict -max_total_time=60 CORPUS native/fuzz/corpus/csv
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

#include "rockpool/csv.h"
#include "rockpool/error.h"

using namespace rockpool;

namespace {

constexpr double kNone = -std::numeric_limits<double>::infinity();

void require(bool condition) {
  if (!condition) __builtin_trap();
}

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    if (!(a[i] == b[i] || (a[i] != a[i] && b[i] != b[i]))) return false;
  return a.size() == b.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::uint8_t mode = data[0];
  const std::size_t cut = data[1];
  const std::span<const std::uint8_t> text(data + 2, size - 2);
  RunControl control;
  try {
    const char separators[] = {0, ',', ' ', '\t'};
    const CsvHead head = read_csv_head(text, {separators[mode & 3], '#'}, static_cast<CsvHeader>((mode >> 2) % 3));
    require(head.offset <= text.size());
    CsvForm form;
    form.syntax = head.syntax;
    form.events = (mode & 16) != 0 && head.columns == 2;
    form.missing_is_nan = (mode & 32) != 0;
    for (std::size_t i = 0; i < head.columns; ++i)
      form.roles.push_back(i == 0 ? ((mode & 64) != 0 || form.events ? CsvForm::kTime : 0)
                                  : static_cast<std::int32_t>(i) - ((mode & 64) != 0 || form.events ? 1 : 0));
    const auto rows = text.subspan(head.offset);
    CsvPosition at{head.line, (mode & 128) != 0, kNone};
    const CsvRows all = read_csv_rows(rows, true, form, at, control);
    require(all.consumed == rows.size());
    CsvPosition first{head.line, (mode & 128) != 0, kNone};
    const std::size_t end = rows.empty() ? 0 : cut % (rows.size() + 1);
    CsvRows some = read_csv_rows(rows.first(end), false, form, first, control);
    const CsvRows rest = read_csv_rows(rows.subspan(some.consumed), true, form, first, control);
    require(some.rows + rest.rows == all.rows);
    some.samples.insert(some.samples.end(), rest.samples.begin(), rest.samples.end());
    require(same(some.samples, all.samples));
    if (form.events || form.roles.empty()) return 0;
    const std::size_t columns = head.columns - (all.times.empty() ? 0 : 1);
    if (columns == 0 || columns * all.rows != all.samples.size()) return 0;
    const std::string again = write_csv_rows(all.times, all.samples, columns, ',', control);
    form.syntax = {',', 0};
    CsvPosition start{1, false, kNone};
    const CsvRows read =
        read_csv_rows({reinterpret_cast<const std::uint8_t*>(again.data()), again.size()}, true, form, start, control);
    require(same(read.samples, all.samples) && same(read.times, all.times));
  } catch (const Error& error) {
    require(error.code() == "ERR_FILE");
  }
  return 0;
}
