// Reads what the checks of a built file need from a 64-bit little-endian ELF library: imported and exported symbols, needed libraries,
// versions of symbols that it wants. Plain Node, so it also runs where binutils is not.

const SHT_DYNSYM = 11;
const SHT_DYNAMIC = 6;
const SHT_VERNEED = 0x6ffffffe;
const DT_NEEDED = 1;
const STB_LOCAL = 0;

function sections(file) {
  const offset = Number(file.readBigUInt64LE(0x28));
  const size = file.readUInt16LE(0x3a);
  return Array.from({ length: file.readUInt16LE(0x3c) }, (_, i) => {
    const at = offset + i * size;
    return {
      type: file.readUInt32LE(at + 4),
      offset: Number(file.readBigUInt64LE(at + 24)),
      size: Number(file.readBigUInt64LE(at + 32)),
      link: file.readUInt32LE(at + 40),
      info: file.readUInt32LE(at + 44),
      entry: Number(file.readBigUInt64LE(at + 56)),
    };
  });
}

function text(file, at) {
  return file.toString('latin1', at, file.indexOf(0, at));
}

export const isElf = (file) => file.length > 64 && file.readUInt32BE(0) === 0x7f454c46;

/** `{ machine, imports, exports, needed, versions }`; versions are `[library, version]` pairs such as `['libc.so.6', 'GLIBC_2.34']`. */
export function readElf(file) {
  if (!isElf(file) || file[4] !== 2 || file[5] !== 1) throw new Error('not a 64-bit little-endian ELF file');
  const all = sections(file);
  const result = { machine: file.readUInt16LE(0x12), imports: [], exports: [], needed: [], versions: [] };
  for (const s of all) {
    const strings = all[s.link]?.offset;
    if (s.type === SHT_DYNSYM) {
      for (let at = s.offset + s.entry; at < s.offset + s.size; at += s.entry) {
        const name = text(file, strings + file.readUInt32LE(at));
        const defined = file.readUInt16LE(at + 6) !== 0;
        if (!defined) result.imports.push(name);
        else if (file[at + 4] >> 4 !== STB_LOCAL) result.exports.push(name);
      }
    } else if (s.type === SHT_DYNAMIC) {
      for (let at = s.offset; at < s.offset + s.size; at += 16) {
        if (Number(file.readBigInt64LE(at)) === DT_NEEDED)
          result.needed.push(text(file, strings + Number(file.readBigUInt64LE(at + 8))));
      }
    } else if (s.type === SHT_VERNEED) {
      let at = s.offset;
      for (let i = 0; i < s.info; i++) {
        const library = text(file, strings + file.readUInt32LE(at + 4));
        let aux = at + file.readUInt32LE(at + 8);
        for (let j = 0; j < file.readUInt16LE(at + 2); j++) {
          result.versions.push([library, text(file, strings + file.readUInt32LE(aux + 8))]);
          aux += file.readUInt32LE(aux + 12);
        }
        at += file.readUInt32LE(at + 12);
      }
    }
  }
  return result;
}
