/** What the figures were measured on, and what the machine allows. */
import { createRequire } from 'node:module';
import os from 'node:os';

/** One line that names the machine. */
export function machineText() {
  const cpus = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return `${cpus[0]?.model.trim() ?? 'unknown processor'}, ${cpus.length} cores, ${memory} GiB, ${os.type()} ${process.arch}, Node ${process.versions.node}, ${libraryText()}`;
}

function libraryText() {
  try {
    const require = createRequire(import.meta.url);
    const { version, target, compiler } = require('rockpool-node').buildInfo();
    return `rockpool-node ${version} (${target}, ${compiler})`;
  } catch {
    return 'rockpool-node not built';
  }
}

/** Milliseconds to copy so many bytes from memory to memory, both written before: what data of that size cost at least. */
export function copyMs(bytes) {
  const source = new Uint8Array(bytes).fill(1);
  const target = new Uint8Array(bytes).fill(2);
  const times = [];
  for (let i = 0; i < 7; i++) {
    const begin = performance.now();
    target.set(source);
    times.push(performance.now() - begin);
  }
  return Math.min(...times);
}
