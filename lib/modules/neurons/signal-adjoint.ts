/** The ways back through synapses, activations, dropout, soft-max and delta modulation. */
import { allocate, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { kernelCall } from '../kernels/kernel-module.js';
import type { DropoutArgs, FilterArgs, PrecisionCode, Real, UpDownArgs } from '../kernels/native.js';
import {
  type GradientSums,
  inPrecision,
  type PassGradient,
  type PassOrigin,
  type Signal,
  type Steps,
} from '../pass.js';

type Precision = 'float64' | 'float32';

const codeOf = (precision: Precision): PrecisionCode => (precision === 'float64' ? 0 : 1);
const precisionOf = (array: Real): Precision => (array instanceof Float64Array ? 'float64' : 'float32');

/** Room for the gradient of an input. */
function room(shape: readonly number[], precision: Precision): NdArray<Real> {
  return new NdArray(allocate([...shape], 'the gradient of the input', precision) as Real, [...shape]);
}

function afterwards(gradient: PassGradient, state: string): Float64Array | undefined {
  const after = gradient.state?.[state];
  return after instanceof Float64Array ? after : undefined;
}

/** What a pass through exponential filters left. */
export interface FilterTape {
  /** Arguments of the run forward. */
  args: FilterArgs;
  /** The currents, without noise that is on the output alone. */
  currents: Real;
  /** Name of the state. */
  state: string;
  needsInput: boolean;
}

/** Goes back through exponential filters. */
export function* filterBackward(tape: FilterTape, gradient: PassGradient, sums: GradientSums): Steps<PassOrigin> {
  const [batch, steps, channels, firstStep, seed, , , decay, decayFirst, std, white, from] = tape.args;
  const precision = precisionOf(tape.currents);
  const into = room([batch, steps, channels], precision);
  const gState = allocate([batch, channels], 'the gradient of the state');
  yield kernelCall([native.expFilterAdjoint, native.expFilterAdjointAsync], codeOf(precision), [
    ...([batch, steps, channels, firstStep, seed] as const),
    ...([inPrecision(gradient.output, precision).data, into.data] as const),
    ...([decay, decayFirst, std, white, from, tape.currents, afterwards(gradient, tape.state), gState] as const),
    sums.array('decay', batch * channels),
  ]);
  return { input: tape.needsInput ? into : null, state: { [tape.state]: gState } };
}

/** An activation of the core, and the way back through it. */
export function* activationPass(
  code: number,
  input: Signal,
  precision: Precision,
): Steps<{ output: Signal; back: (gradient: Signal) => Steps<Signal> }> {
  const { data, shape } = inPrecision(input, precision);
  const output = room(shape, precision);
  yield kernelCall([native.activation, native.activationAsync], codeOf(precision), [code, data, output.data]);
  return {
    output,
    *back(gradient) {
      const into = room(shape, precision);
      const args = [code, output.data, inPrecision(gradient, precision).data, into.data] as const;
      yield kernelCall([native.activationAdjoint, native.activationAdjointAsync], codeOf(precision), args);
      return into;
    },
  };
}

/** Goes back through dropout, which is the same for a gradient as for a signal. */
export function* dropoutBackward(args: DropoutArgs, gradient: Signal): Steps<PassOrigin> {
  const [batch, steps, channels, firstStep, seed, data, , ...rest] = args;
  const precision = precisionOf(data);
  const into = room([batch, steps, channels], precision);
  const g = inPrecision(gradient, precision).data;
  const back = [batch, steps, channels, firstStep, seed, g, into.data, ...rest] as const;
  yield kernelCall([native.dropout, native.dropoutAsync], codeOf(precision), back);
  return { input: into, state: {} };
}

/** Goes back through a soft-max, from what it put out. */
export function* softmaxBackward(output: Signal, logarithm: boolean, gradient: Signal): Steps<Signal> {
  const { data, shape } = output;
  const [batch, steps, channels] = shape;
  const precision = precisionOf(data);
  const into = room(shape, precision);
  const g = inPrecision(gradient, precision).data;
  const args = [batch, steps, channels, 0, 0, g, into.data, logarithm, data] as const;
  yield kernelCall([native.softmaxAdjoint, native.softmaxAdjointAsync], codeOf(precision), args);
  return into;
}

/** Goes back through delta modulation. */
export function* upDownBackward(args: UpDownArgs, gradient: PassGradient, sums: GradientSums): Steps<PassOrigin> {
  const [batch, steps, channels, firstStep, seed, input, , up, down, refractory, repeat, from, , , smooth] = args;
  const precision = precisionOf(input);
  const into = room([batch, steps, channels], precision);
  const gState = allocate([batch, 2 * channels], 'the gradient of the state');
  const recorded = gradient.recorded?.['analogValue'];
  yield kernelCall([native.upDownAdjoint, native.upDownAdjointAsync], codeOf(precision), [
    ...([batch, steps, channels, firstStep, seed] as const),
    ...([inPrecision(gradient.output, precision).data, into.data] as const),
    ...([up, down, refractory, repeat, smooth, input, from] as const),
    recorded instanceof NdArray ? inPrecision(recorded as Signal, precision).data : undefined,
    afterwards(gradient, 'reference'),
    gState,
    sums.array('thrUp', batch * channels),
    sums.array('thrDown', batch * channels),
  ]);
  return { input: into, state: { reference: gState } };
}
