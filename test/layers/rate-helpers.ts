/** What the tests of the rate layers share. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { buildInfo, setWarningHandler, TSContinuous } from 'rockpool-node';

/** Pseudo-random numbers that are the same everywhere, around zero. */
export function numbers(n: number, seed = 1, width = 2): Float64Array {
  let s = seed >>> 0;
  return Float64Array.from({ length: n }, () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return (s / 2 ** 32 - 0.5) * width;
  });
}

export function matrix(rows: number, columns: number, seed = 1, width = 2) {
  return { data: numbers(rows * columns, seed, width), shape: [rows, columns] };
}

/** A series of `n` samples, a quarter of a step before the steps of a layer. */
export function inputSeries(n: number, channels: number, dt: number, seed = 7): TSContinuous {
  const times = Float64Array.from({ length: n }, (_, k) => k * dt - dt / 4);
  return new TSContinuous(times, matrix(n, channels, seed), { tStop: n * dt, interpKind: 'previous' });
}

/** |a - b| <= tolerance * largest |b|, element by element. */
export function assertClose(a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 1e-12): void {
  assert.equal(a.length, b.length, 'lengths differ');
  let largest = 1e-300;
  for (let i = 0; i < b.length; i++) largest = Math.max(largest, Math.abs(b[i]));
  for (let i = 0; i < b.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    assert.ok(difference <= tolerance * largest, `element ${i} is ${a[i]}, expected ${b[i]} (off by ${difference})`);
  }
}

export function assertSame(a: ArrayLike<number>, b: ArrayLike<number>): void {
  assert.deepEqual(Array.from(a), Array.from(b));
}

/** Runs `body` and returns the codes of the warnings that it gave. */
export function warningsOf(body: () => void): string[] {
  const codes: string[] = [];
  setWarningHandler(({ code }) => codes.push(code));
  try {
    body();
  } finally {
    setWarningHandler(null);
  }
  return codes;
}

/** Concatenates the samples of consecutive outputs; `overlap` samples of each but the last are also in the next one. */
export function joined(pieces: readonly TSContinuous[], overlap: number): number[] {
  return pieces.flatMap((piece, i) => {
    const data = Array.from(piece.samples.data);
    return i < pieces.length - 1 ? data.slice(0, data.length - overlap * piece.numChannels) : data;
  });
}

/** Evaluates `code` (which prints JSON) in a child process for each instruction set of this machine. */
export function onEveryTarget(code: string): Map<string, number[]> {
  const root = join(__dirname, '..', '..', '..');
  return new Map(
    buildInfo().targets.map((target) => {
      const env = { ...process.env, ROCKPOOL_SIMD: target };
      return [
        target,
        JSON.parse(execFileSync(process.execPath, ['-e', code], { cwd: root, env, encoding: 'utf8' })) as number[],
      ];
    }),
  );
}
