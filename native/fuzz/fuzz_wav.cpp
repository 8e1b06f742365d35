// libFuzzer target: the reader of WAV files.
//
//   out/fuzz/native/fuzz_wav -dict=native/fuzz/fuzz_wav.dict -max_total_time=60 CORPUS native/fuzz/corpus/wav
#include <cstdint>
#include <vector>

#include "rockpool/error.h"
#include "rockpool/wav.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::span<const std::uint8_t> file(data, size);
    const auto header = rockpool::read_wav_header(file);
    std::vector<double> out(header.frames * header.channels);
    rockpool::RunControl control;
    rockpool::read_wav(file, header, out.data(), control);
    // What was read can be written in the same form, and is read again as the same frames.
    std::vector<std::uint8_t> again(rockpool::wav_size(header.encoding, header.channels, header.frames));
    rockpool::write_wav(header.encoding, header.channels, header.rate, out, again.data(), control);
    if (rockpool::read_wav_header(again).frames != header.frames) __builtin_trap();
  } catch (const rockpool::Error& error) {
    if (error.code() != "ERR_FILE") __builtin_trap();  // whatever is wrong with a file is an error of the file
  }
  return 0;
}
