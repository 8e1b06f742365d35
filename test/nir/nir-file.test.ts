import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NdArray } from 'rockpool-node';
import { readNir, writeNir, type NirGraph, type NirGraphInput } from 'rockpool-node/io';
import { isFileError, useFolder } from '../io/helpers.js';
import { nirFile } from './helpers.js';

const column = (...values: number[]): NdArray<Float64Array> => NdArray.from(values);
const lif = { type: 'LIF', tau: 0.01, r: 1, v_leak: 0, v_threshold: 1 } as const;

/** A graph of an input, what is given, and an output. */
function graphOf(node: object, inputs = 2, outputs = 2): NirGraphInput {
  return {
    nodes: {
      input: { type: 'Input', shape: [inputs] },
      it: node as { type: 'LIF' },
      output: { type: 'Output', shape: [outputs] },
    },
    edges: [
      ['input', 'it'],
      ['it', 'output'],
    ],
  };
}

describe('NIR files', () => {
  const folder = useFolder();
  const round = async (graph: NirGraphInput | NirGraph): Promise<NirGraph> => {
    await writeNir(folder.path('a.nir'), graph);
    return readNir(folder.path('a.nir'));
  };

  it('keeps every type of node', async () => {
    const nodes: [object, number[], number[]][] = [
      [
        {
          type: 'Linear',
          weight: [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
        },
        [2],
        [3],
      ],
      [{ type: 'Affine', weight: Float32Array.of(1, 2), bias: [3] }, [2], [1]],
      [{ type: 'Scale', scale: [1, 2] }, [2], [2]],
      [{ type: 'Threshold', threshold: [1, 2] }, [2], [2]],
      [{ type: 'Delay', delay: [0, 2] }, [2], [2]],
      [{ type: 'I', r: [1, 2] }, [2], [2]],
      [{ type: 'IF', r: [1, 2], v_threshold: 1 }, [2], [2]],
      [{ type: 'LI', tau: [1, 2], r: 1, v_leak: 0 }, [2], [2]],
      [{ type: 'CubaLI', tau_syn: 1, tau_mem: 2, r: [1, 1], v_leak: 0 }, [2], [2]],
      [{ type: 'CubaLIF', tau_syn: 1, tau_mem: 2, r: [1, 1], v_leak: 0, v_threshold: 1 }, [2], [2]],
      [{ type: 'Flatten', start_dim: 0, end_dim: -1 }, [2, 3], [6]],
      [
        {
          type: 'Conv1d',
          weight: new NdArray(new Float64Array(12), [2, 2, 3]),
          bias: [0, 1],
          stride: 1,
          padding: 0,
          dilation: 1,
          groups: 1,
        },
        [2, 8],
        [2, 6],
      ],
      [
        {
          type: 'Conv2d',
          weight: new NdArray(new Float64Array(36), [2, 2, 3, 3]),
          bias: [0, 1],
          stride: 2,
          padding: [1, 1],
          dilation: 1,
          groups: 1,
        },
        [2, 8, 8],
        [2, 4, 4],
      ],
      [
        {
          type: 'Conv2d',
          weight: new NdArray(new Float64Array(18), [2, 1, 3, 3]),
          bias: [0, 1],
          stride: 1,
          padding: 'same',
          dilation: 1,
          groups: 2,
        },
        [2, 8, 8],
        [2, 8, 8],
      ],
      [{ type: 'SumPool2d', kernel_size: 2, stride: 2, padding: 0 }, [3, 8, 8], [3, 4, 4]],
      [{ type: 'AvgPool2d', kernel_size: [2, 4], stride: 4, padding: 0 }, [3, 8, 8], [3, 2, 2]],
    ];
    nodes[1][0] = { ...nodes[1][0], weight: new NdArray(Float32Array.of(1, 2), [1, 2]) };
    for (const [node, inputs, outputs] of nodes) {
      const graph = graphOf(node);
      Object.assign(graph.nodes as object, {
        input: { type: 'Input', shape: inputs },
        output: { type: 'Output', shape: outputs },
      });
      const once = await round(graph);
      assert.equal(once.nodes.get('it')?.type, (node as { type: string }).type);
      assert.deepEqual(await round(once), once);
    }
  });

  it('keeps precision, metadata and sub-graphs', async () => {
    const weight = new NdArray(
      Float32Array.from({ length: 400 }, (_, i) => Math.sin(i)),
      [20, 20],
    );
    const inner = graphOf({ type: 'Linear', weight }, 20, 20);
    const metadata = { text: 'käse', number: 0.1, list: ['a', 'b'], inner: { matrix: NdArray.from([[1, 2]]) } };
    const graph = await round({ ...graphOf(inner, 20, 20), metadata });
    const read = graph.nodes.get('it') as NirGraph;
    assert.deepEqual((read.nodes.get('it') as unknown as { weight: unknown }).weight, weight);
    assert.deepEqual(graph.metadata, metadata);
  });

  it('gives missing fields their defaults and single numbers the shape of their population', async () => {
    const graph = await round(
      graphOf({ type: 'CubaLIF', tau_syn: 1, tau_mem: [1, 2], r: 3, v_leak: 0, v_threshold: 1 }),
    );
    assert.deepEqual(graph.nodes.get('it'), {
      type: 'CubaLIF',
      tau_syn: column(1, 1),
      tau_mem: column(1, 2),
      r: column(3, 3),
      v_leak: column(0, 0),
      v_threshold: column(1, 1),
      v_reset: column(0, 0),
      w_in: column(1, 1),
    });
    // One number for all in every field: what it is connected to tells how many.
    const told = await round(graphOf(lif));
    assert.deepEqual((told.nodes.get('it') as { tau: unknown }).tau, column(0.01, 0.01));
  });

  it('reads what the Python package wrote', async () => {
    const graph = await readNir(nirFile('nir-recurrent'));
    assert.deepEqual([...graph.nodes.keys()].sort(), ['fc', 'input', 'output', 'rnn']);
    assert.deepEqual(graph.metadata, { 'made by': 'make_nir.py', number: 3 });
    const rnn = graph.nodes.get('rnn') as NirGraph;
    assert.equal(rnn.edges.length, 4);
    assert.deepEqual((await readNir(nirFile('norse-lif'))).nodes.get('input'), { type: 'Input', shape: [5] });
  });

  it('takes the batch of one that exporters leave away', async () => {
    const graph = await readNir(nirFile('rockpool-lif'));
    assert.deepEqual((graph.nodes.get('output') as { shape: number[] }).shape, [3]);
  });

  const wrong: [what: string, graph: () => NirGraphInput, node: string, field: string][] = [
    ['a time constant of 0', () => graphOf({ ...lif, tau: [0.01, 0] }), 'it', 'tau'],
    ['NaN', () => graphOf({ ...lif, r: [NaN, 1] }), 'it', 'r'],
    [
      'infinite weights',
      () =>
        graphOf({
          type: 'Linear',
          weight: [
            [1, Infinity],
            [0, 0],
          ],
        }),
      'it',
      'weight',
    ],
    ['fields of different shapes', () => graphOf({ ...lif, tau: [1, 2, 3], r: [1, 2] }), 'it', 'r'],
    ['a missing field', () => graphOf({ type: 'LIF', tau: 1, r: 1, v_leak: 0 }), 'it', 'v_threshold'],
    ['an unknown field', () => graphOf({ ...lif, foo: 1 }), 'it', ''],
    ['an unknown type', () => graphOf({ type: 'Izhikevich' }), 'it', 'type'],
    ['a vector of weights', () => graphOf({ type: 'Linear', weight: [1, 2] }), 'it', 'weight'],
    ['shapes that do not fit', () => graphOf({ type: 'Linear', weight: [[1, 2, 3]] }), 'it', ''],
    [
      'a bias of another length',
      () =>
        graphOf({
          type: 'Affine',
          weight: [
            [1, 2],
            [3, 4],
          ],
          bias: [1, 2, 3],
        }),
      'it',
      'bias',
    ],
    ['negative delays', () => graphOf({ type: 'Delay', delay: [-1, 0] }), 'it', 'delay'],
    ['an edge to nowhere', () => ({ ...graphOf(lif), edges: [['input', 'nobody']] }), 'graph', 'edges[0]'],
    [
      'an edge twice',
      () => ({
        ...graphOf(lif),
        edges: [
          ['input', 'it'],
          ['input', 'it'],
        ],
      }),
      'graph',
      'edges[1]',
    ],
    ['an edge into the input', () => ({ ...graphOf(lif), edges: [['it', 'input']] }), 'input', ''],
    ['no output', () => ({ nodes: { input: { type: 'Input', shape: [2] } }, edges: [] }), 'graph', 'nodes'],
    ['no input', () => ({ nodes: { output: { type: 'Output', shape: [2] } }, edges: [] }), 'graph', 'nodes'],
    ['a slash in a name', () => ({ nodes: { 'a/b': lif as never }, edges: [] }), 'a/b', 'the name'],
    ['a shape of 0', () => graphOf(lif, 0), 'input', 'shape'],
  ];
  for (const [what, graph, node, field] of wrong)
    it(`refuses ${what}, naming node and field`, async () => {
      await assert.rejects(
        writeNir(folder.path('a.nir'), graph()),
        (error: Error & { node?: string; field?: string }) => {
          assert.ok(error instanceof RangeError, String(error));
          assert.deepEqual([error.node, error.field], [node, field], error.message);
          return true;
        },
      );
      assert.deepEqual(folder.names(), []);
    });

  it('refuses what is no graph, and wrong options', async () => {
    for (const graph of [undefined, null, 1, 'x', [], {}])
      await assert.rejects(writeNir(folder.path('a.nir'), graph as never));
    await assert.rejects(writeNir('', graphOf(lif)), TypeError);
    await assert.rejects(readNir(5 as never), TypeError);
    await assert.rejects(readNir(nirFile('nir-lif'), { foo: 1 } as never), TypeError);
    await assert.rejects(readNir(nirFile('nir-lif'), { checksum: 'perhaps' } as never), RangeError);
    await assert.rejects(readNir(nirFile('nir-lif'), { timeout: 0 }), RangeError);
  });

  it('says what is wrong with a file', async () => {
    await assert.rejects(readNir(folder.path('no.nir')), (e) => isFileError(e, /no such file/));
    writeFileSync(folder.path('text.nir'), 'hello');
    await assert.rejects(readNir(folder.path('text.nir')), (e) => isFileError(e, /no HDF5 file/));
    const whole = readFileSync(nirFile('nir-lif'));
    writeFileSync(folder.path('half.nir'), whole.subarray(0, whole.length / 2));
    await assert.rejects(readNir(folder.path('half.nir')), (e) => isFileError(e));
    await assert.rejects(readNir(nirFile('nir-lif'), { maxBytes: 50 }), (e) => isFileError(e, /maxBytes/));
  });

  it('stops when it is told to, and leaves the old file as it is', async () => {
    await writeNir(folder.path('a.nir'), graphOf(lif));
    const before = readFileSync(folder.path('a.nir'));
    const signal = AbortSignal.abort('enough');
    await assert.rejects(writeNir(folder.path('a.nir'), graphOf(lif), { signal }), {
      name: 'AbortError',
      cause: 'enough',
    });
    await assert.rejects(readNir(folder.path('a.nir'), { signal }), { code: 'ERR_ABORTED' });
    const controller = new AbortController();
    const reading = readNir(folder.path('a.nir'), { signal: controller.signal });
    controller.abort();
    await assert.rejects(reading, { code: 'ERR_ABORTED' });
    assert.deepEqual(readFileSync(folder.path('a.nir')), before);
    assert.deepEqual(folder.names(), ['a.nir']);
    await readNir(folder.path('a.nir'));
  });

  it('reads many files at once, some of which are stopped', async () => {
    const controller = new AbortController();
    const reading = Array.from({ length: 24 }, (_, i) =>
      readNir(nirFile('nir-lif'), i % 3 === 0 ? { signal: controller.signal } : {}),
    );
    controller.abort();
    const results = await Promise.allSettled(reading);
    for (const [i, { status }] of results.entries())
      assert.equal(status, i % 3 === 0 ? 'rejected' : 'fulfilled', String(i));
  });

  it('says what to install when h5wasm is missing', () => {
    const hook = `export function resolve(name, context, next) {
      if (name === 'h5wasm/node') throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
      return next(name, context);
    }`;
    const url = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;
    const register = url(`import { register } from 'node:module'; register(${JSON.stringify(url(hook))});`);
    const code = `require('rockpool-node/io').readNir(${JSON.stringify(nirFile('nir-lif'))}).catch((e) => console.log(e.code, e.message))`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--import', register, '-e', code], {
      cwd: join(__dirname, '..', '..', '..'),
      encoding: 'utf8',
    });
    assert.match(stdout, /^ERR_BACKEND .*npm install h5wasm/, stderr);
  });

  it('does not block the event loop', async () => {
    const weight = new NdArray(new Float64Array(1_000_000).fill(0.5), [1000, 1000]);
    await writeNir(folder.path('big.nir'), graphOf({ type: 'Linear', weight }, 1000, 1000));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await readNir(folder.path('big.nir'));
    clearInterval(timer);
    assert.ok(turns > 2, `${turns} turns`);
  });
});

