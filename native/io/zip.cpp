// The table of contents of a ZIP: end record, central directory, local headers (PKWARE's APPNOTE 4.3 to 4.5).
#include <algorithm>
#include <array>
#include <unordered_set>

#include "io/bytes.h"
#include "rockpool/npz.h"

namespace rockpool {

using io::load;
using io::throw_file;

namespace {

constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocator64Signature = 0x07064b50;
constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22, kEnd64Size = 56, kLocator64Size = 20;
constexpr std::uint32_t kInField64 = 0xffffffff;
constexpr std::uint16_t kFlagEncrypted = 1, kFlagUtf8 = 1 << 11;

struct Directory {
  std::uint64_t offset, size, count;
};

/// `length` bytes from `offset`, or an error.
Bytes part(Bytes file, std::uint64_t offset, std::uint64_t length, const char* what) {
  if (offset > file.size() || length > file.size() - offset)
    throw_file(std::string(what) + " lies outside the file (cut off or damaged)");
  return file.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
}

/// The end record is the last thing in the file but for a comment whose length it tells.
std::size_t find_end(Bytes file) {
  if (file.size() < 4 ||
      (load<std::uint32_t>(file.data()) != kLocalSignature && load<std::uint32_t>(file.data()) != kEndSignature))
    throw_file("no ZIP archive (an .npz file is one)");
  if (file.size() >= kEndSize) {
    const std::size_t last = file.size() - kEndSize;
    const std::size_t first = last > 0xffff ? last - 0xffff : 0;
    for (std::size_t at = last + 1; at-- > first;)
      if (load<std::uint32_t>(&file[at]) == kEndSignature && load<std::uint16_t>(&file[at + 20]) == last - at) return at;
  }
  throw_file("the end of the ZIP archive is missing (cut off or damaged)");
}

Directory find_directory(Bytes file) {
  const std::size_t end = find_end(file);
  const std::uint8_t* p = &file[end];
  Directory directory{load<std::uint32_t>(p + 16), load<std::uint32_t>(p + 12), load<std::uint16_t>(p + 10)};
  const bool needs64 = directory.offset == kInField64 || directory.size == kInField64 || directory.count == 0xffff;
  if (needs64 && end >= kLocator64Size && load<std::uint32_t>(p - kLocator64Size) == kLocator64Signature) {
    const Bytes record = part(file, load<std::uint64_t>(p - kLocator64Size + 8), kEnd64Size, "the ZIP64 end record");
    if (load<std::uint32_t>(record.data()) != kEnd64Signature) throw_file("the ZIP64 end record is damaged");
    if (load<std::uint32_t>(&record[16]) != 0 || load<std::uint32_t>(&record[20]) != 0)
      throw_file("a ZIP archive of several disks");
    directory = {load<std::uint64_t>(&record[48]), load<std::uint64_t>(&record[40]), load<std::uint64_t>(&record[32])};
  } else if (load<std::uint16_t>(p + 4) != 0 || load<std::uint16_t>(p + 6) != 0) {
    throw_file("a ZIP archive of several disks");
  }
  return directory;
}

/// Replaces the fields that are all ones by those of the ZIP64 extra field, which holds just these, in this order.
void apply_zip64(Bytes extra, ZipEntry& entry, std::uint64_t& header_offset) {
  while (extra.size() >= 4) {
    const auto id = load<std::uint16_t>(&extra[0]);
    const auto length = load<std::uint16_t>(&extra[2]);
    if (length > extra.size() - 4) return;
    Bytes body = extra.subspan(4, length);
    if (id == 1) {
      for (std::uint64_t* field : {&entry.size, &entry.packed, &header_offset}) {
        if (*field != kInField64) continue;
        if (body.size() < 8) throw_file("a ZIP64 field is cut off");
        *field = load<std::uint64_t>(body.data());
        body = body.subspan(8);
      }
      return;
    }
    extra = extra.subspan(4u + length);
  }
}

bool is_utf8(const std::string& text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    const int more = lead < 0x80 ? 0 : lead >> 5 == 6 ? 1 : lead >> 4 == 14 ? 2 : lead >> 3 == 30 ? 3 : -1;
    if (more < 0) return false;
    std::uint32_t code = more == 0 ? lead : lead & (0x3fu >> more);
    for (int k = 0; k < more; ++k, ++i) {
      if (i >= text.size() || (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return false;
      code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3f);
    }
    constexpr std::array<std::uint32_t, 4> least{0, 0x80, 0x800, 0x10000};
    if (code < least[static_cast<std::size_t>(more)] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
  }
  return true;
}

/// Names are UTF-8 if the flag says so; otherwise bytes above 127 are of an unknown code page and read as Latin-1.
std::string entry_name(Bytes bytes, bool utf8) {
  std::string name(bytes.begin(), bytes.end());
  if (utf8) {
    if (!is_utf8(name)) throw_file("the name of an entry is no valid UTF-8");
    return name;
  }
  std::string converted;
  for (const std::uint8_t b : bytes) {
    if (b < 0x80) {
      converted += static_cast<char>(b);
    } else {
      converted += static_cast<char>(0xc0 | b >> 6);
      converted += static_cast<char>(0x80 | (b & 0x3f));
    }
  }
  return converted;
}

/// Reads one record of the central directory, sets `length` to its length.
ZipEntry read_entry(Bytes file, Bytes directory, std::size_t& length) {
  if (directory.size() < kCentralSize || load<std::uint32_t>(directory.data()) != kCentralSignature)
    throw_file("the directory of the ZIP archive is damaged");
  const std::uint8_t* p = directory.data();
  const auto flags = load<std::uint16_t>(p + 8);
  const std::size_t name_length = load<std::uint16_t>(p + 28), extra_length = load<std::uint16_t>(p + 30);
  length = kCentralSize + name_length + extra_length + load<std::uint16_t>(p + 32);
  if (length > directory.size()) throw_file("the directory of the ZIP archive is cut off");

  const Bytes raw_name = directory.subspan(kCentralSize, name_length);
  ZipEntry entry{entry_name(raw_name, flags & kFlagUtf8),
                 load<std::uint16_t>(p + 10),
                 0,
                 load<std::uint32_t>(p + 20),
                 load<std::uint32_t>(p + 24),
                 load<std::uint32_t>(p + 16)};
  std::uint64_t header_offset = load<std::uint32_t>(p + 42);
  apply_zip64(directory.subspan(kCentralSize + name_length, extra_length), entry, header_offset);

  const std::string quoted = "entry '" + entry.name + "'";
  if (flags & kFlagEncrypted) throw_file(quoted + " is encrypted");
  if (entry.method != ZipEntry::kStored && entry.method != ZipEntry::kDeflated)
    throw_file(quoted + " is packed by method " + to_text(entry.method) + "; only stored and deflated entries can be read");
  if (entry.method == ZipEntry::kStored && entry.packed != entry.size) throw_file(quoted + " has contradicting sizes");

  const Bytes local = part(file, header_offset, kLocalSize, (quoted + " (header)").c_str());
  if (load<std::uint32_t>(local.data()) != kLocalSignature) throw_file(quoted + " has a damaged header");
  const std::size_t local_name = load<std::uint16_t>(&local[26]), local_extra = load<std::uint16_t>(&local[28]);
  const Bytes again = part(file, header_offset + kLocalSize, local_name, quoted.c_str());
  if (!std::ranges::equal(again, raw_name)) throw_file(quoted + " is called differently in its own header");
  entry.offset = header_offset + kLocalSize + local_name + local_extra;
  part(file, entry.offset, entry.packed, quoted.c_str());
  return entry;
}

constexpr auto kCrcTables = [] {
  std::array<std::array<std::uint32_t, 256>, 8> tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) ? 0xedb88320u ^ (c >> 1) : c >> 1;
    tables[0][i] = c;
  }
  for (std::size_t t = 1; t < 8; ++t)
    for (std::size_t i = 0; i < 256; ++i) tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xff];
  return tables;
}();

}  // namespace

