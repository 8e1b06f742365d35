import assert from 'node:assert/strict';
import { NdArray, type Module } from 'rockpool-node';
import { fromNir, NirNeurons, readNir, toNir, toNirGraph, type NirGraph, type ToNirOptions } from 'rockpool-node/io';
import { Sequential } from 'rockpool-node/nn/combinators';
import {
  aLIFTorch,
  ExpSyn,
  LIF,
  LIFBitshiftTorch,
  LIFMembraneExodus,
  LIFNeuronTorch,
  LIFODEJax,
  LIFTorch,
  Linear,
  LowPass,
  Rate,
} from 'rockpool-node/nn/modules';
import { isFileError, useFolder, warningsOf } from '../io/helpers.js';
import { network, nirFile, raster, weights } from './helpers.js';

type AnyModule = Module<object>;
const outputOf = (module: AnyModule, input: number[][]): number[] => Array.from(module.evolve(input)[0].data);

/** Largest difference, relative to the largest value. */
function distance(a: readonly number[], b: readonly number[]): number {
  assert.equal(a.length, b.length);
  const scale = Math.max(...b.map(Math.abs), 1e-300);
  return Math.max(...a.map((v, i) => Math.abs(v - b[i]))) / scale;
}

const neurons = (n: number): Record<string, () => AnyModule> => ({
  LIF: () => new LIF(n, { tauMem: 10e-3, tauSyn: 5e-3, bias: 0.03, dt: 1e-3 }),
  'LIF, decay then add': () => new LIF(n, { tauMem: 10e-3, tauSyn: 5e-3, scheme: 'decayThenAdd', dt: 1e-3 }),
  LIFTorch: () => new LIFTorch(n, { leakMode: 'decays', alpha: 0.9, beta: 0.7, dt: 1e-3 }),
  LIFBitshiftTorch: () => new LIFBitshiftTorch(n, { tauMem: 10e-3, tauSyn: 5e-3, dt: 1e-3 }),
  LIFODEJax: () => new LIFODEJax(n, { tauMem: 10e-3, tauSyn: 5e-3, bias: 0.05, threshold: 0.1, dt: 1e-3 }),
  LIFNeuronTorch: () => new LIFNeuronTorch(n, { tauMem: 10e-3, bias: 0.02, dt: 1e-3 }),
  LIFMembraneExodus: () => new LIFMembraneExodus(n, { tauMem: 10e-3, tauSyn: 5e-3, dt: 1e-3 }),
  ExpSyn: () => new ExpSyn(n, { tau: 10e-3, dt: 1e-3 }),
  LowPass: () => new LowPass(n, { tau: 10e-3, dt: 1e-3 }),
  'NirNeurons, integrate and fire': () =>
    new NirNeurons(n, { r: 300, threshold: 1, dt: 1e-3, integration: 'euler', reset: 'value', vReset: 0.1 }),
  'NirNeurons, reset at the next step': () =>
    new NirNeurons(n, {
      ...{
        tauMem: 10e-3,
        tauSyn: 5e-3,
        r: 8,
        wIn: 5,
        vLeak: 0.1,
        threshold: 1,
        wRec: weights(n, n, 0.1, 5),
        recBias: 0.01,
      },
      ...{ dt: 1e-3, integration: 'euler', resetAt: 'next-step' },
    }),
});

