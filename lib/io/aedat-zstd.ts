/** Decompression of one ZSTD frame, never to more than a limit. */
import { Decompress } from 'fzstd';
import { RockpoolError } from '../errors.js';

const tooLarge = (limit: number) => new RockpoolError('ERR_FILE', `its ZSTD data hold more than ${limit} bytes`);

/** Bytes of the window that a frame asks for, which are taken before anything is decompressed. */
function windowOf(frame: Uint8Array): number {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 6 || view.getUint32(0, true) !== 0xfd2fb528)
    throw new RockpoolError('ERR_FILE', 'expected a ZSTD frame, received other data');
  const flags = frame[4];
  if ((flags & 0x20) === 0) {
    const exponent = 10 + (frame[5] >> 3);
    return 2 ** exponent * (1 + (frame[5] & 7) / 8);
  }
  // A single segment: the window is the content, whose size follows the number of a dictionary.
  const at = 5 + [0, 1, 2, 4][flags & 3];
  const bytes = [1, 2, 4, 8][flags >> 6];
  if (frame.length < at + bytes) throw new RockpoolError('ERR_FILE', 'its ZSTD data are damaged');
  if (bytes === 1) return view.getUint8(at);
  if (bytes === 2) return view.getUint16(at, true) + 256;
  return bytes === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}

/** @throws RockpoolError `ERR_FILE` for damaged frames and for those of more than `limit` bytes. */
export function readZstdFrame(frame: Uint8Array, limit: number): Uint8Array {
  if (windowOf(frame) > limit) throw tooLarge(limit);
  const pieces: Uint8Array[] = [];
  let size = 0;
  const stream = new Decompress((piece) => {
    size += piece.length;
    if (size > limit) throw tooLarge(limit);
    pieces.push(piece.slice());
  });
  try {
    stream.push(frame, true);
  } catch (error) {
    if (error instanceof RockpoolError) throw error;
    throw new RockpoolError('ERR_FILE', 'its ZSTD data are damaged', { cause: error });
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
