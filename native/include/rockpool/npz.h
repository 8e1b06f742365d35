// NumPy's array files: .npy (one array) and .npz (a ZIP of them). Reads and writes bytes in memory; knows no file system.
//
// Everything read is bounds-checked: a file that is cut off, damaged or made to harm gives an Error with code ERR_FILE. Sizes
// come from the file, so they are compared with the bytes that are really there before anything is allocated.
// Entries that are deflated are found here and inflated by the caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rockpool/run_control.h"

namespace rockpool {

using Bytes = std::span<const std::uint8_t>;

/// One file inside a ZIP.
struct ZipEntry {
  static constexpr std::uint16_t kStored = 0;
  static constexpr std::uint16_t kDeflated = 8;

  std::string name;      // UTF-8
  std::uint16_t method;  // kStored or kDeflated
  std::uint64_t offset;  // of its data in the file
  std::uint64_t packed;  // bytes in the file; checked to lie inside
  std::uint64_t size;    // bytes once inflated; the file's claim when deflated
  std::uint32_t crc;     // CRC-32 of the inflated bytes
};

/// The table of contents of a ZIP. Refuses encryption, other methods than the two above, archives of several disks, duplicate
/// names and more than `max_entries` entries.
std::vector<ZipEntry> read_zip_index(Bytes file, std::size_t max_entries);

/// CRC-32 as in ZIP. Pass the previous value to continue.
std::uint32_t crc32(Bytes data, std::uint32_t previous = 0);

/// Element types that have a place in the output arrays.
enum class NpyKind : char {
  kFloat = 'f',       // of 2, 4 or 8 bytes
  kInt = 'i',         // of 1, 2, 4 or 8 bytes
  kUnsigned = 'u',    // of 1, 2, 4 or 8 bytes
  kBool = 'b',        // of 1 byte
  kText = 'U',        // of 4 bytes for each character
  kUnreadable = '?',  // Python objects, records, dates, complex numbers, ...
};

/// What the header of a .npy says, checked against the length of the data (which may be longer, never shorter).
struct NpyHeader {
  NpyKind kind;
  std::string descr;
  std::size_t item_size;  // bytes of one element
  bool swapped;           // of the other byte order than this machine
  bool fortran;           // column-major
  std::vector<std::uint64_t> shape;
  std::uint64_t count;  // elements
  std::size_t data_offset;
};

NpyHeader read_npy_header(Bytes npy);

/// Converts all elements to `out` (header.count of them), row-major. Integers of 64 bits become doubles, all kinds but text.
/// T: double, float, std::int32_t, std::uint32_t, std::uint8_t; must be `npy_output`'s type for this header.
template <typename T>
void read_npy(Bytes npy, const NpyHeader& header, T* out, RunControl& control);

/// The output element type that holds every value of a kind and size: "float64", "float32", "int32", "uint32", "uint8",
/// "text" or nullptr for what cannot be read.
const char* npy_output(const NpyHeader& header);

/// The texts of an array of kind kText, row-major, as UTF-16.
std::vector<std::u16string> read_npy_text(Bytes npy, const NpyHeader& header);

/// The element type of memory to write from.
enum class NpySource { kFloat64, kFloat32, kInt32, kUint32, kUint8 };

/// One array to write. `dtype` is NumPy's name of the type in the file (`float16` ... `uint64`, `bool`), or `U<n>` for texts of
/// n characters, whose data are UTF-32 code units in a kUint32 source.
struct NpyArray {
  std::string name;
  std::string dtype;
  std::vector<std::uint64_t> shape;
  NpySource source;
  const void* data;    // as many elements as shape says (times n for texts)
  std::size_t length;  // of data, in elements
};

/// Bytes of the .npy of an array.
std::size_t npy_size(const NpyArray& array);
/// Writes it to `out` (npy_size bytes). A value that the type in the file cannot hold is an ERR_VALUE.
void write_npy(const NpyArray& array, std::uint8_t* out, RunControl& control);

/// Bytes of the .npz of these arrays (uncompressed). At most 4 GiB - 1; more is an ERR_VALUE.
std::size_t npz_size(std::span<const NpyArray> arrays);
void write_npz(std::span<const NpyArray> arrays, std::uint8_t* out, RunControl& control);

/// IEEE half precision, rounded to nearest even.
std::uint16_t half_from_double(double value);
double double_from_half(std::uint16_t bits);

}  // namespace rockpool
