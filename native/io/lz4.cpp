// LZ4: frames of blocks. A block is a list of sequences: literals, then a copy of what was written before.
#include <algorithm>
#include <cstring>

#include "io/bytes.h"
#include "io/xxhash.h"
#include "rockpool/aedat.h"

namespace rockpool {

using io::load;
using io::throw_file;

namespace {

using Bytes = std::span<const std::uint8_t>;

[[noreturn]] void throw_damaged() {
  throw_file("its LZ4 data are damaged");
}

/// The length of a part of a sequence: more bytes follow a nibble of 15.
std::size_t take_length(std::size_t nibble, const std::uint8_t*& p, const std::uint8_t* end) {
  if (nibble < 15) return nibble;
  std::size_t length = nibble;
  std::uint8_t byte = 255;
  while (byte == 255) {
    if (p == end) throw_damaged();
    byte = *p++;
    length += byte;
  }
  return length;
}

/// What was decompressed so far, in memory that grows up to a limit.
class Output {
 public:
  explicit Output(std::size_t limit) : limit_(limit) {}

  void reserve(std::size_t bytes) { bytes_.resize(std::max(bytes_.size(), bytes + kSpare)); }

  void append(const std::uint8_t* from, std::size_t count, std::size_t readable) {
    std::uint8_t* to = grow(count);
    // Most pieces are short: a copy of fixed length is faster, and what it writes too much is written again.
    if (count <= kSpare && readable >= kSpare)
      std::memcpy(to, from, kSpare);
    else
      std::memcpy(to, from, count);
    size_ += count;
  }

  void repeat(std::size_t distance, std::size_t count) {
    if (distance == 0 || distance > size_) throw_damaged();
    std::uint8_t* to = grow(count);
    const std::uint8_t* from = to - distance;
    if (count <= kSpare && distance >= kSpare)
      std::memcpy(to, from, kSpare);
    else if (distance >= count)
      std::memcpy(to, from, count);
    else
      for (std::size_t i = 0; i < count; ++i) to[i] = from[i];  // the copy overlaps itself
    size_ += count;
  }

  std::vector<std::uint8_t> finish() {
    bytes_.resize(size_);
    return std::move(bytes_);
  }

 private:
  static constexpr std::size_t kSpare = 32;  // bytes behind the end that may be written

  std::uint8_t* grow(std::size_t count) {
    if (count > limit_ - size_) throw_file("its LZ4 data hold more than " + to_text(limit_) + " bytes");
    if (size_ + count + kSpare > bytes_.size()) bytes_.resize(2 * (size_ + count) + kSpare);
    return bytes_.data() + size_;
  }

  std::vector<std::uint8_t> bytes_;
  std::size_t size_ = 0;
  std::size_t limit_;
};

/// Appends a block to `out`, whose earlier bytes its copies may reach.
void read_block(Bytes block, Output& out) {
  const std::uint8_t* p = block.data();
  const std::uint8_t* const end = p + block.size();
  while (p != end) {
    const std::uint8_t token = *p++;
    const std::size_t literals = take_length(token >> 4, p, end);
    const auto left = static_cast<std::size_t>(end - p);
    if (literals > left) throw_damaged();
    out.append(p, literals, left);
    p += literals;
    if (p == end) return;  // the last sequence has no copy
    if (end - p < 2) throw_damaged();
    const std::size_t distance = load<std::uint16_t>(p);
    p += 2;
    out.repeat(distance, take_length(token & 15, p, end) + 4);
  }
  throw_damaged();
}

}  // namespace

std::vector<std::uint8_t> read_lz4_frame(Bytes frame, std::size_t limit) {
  if (frame.size() < 7 || load<std::uint32_t>(frame.data()) != 0x184d2204)
    throw_file("expected an LZ4 frame, received other data");
  const std::uint8_t flags = frame[4];
  if (flags >> 6 != 1 || (flags & 2) != 0) throw_damaged();
  const bool block_sums = (flags & 16) != 0, has_size = (flags & 8) != 0, content_sum = (flags & 4) != 0;
  const std::size_t head = 6u + (has_size ? 8 : 0) + ((flags & 1) != 0 ? 4 : 0);
  if (frame.size() < head + 1) throw_damaged();
  if ((io::xxhash32(frame.subspan(4, head - 4)) >> 8 & 0xff) != frame[head]) throw_damaged();
  Output out(limit);
  if (has_size) {
    const auto size = load<std::uint64_t>(&frame[6]);
    if (size > limit)
      throw_file("its LZ4 data claim to hold " + to_text(size) + " bytes; at most " + to_text(limit) + " can be read");
    out.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(size, 255 * frame.size())));
  }
  std::size_t at = head + 1;
  const auto need = [&](std::size_t bytes) {
    if (frame.size() - at < bytes) throw_damaged();
  };
  for (;;) {
    need(4);
    const auto word = load<std::uint32_t>(&frame[at]);
    at += 4;
    if (word == 0) break;
    const std::size_t size = word & 0x7fffffff;
    need(size + (block_sums ? 4 : 0));
    const Bytes block = frame.subspan(at, size);
    if ((word >> 31) != 0) {
      out.append(block.data(), size, size);
    } else {
      read_block(block, out);
    }
    at += size;
    if (block_sums) {
      if (io::xxhash32(block) != load<std::uint32_t>(&frame[at])) throw_damaged();
      at += 4;
    }
  }
  auto bytes = out.finish();
  if (content_sum) {
    need(4);
    if (io::xxhash32(bytes) != load<std::uint32_t>(&frame[at])) throw_damaged();
  }
  return bytes;
}

}  // namespace rockpool
