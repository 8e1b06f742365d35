#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/npz.h"
#include "rockpool/wav.h"

using namespace rockpool;

namespace {

std::vector<std::uint8_t> npz_of(const std::vector<NpyArray>& arrays) {
  std::vector<std::uint8_t> out(npz_size(arrays));
  RunControl control;
  write_npz(arrays, out.data(), control);
  return out;
}

Bytes text_bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

TEST_CASE("CRC-32 of the check string, whole and in pieces") {
  const std::string text = "123456789";
  CHECK(crc32(text_bytes(text)) == 0xcbf43926u);
  for (std::size_t cut = 0; cut <= text.size(); ++cut)
    CHECK(crc32(text_bytes(text).subspan(cut), crc32(text_bytes(text).first(cut))) == 0xcbf43926u);
}

TEST_CASE("half precision: every number is kept, the others are rounded to nearest even") {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const double value = double_from_half(static_cast<std::uint16_t>(bits));
    if (!std::isnan(value)) CHECK(half_from_double(value) == bits);
  }
  CHECK(std::isnan(double_from_half(half_from_double(std::nan("")))));
  for (std::uint32_t bits = 0; bits < 0x7bff; ++bits) {
    const double low = double_from_half(static_cast<std::uint16_t>(bits)),
                 high = double_from_half(static_cast<std::uint16_t>(bits + 1));
    const double middle = (low + high) / 2;
    CHECK(half_from_double(middle) == (bits & 1 ? bits + 1 : bits));
    CHECK(half_from_double(std::nextafter(middle, high)) == bits + 1);
    CHECK(half_from_double(std::nextafter(middle, low)) == bits);
  }
}

TEST_CASE("an npz that was written is read again") {
  const std::vector<double> values{1.5, -2, 300};
  const std::vector<std::uint32_t> text{'a', 0x1f600, 'b', 0};
  const std::vector<NpyArray> arrays{{"x", "float64", {3}, NpySource::kFloat64, values.data(), 3},
                                     {"i", "int16", {3, 1}, NpySource::kFloat64, values.data() + 1, 2},
                                     {"s", "U2", {2}, NpySource::kUint32, text.data(), 4}};
  CHECK_THROWS_AS(npz_of(arrays), Error);  // i: 3 elements announced, 2 given
  auto good = arrays;
  good[1].shape = {2, 1};
  const auto file = npz_of(good);
  const auto entries = read_zip_index(file, 10);
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].name == "x.npy");
  for (const auto& entry : entries) {
    const auto npy = Bytes(file).subspan(entry.offset, entry.packed);
    CHECK(crc32(npy) == entry.crc);
    CHECK(read_npy_header(npy).data_offset % 64 == 0);
  }
  RunControl control;
  const auto ints = Bytes(file).subspan(entries[1].offset, entries[1].packed);
  const auto header = read_npy_header(ints);
  CHECK(header.shape == std::vector<std::uint64_t>{2, 1});
  std::vector<std::int32_t> read(2);
  read_npy(ints, header, read.data(), control);
  CHECK(read == std::vector<std::int32_t>{-2, 300});
  const auto texts = Bytes(file).subspan(entries[2].offset, entries[2].packed);
  CHECK(read_npy_text(texts, read_npy_header(texts)) == std::vector<std::u16string>{u"a\U0001f600", u"b"});
}

TEST_CASE("a ZIP with two entries of one name or too many entries is refused") {
  const double value = 1;
  const NpyArray array{"x", "float64", {}, NpySource::kFloat64, &value, 1};
  const auto twice = npz_of({array, array});
  CHECK_THROWS_WITH_AS(read_zip_index(twice, 10), "two entries are called 'x.npy'", Error);
  CHECK_THROWS_AS(read_zip_index(npz_of({array}), 0), Error);
}

TEST_CASE("integers that a type does not hold are refused at its very limits") {
  const auto write = [](const char* dtype, double value) { npz_of({{"x", dtype, {}, NpySource::kFloat64, &value, 1}}); };
  CHECK_NOTHROW(write("int64", -std::ldexp(1, 63)));
  CHECK_THROWS_AS(write("int64", std::ldexp(1, 63)), Error);
  CHECK_NOTHROW(write("uint64", std::nextafter(std::ldexp(1, 64), 0)));
  CHECK_THROWS_AS(write("uint64", std::ldexp(1, 64)), Error);
  CHECK_THROWS_AS(write("uint8", 256), Error);
  CHECK_THROWS_AS(write("int8", std::nan("")), Error);
  CHECK_THROWS_AS(write("int8", std::numeric_limits<double>::infinity()), Error);
}

TEST_CASE("WAV integers are clipped at full scale and counted") {
  const std::vector<double> samples{0, 1, -1, 1.5, -3, std::nan(""), 0.5};
  for (const auto encoding : {WavEncoding::kUnsigned8, WavEncoding::kInt16, WavEncoding::kInt24, WavEncoding::kInt32}) {
    std::vector<std::uint8_t> file(wav_size(encoding, 1, samples.size()));
    RunControl control;
    CHECK(write_wav(encoding, 1, 8000, samples, file.data(), control) == 3);
    const auto header = read_wav_header(file);
    CHECK(header.frames == samples.size());
    std::vector<double> read(samples.size());
    read_wav(file, header, read.data(), control);
    CHECK(read[0] == 0);
    CHECK(read[1] < 1);
    CHECK(read[1] == read[3]);
    CHECK(read[2] == -1);
    CHECK(read[4] == -1);
    CHECK(read[5] == 0);
    CHECK(read[6] == 0.5);
  }
}
