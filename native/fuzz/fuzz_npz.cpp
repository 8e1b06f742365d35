// libFuzzer target: the reader of .npz and .npy. Check sums are not compared, so that damage reaches the parsers behind them;
// deflated entries are parsed as if they were stored.
//
//   out/fuzz/native/fuzz_npz -dict=native/fuzz/fuzz_npz.dict -max_total_time=60 CORPUS native/fuzz/corpus/npz
#include <cstdint>
#include <string_view>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/npz.h"

namespace {

using rockpool::Bytes;
using rockpool::NpyHeader;

template <typename T>
void read(Bytes npy, const NpyHeader& header) {
  rockpool::RunControl control;
  std::vector<T> out(header.count);
  rockpool::read_npy(npy, header, out.data(), control);
}

void parse_npy(Bytes npy) {
  const NpyHeader header = rockpool::read_npy_header(npy);
  const char* output = rockpool::npy_output(header);
  // Texts of no characters take no bytes: the facade counts them against its limit.
  if (output == nullptr || header.count > 64 + 4 * npy.size()) return;
  const std::string_view type = output;
  if (type == "float64") return read<double>(npy, header);
  if (type == "float32") return read<float>(npy, header);
  if (type == "int32") return read<std::int32_t>(npy, header);
  if (type == "uint32") return read<std::uint32_t>(npy, header);
  if (type == "uint8") return read<std::uint8_t>(npy, header);
  rockpool::read_npy_text(npy, header);
}

template <typename Parse>
void tolerate(Parse parse) {
  try {
    parse();
  } catch (const rockpool::Error& error) {
    if (error.code() != "ERR_FILE") __builtin_trap();  // whatever is wrong with a file is an error of the file
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes file(data, size);
  tolerate([&] { parse_npy(file); });
  tolerate([&] {
    for (const auto& entry : rockpool::read_zip_index(file, 1000)) {
      const Bytes npy = file.subspan(entry.offset, entry.packed);
      rockpool::crc32(npy);
      tolerate([&] { parse_npy(npy); });
    }
  });
  return 0;
}
