/** The way back through filter banks. */
import { allocate, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { RockpoolError } from '../../errors.js';
import type { FilterDesign } from '../../layers/filters/design.js';
import { type KernelInput, kernelCall } from '../kernels/kernel-module.js';
import type { Real } from '../kernels/native.js';
import { inPrecision, type PassGradient, type PassOrigin, type Steps } from '../pass.js';

/** What a pass through a filter bank left. */
export interface BankTape {
  design: FilterDesign;
  filters: number;
  rectify: boolean;
  input: KernelInput;
  /** The state that it started from. */
  from: Float64Array;
  needsInput: boolean;
}

/** Goes back: filters have no parameters. */
export function* bankBackward(tape: BankTape, gradient: PassGradient): Steps<PassOrigin> {
  const { design, filters, rectify, from } = tape;
  const { batch, steps, data } = tape.input;
  const precision = data instanceof Float64Array ? 'float64' : 'float32';
  const into = allocate([batch, steps, 1], 'the gradient of the input', precision) as Real;
  const sections = (design.bandpass.size / filters + (design.lowpass?.size ?? 0)) / 6;
  const filterState = allocate([batch, filters, sections, 2], 'the gradient of the state');
  const after = gradient.state?.['filterState'];
  yield kernelCall([native.filterAdjoint, native.filterAdjointAsync], precision === 'float64' ? 0 : 1, [
    ...([filters, design.bandpass.data, design.lowpass?.data, rectify, batch, steps, data, from] as const),
    inPrecision(gradient.output, precision).data,
    after instanceof Float64Array ? after : undefined,
    into,
    filterState,
  ]);
  return { input: tape.needsInput ? new NdArray(into, [batch, steps, 1]) : null, state: { filterState } };
}

/** The error for a bank whose output is scaled or shifted as a whole. */
export function wholeOutput(fullName: string): RockpoolError {
  return new RockpoolError(
    'ERR_NOT_TRAINABLE',
    `expected ${fullName} to have a derivative, received normalize or meanSubtraction, which are of an output as a whole`,
  );
}
