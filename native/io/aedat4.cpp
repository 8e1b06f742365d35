// AEDAT 4: packets of FlatBuffers, each behind the number of its stream and its size, each compressed as a whole.
#include <optional>
#include <string_view>

#include "io/aedat_sink.h"
#include "io/flatbuffer.h"

namespace rockpool {

using io::AedatSink;
using io::FlatTable;
using io::load;
using io::throw_file;

namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kPacketHead = 8;
/// Most bytes of one packet and, about, of all packets of a call when decompressed. Recorders write packets of some 100 kB.
constexpr std::size_t kMostBytes = std::size_t{1} << 27;

/// The buffer behind its size prefix.
Bytes unprefixed(Bytes data) {
  if (data.size() < 12) FlatTable::fail();
  const std::size_t size = load<std::uint32_t>(data.data());
  if (size > data.size() - 4 || size < 8) FlatTable::fail();
  return data.subspan(4, size);
}

bool is(Bytes buffer, std::string_view identifier) {
  return std::string_view(reinterpret_cast<const char*>(buffer.data()) + 4, 4) == identifier;
}

struct Packet {
  std::int32_t stream;
  std::size_t size;
};

/// The packet at the start of `rest`; nothing when more bytes are needed, whose number goes to `needed`.
std::optional<Packet> next_packet(Bytes rest, bool last, std::uint64_t position, std::size_t& needed) {
  needed = kPacketHead;
  if (rest.size() >= kPacketHead) {
    const auto size = static_cast<std::int32_t>(load<std::uint32_t>(&rest[4]));
    if (size < 0) AedatSink::throw_at(position, "expected a packet, received one of " + to_text(size) + " bytes (damaged)");
    needed += static_cast<std::size_t>(size);
    if (needed <= rest.size())
      return Packet{static_cast<std::int32_t>(load<std::uint32_t>(rest.data())), static_cast<std::size_t>(size)};
  }
  if (last)
    AedatSink::throw_at(position, "expected a packet of " + to_text(needed) + " bytes, received " + to_text(rest.size()) +
                                      " bytes and the end (cut off)");
  return std::nullopt;
}

std::int64_t signed_time(const std::uint8_t* p) {
  return static_cast<std::int64_t>(load<std::uint64_t>(p));
}

void take_events(Bytes buffer, std::uint64_t at, AedatSink& sink) {
  std::size_t count = 0;
  const Bytes events = FlatTable::root(buffer).vector(0, 16, count);
  sink.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* p = events.data() + 16 * i;
    // Coordinates are signed; a negative one is beyond every size.
    sink.pixel(signed_time(p), load<std::uint16_t>(p + 8), load<std::uint16_t>(p + 10), (p[12] & 1) != 0, at);
  }
}

void take_triggers(Bytes buffer, AedatSink& sink) {
  std::size_t count = 0;
  const FlatTable table = FlatTable::root(buffer);
  const Bytes offsets = table.vector(0, 4, count);
  for (std::size_t i = 0; i < count; ++i) {
    const FlatTable trigger = table.element(offsets, i);
    sink.trigger(static_cast<std::int64_t>(trigger.scalar<std::uint64_t>(0, 0)), trigger.scalar<std::uint8_t>(1, 0));
  }
}

void take_packet(const Packet& packet, Bytes data, std::uint64_t at, AedatSink& sink) {
  const Bytes buffer = unprefixed(data);
  if (is(buffer, "EVTS")) {
    if (sink.form().stream >= 0 && sink.form().stream != packet.stream)
      sink.skip(AedatSkipped::kOther);
    else
      take_events(buffer, at, sink);
  } else if (is(buffer, "TRIG")) {
    take_triggers(buffer, sink);
  } else {
    sink.skip(is(buffer, "FRME") ? AedatSkipped::kFrames : is(buffer, "IMUS") ? AedatSkipped::kInertial : AedatSkipped::kOther);
  }
}

}  // namespace

namespace io {

AedatHead read_aedat4_head(Bytes file, std::size_t at) {
  AedatHead head{4, 0, 0, {}, AedatCompression::kNone, -1};
  if (file.size() - at < 4 || load<std::uint32_t>(&file[at]) > file.size() - at - 4)
    throw_file("expected its header, received " + to_text(file.size() - at) + " bytes and the end (cut off)");
  const Bytes buffer = unprefixed(file.subspan(at));
  if (!is(buffer, "IOHE")) throw_file("expected a header of the kind IOHE, received another one");
  const FlatTable table = FlatTable::root(buffer);
  const auto compression = static_cast<std::int32_t>(table.scalar<std::uint32_t>(0, 0));
  if (compression < 0 || compression > 4)
    throw_file("its packets are compressed by the unknown method " + to_text(compression));
  head.compression = static_cast<AedatCompression>(compression);
  head.data_end = static_cast<std::int64_t>(table.scalar<std::uint64_t>(1, ~std::uint64_t{0}));
  std::size_t count = 0;
  const Bytes text = table.vector(2, 1, count);
  head.text.assign(text.begin(), text.end());
  head.offset = at + 4 + buffer.size();
  return head;
}

void read_aedat_packets(Bytes piece, bool last, const AedatState& state, AedatSink& sink, AedatEvents& out,
                        RunControl& control) {
  const AedatCompression compression = sink.form().compression;
  if (compression != AedatCompression::kNone && compression != AedatCompression::kLz4)
    throw_range("compression", "none or LZ4", to_text(static_cast<std::int32_t>(compression)));
  if (!sink.wants_pixels()) throw_file("it holds events of pixels, not of neurons");
  control.set_total(piece.size());
  std::size_t expanded = 0;
  while (out.consumed < piece.size() && expanded < kMostBytes) {
    const std::uint64_t position = state.offset + out.consumed;
    const auto packet = next_packet(piece.subspan(out.consumed), last, position, out.needed);
    if (!packet) return;
    const Bytes body = piece.subspan(out.consumed + kPacketHead, packet->size);
    try {
      if (compression == AedatCompression::kLz4) {
        const auto data = read_lz4_frame(body, kMostBytes);
        expanded += data.size();
        take_packet(*packet, data, position, sink);
      } else {
        take_packet(*packet, body, position, sink);
      }
    } catch (const Error& error) {
      if (error.code() != "ERR_FILE" || std::string_view(error.what()).starts_with("byte ")) throw;
      AedatSink::throw_at(position, error.what());
    }
    out.consumed += kPacketHead + packet->size;
    control.advance(kPacketHead + packet->size);
  }
}

}  // namespace io

AedatPackets index_aedat4(Bytes piece, bool last, std::uint64_t offset) {
  AedatPackets result;
  while (result.consumed < piece.size()) {
    const auto packet = next_packet(piece.subspan(result.consumed), last, offset + result.consumed, result.needed);
    if (!packet) break;
    for (const std::size_t number : {result.consumed + kPacketHead, packet->size})
      result.table.push_back(static_cast<double>(number));
    result.table.push_back(packet->stream);
    result.consumed += kPacketHead + packet->size;
  }
  return result;
}

}  // namespace rockpool
