import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { NdArray } from 'rockpool-node';
import {
  NirNeurons,
  readNir,
  toNir,
  toNirGraph,
  writeNir,
  type NirConvention,
  type NirGraph,
  type NirNode,
} from 'rockpool-node/io';
import { Sequential } from 'rockpool-node/nn/combinators';
import { LIF, Linear } from 'rockpool-node/nn/modules';
import { fixture, useFolder } from '../io/helpers.js';
import { network, nirFile, pythonWith, raster, weights } from './helpers.js';

/** A graph as `read_nir.py` prints it. */
function plain(node: NirNode): Record<string, unknown> {
  if (node.type === 'NIRGraph') {
    const nodes = Object.fromEntries([...node.nodes].map(([name, inner]) => [name, plain(inner)]));
    const metadata = JSON.parse(JSON.stringify(node.metadata ?? {})) as unknown;
    return { type: node.type, nodes, edges: [...node.edges].sort(), metadata };
  }
  return JSON.parse(JSON.stringify({ metadata: {}, ...node })) as Record<string, unknown>;
}

/** The fields of ours that Python has: it adds the types of inputs and outputs, and holds shapes elsewhere. */
function compare(ours: Record<string, unknown>, theirs: Record<string, unknown>, path: string): void {
  for (const [key, value] of Object.entries(ours)) {
    if (key === 'nodes') {
      const [a, b] = [value, theirs[key]] as Record<string, Record<string, unknown>>[];
      assert.deepEqual(Object.keys(a).sort(), Object.keys(b).sort(), path);
      for (const name of Object.keys(a)) compare(a[name], b[name], `${path}.${name}`);
    } else if (key === 'shape' || key === 'input_type')
      assert.deepEqual((theirs['input_type'] as { input: unknown }).input ?? theirs['shape'], value, path);
    else assert.deepEqual(theirs[key], value, `${path}.${key}`);
  }
}

describe('NIR files in Python (ROCKPOOL_TEST_PYTHON, or python3 in PATH, with nir)', function () {
  this.timeout(120_000);
  const folder = useFolder();
  const python = pythonWith('nir', 'numpy');
  const read = (file: string): Record<string, unknown> =>
    JSON.parse(
      execFileSync(python as string, ['-W', 'ignore', fixture('nir/read_nir.py'), file], {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      }),
    ) as Record<string, unknown>;

  (python ? it : it.skip)('the package nir reads what we write, number by number', async () => {
    const one = (type: string, fields: object, shape: number[], out = shape): object => ({
      nodes: { input: { type: 'Input', shape }, it: { type, ...fields }, output: { type: 'Output', shape: out } },
      edges: [
        ['input', 'it'],
        ['it', 'output'],
      ],
    });
    const graphs: object[] = [
      toNirGraph(network(), { metadata: { note: 'käse', list: NdArray.from([1, 2]) } }),
      one(
        'Affine',
        {
          weight: [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
          bias: [0, 1, 2],
        },
        [2],
        [3],
      ),
      one('IF', { r: 1, v_threshold: 2 }, [3]),
      one('CubaLI', { tau_syn: 1, tau_mem: 2, r: 1, v_leak: 0 }, [3]),
      one(
        'Conv2d',
        {
          weight: new NdArray(
            Float64Array.from({ length: 36 }, (_, i) => i),
            [2, 2, 3, 3],
          ),
          bias: [0, 1],
          stride: 2,
          padding: 1,
          dilation: 1,
          groups: 1,
        },
        [2, 8, 8],
        [2, 4, 4],
      ),
      one('SumPool2d', { kernel_size: 2, stride: 2, padding: 0 }, [3, 8, 8], [3, 4, 4]),
      one('Flatten', { start_dim: 0, end_dim: -1, input_type: [2, 3] }, [2, 3], [6]),
      one('Delay', { delay: [1, 2] }, [2]),
    ];
    for (const graph of graphs) {
      await writeNir(folder.path('a.nir'), graph as NirGraph);
      compare(plain(await readNir(folder.path('a.nir'))), read(folder.path('a.nir')), 'graph');
    }
  });

  (python ? it : it.skip)('we read what it reads from files of all toolkits', async () => {
    for (const name of ['nir-cuba-lif', 'nir-recurrent', 'snntorch-rleaky', 'snntorch-synaptic'])
      compare(plain(await readNir(nirFile(name))), read(nirFile(name)), name);
  });

  const input = raster(60, 4, 17);
  const reset = { vReset: 0, reset: 'value' as const, threshold: 1, dt: 1e-3 };
  const cuba = { ...reset, tauMem: 10e-3, tauSyn: 5e-3, r: 6, wIn: 4, integration: 'exponential' as const };
  const half = (): Linear => new Linear([4, 6], { weight: weights(4, 6, 0.5) });
  const cases: [toolkit: NirConvention, what: string, make: () => Sequential][] = [
    [
      'rockpool',
      'LIF neurons with a bias',
      () =>
        new Sequential(
          new Linear([4, 6], { weight: weights(4, 6, 0.12) }),
          new LIF(6, { tauMem: 10e-3, tauSyn: 5e-3, bias: 0.02 }),
        ),
    ],
    ['rockpool', 'recurrent LIF neurons', network],
    ['snntorch', 'neurons with synapses', () => new Sequential(half(), new NirNeurons(6, cuba))],
    [
      'snntorch',
      'recurrent neurons',
      () => new Sequential(half(), new NirNeurons(6, { ...cuba, wRec: weights(6, 6, 0.4, 5) })),
    ],
    ['norse', 'neurons with synapses', () => new Sequential(half(), new NirNeurons(6, cuba))],
    [
      'norse',
      'neurons without synapses',
      () =>
        new Sequential(
          new Linear([4, 6], { weight: weights(4, 6, 3) }),
          new NirNeurons(6, { ...reset, tauMem: [5e-3, 6e-3, 7e-3, 8e-3, 9e-3, 1e-2], integration: 'euler' }),
        ),
    ],
  ];
  for (const [toolkit, what, make] of cases) {
    const withToolkit = pythonWith('nir', toolkit);
    (withToolkit ? it : it.skip)(`${toolkit} reads our ${what} and gives the same spikes`, async () => {
      const net = make();
      const output = Array.from(net.evolve(input)[0].data);
      assert.ok(output.some((v) => v > 0));
      await toNir(net, folder.path('a.nir'), { convention: toolkit });
      const { status, stdout, stderr } = spawnSync(
        withToolkit as string,
        ['-W', 'ignore', fixture('nir/run_nir.py'), toolkit, folder.path('a.nir')],
        {
          input: JSON.stringify(input),
          encoding: 'utf8',
        },
      );
      assert.equal(status, 0, stderr);
      assert.deepEqual((JSON.parse(stdout) as number[][]).flat(), output);
    });
  }
});
