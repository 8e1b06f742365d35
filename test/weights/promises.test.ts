/** What all generators promise: the same seed gives the same matrix, dense or sparse; wrong arguments are told; large ones work. */
import assert from 'node:assert/strict';
import type { NdArray } from 'rockpool-node';
import { RecIAFSpkInTorch } from 'rockpool-node/layers';
import * as weights from 'rockpool-node/weights';
import { SparseMatrix } from 'rockpool-node/weights';
import { codeOf } from '../layers/helpers.js';
import { checksum, sum, warningsOf } from './helpers.js';

type Result = NdArray | SparseMatrix | Record<string, unknown>;
type Make = (options: Record<string, unknown>) => Result;

const w = weights as unknown as Record<string, (...args: unknown[]) => Result>;

/** Each generator with typical arguments. */
const stochastic: Record<string, Make> = {
  rndmSparseEiNet: (o) => w.rndmSparseEiNet(30, { connectivity: 0.3, ...o }),
  iafSparseNet: (o) => w.iafSparseNet(30, { density: 0.3, ...o }),
  twoDimExcRes: (o) => w.twoDimExcRes(30, 5, [2, 3], o),
  partitioned2dReservoir: (o) =>
    w.partitioned2dReservoir(5, 20, 6, {
      numInpToRec: 3,
      numRecToInhib: 4,
      inputSparsity: 0.5,
      inputSparsityType: 'random',
      ...o,
    }),
  inpToRec: (o) => w.inpToRec(5, 20, { numInpToRec: 7, ...o }),
  ringReservoir: (o) => w.ringReservoir(4, 20, { numInpToRec: 5, ...o }),
  dynapseConform: (o) => w.dynapseConform(20, { maxNumInputs: 9, normalization: 0.9, ...o }),
  inResDynapse: (o) => w.inResDynapse(20, { maxNumInputs: 9, leaveSpaceForInput: true, ...o }),
  inResDynapseFlex: (o) => w.inResDynapseFlex(20, { maxNumInputs: 9, sizeIn: 5, maxFanin: 2, ...o }),
  digital: (o) => w.digital(20, { maxNumInputs: 9, ...o }),
  inResDigital: (o) => w.inResDigital(20, { maxNumInputs: 9, leaveSpaceForInput: true, ...o }),
  genSparsePartitionedNetwork: (o) =>
    w.genSparsePartitionedNetwork([6, 9], { numInternalInputs: 3, numBetweenInputs: 2, ...o }),
};

const dense: Record<string, Make> = {
  unitLambdaNet: (o) => w.unitLambdaNet(30, o),
  rndmEiNet: (o) => w.rndmEiNet(20, 10, o),
  wilsonCowanNet: (o) => w.wilsonCowanNet(10, o),
  addRandomLongRange: (o) => w.addRandomLongRange(weights.oneDimExcRes(20, 4), 5, o),
  unitEigs: (o) => w.unitEigs([10, 20], o),
  kaiming: (o) => w.kaiming([10, 20], o),
  xavier: (o) => w.xavier([10, 20], o),
  kaimingTorch: (o) => w.kaimingTorch([10, 20], o),
  linearBias: (o) => w.linearBias(20, o),
};

/** A result with its sparse matrices written out. */
function plain(value: unknown): unknown {
  if (value instanceof SparseMatrix) return { shape: [...value.shape], data: Array.from(value.toDense().data) };
  if (value instanceof Map) return [...value].map(([k, v]) => [k, plain(v)]);
  if (ArrayBuffer.isView(value)) return Array.from(value as never);
  if (typeof value !== 'object' || value === null) return value;
  if ('data' in value && 'shape' in value)
    return { shape: [...(value.shape as number[])], data: Array.from(value.data as number[]) };
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
}

/** Recorded once: the same on every machine. */
const recorded: Record<string, string> = {
  rndmSparseEiNet: '7e383635',
  iafSparseNet: '7c381848',
  twoDimExcRes: '7beca1b0',
  partitioned2dReservoir: '48d06599',
  inpToRec: '1b40c6c',
  ringReservoir: 'e92acd00',
  dynapseConform: '9d937ae6',
  inResDynapse: '5140cafd',
  inResDynapseFlex: 'eadb84b0',
  digital: '7c08cb23',
  inResDigital: 'e9f8fe4',
  genSparsePartitionedNetwork: 'f23f3538',
  unitLambdaNet: 'd20e6516',
  rndmEiNet: '63e4691',
  wilsonCowanNet: '23c0e5c2',
  addRandomLongRange: 'a5b4c475',
  unitEigs: '112981c',
  kaiming: 'daebea68',
  xavier: '4235cf62',
  kaimingTorch: 'daebea68',
  linearBias: '84df254d',
};