std::vector<ZipEntry> read_zip_index(Bytes file, std::size_t max_entries) {
  const Directory directory = find_directory(file);
  Bytes rest = part(file, directory.offset, directory.size, "the directory of the ZIP archive");
  if (directory.count > rest.size() / kCentralSize) throw_file("the directory of the ZIP archive is cut off");
  if (directory.count > max_entries)
    throw_file("it has " + to_text(directory.count) + " entries, more than the limit maxEntries = " + to_text(max_entries));
  std::vector<ZipEntry> entries;
  entries.reserve(static_cast<std::size_t>(directory.count));
  std::unordered_set<std::string> names;
  for (std::uint64_t i = 0; i < directory.count; ++i) {
    std::size_t length = 0;
    entries.push_back(read_entry(file, rest, length));
    if (!names.insert(entries.back().name).second) throw_file("two entries are called '" + entries.back().name + "'");
    rest = rest.subspan(length);
  }
  if (!rest.empty()) throw_file("the directory of the ZIP archive is damaged");
  return entries;
}

std::uint32_t crc32(Bytes data, std::uint32_t previous) {
  std::uint32_t c = ~previous;
  const auto& t = kCrcTables;
  while (data.size() >= 8) {
    const std::uint32_t low = load<std::uint32_t>(data.data()) ^ c, high = load<std::uint32_t>(data.data() + 4);
    c = t[7][low & 0xff] ^ t[6][low >> 8 & 0xff] ^ t[5][low >> 16 & 0xff] ^ t[4][low >> 24] ^ t[3][high & 0xff] ^
        t[2][high >> 8 & 0xff] ^ t[1][high >> 16 & 0xff] ^ t[0][high >> 24];
    data = data.subspan(8);
  }
  for (const std::uint8_t b : data) c = (c >> 8) ^ t[0][(c ^ b) & 0xff];
  return ~c;
}

}  // namespace rockpool
