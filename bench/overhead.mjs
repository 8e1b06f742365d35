/** What using the library costs before it computes anything: loading it, and a call that has nothing to do. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
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

/** A reservoir that computes for some ten seconds and has so many steps that no machine is done earlier. */
function longRun(options) {
  const { RecRateEuler } = require('rockpool-node/layers');
  const size = 1000;
  const data = Float64Array.from({ length: size * size }, (_, i) => Math.sin(i * 12.9898) / 32);
  const bias = Float64Array.from({ length: size }, (_, i) => Math.cos(i));
  const layer = new RecRateEuler({
    weights: { data, shape: [size, size] },
    bias,
    tau: 1,
    dt: 0.1,
    activationFunc: 'tanh',
  });
  return layer.evolveAsync(null, { numTimesteps: 400_000, ...options });
}

/** Runs for `seconds`, then aborts; what the event loop suffered and how long the abort took, in milliseconds. */
async function responsiveness(seconds) {
  const controller = new AbortController();
  const run = longRun({ signal: controller.signal }).then(
    () => Promise.reject(new Error('the run ended before it could be aborted')),
    (error) => (error.code === 'ERR_ABORTED' ? undefined : Promise.reject(error)),
  );
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await Promise.race([sleep(seconds * 1000), run]);
  delay.disable();
  const begin = performance.now();
  controller.abort();
  await run;
  // The histogram counts the whole time between two ticks, of which the timer's own millisecond is part.
  return { loop: Math.max(0, delay.percentile(99) / 1e6 - 1), abort: performance.now() - begin };
}

const duringLongRun = [
  {
    name: 'loop-delay',
    title: '99th percentile of the event loop delay during ten seconds of evolveAsync, 1000 units',
    unit: 'ms',
    run: async () => (await responsiveness(10)).loop,
    value: (milliseconds) => milliseconds,
    goal: { atMost: 5 },
  },
  {
    name: 'abort',
    title: 'from abort() to the rejection of evolveAsync, 1000 units',
    unit: 'ms',
    run: async () => (await responsiveness(0.5)).abort,
    value: (milliseconds) => milliseconds,
    goal: { atMost: 25 },
  },
];

export default function define() {
  return [
    importing('import', 'rockpool-node'),
    importing('import-layers', 'rockpool-node/layers'),
    emptyEvolve(),
    ...duringLongRun,
  ];
}
