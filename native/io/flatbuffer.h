// FlatBuffers, read with every offset checked. For native/io only.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "io/bytes.h"

namespace rockpool::io {

/// A table within a buffer that begins behind its size prefix.
class FlatTable {
 public:
  FlatTable(std::span<const std::uint8_t> buffer, std::size_t at) : buffer_(buffer), at_(at) {
    const auto distance = static_cast<std::int32_t>(take<std::uint32_t>(at));
    const std::int64_t vtable = static_cast<std::int64_t>(at) - distance;
    if (vtable < 0 || vtable > static_cast<std::int64_t>(buffer.size())) fail();
    vtable_ = static_cast<std::size_t>(vtable);
    vtable_size_ = take<std::uint16_t>(vtable_);
    if (vtable_size_ < 4 || vtable_size_ > buffer.size() - vtable_) fail();
  }

  static FlatTable root(std::span<const std::uint8_t> buffer) {
    if (buffer.size() < 4) fail();
    return {buffer, load<std::uint32_t>(buffer.data())};
  }

  /// A scalar field, or what it is when it was left out.
  template <typename T>
  T scalar(unsigned field, T otherwise) const {
    const std::size_t offset = field_offset(field);
    return offset == 0 ? otherwise : take<T>(at_ + offset);
  }

  /// The elements of a vector (or text) of items of `item` bytes; empty when it was left out.
  std::span<const std::uint8_t> vector(unsigned field, std::size_t item, std::size_t& count) const {
    count = 0;
    const std::size_t offset = field_offset(field);
    if (offset == 0) return {};
    const std::size_t at = follow(at_ + offset);
    count = take<std::uint32_t>(at);
    if (count > (buffer_.size() - at - 4) / item) fail();
    return buffer_.subspan(at + 4, count * item);
  }

  /// The table that the offset number `i` of a vector of tables leads to.
  FlatTable element(std::span<const std::uint8_t> elements, std::size_t i) const {
    const auto at = static_cast<std::size_t>(elements.data() - buffer_.data()) + 4 * i;
    return {buffer_, follow(at)};
  }

  [[noreturn]] static void fail() { throw_file("a packet of it is damaged (an offset leads out of it)"); }

 private:
  template <typename T>
  T take(std::size_t at) const {
    if (at > buffer_.size() || buffer_.size() - at < sizeof(T)) fail();
    return load<T>(buffer_.data() + at);
  }

  std::size_t follow(std::size_t at) const {
    const std::size_t to = at + take<std::uint32_t>(at);
    if (to > buffer_.size()) fail();
    return to;
  }

  std::size_t field_offset(unsigned field) const {
    const std::size_t entry = 4 + 2 * std::size_t{field};
    return entry + 2 > vtable_size_ ? 0 : take<std::uint16_t>(vtable_ + entry);
  }

  std::span<const std::uint8_t> buffer_;
  std::size_t at_, vtable_ = 0, vtable_size_ = 0;
};

}  // namespace rockpool::io
