/** Writers of small AEDAT files, for tests. */

export interface Pixel {
  t: number;
  x: number;
  y: number;
  on: boolean;
}

function records(bigEndian: boolean, pairs: readonly (readonly [number, number])[]): Buffer {
  const out = Buffer.alloc(8 * pairs.length);
  pairs.forEach((pair, i) =>
    pair.forEach((value, j) =>
      bigEndian ? out.writeUInt32BE(value >>> 0, 8 * i + 4 * j) : out.writeUInt32LE(value >>> 0, 8 * i + 4 * j),
    ),
  );
  return out;
}

/** Version 2: addresses and times of 32 bits. */
export function aedat2(chip: string | null, pairs: readonly (readonly [address: number, time: number])[]): Buffer {
  const head = ['#!AER-DAT2.0', '# This is a raw AE data file - do not edit', ...(chip ? [`# AEChip: ${chip}`] : [])];
  return Buffer.concat([Buffer.from(head.map((line) => `${line}\r\n`).join('')), records(true, pairs)]);
}

export const davisAddress = ({ x, y, on }: Pixel): number => ((y << 22) | (x << 12) | (on ? 0x800 : 0)) >>> 0;
export const dvs128Address = ({ x, y, on }: Pixel): number => (y << 8) | (x << 1) | (on ? 0 : 1);

/** A packet of version 3. */
export function packet3(
  type: number,
  pairs: readonly (readonly [data: number, time: number])[],
  { overflow = 0, source = 1, size = 8 } = {},
): Buffer {
  const head = Buffer.alloc(28);
  head.writeInt16LE(type, 0);
  head.writeInt16LE(source, 2);
  [size, 4, overflow, pairs.length, pairs.length, pairs.length].forEach((value, i) =>
    head.writeInt32LE(value, 4 + 4 * i),
  );
  return Buffer.concat([head, records(false, pairs)]);
}

export function aedat3(source: string, packets: readonly Buffer[], version = '3.1'): Buffer {
  const lines = [
    `#!AER-DAT${version}`,
    '#Format: RAW',
    `#Source 1: ${source}`,
    '#Start-Time: 2016-11-20 10:40:45 (TZ+0100)',
  ];
  if (version !== '3.0') lines.push('#!END-HEADER');
  return Buffer.concat([Buffer.from(lines.map((line) => `${line}\r\n`).join('')), ...packets]);
}

export const polarityData = ({ x, y, on }: Pixel): number => ((x << 17) | (y << 2) | (on ? 2 : 0) | 1) >>> 0;
export const spikeData = (chip: number, core: number, neuron: number): number =>
  ((neuron << 12) | (chip << 6) | (core << 1) | 1) >>> 0;

/** A FlatBuffer with a table of one field, an offset to `content`. */
function flat(identifier: string, content: Buffer): Buffer {
  const head = Buffer.alloc(28);
  head.writeUInt32LE(24 + content.length, 0); // size prefix
  head.writeUInt32LE(16, 4); // root table, from byte 4
  head.write(identifier, 8, 'latin1');
  head.writeUInt16LE(6, 12); // vtable: its size, that of the table, the field
  head.writeUInt16LE(8, 14);
  head.writeUInt16LE(4, 16);
  head.writeInt32LE(8, 20); // table: the vtable is 8 bytes before
  head.writeUInt32LE(4, 24); // the field: content follows
  return Buffer.concat([head, content]);
}

/** A packet of events of version 4, not compressed. */
export function packet4(stream: number, events: readonly Pixel[], identifier = 'EVTS'): Buffer {
  const content = Buffer.alloc(4 + 16 * events.length);
  content.writeUInt32LE(events.length, 0);
  events.forEach(({ t, x, y, on }, i) => {
    content.writeBigInt64LE(BigInt(t), 4 + 16 * i);
    content.writeInt16LE(x, 12 + 16 * i);
    content.writeInt16LE(y, 14 + 16 * i);
    content.writeUInt8(on ? 1 : 0, 16 + 16 * i);
  });
  const body = flat(identifier, content);
  const head = Buffer.alloc(8);
  head.writeInt32LE(stream, 0);
  head.writeInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

const node = (name: string, inner: string): string => `<node name="${name}" path="/">${inner}</node>`;
const attr = (key: string, value: string | number): string => `<attr key="${key}" type="x">${value}</attr>`;

/** Version 4 with streams of events of the given sizes. */
export function aedat4(
  sizes: readonly (readonly [width: number, height: number])[],
  packets: readonly Buffer[],
): Buffer {
  const streams = sizes.map(([width, height], i) =>
    node(
      String(i),
      attr('typeIdentifier', 'EVTS') +
        node('info', attr('sizeX', width) + attr('sizeY', height) + attr('source', 'a &amp; b')),
    ),
  );
  const xml = Buffer.from(`<dv version="2.0">${node('outInfo', streams.join(''))}</dv>`);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(xml.length, 0);
  const head = Buffer.alloc(32);
  head.writeUInt32LE(28 + 4 + xml.length, 0);
  head.writeUInt32LE(20, 4);
  head.write('IOHE', 8, 'latin1');
  // vtable of three fields, of which the first two are left out: no compression, no table of packets
  [10, 8, 0, 0, 4].forEach((value, i) => head.writeUInt16LE(value, 12 + 2 * i));
  head.writeInt32LE(12, 24);
  head.writeUInt32LE(4, 28);
  return Buffer.concat([Buffer.from('#!AER-DAT4.0\r\n'), head, length, xml, ...packets]);
}
