// Reading .npy: format versions 1.0 to 3.0, both byte orders, both memory orders.
#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>
#include <string_view>
#include <type_traits>

#include "io/bytes.h"
#include "io/half.h"
#include "rockpool/npz.h"

namespace rockpool {

using io::load;
using io::throw_file;

namespace {

constexpr std::size_t kMaxHeader = 1 << 20, kMaxDimensions = 32;
constexpr std::uint64_t kMaxExact = std::uint64_t{1} << 53;

/// Reads the header's dictionary, which is written as a Python literal with three known keys.
class HeaderText {
 public:
  explicit HeaderText(std::string_view text) : text_(text) {}

  NpyHeader read() {
    NpyHeader header{NpyKind::kUnreadable, "", 0, false, false, {}, 0, 0};
    int keys = 0;
    expect('{');
    while (!take('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr") {
        header.descr = description();
        keys |= 1;
      } else if (key == "fortran_order") {
        header.fortran = boolean();
        keys |= 2;
      } else if (key == "shape") {
        header.shape = shape();
        keys |= 4;
      } else {
        fail();
      }
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (keys != 7 || at_ != text_.size()) fail();
    return header;
  }

 private:
  [[noreturn]] static void fail() { throw_file("the header of the array is damaged"); }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
  }
  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail();
  }

  std::string quoted() {
    skip_space();
    if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) fail();
    const std::size_t end = text_.find(text_[at_], at_ + 1);
    if (end == std::string_view::npos) fail();
    std::string result(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return result;
  }

  bool boolean() {
    skip_space();
    for (const auto& [word, value] : {std::pair{std::string_view("True"), true}, std::pair{std::string_view("False"), false}}) {
      if (text_.substr(at_, word.size()) != word) continue;
      at_ += word.size();
      return value;
    }
    fail();
  }

  std::vector<std::uint64_t> shape() {
    std::vector<std::uint64_t> result;
    expect('(');
    while (!take(')')) {
      skip_space();
      std::uint64_t n = 0;
      const char* begin = text_.data() + at_;
      const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), n);
      if (error != std::errc() || n > kMaxExact) fail();
      at_ += static_cast<std::size_t>(end - begin);
      if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // written by Python 2
      result.push_back(n);
      if (result.size() > kMaxDimensions) throw_file("the array has more than 32 dimensions");
      if (!take(',')) {
        expect(')');
        break;
      }
    }
    return result;
  }

  /// A type is a string, or for records a list or tuple that is only skipped.
  std::string description() {
    skip_space();
    if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"')) return quoted();
    const std::size_t begin = at_;
    std::size_t depth = 0;
    do {
      if (at_ >= text_.size()) fail();
      const char c = text_[at_];
      if (c == '\'' || c == '"') {
        quoted();
        continue;
      }
      if (c == '[' || c == '(') ++depth;
      if (c == ']' || c == ')') {
        if (depth == 0) fail();
        --depth;
      }
      ++at_;
    } while (depth > 0);
    return std::string(text_.substr(begin, std::min<std::size_t>(at_ - begin, 60)));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// Sets kind, item size and byte order from the type description; what is not known stays unreadable.
void interpret(NpyHeader& header) {
  const std::string& d = header.descr;
  if (d.size() < 3 || std::string_view("<>|=").find(d[0]) == std::string_view::npos) return;
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(d.data() + 2, d.data() + d.size(), size);
  if (error != std::errc() || end != d.data() + d.size()) return;
  const bool power = size == 1 || size == 2 || size == 4 || size == 8;
  if (d[1] == 'f' && power && size > 1)
    header.kind = NpyKind::kFloat;
  else if (d[1] == 'i' && power)
    header.kind = NpyKind::kInt;
  else if (d[1] == 'u' && power)
    header.kind = NpyKind::kUnsigned;
  else if (d[1] == 'b' && size == 1)
    header.kind = NpyKind::kBool;
  else if (d[1] == 'U' && size <= std::numeric_limits<std::int32_t>::max() / 4)
    header.kind = NpyKind::kText;
  else
    return;
  header.item_size = header.kind == NpyKind::kText ? 4 * size : size;
  header.swapped = d[0] == (std::endian::native == std::endian::little ? '>' : '<');
}

/// Elements, with every overflow an error: sizes are multiplied without their zeros first.
std::uint64_t count_elements(const std::vector<std::uint64_t>& shape) {
  std::uint64_t product = 1;
  bool empty = false;
  for (const std::uint64_t n : shape) {
    if (n == 0) {
      empty = true;
      continue;
    }
    if (product > kMaxExact / n) throw_file("the array has more elements than can be counted");
    product *= n;
  }
  return empty ? 0 : product;
}

/// Calls visit(source index) for every element in row-major order of an array that lies column-major.
template <typename Visit>
void for_each_fortran(const std::vector<std::uint64_t>& shape, std::uint64_t count, Visit visit) {
  std::vector<std::uint64_t> strides(shape.size()), index(shape.size(), 0);
  std::uint64_t stride = 1;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    strides[d] = stride;
    stride *= std::max<std::uint64_t>(shape[d], 1);
  }
  std::uint64_t source = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    visit(source);
    for (std::size_t d = shape.size(); d-- > 0;) {
      source += strides[d];
      if (++index[d] < shape[d]) break;
      source -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
}

template <typename Raw>
Raw load_element(const std::uint8_t* p, bool swapped) {
  Raw raw;
  std::memcpy(&raw, p, sizeof raw);
  return swapped ? io::byte_swapped(raw) : raw;
}

constexpr std::uint64_t kChunk = 1 << 16;

/// Reads all elements through `convert`, which makes a T of the unsigned integer with the element's bits.
template <typename Raw, typename T, typename Convert>
void read_as(const std::uint8_t* data, const NpyHeader& header, T* out, RunControl& control, Convert convert) {
  const bool swapped = header.swapped;
  if (header.fortran && header.shape.size() > 1) {
    std::uint64_t done = 0;
    for_each_fortran(header.shape, header.count, [&](std::uint64_t source) {
      out[done] = convert(load_element<Raw>(data + source * sizeof(Raw), swapped));
      if (++done % kChunk == 0) control.advance(kChunk);
    });
    return;
  }
  for (std::uint64_t first = 0; first < header.count; first += kChunk) {
    const std::uint64_t last = std::min(header.count, first + kChunk);
    for (std::uint64_t i = first; i < last; ++i) out[i] = convert(load_element<Raw>(data + i * sizeof(Raw), swapped));
    control.advance(last - first);
  }
}

}  // namespace