function matrixOf(result: Result): Float64Array {
  const matrix = ('weights' in result ? result['weights'] : result) as NdArray;
  return matrix.data as Float64Array;
}

describe('Weights: seeds', () => {
  for (const [name, make] of Object.entries({ ...stochastic, ...dense })) {
    it(`${name}: the same seed, the same matrix`, () => {
      const seed = Math.floor(Math.random() * 2 ** 50);
      assert.deepEqual(plain(make({ seed })), plain(make({ seed })), `seed ${seed}`);
      assert.notDeepEqual(plain(make({ seed })), plain(make({ seed: seed + 1 })), `seed ${seed}`);
      assert.notDeepEqual(plain(make({})), plain(make({})), 'a new seed each time');
      assert.deepEqual(plain(make({ rng: () => 0.25 })), plain(make({ seed: 2 ** 51 })));
      for (const bad of [-1, 0.5, NaN, 2 ** 54])
        assert.equal(
          codeOf(() => make({ seed: bad })),
          'ERR_VALUE',
        );
      assert.equal(
        codeOf(() => make({ seed: 'x' })),
        'ERR_TYPE',
      );
      assert.equal(
        codeOf(() => make({ rng: () => 2 })),
        'ERR_VALUE',
      );
      assert.equal(
        codeOf(() => make({ seed: 1, rng: () => 0.25 })),
        'ERR_TYPE',
      );
      assert.equal(
        codeOf(() => make({ rng: 3 })),
        'ERR_TYPE',
      );
      assert.equal(
        codeOf(() => make({ sed: 3 })),
        'ERR_TYPE',
        'an unknown option',
      );
    });

    it(`${name}: the matrix of seed 2026 is the recorded one`, () => {
      assert.equal(checksum(matrixOf(make({ seed: 2026 }))), recorded[name]);
    });
  }

  for (const [name, make] of Object.entries(stochastic)) {
    it(`${name}: sparse and dense are the same`, () => {
      const seed = Math.floor(Math.random() * 2 ** 50);
      const sparse = make({ seed, sparse: true });
      const matrix = 'weights' in sparse ? sparse['weights'] : sparse;
      assert.ok(matrix instanceof SparseMatrix);
      assert.deepEqual(plain(sparse), plain(make({ seed })), `seed ${seed}`);
      assert.equal(
        codeOf(() => make({ sparse: 1 })),
        'ERR_TYPE',
      );
    });
  }
});

describe('Weights: functions that supply weights', () => {
  const calls: [string, readonly number[], (fct: unknown) => Result][] = [
    ['rndmEiNet', [5, 5], (weightFct) => w.rndmEiNet(3, 2, { weightFct })],
    ['rndmSparseEiNet', [12], (weightFct) => w.rndmSparseEiNet(5, { weightFct, connectivity: 0.5 })],
    ['wilsonCowanNet', [2, 2], (weightFct) => w.wilsonCowanNet(2, { weightFct })],
  ];
  for (const [name, shape, call] of calls) {
    it(`${name}: called for the shape, checked, copied`, () => {
      const given = new Float64Array(shape.reduce((a, b) => a * b)).map((_, k) => (k % 3) - 1);
      const before = Array.from(given);
      const shapes: unknown[] = [];
      const result = call((s: readonly number[]) => {
        shapes.push(s);
        return { data: given, shape };
      });
      assert.ok(shapes.length === (name === 'wilsonCowanNet' ? 4 : 1));
      assert.deepEqual(shapes[0], shape);
      assert.deepEqual(Array.from(given), before, 'not changed');
      assert.notEqual((result as NdArray).data.buffer, given.buffer);
      for (const [bad, code] of [
        [() => [1, 2], 'ERR_SHAPE'],
        [() => ({ data: given.map(() => NaN), shape }), 'ERR_VALUE'],
        [() => undefined, 'ERR_TYPE'],
        [() => 'x', 'ERR_TYPE'],
        [7, 'ERR_TYPE'],
      ] as const)
        assert.equal(
          codeOf(() => call(bad)),
          code,
        );
      const own = new Error('own');
      assert.throws(() => call(() => { throw own; }), own); // prettier-ignore
    });
  }
});

