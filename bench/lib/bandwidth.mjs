/** How fast one thread reads memory: the limit of everything that streams a matrix. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Bytes per second at which one thread reads a block of so many bytes again and again; the best of several tries. */
export function bandwidth(bytes) {
  const { native } = require('../../dist/binding.js');
  return native.readBandwidth(bytes, 0.2);
}
