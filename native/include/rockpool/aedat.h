// AEDAT files: events of silicon retinas (DVS, DAVIS) and of DynapSE boards, in versions 1 to 4 of the format.
//
// A file is read piece by piece, so that one of any size can be read. Everything is bounds-checked: whatever is wrong with a
// file is an Error with code ERR_FILE that names the byte. The formats: docs/files.md.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rockpool/run_control.h"

namespace rockpool {

enum class AedatCompression : std::int32_t { kNone, kLz4, kLz4High, kZstd, kZstdHigh };

/// What is before the events.
struct AedatHead {
  int major = 0, minor = 0;
  std::size_t offset = 0;  // of the events
  std::string text;        // lines of versions 1 to 3; XML of version 4
  AedatCompression compression = AedatCompression::kNone;
  std::int64_t data_end = -1;  // version 4: where the table of packets begins that follows them, or -1
};

AedatHead read_aedat_head(std::span<const std::uint8_t> file);

/// How versions 1 and 2 pack an event into its address.
enum class AedatLayout { kDvs128, kDavis, kDynapse };
enum class AedatPolarity { kMerge, kSplit, kOn, kOff };

struct AedatForm {
  int major = 2;
  int minor = 0;
  AedatLayout layout = AedatLayout::kDavis;  // versions 3 and 4: kDynapse for spikes, any other for pixels
  AedatPolarity polarity = AedatPolarity::kMerge;
  std::int32_t width = 0, height = 0;  // pixels
  bool flip_y = false;
  std::vector<std::int32_t> chips;  // DynapSE: how the file calls chip 0, 1, ...; empty: by these numbers
  AedatCompression compression = AedatCompression::kNone;  // kNone or kLz4
  std::int32_t stream = -1;                                // version 4: of which events are read; -1: all
  std::int32_t source = -1;                                // version 3: the same
};

/// What is carried from piece to piece.
struct AedatState {
  std::uint64_t offset = 0;  // of the piece in the file
  bool started = false;      // a first time was seen
  std::int64_t last = 0;     // microseconds, unwrapped; versions 1 and 2
  bool relative = false;     // times count from the first event
  bool has_origin = false;
  std::int64_t origin = 0;  // microseconds
};

/// What was left out, by kind.
enum class AedatSkipped { kFrames, kInertial, kInvalid, kOther };

struct AedatEvents {
  std::size_t consumed = 0;   // bytes; 0 means that more are needed for one packet
  std::size_t needed = 0;     // then: how many
  std::vector<double> times;  // seconds
  std::vector<std::int32_t> channels;
  std::vector<std::uint16_t> first, second;  // x and y, or chip and core
  std::vector<std::uint8_t> third;           // polarity (1: brighter), or neuron
  std::vector<double> trigger_times;
  std::vector<std::int32_t> trigger_types;
  std::array<std::uint64_t, 4> skipped{};
};

/// Reads the whole packets (records) of `piece`; with `last`, a cut one is an error. Advances the state, but not its offset.
AedatEvents read_aedat(std::span<const std::uint8_t> piece, bool last, const AedatForm& form, AedatState& state,
                       RunControl& control);

/// The packets of a piece of version 4 as they lie there: offset and size of the body and stream, one after another.
struct AedatPackets {
  std::size_t consumed = 0, needed = 0;
  std::vector<double> table;
};
AedatPackets index_aedat4(std::span<const std::uint8_t> piece, bool last, std::uint64_t offset);

/// Sorts events by time, stably, with all their columns.
void sort_aedat(std::span<double> times, std::span<std::int32_t> channels, std::span<std::uint16_t> first,
                std::span<std::uint16_t> second, std::span<std::uint8_t> third);

/// Decompresses one LZ4 frame of at most `limit` bytes. Check sums are verified.
std::vector<std::uint8_t> read_lz4_frame(std::span<const std::uint8_t> frame, std::size_t limit);

}  // namespace rockpool