NpyHeader read_npy_header(Bytes npy) {
  static constexpr std::uint8_t magic[] = {0x93, 'N', 'U', 'M', 'P', 'Y'};
  if (npy.size() < 10 || !std::equal(std::begin(magic), std::end(magic), npy.begin())) throw_file("no array in NumPy's format");
  const int version = npy[6];
  if (version < 1 || version > 3 || npy[7] != 0)
    throw_file("the array is of format version " + to_text(version) + "." + to_text(npy[7]) + "; 1.0 to 3.0 can be read");
  const std::size_t prefix = version == 1 ? 10 : 12;
  if (npy.size() < prefix) throw_file("the header of the array is cut off");
  const std::size_t length = version == 1 ? load<std::uint16_t>(&npy[8]) : load<std::uint32_t>(&npy[8]);
  if (length > npy.size() - prefix) throw_file("the header of the array is cut off");
  if (length > kMaxHeader) throw_file("the header of the array is longer than 1 MiB");

  NpyHeader header = HeaderText({reinterpret_cast<const char*>(npy.data()) + prefix, length}).read();
  interpret(header);
  header.count = count_elements(header.shape);
  header.data_offset = prefix + length;
  const std::uint64_t available = npy.size() - header.data_offset;
  if (header.kind != NpyKind::kUnreadable && header.item_size > 0 && header.count > available / header.item_size)
    throw_file("the array is cut off: " + to_text(header.count) + " elements of " + to_text(header.item_size) +
               " bytes are announced, " + to_text(available) + " bytes are there");
  return header;
}

const char* npy_output(const NpyHeader& header) {
  switch (header.kind) {
    case NpyKind::kFloat: return header.item_size == 8 ? "float64" : "float32";
    case NpyKind::kInt: return header.item_size == 8 ? "float64" : "int32";
    case NpyKind::kUnsigned: return header.item_size == 8 ? "float64" : header.item_size == 1 ? "uint8" : "uint32";
    case NpyKind::kBool: return "uint8";
    case NpyKind::kText: return "text";
    case NpyKind::kUnreadable: break;
  }
  return nullptr;
}

