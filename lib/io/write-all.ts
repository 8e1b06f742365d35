/** Writing to an open file until all is written. */
import * as fs from 'node:fs';

/** Some systems take no more than 2 GiB at once. */
const maxWrite = 2 ** 30;

/** Writes `bytes` at a position of a file. */
export function writeAllSync(fd: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length;)
    at += fs.writeSync(fd, bytes, at, Math.min(bytes.length - at, maxWrite), position + at);
}

/** The same without waiting for the disk. The bytes must not be changed before the promise settles. */
export async function writeAll(fd: number, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const length = Math.min(bytes.length - at, maxWrite);
    at += await new Promise<number>((resolve, reject) =>
      fs.write(fd, bytes, at, length, position + at, (error, written) => (error ? reject(error) : resolve(written))),
    );
  }
}
