import assert from 'node:assert/strict';
import { Constant, NdArray, Parameter, SimulationParameter, State } from 'rockpool-node';
import { list, zeros } from './helpers.js';

const throwsCode = (fn: () => unknown, code: string): void =>
  assert.throws(fn, (e: { code?: string }) => e.code === code);

describe('Parameter', () => {
  it('takes data as it is when it has a permitted shape', () => {
    assert.equal(new Parameter<number>({ data: 3, shape: [] }).value, 3);
    assert.deepEqual(list(new Parameter({ data: 3, shape: [1] }).value), [3]);
    assert.deepEqual(list(new Parameter({ data: 3, shape: 1 }).value), [3]);
    assert.deepEqual(new Parameter({ data: [1, 2, 3, 4], shape: [[2, 2], 4] }).shape, [4]);
    assert.deepEqual(new Parameter({ data: [1, 2, 3] }).shape, [3]);
  });

  it('puts as many numbers into another shape, row by row, unless that is not permitted', () => {
    assert.deepEqual(list(new Parameter({ data: [1, 2, 3, 4], shape: [2, 2] }).value), [
      [1, 2],
      [3, 4],
    ]);
    throwsCode(() => new Parameter({ data: [1, 2, 3, 4], shape: [2, 2], permitReshape: false }), 'ERR_SHAPE');
    throwsCode(() => new Parameter({ data: [1, 2, 3], shape: [2, 2] }), 'ERR_SHAPE');
  });

  it('takes the first permitted shape for what init makes', () => {
    assert.deepEqual(new Parameter({ shape: [[2], [3]], init: zeros }).shape, [2]);
    assert.equal(new Parameter<number>({ shape: [[], [3]], init: () => 0.5 }).value, 0.5);
    throwsCode(() => new Parameter({ shape: 3 }), 'ERR_VALUE');
    throwsCode(() => new Parameter({}), 'ERR_VALUE');
  });

  it('checks shapes and functions', () => {
    throwsCode(() => new Parameter({ shape: 'x' as never, init: zeros }), 'ERR_TYPE');
    throwsCode(() => new Parameter({ shape: [1.5], init: zeros }), 'ERR_VALUE');
    throwsCode(() => new Parameter({ shape: 3, init: 3 as never }), 'ERR_TYPE');
    throwsCode(() => new Parameter({ shape: 3, initt: zeros } as never), 'ERR_TYPE');
    throwsCode(() => new Parameter({ data: 'x' as never, shape: [3] }), 'ERR_TYPE');
    throwsCode(() => new Parameter({ data: 1, family: 3 as never }), 'ERR_TYPE');
  });

  it('leaves the list of shapes alone (E-01)', () => {
    const shapes = [[2, 2], 4] as const;
    const copy = structuredClone(shapes);
    new Parameter({ data: [1, 2, 3, 4], shape: shapes });
    assert.deepEqual(shapes, copy);
    const shape = [2];
    const p = new Parameter({
      shape,
      init: (s) => {
        s.push(9);
        return [1, 2];
      },
    });
    assert.deepEqual(shape, [2]);
    assert.deepEqual(list(p.fresh()), [1, 2]);
  });

  it('checks the shape of what init makes (E-02)', () => {
    throwsCode(() => new Parameter({ shape: 3, init: () => [1, 2] }), 'ERR_SHAPE');
    throwsCode(() => new Parameter({ shape: [2, 2], init: () => [1, 2, 3, 4] }), 'ERR_SHAPE');
  });

  it('casts at each reset (E-03), and checks the shape of the result', () => {
    const cast = (v: NdArray): number[] => Array.from(v.data, Math.round);
    const p = new Parameter({ data: [1.2, 2.7], cast });
    assert.deepEqual(list(p.value), [1, 3]);
    assert.deepEqual(list(p.fresh()), [1, 3]);
    throwsCode(() => new Parameter({ data: [1, 2], cast: () => [1] }), 'ERR_SHAPE');
  });

  it('makes a new array for each reset (E-04)', () => {
    const data = Float64Array.of(1, 2);
    const p = new Parameter({ data });
    data[0] = 9;
    p.value.data[1] = 9;
    const first = p.fresh();
    first.data[0] = 7;
    assert.deepEqual(list(p.fresh()), [1, 2]);
  });

  it('repeats a single number only when told to (E-05)', () => {
    throwsCode(() => new Parameter({ data: 2, shape: [3] }), 'ERR_SHAPE');
    assert.deepEqual(list(new Parameter({ data: 2, shape: [3], broadcast: true }).value), [2, 2, 2]);
    assert.deepEqual(list(new Parameter({ shape: [3], init: () => 2, broadcast: true }).value), [2, 2, 2]);
  });

  it('has a kind, which Constant makes that of a simulation parameter', () => {
    assert.equal(new Parameter({ data: 1 }).kind, 'parameter');
    assert.equal(new State({ data: 1 }).kind, 'state');
    assert.equal(new SimulationParameter({ data: 1 }).kind, 'simulationParameter');
    const constant = new Parameter({ data: Constant([1, 2]), family: 'taus' });
    assert.equal(constant.kind, 'simulationParameter');
    assert.deepEqual(list(constant.value), [1, 2]);
    assert.equal(constant.family, 'taus');
  });

  it('keeps what is no array as it is', () => {
    const f = (): number => 1;
    assert.equal(new SimulationParameter<unknown>({ data: f }).value, f);
    assert.equal(new SimulationParameter<unknown>({ data: 'relu' }).shape, null);
    assert.equal(new SimulationParameter<unknown>({ shape: [], init: () => f }).value, f);
  });
});
