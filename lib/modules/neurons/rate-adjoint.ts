/** The way back through rate neurons. */
import { allocate, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { kernelCall } from '../kernels/kernel-module.js';
import type { PrecisionCode, RateArgs, Real } from '../kernels/native.js';
import {
  type GradientSums,
  inPrecision,
  type PassGradient,
  type PassOrigin,
  type Signal,
  type Steps,
} from '../pass.js';
import type { Slopes } from './rate-own.js';

/** What a pass through rate neurons left. */
export interface RateTape {
  /** Arguments of the run forward. */
  args: RateArgs;
  precision: 'float64' | 'float32';
  /** After each update, and the activities; `[batch, steps, units]`. */
  x: Real;
  activity: Real;
  /** Of an activation of the user's: its values at the start and its derivatives there and after each update. */
  own: { start: Real; slopesAtStart: Slopes; slopes: Slopes } | null;
  needsInput: boolean;
}

/** Goes back once. */
export function* rateBackward(tape: RateTape, gradient: PassGradient, sums: GradientSums): Steps<PassOrigin> {
  const { args, precision, own } = tape;
  // Up to the state at the start they are those of the run forward.
  const before = args.slice(0, 14) as unknown as RateCommon;
  const [units, , , , , wRec, , , , batch, steps] = before;
  const shape = [batch, steps, units];
  const real = (name: string): Real => allocate(shape, name, precision) as Real;
  const recorded = (name: string): Real | undefined => {
    const array = gradient.recorded?.[name];
    return array instanceof NdArray ? inPrecision(array as Signal, precision).data : undefined;
  };
  const after = gradient.state?.['x'];
  const gRecInput = wRec && recorded('recInput');
  const gInput = real('the gradient of the input');
  const gX = allocate([batch, units], 'the gradient of x');
  const code: PrecisionCode = precision === 'float64' ? 0 : 1;
  yield kernelCall([native.rateAdjoint, native.rateAdjointAsync], code, [
    ...before,
    tape.x,
    tape.activity,
    own?.slopesAtStart.x,
    own?.slopesAtStart.threshold,
    own?.slopes.x,
    own?.slopes.threshold,
    inPrecision(gradient.output, precision).data,
    recorded('x'),
    gRecInput,
    after instanceof Float64Array ? after : undefined,
    gInput,
    gRecInput && real('the gradient of the recurrent input'),
    gX,
    own ? Float64Array.from(own.start) : undefined,
    sums.array('leak', batch * units),
    sums.array('bias', batch * units),
    sums.array('threshold', batch * units),
    wRec && sums.array('wRec', units * units),
  ]);
  return { input: tape.needsInput ? new NdArray(gInput, shape) : null, state: { x: gX } };
}

type RateCommon = readonly [
  units: number,
  activation: number,
  leak: Float64Array,
  bias: Float64Array,
  threshold: Float64Array,
  wRec: Float64Array | undefined,
  noiseStd: number,
  noise: number,
  dt: number,
  batch: number,
  steps: number,
  firstStep: number,
  seed: number,
  x: Float64Array,
];