describe('modules as NIR', () => {
  const folder = useFolder();
  const input = raster(80, 4, 17);
  const around = async (module: AnyModule, options?: ToNirOptions): Promise<Sequential> => {
    await toNir(module, folder.path('a.nir'), options);
    return fromNir(folder.path('a.nir'));
  };

  it('a network comes back as it was', async () => {
    const net = network();
    const copy = await around(net);
    assert.deepEqual(
      [...copy].map((m) => [m.name, m.className]),
      [...net].map((m) => [m.name, m.className]),
    );
    const output = outputOf(net, input);
    assert.ok(
      output.some((v) => v > 1),
      'several spikes in a step',
    );
    assert.deepEqual(outputOf(copy, input), output);
    for (const name of ['tauMem', 'tauSyn', 'wRec', 'threshold', 'bias']) {
      const [a, b] = [net, copy].map((n) => NdArray.from(n.at(1)[name as 'shape'] as number[]).data);
      assert.ok(
        distance([...b], a.length === b.length ? [...a] : new Array<number>(b.length).fill(a[0])) < 1e-12,
        name,
      );
    }
    assert.equal((copy.at(3) as unknown as LIF).maxSpikesPerDt, 3);
  });

  for (const [name, make] of Object.entries(neurons(4))) {
    it(`${name}: the same output from the file, and from the format's own equations`, async () => {
      const net = (): Sequential => new Sequential(new Linear([4, 4], { weight: weights(4, 4, 0.5) }), make());
      const output = outputOf(net(), input);
      assert.ok(output.some((v) => v !== 0));
      assert.ok(distance(outputOf(await around(net()), input), output) < 1e-12);
      // Without the name of the module, the equations are all that there is.
      const graph = toNirGraph(net());
      for (const node of graph.nodes.values()) delete node.metadata?.['module'];
      const plain = await fromNir(graph);
      assert.equal(plain.at(-1).className, 'NirNeurons');
      assert.ok(distance(outputOf(plain, input), output) < 1e-12);
    });

    it(`${name}: the same output with Euler steps of another length`, async () => {
      const net = new Sequential(new Linear([4, 4], { weight: weights(4, 4, 0.5) }), make());
      const output = outputOf(net, input);
      const copy = await around(net, { integration: 'euler', dt: 1e-4 });
      assert.equal((copy.at(-1) as unknown as NirNeurons).dt, 1e-4);
      assert.ok(distance(outputOf(copy, input), output) < 1e-12);
    });
  }

  it('recurrent neurons become a graph of four nodes, with dynamics in the metadata', async () => {
    const net = network();
    await toNir(net, folder.path('a.nir'), { metadata: { note: 'hello' } });
    const graph = await readNir(folder.path('a.nir'));
    assert.equal(graph.metadata?.['note'], 'hello');
    const inner = graph.nodes.get('1_LIF') as NirGraph;
    assert.deepEqual([...inner.nodes.values()].map((n) => n.type).sort(), ['CubaLIF', 'Input', 'Linear', 'Output']);
    assert.deepEqual(inner.nodes.get('lif')?.metadata, {
      ...{ dt: 1e-3, integration: 'exponential', reset: 'subtract', reset_at: 'spike', spike_where: 'reached' },
      ...{ max_spikes_per_dt: 65536, module: 'LIF' },
    });
    const weight = (inner.nodes.get('w_rec') as unknown as { weight: NdArray }).weight;
    assert.equal(weight.get(1, 4), (net.at(1) as unknown as LIF).wRec.get(4, 1));
  });

  it('for Rockpool: gains of 1, the bias as v_leak, and dt as it reads it', async () => {
    const net = network();
    const output = outputOf(net, input);
    net.resetState();
    await toNir(net, folder.path('a.nir'), { convention: 'rockpool' });
    const graph = await readNir(folder.path('a.nir'));
    const node = (graph.nodes.get('1_LIF') as NirGraph).nodes.get('lif') as unknown as Record<string, NdArray>;
    for (let j = 0; j < 6; j++) assert.ok(Math.abs(node['tau_mem'].data[j] / (1 + node['r'].data[j]) - 1e-3) < 1e-15);
    assert.equal(node['v_leak'].data[5], 0.03);
    assert.deepEqual(outputOf(await fromNir(folder.path('a.nir')), input), output);
  });

  it('options come before the metadata of the file', async () => {
    await toNir(network(), folder.path('a.nir'));
    const net = await fromNir(folder.path('a.nir'), { dt: 5e-4, maxSpikesPerDt: 1 });
    assert.equal(net.at(1).className, 'NirNeurons'); // with another step, the gains are not those of LIF
    assert.equal((net.at(1) as unknown as NirNeurons).dt, 5e-4);
    assert.equal((net.at(1) as unknown as NirNeurons).maxSpikesPerDt, 1);
  });

  const lossy: [
    what: string,
    make: () => AnyModule,
    options: ToNirOptions,
    node: string,
    field: string,
    allowed: boolean,
  ][] = [
    ['two synapses', () => new LIF([4, 2]), {}, 'LIF', 'tauSyn', false],
    ['noise', () => new LIF(2, { noiseStd: 0.1 }), {}, 'LIF', 'noiseStd', true],
    ['noise of synapses', () => new ExpSyn(2, { noiseStd: 0.1 }), {}, 'ExpSyn', 'noiseStd', true],
    ['after-hyperpolarisation', () => new aLIFTorch(2), {}, 'aLIFTorch', 'wAhp', true],
    ['rate neurons', () => new Rate(2), {}, 'Rate', '', false],
    [
      'thresholds subtracted, for snnTorch',
      () => new LIF(2, { bias: 0 }),
      { convention: 'snntorch' },
      'LIF',
      'reset',
      true,
    ],
    ['thresholds subtracted, for Norse', () => new LIF(2), { convention: 'norse' }, 'LIF', 'reset', true],
    [
      'recurrence, for Norse',
      () =>
        new NirNeurons(2, {
          tauMem: 1,
          wRec: [
            [0, 1],
            [1, 0],
          ],
          dt: 0.1,
          integration: 'euler',
        }),
      { convention: 'norse' },
      'NirNeurons',
      'wRec',
      true,
    ],
    [
      'a leak without a synapse',
      () => new NirNeurons(2, { tauSyn: 1, dt: 0.1, integration: 'euler' }),
      {},
      'NirNeurons',
      'tauMem',
      false,
    ],
    [
      'Euler steps, for Rockpool',
      () => new LIFODEJax(2),
      { convention: 'rockpool' },
      'LIFODEJax',
      'integration',
      false,
    ],
  ];
  for (const [what, make, options, node, field, allowed] of lossy)
    it(`refuses ${what}, naming node and field`, async () => {
      assert.throws(
        () => toNirGraph(make(), options),
        (error: Error & { code: string; node: string; field: string }) => {
          assert.deepEqual([error.code, error.node, error.field], ['ERR_NOT_IMPLEMENTED', node, field], error.message);
          return true;
        },
      );
      if (!allowed) return;
      const warnings = await warningsOf(() => toNirGraph(make(), { ...options, allowLossy: true }));
      assert.ok(warnings.some((w) => w.code === 'NIR_LOSSY' && w.message.includes(node)));
    });

  it('opens graphs within graphs', async () => {
    const inner = await readNir(nirFile('nir-recurrent'));
    const wrap = (graph: NirGraph): NirGraph => ({
      type: 'NIRGraph',
      nodes: new Map<string, NirGraph | { type: 'Input' | 'Output'; shape: number[] }>([
        ['input', { type: 'Input', shape: [4] }],
        ['all', graph],
        ['output', { type: 'Output', shape: [5] }],
      ]),
      edges: [
        ['input', 'all'],
        ['all', 'output'],
      ],
    });
    const options = { dt: 1e-3, integration: 'euler', reset: 'subtract' } as const;
    const expected = outputOf(await fromNir(inner, options), input);
    assert.ok(expected.some((v) => v > 0));
    assert.deepEqual(outputOf(await fromNir(wrap(wrap(inner)), options), input), expected);
  });

  it('refuses graphs that are no row of modules, naming the node', async () => {
    const graph = await readNir(nirFile('nir-recurrent'));
    const fork: NirGraph = { ...graph, edges: [...graph.edges, ['fc', 'output']] };
    await assert.rejects(fromNir(fork, { dt: 1e-3, integration: 'euler', reset: 'value' }), {
      code: 'ERR_NOT_IMPLEMENTED',
      node: 'fc',
    });
    const dangling = {
      ...graph,
      nodes: new Map<string, unknown>([...graph.nodes, ['alone', { type: 'Scale', scale: [1] }]]),
    };
    await assert.rejects(fromNir(dangling as never, { dt: 1e-3, integration: 'euler', reset: 'value' }), {
      code: 'ERR_NOT_IMPLEMENTED',
      node: 'alone',
    });
    const delayed = {
      nodes: {
        input: { type: 'Input' as const, shape: [2] },
        d: { type: 'Delay' as const, delay: [1, 2] },
        output: { type: 'Output' as const, shape: [2] },
      },
      edges: [
        ['input', 'd'],
        ['d', 'output'],
      ] as [string, string][],
    };
    await assert.rejects(fromNir(delayed), { code: 'ERR_NOT_IMPLEMENTED', node: 'd', field: 'type' });
  });

  it('wrong dynamics in the metadata of a file are an error of the file', async () => {
    const graph = toNirGraph(new LIF(2));
    graph.nodes.get('LIF')!.metadata = { dt: -1 };
    const { writeNir } = await import('rockpool-node/io');
    await writeNir(folder.path('a.nir'), graph);
    await assert.rejects(fromNir(folder.path('a.nir')), (e) => isFileError(e, /metadata.dt of node 'LIF'/));
  });

  it('refuses wrong arguments', async () => {
    await assert.rejects(toNir({} as never, folder.path('a.nir')), TypeError);
    await assert.rejects(toNir(network(), 5 as never), TypeError);
    await assert.rejects(toNir(network(), folder.path('a.nir'), { convention: 'lava' as never }), RangeError);
    await assert.rejects(toNir(network(), folder.path('a.nir'), { foo: 1 } as never), TypeError);
    await assert.rejects(fromNir(nirFile('nir-lif'), { reset: 'soft' as never }), RangeError);
    await assert.rejects(fromNir(nirFile('nir-lif'), { dt: 0 }), RangeError);
    await assert.rejects(fromNir(undefined as never), TypeError);
    assert.deepEqual(folder.names(), []);
  });
});
