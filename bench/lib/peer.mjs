/** A peer: a Python process that is kept alive and asked to run once per line. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { installedPython } from './environments.mjs';

const scripts = fileURLToPath(new URL('../peers/', import.meta.url));

const readers = {
  float64: (b) => new Float64Array(b),
  float32: (b) => new Float32Array(b),
  int32: (b) => new Int32Array(b),
  uint32: (b) => new Uint32Array(b),
  uint8: (b) => new Uint8Array(b),
  bool: (b) => new Uint8Array(b),
  int64: (b) => Float64Array.from(new BigInt64Array(b), Number),
};

/** Writes a typed array for a peer; what it returns belongs in the peer's `data`. */
export function shareArray(folder, name, array, shape = [array.length]) {
  const path = join(folder, `${name}.bin`);
  writeFileSync(path, new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return { path, dtype: array.constructor.name.replace('Array', '').toLowerCase(), shape };
}

export class Peer {
  #process;
  #lines;
  #folder;
  #stderr = '';

  /** Starts the script in its environment; undefined when the environment is not installed. */
  static start(environment, script, folder) {
    const python = installedPython(environment);
    return python === undefined ? undefined : new Peer(python, script, folder);
  }

  constructor(python, script, folder) {
    this.#folder = folder;
    const env = { ...process.env, PYTHONWARNINGS: 'ignore', PYTHONPATH: scripts, PYTHONDONTWRITEBYTECODE: '1' };
    this.#process = spawn(python, [join(scripts, script)], { stdio: ['pipe', 'pipe', 'pipe'], env });
    this.#process.on('error', (error) => (this.#stderr += String(error)));
    this.#process.stdin.on('error', () => {}); // a peer that died shows in the answer that never comes
    this.#process.stderr.on('data', (chunk) => (this.#stderr = (this.#stderr + chunk).slice(-4000)));
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async #ask(request) {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the peer ended: ${this.#stderr.trim().split('\n').at(-1) ?? ''}`);
    const answer = JSON.parse(value);
    if (answer.error) throw new Error(`the peer failed: ${answer.error}`);
    return answer;
  }

  prepare(name, data) {
    return this.#ask({ prepare: name, data });
  }

  /** { seconds, value? } of one run. */
  run(name, repeat = 1) {
    return this.#ask({ run: name, repeat });
  }

  /** What the last run returned: { data, shape }. */
  async output(name) {
    const path = join(this.#folder, 'output.bin');
    const { dtype, shape } = await this.#ask({ output: name, path });
    const read = readers[dtype];
    if (!read) throw new Error(`the peer's output is of type ${dtype}, which bench/lib/peer.mjs can't read`);
    const bytes = readFileSync(path);
    rmSync(path);
    return { data: read(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)), shape };
  }

  close() {
    this.#process.stdin.end();
  }
}