describe('NIR files that end too early', () => {
  const folder = useFolder();

  it('are told from others', async () => {
    const path = folder.path('short.nir');
    writeFileSync(path, readFileSync(nirFile('nir-lif')).subarray(0, 512));
    await assert.rejects(readNir(path), { code: 'ERR_FILE', message: /truncated file/ });
  });
});

describe('damaged NIR files', function () {
  this.timeout(120_000);
  const folder = useFolder();

  /** Reads a file with some bits flipped. */
  async function damaged(bytes: Buffer, seed: number): Promise<'error' | 'same' | 'other'> {
    const copy = Buffer.from(bytes);
    let state = seed + 1;
    for (let k = 0; k < 4; k++) {
      state = (state * 48271) % 2147483647;
      copy[8 + (state % (copy.length - 8))] ^= 1 << (state % 8);
    }
    const path = folder.path(`${seed}.nir`);
    writeFileSync(path, copy);
    try {
      const graph = await readNir(path, { timeout: 30 });
      return JSON.stringify([...graph.nodes]) === wanted ? 'same' : 'other';
    } catch (error) {
      isFileError(error);
      return 'error';
    }
  }
  let wanted = '';

  it('our own: an error, or exactly what was written', async () => {
    await writeNir(folder.path('a.nir'), await readNir(nirFile('nir-lif')));
    wanted = JSON.stringify([...(await readNir(folder.path('a.nir'))).nodes]);
    const bytes = readFileSync(folder.path('a.nir'));
    const results: string[] = [];
    for (let seed = 0; seed < 12; seed++) results.push(await damaged(bytes, seed));
    assert.ok(!results.includes('other'), results.join(' '));
    assert.ok(results.includes('error'));
  });

  it('of others: an error, or a graph that is checked', async () => {
    const bytes = readFileSync(nirFile('nir-recurrent'));
    for (let seed = 0; seed < 12; seed++) await damaged(bytes, 100 + seed);
  });

  it('a value that was changed is found by the checksum, which can be ignored', async () => {
    await writeNir(folder.path('a.nir'), graphOf({ ...lif, tau: [0.123456789, 0.01] }));
    const bytes = readFileSync(folder.path('a.nir'));
    const value = Buffer.from(Float64Array.of(0.123456789).buffer);
    const at = bytes.indexOf(value);
    assert.ok(at > 0);
    Buffer.from(Float64Array.of(0.2).buffer).copy(bytes, at);
    writeFileSync(folder.path('b.nir'), bytes);
    await assert.rejects(readNir(folder.path('b.nir')), (e) => isFileError(e, /checksum/));
    const graph = await readNir(folder.path('b.nir'), { checksum: 'ignore' });
    assert.equal((graph.nodes.get('it') as { tau: NdArray }).tau.data[0], 0.2);
  });
});