template <typename T>
void read_npy(Bytes npy, const NpyHeader& header, T* out, RunControl& control) {
  const std::uint8_t* data = npy.data() + header.data_offset;
  const auto wrong = [] { throw_type("out", "an array of the element type that this file is read into", "another one"); };
  control.set_total(header.count);
  // One case for each output type; the kinds and sizes are those of npy_output.
  if constexpr (std::is_same_v<T, double>) {
    if (header.item_size != 8) wrong();
    if (header.kind == NpyKind::kFloat)
      read_as<std::uint64_t>(data, header, out, control, [](std::uint64_t raw) { return std::bit_cast<double>(raw); });
    else if (header.kind == NpyKind::kInt)
      read_as<std::uint64_t>(data, header, out, control,
                             [](std::uint64_t raw) { return static_cast<double>(static_cast<std::int64_t>(raw)); });
    else if (header.kind == NpyKind::kUnsigned)
      read_as<std::uint64_t>(data, header, out, control, [](std::uint64_t raw) { return static_cast<double>(raw); });
    else
      wrong();
  } else if constexpr (std::is_same_v<T, float>) {
    if (header.kind != NpyKind::kFloat) wrong();
    if (header.item_size == 4)
      read_as<std::uint32_t>(data, header, out, control, [](std::uint32_t raw) { return std::bit_cast<float>(raw); });
    else if (header.item_size == 2)
      read_as<std::uint16_t>(data, header, out, control,
                             [](std::uint16_t raw) { return static_cast<float>(io::widen_half(raw)); });
    else
      wrong();
  } else if constexpr (std::is_same_v<T, std::int32_t>) {
    if (header.kind != NpyKind::kInt) wrong();
    if (header.item_size == 4)
      read_as<std::uint32_t>(data, header, out, control, [](std::uint32_t raw) { return static_cast<std::int32_t>(raw); });
    else if (header.item_size == 2)
      read_as<std::uint16_t>(data, header, out, control,
                             [](std::uint16_t raw) { return std::int32_t{static_cast<std::int16_t>(raw)}; });
    else if (header.item_size == 1)
      read_as<std::uint8_t>(data, header, out, control,
                            [](std::uint8_t raw) { return std::int32_t{static_cast<std::int8_t>(raw)}; });
    else
      wrong();
  } else if constexpr (std::is_same_v<T, std::uint32_t>) {
    if (header.kind != NpyKind::kUnsigned) wrong();
    if (header.item_size == 4)
      read_as<std::uint32_t>(data, header, out, control, [](std::uint32_t raw) { return raw; });
    else if (header.item_size == 2)
      read_as<std::uint16_t>(data, header, out, control, [](std::uint16_t raw) { return std::uint32_t{raw}; });
    else
      wrong();
  } else {
    if (header.item_size != 1) wrong();
    if (header.kind == NpyKind::kUnsigned)
      read_as<std::uint8_t>(data, header, out, control, [](std::uint8_t raw) { return raw; });
    else if (header.kind == NpyKind::kBool)
      read_as<std::uint8_t>(data, header, out, control, [](std::uint8_t raw) { return static_cast<std::uint8_t>(raw != 0); });
    else
      wrong();
  }
}

template void read_npy(Bytes, const NpyHeader&, double*, RunControl&);
template void read_npy(Bytes, const NpyHeader&, float*, RunControl&);
template void read_npy(Bytes, const NpyHeader&, std::int32_t*, RunControl&);
template void read_npy(Bytes, const NpyHeader&, std::uint32_t*, RunControl&);
template void read_npy(Bytes, const NpyHeader&, std::uint8_t*, RunControl&);

std::vector<std::u16string> read_npy_text(Bytes npy, const NpyHeader& header) {
  if (header.kind != NpyKind::kText) throw_type("the array", "one of texts", "one of type " + header.descr);
  const std::uint8_t* data = npy.data() + header.data_offset;
  const std::size_t length = header.item_size / 4;
  std::vector<std::u16string> result;
  result.reserve(static_cast<std::size_t>(header.count));
  const auto read = [&](std::uint64_t i) {
    const std::uint8_t* p = data + i * header.item_size;
    std::u16string text;
    std::size_t end = 0;  // texts are padded by zeros
    for (std::size_t k = 0; k < length; ++k) {
      const auto code = load_element<std::uint32_t>(p + 4 * k, header.swapped);
      if (code > 0x10ffff) throw_file("a text holds " + to_text(code) + ", which is no character");
      if (code < 0x10000) {
        text += static_cast<char16_t>(code);
      } else {
        text += static_cast<char16_t>(0xd800 + ((code - 0x10000) >> 10));
        text += static_cast<char16_t>(0xdc00 + (code & 0x3ff));
      }
      if (code != 0) end = text.size();
    }
    text.resize(end);
    result.push_back(std::move(text));
  };
  if (header.fortran && header.shape.size() > 1)
    for_each_fortran(header.shape, header.count, read);
  else
    for (std::uint64_t i = 0; i < header.count; ++i) read(i);
  return result;
}

std::uint16_t half_from_double(double value) {
  return io::narrow_half(value);
}
double double_from_half(std::uint16_t bits) {
  return io::widen_half(bits);
}

}  // namespace rockpool
