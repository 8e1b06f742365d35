// Tables as text, LZ4 frames and AEDAT files. What the facade reads through them: test/io.
#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "rockpool/aedat.h"
#include "rockpool/csv.h"
#include "rockpool/error.h"

using namespace rockpool;

namespace {

using Buffer = std::vector<std::uint8_t>;

std::span<const std::uint8_t> bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string message(auto run) {
  try {
    run();
  } catch (const Error& error) {
    CHECK(error.code() == "ERR_FILE");
    return error.what();
  }
  return "nothing was thrown";
}

CsvRows read(const std::string& text, CsvForm form, bool last = true) {
  RunControl control;
  CsvPosition at{1, true, -std::numeric_limits<double>::infinity()};
  return read_csv_rows(bytes(text), last, form, at, control);
}

CsvForm table(std::vector<std::int32_t> roles) {
  CsvForm form;
  form.roles = std::move(roles);
  return form;
}

/// A frame without sums around a block; the byte that checks the head belongs to these flags.
Buffer frame_of(const Buffer& block, bool packed) {
  Buffer frame{0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82};
  const auto size = static_cast<std::uint32_t>(block.size()) | (packed ? 0u : 0x80000000u);
  for (int i = 0; i < 4; ++i) frame.push_back(static_cast<std::uint8_t>(size >> (8 * i)));
  frame.insert(frame.end(), block.begin(), block.end());
  frame.insert(frame.end(), 4, 0);
  return frame;
}

}  // namespace

TEST_CASE("csv: a line that has no end is left for the next piece") {
  const CsvRows rows = read("1,2\n3,4\n5,", table({0, 1}), false);
  CHECK(rows.consumed == 8);
  CHECK(rows.samples == std::vector<double>{1, 2, 3, 4});
  CHECK(read("", table({0})).rows == 0);
  CHECK(read("1,2\r\n3,4\r5,6", table({0, 1})).rows == 3);
}

TEST_CASE("csv: columns go where they belong") {
  const CsvRows rows = read("1,x,2,3\n4,y,5,6\n", table({1, CsvForm::kIgnore, CsvForm::kTime, 0}));
  CHECK(rows.times == std::vector<double>{2, 5});
  CHECK(rows.samples == std::vector<double>{3, 1, 6, 4});
  CHECK_THROWS_AS(read("1\n", table({1})), Error);
}

TEST_CASE("csv: numbers are written as the shortest text that reads the same") {
  RunControl control;
  const double values[] = {
      0.1, -0.0, 5e-324, 1e22, std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity()};
  CHECK(write_csv_rows({}, values, 6, ';', control) == "0.1;-0;5e-324;1e+22;nan;-inf\n");
  CHECK_THROWS_AS(write_csv_rows({}, values, 4, ',', control), Error);
}

TEST_CASE("lz4: literals, copies, and copies that overlap themselves") {
  CHECK(read_lz4_frame(frame_of({1, 2, 3}, false), 100) == Buffer{1, 2, 3});
  // Two literals, a copy of 7 from 2 back, one literal.
  const Buffer block{0x23, 'a', 'b', 2, 0, 0x10, '!'};
  const auto text = read_lz4_frame(frame_of(block, true), 100);
  CHECK(std::string(text.begin(), text.end()) == "ababababa!");
}

TEST_CASE("lz4: what is damaged or too large is an error") {
  const Buffer good = frame_of({0x23, 'a', 'b', 2, 0, 0x10, '!'}, true);
  CHECK(message([&] { read_lz4_frame(good, 9); }).find("more than 9 bytes") != std::string::npos);
  for (std::size_t length = 0; length < good.size(); ++length)
    CHECK(message([&] { read_lz4_frame(std::span(good).first(length), 100); }) != "nothing was thrown");
  CHECK(message([&] {
          read_lz4_frame(frame_of({0x23, 'a', 'b', 3, 0, 0x10, '!'}, true), 100);
        }).find("damaged") != std::string::npos);
  CHECK(message([&] {
          read_lz4_frame(frame_of({0x23, 'a', 'b', 0, 0, 0x10, '!'}, true), 100);
        }).find("damaged") != std::string::npos);
  Buffer wrong = good;
  wrong[6] ^= 1;
  CHECK(message([&] { read_lz4_frame(wrong, 100); }).find("damaged") != std::string::npos);
}

TEST_CASE("aedat: the counter of 32 bits is unwrapped, backwards too") {
  const std::uint32_t times[] = {0x7ffffff0, 0x80000010, 0xfffffff0, 0x00000010, 0xfffffff8};
  Buffer records;
  for (const std::uint32_t time : times)
    for (const std::uint32_t word : {std::uint32_t{0x800}, time})
      for (int i = 3; i >= 0; --i) records.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
  AedatForm form;
  form.width = form.height = 1;
  AedatState state;
  RunControl control;
  const auto events = read_aedat(records, true, form, state, control);
  REQUIRE(events.times.size() == 5);
  CHECK(events.times[0] == 2147483632.0 / 1e6);
  CHECK(events.times[1] == 2147483664.0 / 1e6);
  CHECK(events.times[2] == 4294967280.0 / 1e6);
  CHECK(events.times[3] == 4294967312.0 / 1e6);
  CHECK(events.times[4] == 4294967288.0 / 1e6);
  CHECK(message([&] { read_aedat(std::span(records).first(12), true, form, state, control); }).find("cut off") !=
        std::string::npos);
}

TEST_CASE("aedat: sorting keeps the columns together, and the order of equal times") {
  std::vector<double> times{2, 1, 2, 0};
  std::vector<std::int32_t> channels{1, 2, 3, 4};
  std::vector<std::uint16_t> first{1, 2, 3, 4}, second{5, 6, 7, 8};
  std::vector<std::uint8_t> third{9, 10, 11, 12};
  sort_aedat(times, channels, first, second, third);
  CHECK(channels == std::vector<std::int32_t>{4, 2, 1, 3});
  CHECK(second == std::vector<std::uint16_t>{8, 6, 5, 7});
  CHECK(third == std::vector<std::uint8_t>{12, 10, 9, 11});
}
