/** Ridge regression of ten outputs on 1000 features from 100,000 rows: time, and memory beyond the data. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { closeArrays } from './lib/compare.mjs';
import { shareArray } from './lib/peer.mjs';

const require = createRequire(import.meta.url);
const { concurrency, setConcurrency } = require('rockpool-node');
const { RidgeRegression } = require('rockpool-node/training');

const numRows = 100_000;
const numFeatures = 1000;
const numOutputs = 10;
const regularize = 0.1;

/** Rows of noise with a linear dependence: cheap to make, well conditioned. */
export function makeData() {
  const x = new Float64Array(numRows * numFeatures);
  let state = 1;
  for (let i = 0; i < x.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    x[i] = state / 2 ** 31;
  }
  const y = new Float64Array(numRows * numOutputs);
  for (let r = 0; r < numRows; r++) {
    for (let o = 0; o < numOutputs; o++)
      y[r * numOutputs + o] = 2 * x[r * numFeatures + o] - x[r * numFeatures + 20 + o] + 0.5;
  }
  return { x: { data: x, shape: [numRows, numFeatures] }, y: { data: y, shape: [numRows, numOutputs] } };
}

function fit({ x, y }) {
  const ridge = new RidgeRegression(numFeatures, numOutputs, { regularize });
  ridge.fit(x, y);
  const solution = new Float64Array((numFeatures + 1) * numOutputs);
  solution.set(ridge.weights.data);
  solution.set(ridge.bias, numFeatures * numOutputs);
  return solution;
}

/** Peak memory beyond the loaded data in MB, of a fit in a process of its own. */
export function peakMemory() {
  setConcurrency(1);
  const data = makeData();
  const before = process.memoryUsage.rss();
  fit(data);
  return (process.resourceUsage().maxRSS * 1024 - before) / 1e6;
}

function memoryInChild() {
  const code = `import(${JSON.stringify(import.meta.url)}).then((m) => console.log(m.peakMemory()))`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', code], {
    cwd: fileURLToPath(new URL('../', import.meta.url)),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`measuring memory failed: ${stderr}`);
  return Number(stdout);
}

export default function define({ folder }) {
  const data = makeData();
  const shared = {
    x: shareArray(folder, 'x', data.x.data, data.x.shape),
    y: shareArray(folder, 'y', data.y.data, data.y.shape),
    regularize,
  };
  const all = concurrency();
  const peerOf = (name, threads, title) => ({
    environment: 'rockpool3',
    script: 'ridge.py',
    case: name,
    name: title,
    data: { ...shared, threads },
  });
  const timed = (name, threads) => ({
    name,
    title: `${numRows} x ${numFeatures} -> ${numOutputs}, float64, with biases, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    unit: 's',
    run: () => {
      setConcurrency(threads);
      try {
        return fit(data);
      } finally {
        setConcurrency(all);
      }
    },
    peer: peerOf(name, threads, 'NumPy normal equations (OpenBLAS)'),
    compare: (ours, theirs) => closeArrays(ours, theirs.data, { absolute: 1e-10, relative: 1e-9 }),
    goal: { ratio: 1 / 1.1 },
  });
  return [
    timed('one-thread', 1),
    timed('two-threads', 2),
    {
      name: 'memory',
      title: `peak memory of the fit beyond X and Y, one thread`,
      unit: 'MB',
      run: memoryInChild,
      value: (megabytes) => megabytes,
      peer: peerOf('memory', 1, 'NumPy normal equations (augmented copy)'),
      goal: { ratio: 20 },
    },
  ];
}
