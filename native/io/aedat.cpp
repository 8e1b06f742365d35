#include "rockpool/aedat.h"

#include <algorithm>
#include <numeric>
#include <string_view>

#include "io/aedat_sink.h"

namespace rockpool {

using io::load;
using io::throw_file;

namespace io {

namespace {

constexpr std::size_t kPiece = 1 << 16;

/// An address and a time, in big-endian order.
template <typename Address>
struct Record {
  Address address;
  std::uint32_t time;

  static constexpr std::size_t size = sizeof(Address) + 4;
  explicit Record(const std::uint8_t* p)
      : address(byte_swapped(load<Address>(p))), time(byte_swapped(load<std::uint32_t>(p + sizeof(Address)))) {}
};

void take_address(std::uint32_t address, std::int64_t time, std::uint64_t at, AedatSink& sink) {
  switch (sink.form().layout) {
    case AedatLayout::kDavis:
      if ((address >> 31) != 0)
        sink.skip(AedatSkipped::kOther);  // a sample of the frame or of the inertial unit
      else if ((address & 0x400) != 0)
        sink.trigger(time, 0);
      else
        sink.pixel(time, address >> 12 & 0x3ff, address >> 22 & 0x1ff, (address >> 11 & 1) != 0, at);
      return;
    case AedatLayout::kDvs128:
      if ((address & 0x8000) != 0)
        sink.trigger(time, 0);
      else
        sink.pixel(time, address >> 1 & 0x7f, address >> 8 & 0x7f, (address & 1) == 0, at);  // the chip says 0 for brighter
      return;
    case AedatLayout::kDynapse: sink.spike(time, address >> 10, address >> 8 & 3, address & 0xff, at); return;
  }
}

template <typename R>
void read_records(std::span<const std::uint8_t> piece, bool last, AedatState& state, AedatSink& sink, AedatEvents& out,
                  RunControl& control) {
  const std::size_t count = piece.size() / R::size;
  out.consumed = count * R::size;
  if (last && out.consumed != piece.size())
    AedatSink::throw_at(state.offset + out.consumed, "expected an event of " + to_text(R::size) + " bytes, received " +
                                                         to_text(piece.size() - out.consumed) + " bytes and the end (cut off)");
  sink.reserve(count);
  control.set_total(count);
  for (std::size_t first = 0; first < count; first += kPiece) {
    const std::size_t end = std::min(count, first + kPiece);
    for (std::size_t i = first; i < end; ++i) {
      const R record(&piece[i * R::size]);
      // The counter of 32 bits wraps: what counts is the difference, which is taken for the shorter way.
      const auto time = static_cast<std::int32_t>(record.time);
      state.last = state.started ? state.last + static_cast<std::int32_t>(record.time - static_cast<std::uint32_t>(state.last))
                                 : std::int64_t{time};
      state.started = true;
      take_address(record.address, state.last, state.offset + i * R::size, sink);
    }
    control.advance(end - first);
  }
}

/// The kinds of packets of version 3 that are told apart.
enum PacketType : std::uint16_t { kSpecial = 0, kPolarity = 1, kFrame = 2, kImu6 = 3, kImu9 = 4, kSpike = 12 };

AedatSkipped kind_of(std::uint16_t type) {
  if (type == kFrame) return AedatSkipped::kFrames;
  return type == kImu6 || type == kImu9 ? AedatSkipped::kInertial : AedatSkipped::kOther;
}

struct Container {
  static constexpr std::size_t kHead = 28;
  std::uint16_t type;
  std::int16_t source;
  std::int32_t size, time_offset, overflow, capacity, number;

  Container(const std::uint8_t* p, std::uint64_t at)
      : type(load<std::uint16_t>(p)),
        source(static_cast<std::int16_t>(load<std::uint16_t>(p + 2))),
        size(word(p + 4)),
        time_offset(word(p + 8)),
        overflow(word(p + 12)),
        capacity(word(p + 16)),
        number(word(p + 20)) {
    if (size < 1 || number < 0 || number > capacity || overflow < 0 || word(p + 24) < 0 || word(p + 24) > number)
      AedatSink::throw_at(at, "expected the head of a packet, received one that contradicts itself (damaged)");
    const bool read = type == kSpecial || type == kPolarity || type == kSpike;
    if (read && (size != 8 || time_offset != 4))
      AedatSink::throw_at(at, "expected events of 8 bytes, received " + to_text(size) + " bytes");
  }

  std::uint64_t body() const { return static_cast<std::uint64_t>(number) * static_cast<std::uint64_t>(size); }

