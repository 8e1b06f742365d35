// libFuzzer target: AEDAT files of all versions, whole and in two pieces, which must give the same events.
//
//   out/fuzz/native/fuzz_aedat -dict=native/fuzz/fuzz_aedat.dict -max_total_time=60 CORPUS native/fuzz/corpus/aedat
#include <algorithm>
#include <cstdint>

#include "rockpool/aedat.h"
#include "rockpool/error.h"

using namespace rockpool;

namespace {

void require(bool condition) {
  if (!condition) __builtin_trap();
}

/// Reads all that is there, calling again where a call ended early.
AedatEvents read_all(std::span<const std::uint8_t> bytes, bool last, const AedatForm& form, AedatState& state) {
  RunControl control;
  AedatEvents all;
  for (;;) {
    const auto piece = bytes.subspan(all.consumed);
    const AedatEvents part = read_aedat(piece, last, form, state, control);
    require(part.consumed <= piece.size());
    require(part.times.size() == part.channels.size() && part.times.size() == part.first.size() &&
            part.times.size() == part.second.size() && part.times.size() == part.third.size());
    for (const std::int32_t channel : part.channels) require(channel >= 0);
    all.consumed += part.consumed;
    state.offset += part.consumed;
    all.times.insert(all.times.end(), part.times.begin(), part.times.end());
    all.channels.insert(all.channels.end(), part.channels.begin(), part.channels.end());
    all.first.insert(all.first.end(), part.first.begin(), part.first.end());
    all.second.insert(all.second.end(), part.second.begin(), part.second.end());
    all.third.insert(all.third.end(), part.third.begin(), part.third.end());
    if (part.consumed == 0 || all.consumed == bytes.size()) return all;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::uint8_t mode = data[0], cut = data[1];
  const std::span<const std::uint8_t> file(data + 2, size - 2);
  try {
    const AedatHead head = read_aedat_head(file);
    require(head.offset <= file.size());
    AedatForm form;
    form.major = head.major;
    form.minor = head.minor;
    form.layout = static_cast<AedatLayout>(head.major == 4 ? mode % 2 : mode % 3);
    form.polarity = static_cast<AedatPolarity>(mode >> 2 & 3);
    form.width = (mode & 16) != 0 ? 32768 : 346;
    form.height = (mode & 16) != 0 ? 32768 : 260;
    form.flip_y = (mode & 32) != 0;
    if ((mode & 64) != 0) form.chips = {0, 8, 4, 12};
    form.compression = head.compression == AedatCompression::kLz4 || head.compression == AedatCompression::kLz4High
                           ? AedatCompression::kLz4
                           : AedatCompression::kNone;
    const auto body = file.subspan(head.offset);
    index_aedat4(body, false, head.offset);
    AedatState whole, parts;
    whole.relative = parts.relative = (mode & 128) != 0;
    AedatEvents all = read_all(body, true, form, whole);
    const std::size_t end = body.empty() ? 0 : cut % (body.size() + 1);
    const AedatEvents first = read_all(body.first(end), false, form, parts);
    const AedatEvents rest = read_all(body.subspan(first.consumed), true, form, parts);
    require(first.channels.size() + rest.channels.size() == all.channels.size());
    for (std::size_t i = 0; i < rest.times.size(); ++i) require(rest.times[i] == all.times[first.times.size() + i]);
    sort_aedat(all.times, all.channels, all.first, all.second, all.third);
    require(std::is_sorted(all.times.begin(), all.times.end()));
  } catch (const Error& error) {
    require(error.code() == "ERR_FILE");
  }
  return 0;
}