describe('Weights: wrong arguments', () => {
  const wrong: [string, unknown[], string?][] = [
    ['unitLambdaNet', [0]],
    ['rndmEiNet', [0, 0]],
    ['rndmEiNet', [-1, 3]],
    ['rndmEiNet', [2, 2, { ratioInhExc: NaN }]],
    ['rndmEiNet', [2, 2, { emptyColumns: 'drop' }]],
    ['rndmEiNet', [1, 1, { emptyColumns: 'redraw', weightFct: () => [[1, 1], [1, 1]] }]], // prettier-ignore
    ['rndmSparseEiNet', [4, { connectivity: NaN }]],
    ['rndmSparseEiNet', [4, { normalization: 0 }]],
    ['rndmSparseEiNet', [4, { partitioned: 1 }], 'ERR_TYPE'],
    ['wilsonCowanNet', [2, { selfExc: -1 }]],
    ['wilsonCowanNet', [2, { excSigma: -1 }]],
    ['iafSparseNet', [10, { density: 1.1 }]],
    ['iafSparseNet', [10, { std: -1 }]],
    ['iafSparseNet', [10, 3], 'ERR_SHAPE'],
    ['oneDimExcRes', [0, 2]],
    ['oneDimExcRes', [3, -2]],
    ['twoDimExcRes', [10, 3, 0]],
    ['twoDimExcRes', [10, 3, [1, 2, 3]], 'ERR_SHAPE'],
    ['twoDimExcRes', [10, 3], 'ERR_TYPE'],
    ['twoDimExcRes', [10, 3, 1, { gridDim: [3, 3] }]],
    ['twoDimExcRes', [10, 3, 1, { gridDim: [2.5, 9] }]],
    ['twoDimExcRes', [10, 10, 1, { multipleConn: false }]],
    ['twoDimExcRes', [10, 3, 0.01]],
    ['twoDimExcRes', [1, 1, 1]],
    ['addRandomLongRange', [[[1, 2]], 1], 'ERR_SHAPE'],
    ['addRandomLongRange', [[[1]], -1]],
    ['inpToRec', [4, 4, { inputSparsityType: 'last' }]],
    ['inpToRec', [4, 4, { inputSparsity: 2 }]],
    ['inpToRec', [4, 4, { numInpToRec: 5, allowMultiples: false }]],
    ['inpToRec', [4, 4, 4], 'ERR_SHAPE'],
    ['ringReservoir', [0, 4]],
    ['ringReservoir', [4, 0]],
    ['partitioned2dReservoir', [{ sizeRec: 0 }]],
    ['partitioned2dReservoir', [{ numRecLong: 1, sizeRec: 1, numRecShort: 0 }]],
    ['partitioned2dReservoir', [{ widthNeighbour: [1, -1] }]],
    ['genSparsePartitionedNetwork', [[]], 'ERR_SHAPE'],
    ['genSparsePartitionedNetwork', [[3, 0]]],
    ['genSparsePartitionedNetwork', [[3], { numInternalInputs: -1 }]],
    ['dynapseConform', [4, { maxNumInputs: -1 }]],
    ['dynapseConform', [4, { maxNumOutputs: 0.5 }]],
    ['dynapseConform', [4, { weightsExc: [] }], 'ERR_SHAPE'],
    ['dynapseConform', [4, { weightsExc: [NaN] }]],
    ['dynapseConform', [4, { probsWInh: [1.5, -0.5] }]],
    ['dynapseConform', [4, { normalization: -1 }]],
    ['inResDynapse', [4, { orientation: 'up' }]],
    ['inResDynapse', [4, { maxNumInputs: 0, leaveSpaceForInput: true }]],
    ['inResDynapse', [4, { probsWExcIn: [1] }], 'ERR_SHAPE'],
    ['inResDynapse', [4, { inputDensity: -1 }]],
    ['inResDynapseFlex', [4, { sizeIn: 0 }]],
    ['inResDynapseFlex', [4, { maxFanin: 65 }]],
    ['digital', [4, { bitResolution: 1 }]],
    ['digital', [4, { bitResolution: 17 }]],
    ['digital', [4, { useRange: 0.01 }]],
    ['digital', [4, { range: 'both' }]],
    ['inResDigital', [4, { ratioExcIn: 2 }]],
    ['unitEigs', [[0, 3]]],
    ['kaiming', ['3'], 'ERR_TYPE'],
    ['xavier', [[3]], 'ERR_SHAPE'],
    ['kaimingTorch', [[3, 4], { fanDimension: 2 }]],
  ];
  for (const [name, args, code = 'ERR_VALUE'] of wrong) {
    it(`${name}(${args.map((a) => JSON.stringify(a)).join(', ')})`, () => {
      assert.equal(
        codeOf(() => w[name](...args)),
        code,
      );
    });
  }
});

