/** Connectionist temporal classification. */
import { type ArrayLike_ as ArrayInput, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkInteger, checkOneOf, shapeError, typeError } from '../../check.js';
import { type Evaluation, integers, lossOptions, type OutputLoss, outputLoss } from './output-loss.js';

/** Options of {@link ctcLoss}. */
export interface CtcOptions {
  /** The class that stands for no label. Default 0. */
  blank?: number;
  /** The output is not yet normalised: a log soft-max over the channels comes first. Default false: it holds logarithms of probabilities. */
  logits?: boolean;
  /** Of the batch: the mean, the sum, or the mean of each loss divided by its number of labels. Default `'mean'`. */
  reduction?: 'mean' | 'sum' | 'meanPerLabel';
  /** A label sequence that cannot be said in so few steps counts 0 rather than infinity. Default false. */
  zeroInfinity?: boolean;
}

/** Labels, one list for each element of the batch; or a matrix, where all are of one length. */
export type LabelSequences = readonly (readonly number[] | Int32Array | Uint8Array | Float64Array)[] | NdArray;

/** Label sequences, and if wanted how many time steps of each element count. Default: all. */
export type CtcTarget = LabelSequences | { labels: LabelSequences; lengths?: ArrayInput };

/**
 * Minus the logarithm of the probability that an output says a sequence of labels, in any alignment with blanks and repetitions (Graves,
 * Fernández, Gomez and Schmidhuber 2006). Sequences may be empty, and of any lengths.
 *
 * The loss is infinite where no alignment fits, which training refuses unless `zeroInfinity` is set.
 */
export function ctcLoss(options?: CtcOptions): OutputLoss<CtcTarget> {
  const given = lossOptions<CtcOptions>(options, ['blank', 'logits', 'reduction', 'zeroInfinity']);
  const blank = checkInteger(given.blank ?? 0, 'blank', { min: 0 });
  const logits = checkBoolean(given.logits ?? false, 'logits');
  const reduction = checkOneOf(given.reduction ?? 'mean', 'reduction', ['mean', 'sum', 'meanPerLabel']);
  const zeroInfinity = checkBoolean(given.zeroInfinity ?? false, 'zeroInfinity');
  return outputLoss('ctc', (e, target) => {
    const { labels, labelLengths, lengths } = readTarget(e, target);
    const how = [blank, logits, reduction === 'meanPerLabel', reduction !== 'sum', zeroInfinity] as const;
    native.ctcLoss(e.precision, undefined, ...e.args, labels, labelLengths, lengths, ...how);
    return { loss: e.result[0] };
  });
}

function readTarget(e: Evaluation, target: CtcTarget): Record<'labels' | 'labelLengths' | 'lengths', Int32Array> {
  const object =
    typeof target === 'object' &&
    target !== null &&
    !Array.isArray(target) &&
    !(target instanceof NdArray) &&
    'labels' in target;
  const stated = (object ? target.labels : target) as unknown;
  const given = stated instanceof NdArray ? stated.toArray() : stated;
  if (!Array.isArray(given)) throw typeError('target', 'a list of label sequences, or { labels, lengths }', target);
  if (given.length !== e.batch) throw shapeError('target', `${e.batch} label sequences`, `${given.length}`);
  const rows = given.map((row, b) => {
    const { data, ndim } = integers(row, `label sequence ${b}`);
    if (ndim !== 1) throw shapeError(`label sequence ${b}`, 'a list of labels', `${ndim} dimensions`);
    return data;
  });
  const longest = Math.max(0, ...rows.map(({ length }) => length));
  const labels = new Int32Array(e.batch * longest);
  rows.forEach((row, b) => labels.set(row, b * longest));
  const lengths =
    (object ? (target as { lengths?: ArrayInput }).lengths : undefined) ?? new Int32Array(e.batch).fill(e.steps);
  return {
    labels,
    labelLengths: Int32Array.from(rows, ({ length }) => length),
    lengths: integers(lengths, 'target.lengths').data,
  };
}
