/** Cells as PNG images in data URLs. */
import { native } from '../../binding.js';
import { zlib } from '../../lazy.js';
import type { CellsTrace } from '../types.js';
import { colourTable } from './colours.js';

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

function chunk(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  out.set(data, 8);
  out.writeUInt32BE(native.crc32(out.subarray(4, data.length + 8)), data.length + 8);
  return out;
}

/** A PNG image with a palette; `lines` are its scan lines, each with its filter byte. */
function encode(lines: Uint8Array, width: number, height: number, colours: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8); // 8 bits, palette
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('tRNS', Uint8Array.of(0)),
    chunk('IDAT', zlib().deflateSync(lines, { level: 6 })),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

/** The image of cells on so many pixels. */
export function cellsImage(trace: CellsTrace, width: number, height: number): string {
  const lines = new Uint8Array((width + 1) * height);
  const { values, rows, columns, limits, colors, upwards } = trace;
  native.plotCells(values, rows, columns, ...limits, colors === 'density', upwards, width, height, lines);
  return `data:image/png;base64,${encode(lines, width, height, colourTable(colors)).toString('base64')}`;
}