 private:
  static std::int32_t word(const std::uint8_t* p) { return static_cast<std::int32_t>(load<std::uint32_t>(p)); }
};

void take_container(const Container& head, const std::uint8_t* body, std::uint64_t at, AedatSink& sink) {
  const bool wanted = head.type == kSpecial || head.type == (sink.wants_pixels() ? kPolarity : kSpike);
  const bool from_source = sink.form().source < 0 || sink.form().source == head.source;
  if (!wanted || !from_source) return sink.skip(kind_of(head.type), static_cast<std::uint64_t>(head.number));
  if (head.type != kSpecial) sink.reserve(static_cast<std::size_t>(head.number));
  for (std::int32_t i = 0; i < head.number; ++i, body += 8, at += 8) {
    const auto data = load<std::uint32_t>(body);
    if ((data & 1) == 0) {
      sink.skip(AedatSkipped::kInvalid);
      continue;
    }
    const std::int64_t time =
        (std::int64_t{head.overflow} << 31) + static_cast<std::int32_t>(load<std::uint32_t>(body + 4) & 0x7fffffff);
    if (head.type == kSpecial)
      sink.trigger(time, static_cast<std::int32_t>(data >> 1 & 0x7f));
    else if (head.type == kPolarity)
      sink.pixel(time, data >> 17, data >> 2 & 0x7fff, (data >> 1 & 1) != 0, at);
    else
      sink.spike(time, data >> 6 & 0x3f, data >> 1 & 0x1f, data >> 12, at);
  }
}

/// Lines that begin with `#`, up to the mark that ends them or to what is no text.
std::size_t end_of_lines(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && text[at] == '#') {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return at;
    const std::string_view line = text.substr(at, end - at);
    // An event may begin with the code of `#`, too.
    if (std::any_of(line.begin(), line.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 32 && c != '\t' && c != '\r'; }))
      return at;
    at = end + 1;
    if (line.starts_with("#!END-HEADER") || line.starts_with("#End Of ASCII Header")) return at;
  }
  return at;
}

}  // namespace

void read_aedat_records(std::span<const std::uint8_t> piece, bool last, AedatState& state, AedatSink& sink, AedatEvents& out,
                        RunControl& control) {
  if (sink.form().major == 1)
    read_records<Record<std::uint16_t>>(piece, last, state, sink, out, control);
  else
    read_records<Record<std::uint32_t>>(piece, last, state, sink, out, control);
}

void read_aedat_containers(std::span<const std::uint8_t> piece, bool last, const AedatState& state, AedatSink& sink,
                           AedatEvents& out, RunControl& control) {
  control.set_total(piece.size());
  std::size_t& at = out.consumed;
  while (at < piece.size()) {
    const std::uint64_t position = state.offset + at;
    out.needed = Container::kHead;
    std::uint64_t total = Container::kHead;
    if (piece.size() - at >= Container::kHead) {
      const Container head(&piece[at], position);
      total += head.body();
      if (total <= piece.size() - at) {
        take_container(head, piece.data() + at + Container::kHead, position + Container::kHead, sink);
        at += static_cast<std::size_t>(total);
        control.advance(total);
        continue;
      }
    }
    out.needed = static_cast<std::size_t>(total);
    if (last)
      AedatSink::throw_at(position, "expected a packet of " + to_text(total) + " bytes, received " +
                                        to_text(piece.size() - at) + " bytes and the end (cut off)");
    return;
  }
}

}  // namespace io

AedatHead read_aedat_head(std::span<const std::uint8_t> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  constexpr std::string_view mark = "#!AER-DAT";
  const auto digit = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
  if (!text.starts_with(mark) || !digit(9) || !digit(11) || text[10] != '.')
    throw_file("expected an AEDAT file (it begins with #!AER-DAT and a version), received other data");
  const int major = text[9] - '0', minor = text[11] - '0';
  if (major == 4) return io::read_aedat4_head(file, std::min(text.find('\n'), text.size() - 1) + 1);
  if (major < 1 || major > 3) throw_file("it is AEDAT " + std::string(text.substr(9, 3)) + "; versions 1 to 4 can be read");
  AedatHead head{major, minor, io::end_of_lines(text), {}, AedatCompression::kNone, -1};
  head.text = std::string(text.substr(0, head.offset));
  if (major == 3 && minor > 0 && head.text.find("#!END-HEADER") == std::string::npos)
    throw_file("expected the line #!END-HEADER, received none (cut off or damaged)");
  const std::size_t format = head.text.find("#Format: ");
  if (format != std::string::npos && head.text.compare(format + 9, 3, "RAW") != 0)
    throw_file("expected packets of the format RAW, received " +
               head.text.substr(format + 9, head.text.find_first_of("\r\n", format) - format - 9));
  return head;
}

AedatEvents read_aedat(std::span<const std::uint8_t> piece, bool last, const AedatForm& form, AedatState& state,
                       RunControl& control) {
  AedatEvents out;
  io::AedatSink sink(form, state, out);
  if (form.major <= 2)
    io::read_aedat_records(piece, last, state, sink, out, control);
  else if (form.major == 3)
    io::read_aedat_containers(piece, last, state, sink, out, control);
  else
    io::read_aedat_packets(piece, last, state, sink, out, control);
  return out;
}

void sort_aedat(std::span<double> times, std::span<std::int32_t> channels, std::span<std::uint16_t> first,
                std::span<std::uint16_t> second, std::span<std::uint8_t> third) {
  if (std::is_sorted(times.begin(), times.end())) return;
  std::vector<std::size_t> order(times.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return times[a] < times[b]; });
  const auto apply = [&](auto column) {
    const std::vector<typename decltype(column)::value_type> copy(column.begin(), column.end());
    for (std::size_t i = 0; i < order.size(); ++i) column[i] = copy[order[i]];
  };
  apply(times);
  apply(channels);
  apply(first);
  apply(second);
  apply(third);
}

}  // namespace rockpool
