/** What using the library costs before it computes anything: loading it, and a call that has nothing to do. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { median } from './lib/statistics.mjs';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../', import.meta.url));
const pairs = 9;

function startMs(code) {
  const begin = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['-e', code], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) throw new Error(`node -e "${code}" failed: ${stderr}`);
  return performance.now() - begin;
}

/** The median over several pairs of process starts, with the import and without it in turn. */
function importMs(name) {
  const differences = [];
  for (let i = 0; i < pairs; i++) differences.push(startMs(`require('${name}')`) - startMs('0'));
  return median(differences);
}

function importing(name, entry) {
  return {
    name,
    title: `require('${entry}') in a new process, less the start of a bare one`,
    unit: 'ms',
    run: () => importMs(entry),
    value: (milliseconds) => milliseconds,
    goal: { atMost: 30 },
  };
}

function emptyEvolve() {
  const { PassThrough } = require('rockpool-node/layers');
  const layer = new PassThrough([[1]], { dt: 0.001 });
  const options = { numTimesteps: 0 };
  return {
    name: 'empty-evolve',
    title: 'evolve of a one-neuron layer for no time steps, without input',
    unit: 'us',
    repeat: 20_000,
    run: () => layer.evolve(undefined, options),
    verify: (output) =>
      output.samples.shape[1] === 1 ? undefined : `the output has ${output.samples.shape[1]} channels`,
    goal: { atMost: 5 },
  };
}

export default function define() {
  return [importing('import', 'rockpool-node'), importing('import-layers', 'rockpool-node/layers'), emptyEvolve()];
}