describe('Weights: large matrices', function () {
  this.timeout(120000);
  const n = 100000;
  const sparse = { sparse: true, seed: 1 };
  const large: Record<string, [Make, number]> = {
    rndmSparseEiNet: [(o) => w.rndmSparseEiNet(n, { connectivity: 1e-4, normalization: null, ...o }), 1e6],
    iafSparseNet: [(o) => w.iafSparseNet(n, { density: 1e-4, ...o }), 1e6],
    oneDimExcRes: [(o) => w.oneDimExcRes(n, 4, 'seed' in o ? { sparse: true } : {}), 4 * n - 6],
    twoDimExcRes: [(o) => w.twoDimExcRes(n, 5, 16, { multipleConn: false, ...o }), 5 * n],
    inpToRec: [(o) => w.inpToRec(50, n, { numInpToRec: 3, allowMultiples: false, ...o }), 3 * n],
    partitioned2dReservoir: [(o) => w.partitioned2dReservoir(64, n, 64, { ...o }), -1],
    ringReservoir: [(o) => w.ringReservoir(64, n, { numInpToRec: 1, ...o }), 2 * n],
    dynapseConform: [(o) => w.dynapseConform(n, { maxNumInputs: 8, ...o }), -1],
    inResDynapseFlex: [(o) => w.inResDynapseFlex(n, { maxNumInputs: 8, ...o }), -1],
    inResDigital: [(o) => w.inResDigital(n, { maxNumInputs: 8, ...o }), -1],
    genSparsePartitionedNetwork: [
      (o) => w.genSparsePartitionedNetwork([n / 2, n / 2], { numInternalInputs: 4, numBetweenInputs: 1, ...o }),
      5 * n,
    ],
  };
  for (const [name, [make, entries]] of Object.entries(large)) {
    it(`${name}: ${n} neurons sparse, an error dense`, () => {
      const made = make(sparse);
      const matrix = ('weights' in made ? made['weights'] : made) as SparseMatrix;
      assert.ok(matrix.shape[1] >= n);
      if (entries >= 0) assert.equal(matrix.nnz, entries);
      else assert.ok(matrix.nnz > n);
      assert.throws(() => make({}), /32768.*sparse: true/);
    });
  }

  it('is told that there is a limit', () => {
    for (const call of [
      () => weights.unitLambdaNet(n),
      () => weights.wilsonCowanNet(n),
      () => weights.rndmEiNet(n, n),
      () => weights.kaiming([n, n]),
      () => weights.rndmSparseEiNet(n, { sparse: true }),
      () => weights.iafSparseNet(n, { sparse: true }),
      () => weights.twoDimExcRes(n, 1e6, 3, { sparse: true }),
      () => weights.oneDimExcRes(n, n, { sparse: true }),
    ])
      assert.match(String(codeOf(call)), /^ERR_(VALUE|SHAPE)$/);
  });

  it('layers take sparse results', () => {
    const { weights: rec } = weights.dynapseConform(300, { seed: 1, sparse: true });
    const layer = new RecIAFSpkInTorch(weights.inpToRec(10, 300, { seed: 1 }), rec);
    assert.equal(layer.size, 300);
    assert.equal(sum(warningsOf(() => layer.evolve(null, { numTimesteps: 3 })).map(() => 1)), 0);
  });
});
