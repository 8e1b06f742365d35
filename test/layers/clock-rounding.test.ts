import assert from 'node:assert/strict';
import { setWarningHandler, TSContinuous } from 'rockpool-node';
import { PassThrough } from 'rockpool-node/layers';

/** 1, 2, 3, … at the ticks of a clock. */
function counting(n: number): TSContinuous {
  return TSContinuous.fromClocked(
    Float64Array.from({ length: n }, (_, i) => i + 1),
    { dt: 0.1 },
  );
}

describe('Ticks that coincide with samples up to rounding', () => {
  before(() => setWarningHandler(() => undefined));
  after(() => setWarningHandler(null));

  it('read these samples when a layer trains on the output of another', () => {
    const source = new PassThrough([[1]], { dt: 0.1 });
    source.evolve(counting(3));
    const output = source.evolve(counting(60)); // starts at 0.3; sample k is at (3 + k) * 0.1
    const readout = new PassThrough([[0]], { dt: 0.1 });
    const n = 57;
    const target = new TSContinuous(
      Float64Array.from({ length: n }, (_, k) => output.tStart + k * 0.1),
      Float64Array.from({ length: n }, (_, k) => 10 * (k + 4)),
      { interpKind: 'previous', tStop: output.tStop },
    );
    const { mse } = readout.trainRr(target, output, { isLast: true, trainBiases: false });
    assert.ok(Math.abs(readout.weights.data[0] - 10) < 1e-9);
    assert.ok((mse?.batch[0] as number) < 1e-12);
  });

  it('read these samples from an input that starts late by rounding', () => {
    const layer = new PassThrough([[1]], { dt: 0.1 });
    layer.evolve(null, { numTimesteps: 7 });
    const n = 50;
    const start = layer.t + 1e-15;
    const input = new TSContinuous(
      Float64Array.from({ length: n }, (_, k) => (7 + k) * 0.1 + 1e-15),
      Float64Array.from({ length: n }, (_, k) => k),
      { interpKind: 'previous', tStart: start, tStop: start + n * 0.1 },
    );
    assert.ok(input.tStart > layer.t);
    const out = layer.evolve(input, { numTimesteps: n });
    assert.deepEqual(
      [...out.samples.data],
      Array.from({ length: n }, (_, k) => k),
    );
  });
});
