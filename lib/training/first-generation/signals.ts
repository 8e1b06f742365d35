/** Inputs and targets of a training step. */
import { allocate, type Matrix, NdArray, shapeText, toNdArray } from '../../array.js';
import { checkInstance, checkInteger, rangeError, shapeError, typeError } from '../../check.js';
import { type InputTarget, prepareContinuous } from '../../layers/prepare-input.js';
import { sampleTicks } from '../../time-series/continuous/sampling.js';
import { TimeSeries } from '../../time-series/time-series.js';
import { TSContinuous } from '../../time-series/ts-continuous.js';
import type { TrainableLayer } from './types.js';

/** `[batch, steps, channels]` each. */
export interface TrainingData {
  input: Matrix;
  /** NaN: not counted. */
  target: Matrix;
  force: Matrix | null;
  /** The arrays had a batch dimension. */
  batched: boolean;
}

/** Reads and checks what a training step is given. `forced`: channels of a forcing signal, if there may be one. */
export function readSignals(
  layer: TrainableLayer,
  given: { input: unknown; target: unknown; force: unknown; batchAxis: unknown },
  forced: number | null,
): TrainingData {
  const { input, target } = given;
  const force = given.force ?? null;
  if (force !== null && forced === null) throw typeError('tsForce', 'left out: this layer is not forced', force);
  if (input instanceof TimeSeries) return fromSeries(layer, input, target, force, forced);
  for (const [name, value] of [
    ['tsTarget', target],
    ['tsForce', force],
  ] as const)
    if (value instanceof TimeSeries) throw typeError(name, 'an array, since the input is one', value);
  const axis =
    given.batchAxis === null || given.batchAxis === undefined
      ? null
      : checkInteger(given.batchAxis, 'batchAxis', { min: 0, max: 1 });
  const read = (value: unknown, name: string, channels: number): Matrix => fromArray(value, name, channels, axis);
  const data = {
    input: read(input, 'tsInput', layer.sizeIn),
    target: read(target, 'tsTarget', layer.sizeOut),
    force: force === null ? null : read(force, 'tsForce', forced!),
    batched: axis !== null,
  };
  const [batch, steps] = data.input.shape;
  for (const [name, array] of [
    ['tsTarget', data.target],
    ['tsForce', data.force],
  ] as const)
    if (array && (array.shape[0] !== batch || array.shape[1] !== steps))
      throw shapeError(name, `${batch} elements of ${steps} steps, as tsInput`, shapeText(array.shape));
  return data;
}

function fromSeries(
  layer: TrainableLayer,
  input: TimeSeries,
  target: unknown,
  force: unknown,
  forced: number | null,
): TrainingData {
  const { startPrint, t, dt, sizeIn, sizeOut } = layer;
  const of: InputTarget = { startPrint, t, dt, sizeIn, inputType: TSContinuous };
  if (!(target instanceof TSContinuous)) throw typeError('tsTarget', 'a TSContinuous, since the input is one', target);
  const { input: rows, numTimesteps } = prepareContinuous(of, input as TSContinuous, {});
  if (target.numChannels !== sizeOut)
    throw shapeError('tsTarget', `a series of ${sizeOut} channels (sizeOut)`, `${target.numChannels} channels`);
  const samples = sampleTicks(target, { t0: t, dt, first: 0 }, numTimesteps, 1e-3 * dt);
  const series = force === null ? null : checkInstance(force as TSContinuous, 'tsForce', TSContinuous);
  const forces =
    series && prepareContinuous({ ...of, sizeIn: forced!, inputName: 'tsForce' }, series, { numTimesteps }).input;
  return {
    input: new NdArray(rows.data, [1, numTimesteps, sizeIn]),
    target: new NdArray(samples, [1, numTimesteps, sizeOut]),
    force: forces && new NdArray(forces.data, [1, numTimesteps, forced!]),
    batched: false,
  };
}

function fromArray(value: unknown, name: string, channels: number, axis: number | null): Matrix {
  if (value === null || value === undefined) throw typeError(name, 'a TSContinuous or an array', value);
  const { data, shape } = toNdArray(value, name, 'float64');
  const dims = axis === null ? 2 : 3;
  if (shape.length !== dims)
    throw shapeError(name, axis === null ? '[steps, channels]' : 'three dimensions', shapeText(shape));
  if (shape[dims - 1] !== channels) throw shapeError(name, `${channels} channels`, shapeText(shape));
  if (axis === null) return new NdArray(data.slice(), [1, ...shape]);
  if (axis === 0) return new NdArray(data.slice(), shape);
  const [steps, batch] = shape;
  const moved = allocate([batch, steps, channels], name);
  for (let k = 0; k < steps; k++)
    for (let b = 0; b < batch; b++) {
      const from = (k * batch + b) * channels;
      moved.set(data.subarray(from, from + channels), (b * steps + k) * channels);
    }
  return new NdArray(moved, [batch, steps, channels]);
}

/** The first `steps` time steps, behind zeros up to the length of the whole. */
export function truncated(signal: Matrix, steps: number, padded: boolean): Matrix {
  const [batch, all, channels] = signal.shape;
  if (!Number.isInteger(steps) || steps < 0 || steps > all) throw rangeError('steps', `0 to ${all}`, steps);
  const length = padded ? all : steps;
  const out = NdArray.zeros([batch, length, channels]) as Matrix;
  for (let b = 0; b < batch; b++) {
    const from = b * all * channels;
    out.data.set(signal.data.subarray(from, from + steps * channels), (b * length + length - steps) * channels);
  }
  return out;
}
