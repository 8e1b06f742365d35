/** Fixtures of NIR, a Python with its package, and networks to write. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Linear, LIF } from 'rockpool-node/nn/modules';
import { Sequential } from 'rockpool-node/nn/combinators';
import { fixture } from '../io/helpers.js';

export interface Recording {
  toolkit?: string;
  dt: number;
  integration?: 'exponential' | 'euler';
  reset?: 'subtract' | 'value';
  resetAt?: 'spike' | 'next-step';
  inputs: number[][];
  outputs: number[][];
}

export const nirFile = (name: string): string => fixture(`nir/${name}.nir`);
export const recording = (name: string): Recording =>
  JSON.parse(readFileSync(fixture(`nir/${name}.json`), 'utf8')) as Recording;

/** A Python that has the packages, named by ROCKPOOL_TEST_PYTHON or found in PATH; null when there is none. */
export function pythonWith(...packages: string[]): string | null {
  const code = `import importlib.util as u, sys; sys.exit(not all(u.find_spec(p) for p in ${JSON.stringify(packages)}))`;
  for (const python of [process.env.ROCKPOOL_TEST_PYTHON, 'python3', 'python'])
    if (python && spawnSync(python, ['-c', code]).status === 0) return python;
  return null;
}

/** Zeros and ones, the same for the same seed. */
export function raster(steps: number, channels: number, seed: number): number[][] {
  let state = seed;
  const next = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  return Array.from({ length: steps }, () => Array.from({ length: channels }, () => (next() < 0.35 ? 1 : 0)));
}

/** Weights that keep neurons spiking. */
export function weights(rows: number, columns: number, gain: number, seed = 3): number[][] {
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => gain * Math.sin(seed * (i + 1) * 1.7 + (j + 1) * 2.3) + gain / 2),
  );
}

/** 4 inputs, 6 recurrent neurons, 3 neurons with other numbers each. */
export function network(): Sequential {
  return new Sequential(
    new Linear([4, 6], { weight: weights(4, 6, 0.12) }),
    new LIF(6, {
      tauMem: [5e-3, 8e-3, 11e-3, 14e-3, 17e-3, 20e-3],
      tauSyn: 6e-3,
      bias: [0, 0.01, 0.02, 0, 0, 0.03],
      hasRec: true,
      wRec: weights(6, 6, 0.05, 5),
      dt: 1e-3,
    }),
    new Linear([6, 3], { weight: weights(6, 3, 0.1, 7), bias: [0.01, 0, -0.01] }),
    new LIF(3, {
      tauMem: 10e-3,
      tauSyn: [[4e-3], [5e-3], [6e-3]],
      threshold: [1, 1.5, 0.7],
      maxSpikesPerDt: 3,
      dt: 1e-3,
    }),
  );
}
