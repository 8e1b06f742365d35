/** Sums and multiples of losses. */
import { NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkNumber, checkString, typeError } from '../../check.js';
import type { Real } from '../../modules/kernels/native.js';
import type { RecordTree } from '../../modules/types.js';
import type { Loss, LossFunction, LossValue } from '../types.js';
import { readLoss } from '../value-and-grad.js';

/** @inline */
type Given<Target> = Loss<Target> | LossFunction<Target>;

/**
 * The sum of losses of the same target. Terms of the same name are added.
 *
 * @example
 * sumLosses(mse(), scaled(1e-3, l2Loss({ family: 'weights' })))
 */
export function sumLosses<Target = unknown>(...losses: readonly Given<Target>[]): Loss<Target> {
  if (losses.length === 0) throw typeError('losses', 'one loss or more', 'none', true);
  const all = losses.map(readLoss);
  return {
    name: all.map(({ name }) => name).join(' + '),
    needsRecord: all.some(({ needsRecord }) => needsRecord === true),
    evaluate: (context) => all.map((loss) => named(loss, loss.evaluate(context))).reduce(add),
  };
}

/** A loss times a factor, and its terms and derivatives too. */
export function scaled<Target = unknown>(factor: number, loss: Given<Target>, name?: string): Loss<Target> {
  checkNumber(factor, 'factor');
  const inner = readLoss(loss);
  const own = name === undefined ? inner.name : checkString(name, 'name');
  return {
    name: own,
    needsRecord: inner.needsRecord === true,
    evaluate: (context) => {
      const { terms, ...value } = inner.evaluate(context);
      const scaledTerms = Object.entries(terms ?? { [own]: value.loss }).map(
        ([key, term]) => [key === inner.name ? own : key, factor * term] as const,
      );
      return {
        loss: factor * value.loss,
        terms: Object.fromEntries(scaledTerms),
        ...(value.output && { output: times(factor, value.output) as NonNullable<LossValue['output']> }),
        ...(value.recorded && { recorded: timesTree(factor, value.recorded) }),
        ...(value.parameters && { parameters: timesTree(factor, value.parameters) }),
      };
    },
  };
}

function named(loss: Loss, value: LossValue): LossValue {
  return { ...value, terms: value.terms ?? { [loss.name]: value.loss } };
}

const isReal = (data: unknown): data is Real => data instanceof Float64Array || data instanceof Float32Array;

function times(factor: number, array: NdArray): NdArray {
  const { data } = isReal(array.data) ? array : NdArray.from(array);
  const out = data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length);
  native.addScaled(data instanceof Float32Array ? 1 : 0, undefined, factor, data as Real, out);
  return new NdArray(out, array.shape);
}

function timesTree(factor: number, tree: RecordTree): RecordTree {
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, timesValue(factor, value)]));
}

function timesValue(factor: number, value: unknown): unknown {
  if (typeof value === 'number') return factor * value;
  return value instanceof NdArray ? times(factor, value as NdArray) : timesTree(factor, value as RecordTree);
}

/** A new array in doubles, unless both are floats. */
function plus(a: NdArray, b: NdArray): NdArray {
  const floats = a.data instanceof Float32Array && b.data instanceof Float32Array;
  const x = NdArray.from(b, 'a gradient', floats ? 'float32' : 'float64');
  const out = NdArray.from(a, 'a gradient', floats ? 'float32' : 'float64').copy();
  native.addScaled(floats ? 1 : 0, undefined, 1, x.data as Real, out.data as Real);
  return out;
}

function plusTree(a: RecordTree, b: RecordTree): RecordTree {
  const out = { ...a };
  for (const [name, value] of Object.entries(b)) out[name] = name in out ? plusValue(out[name], value) : value;
  return out;
}

function plusValue(a: unknown, b: unknown): unknown {
  if (typeof a === 'number') return a + Number(b);
  return a instanceof NdArray ? plus(a as NdArray, b as NdArray) : plusTree(a as RecordTree, b as RecordTree);
}

function add(a: LossValue, b: LossValue): LossValue {
  const terms = { ...a.terms };
  for (const [name, term] of Object.entries(b.terms ?? {})) terms[name] = (terms[name] ?? 0) + term;
  const either = <T>(x: T | undefined, y: T | undefined, both: (x: T, y: T) => T): T | undefined =>
    x === undefined ? y : y === undefined ? x : both(x, y);
  const output = either(a.output, b.output, (x, y) => plus(x, y) as NonNullable<LossValue['output']>);
  const recorded = either(a.recorded, b.recorded, plusTree);
  const parameters = either(a.parameters, b.parameters, plusTree);
  return {
    loss: a.loss + b.loss,
    terms,
    ...(output && { output }),
    ...(recorded && { recorded }),
    ...(parameters && { parameters }),
  };
}
