// Writing .npy (format 1.0, data at a multiple of 64 bytes) and .npz (stored entries).
#include <algorithm>
#include <cmath>
#include <limits>

#include "io/bytes.h"
#include "io/half.h"
#include "rockpool/npz.h"

namespace rockpool {

using io::store;

namespace {

constexpr std::uint64_t kMaxFile = 0xffffffffu;
constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22;

/// Type in the file: kind, bytes of an element, and source elements for each (more than one for texts only).
struct FileType {
  char kind;
  std::size_t item_size;
  std::size_t per_item;
  std::string descr;
};

FileType file_type(const std::string& dtype) {
  if (dtype == "bool") return {'b', 1, 1, "|b1"};
  if (dtype.size() > 1 && dtype[0] == 'U') {
    const auto n = static_cast<std::size_t>(std::stoul(dtype.substr(1)));
    return {'U', 4 * n, n, std::string("<U").append(dtype, 1)};
  }
  for (const auto& [name, kind] :
       {std::pair{std::string("float"), 'f'}, {std::string("int"), 'i'}, {std::string("uint"), 'u'}}) {
    if (dtype.compare(0, name.size(), name) != 0) continue;
    const std::string bits = dtype.substr(name.size());
    if (bits != "8" && bits != "16" && bits != "32" && bits != "64") continue;
    if (kind == 'f' && bits == "8") continue;
    const auto bytes = static_cast<std::size_t>(std::stoul(bits) / 8);
    return {kind, bytes, 1, std::string{bytes == 1 ? '|' : '<', kind, static_cast<char>('0' + bytes)}};
  }
  throw_range("dtype", "the name of a NumPy type from float16 to uint64, bool or U<n>", dtype);
}

std::uint64_t product(const std::vector<std::uint64_t>& shape) {
  std::uint64_t result = 1;
  for (const std::uint64_t n : shape) {
    if (n != 0 && result > kMaxFile / n) throw_range("an array to write", "smaller than 4 GiB", "a larger one");
    result *= n;
  }
  return result;
}

std::string header_of(const NpyArray& array, const FileType& type) {
  std::string shape;  // (), (3,), (3, 2)
  for (std::size_t d = 0; d < array.shape.size(); ++d) shape.append(d == 0 ? "" : ", ").append(to_text(array.shape[d]));
  if (array.shape.size() == 1) shape += ',';
  std::string text = "{'descr': '";
  text.append(type.descr).append("', 'fortran_order': False, 'shape': (").append(shape).append("), }");
  const std::size_t length = (10 + text.size() + 1 + 63) / 64 * 64 - 10;
  text.resize(length - 1, ' ');
  text += '\n';
  std::string result("\x93NUMPY\x01\x00", 8);
  result += static_cast<char>(length & 0xff);
  result += static_cast<char>(length >> 8);
  return result + text;
}

[[noreturn]] void throw_lossy(const NpyArray& array, double value) {
  throw_range("every value of '" + array.name + "'", "one that " + array.dtype + " holds", to_text(value));
}

template <typename From, typename To>
To convert(const NpyArray& array, From value) {
  if constexpr (std::is_floating_point_v<To>) {
    return static_cast<To>(value);
  } else {
    const auto wide = static_cast<double>(value);
    // The upper limit is exclusive: 2^63 and 2^64 are doubles, one less than them is not.
    const double above = std::ldexp(1.0, std::numeric_limits<To>::digits);
    const double lowest = std::is_signed_v<To> ? -above : 0.0;
    if (!(wide >= lowest && wide < above) || wide != std::floor(wide)) throw_lossy(array, wide);
    return static_cast<To>(wide);
  }
}

constexpr std::size_t kChunk = 1 << 16;

template <typename From, typename Write>
void for_each_source(const NpyArray& array, RunControl& control, Write write) {
  const auto* source = static_cast<const From*>(array.data);
  for (std::size_t first = 0; first < array.length; first += kChunk) {
    const std::size_t last = std::min(array.length, first + kChunk);
    for (std::size_t i = first; i < last; ++i) write(i, source[i]);
    control.advance(last - first);
  }
}

template <typename From, typename To, typename Bits>
void write_as(const NpyArray& array, std::uint8_t* out, RunControl& control) {
  for_each_source<From>(array, control, [&](std::size_t i, From value) {
    store(out + i * sizeof(Bits), std::bit_cast<Bits>(convert<From, To>(array, value)));
  });
}

template <typename From>
void write_data(const NpyArray& array, const FileType& type, std::uint8_t* out, RunControl& control) {
  if (type.kind == 'U') return write_as<From, std::uint32_t, std::uint32_t>(array, out, control);
  if (type.kind == 'b') return for_each_source<From>(array, control, [&](std::size_t i, From value) { out[i] = value != 0; });
  switch (type.kind == 'f' ? type.item_size : (type.kind == 'i' ? 10 : 20) + type.item_size) {
    case 8: return write_as<From, double, std::uint64_t>(array, out, control);
    case 4: return write_as<From, float, std::uint32_t>(array, out, control);
    case 2:
      return for_each_source<From>(
          array, control, [&](std::size_t i, From value) { store(out + 2 * i, io::narrow_half(static_cast<double>(value))); });
    case 18: return write_as<From, std::int64_t, std::uint64_t>(array, out, control);
    case 14: return write_as<From, std::int32_t, std::uint32_t>(array, out, control);
    case 12: return write_as<From, std::int16_t, std::uint16_t>(array, out, control);
    case 11: return write_as<From, std::int8_t, std::uint8_t>(array, out, control);
    case 28: return write_as<From, std::uint64_t, std::uint64_t>(array, out, control);
    case 24: return write_as<From, std::uint32_t, std::uint32_t>(array, out, control);
    case 22: return write_as<From, std::uint16_t, std::uint16_t>(array, out, control);
    default: return write_as<From, std::uint8_t, std::uint8_t>(array, out, control);
  }
}

bool is_ascii(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// The fields that local header and central record have in common, from "version needed" to "extra length".
void store_common(std::uint8_t* p, const std::string& name, std::uint32_t crc, std::uint32_t size) {
  store<std::uint16_t>(p, 20);
  store<std::uint16_t>(p + 2, is_ascii(name) ? 0 : 1 << 11);
  store<std::uint16_t>(p + 4, ZipEntry::kStored);
  store<std::uint16_t>(p + 6, 0);
  store<std::uint16_t>(p + 8, 1 << 5 | 1);  // 1 January 1980: equal content gives equal files
  store<std::uint32_t>(p + 10, crc);
  store<std::uint32_t>(p + 14, size);
  store<std::uint32_t>(p + 18, size);
  store<std::uint16_t>(p + 22, static_cast<std::uint16_t>(name.size()));
  store<std::uint16_t>(p + 24, 0);
}

}  // namespace

std::size_t npy_size(const NpyArray& array) {
  const FileType type = file_type(array.dtype);
  if (product(array.shape) * type.per_item != array.length)
    throw_shape("the data of '" + array.name + "'", to_text(product(array.shape) * type.per_item) + " elements long",
                to_text(array.length) + " elements");
  return header_of(array, type).size() + static_cast<std::size_t>(product(array.shape)) * type.item_size;
}

void write_npy(const NpyArray& array, std::uint8_t* out, RunControl& control) {
  const FileType type = file_type(array.dtype);
  const std::string header = header_of(array, type);
  std::ranges::copy(header, out);
  out += header.size();
  switch (array.source) {
    case NpySource::kFloat64: return write_data<double>(array, type, out, control);
    case NpySource::kFloat32: return write_data<float>(array, type, out, control);
    case NpySource::kInt32: return write_data<std::int32_t>(array, type, out, control);
    case NpySource::kUint32: return write_data<std::uint32_t>(array, type, out, control);
    case NpySource::kUint8: return write_data<std::uint8_t>(array, type, out, control);
  }
}

std::size_t npz_size(std::span<const NpyArray> arrays) {
  if (arrays.size() >= 0xffff) throw_range("the number of arrays", "less than 65535", to_text(arrays.size()));
  std::uint64_t total = kEndSize;
  for (const NpyArray& array : arrays) {
    if (array.name.size() + 4 > 0xffff)
      throw_range("the name of an array", "shorter than 65532 bytes", to_text(array.name.size()));
    total += kLocalSize + kCentralSize + 2 * (array.name.size() + 4) + npy_size(array);
  }
  if (total > kMaxFile) throw_range("the file to write", "smaller than 4 GiB", to_text(total) + " bytes");
  return static_cast<std::size_t>(total);
}

void write_npz(std::span<const NpyArray> arrays, std::uint8_t* out, RunControl& control) {
  std::uint8_t* const begin = out;
  std::uint64_t work = 0;
  for (const NpyArray& array : arrays) work += array.length;
  control.set_total(work);

  std::vector<std::uint8_t> directory;
  for (const NpyArray& array : arrays) {
    const std::string name = array.name + ".npy";
    const std::size_t size = npy_size(array);
    std::uint8_t* const data = out + kLocalSize + name.size();
    write_npy(array, data, control);
    std::uint32_t crc = 0;
    for (std::size_t at = 0; at < size; at += 8 * kChunk) {
      crc = crc32({data + at, std::min(size - at, 8 * kChunk)}, crc);
      control.advance(0);
    }

    store<std::uint32_t>(out, 0x04034b50);
    store_common(out + 4, name, crc, static_cast<std::uint32_t>(size));
    std::ranges::copy(name, out + kLocalSize);

    const std::size_t at = directory.size();
    directory.resize(at + kCentralSize);
    store<std::uint32_t>(&directory[at], 0x02014b50);
    store<std::uint16_t>(&directory[at + 4], 20);
    store_common(&directory[at + 6], name, crc, static_cast<std::uint32_t>(size));
    store<std::uint32_t>(&directory[at + 42], static_cast<std::uint32_t>(out - begin));
    directory.insert(directory.end(), name.begin(), name.end());
    out = data + size;
  }
  const auto directory_offset = static_cast<std::uint32_t>(out - begin);
  out = std::ranges::copy(directory, out).out;
  std::fill_n(out, kEndSize, std::uint8_t{0});
  store<std::uint32_t>(out, 0x06054b50);
  store<std::uint16_t>(out + 8, static_cast<std::uint16_t>(arrays.size()));
  store<std::uint16_t>(out + 10, static_cast<std::uint16_t>(arrays.size()));
  store<std::uint32_t>(out + 12, static_cast<std::uint32_t>(directory.size()));
  store<std::uint32_t>(out + 16, directory_offset);
}

}  // namespace rockpool
