/** Losses of outputs that name a class. */
import { type ArrayLike_ as ArrayInput, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkInteger, checkNumber, checkOneOf, shapeError, rangeError } from '../../check.js';
import { mergeArguments } from '../../layers/arguments.js';
import type { LossContext, LossValue } from '../types.js';
import { type Evaluation, integers, lossOptions, type OutputLoss, outputLoss } from './output-loss.js';

/** What the classes are read from. */
export type OverTime = 'mean' | 'last' | 'sum' | 'max' | 'each';

/** Options of {@link crossEntropy}. */
export interface CrossEntropyOptions {
  /**
   * What of the output goes into the soft-max: its mean, its last step, its sum or, of each channel, its maximum over time; or each time step
   * by itself (`'each'`). Default `'mean'`; for a target of each step `'each'`.
   */
  time?: OverTime;
  /**
   * What a target is: class labels, or a probability of each class (one-hot or not). Default: by its shape. Where the shape allows both,
   * because the output has as many steps as channels, this must be said.
   */
  target?: 'labels' | 'probabilities';
}

const overTime = ['mean', 'last', 'sum', 'max', 'each'] as const;

/**
 * The cross-entropy of a soft-max over the channels: mean of -log p(target).
 *
 * The target is a class label for each element of the batch, `[batch]`, or for each time step, `[batch, steps]`, or in place of a label
 * the probabilities of all classes: `[batch, classes]` or `[batch, steps, classes]`. A label of -1 does not count.
 *
 * @throws RangeError `ERR_SHAPE` for a target of another shape, `ERR_VALUE` for a label that is no channel.
 */
export function crossEntropy(options?: CrossEntropyOptions): OutputLoss<ArrayInput> {
  const { time, target: kind } = lossOptions<CrossEntropyOptions>(options, ['time', 'target']);
  if (time !== undefined) checkOneOf(time, 'time', overTime);
  if (kind !== undefined) checkOneOf(kind, 'target', ['labels', 'probabilities']);
  return outputLoss('crossEntropy', (e, target) => {
    const array = NdArray.from(target, 'target');
    const { labels, eachStep } = readTarget(e, array.shape, kind);
    const over = time ?? (eachStep ? 'each' : 'mean');
    if (eachStep && over !== 'each') throw rangeError('time', "'each' for a target of each time step", over);
    const classes = labels ? integers(array, 'target').data : undefined;
    const probabilities = labels ? undefined : array.data;
    native.crossEntropy(e.precision, undefined, ...e.args, overTime.indexOf(over), classes, probabilities, eachStep);
    return { loss: e.result[0] };
  });
}

/** What the shape of a target says. */
function readTarget(
  { batch, steps, channels }: Evaluation,
  shape: readonly number[],
  kind: CrossEntropyOptions['target'],
): { labels: boolean; eachStep: boolean } {
  const found = [
    { labels: true, eachStep: false, dims: [batch] },
    { labels: true, eachStep: true, dims: [batch, steps] },
    { labels: false, eachStep: false, dims: [batch, channels] },
    { labels: false, eachStep: true, dims: [batch, steps, channels] },
  ].filter(({ labels, dims }) => String(dims) === String(shape) && (!kind || labels === (kind === 'labels')));
  if (found.length > 1)
    throw shapeError(
      'target',
      'told apart by the option target, as there are as many steps as channels',
      `[${shape.join(', ')}]`,
    );
  if (found.length === 0)
    throw shapeError(
      'target',
      `[${batch}] or [${batch}, ${steps}] labels, or [${batch}, ${channels}] or [${batch}, ${steps}, ${channels}] probabilities`,
      `[${shape.join(', ')}]`,
    );
  return found[0];
}

/** What a peak loss wants. */
export interface PeakLossOptions {
  /** Time steps from the peak on that are averaged. */
  maxInterval: number;
  /** Weight of the part of the channels (or elements) that should be silent. */
  weightNontarget: number;
  /** What the mean from the peak on should be. */
  targetOutput: number;
  /** What silent channels should say. Default 0. */
  nontargetOutput?: number;
}

const peakNames = ['maxInterval', 'weightNontarget', 'targetOutput', 'nontargetOutput'];

abstract class PeakLossBase implements OutputLoss<ArrayInput> {
  abstract readonly name: string;
  /** The last value; 0 before the first. */
  loss = 0;
  /** Its part of channels that should have a peak. */
  lossTarget = 0;
  /** Its part of those that should be silent, not weighted. */
  lossNontarget = 0;
  readonly maxInterval: number;
  readonly weightNontarget: number;
  readonly targetOutput: number;
  readonly nontargetOutput: number;
  readonly #loss: OutputLoss<ArrayInput>;

  constructor(args: readonly unknown[], binary: boolean) {
    const given = lossOptions<PeakLossOptions>(mergeArguments<PeakLossOptions>(args, peakNames as never), peakNames);
    this.maxInterval = checkInteger(given.maxInterval, 'maxInterval', { min: 1 });
    this.weightNontarget = checkNumber(given.weightNontarget, 'weightNontarget');
    this.targetOutput = checkNumber(given.targetOutput, 'targetOutput');
    this.nontargetOutput = checkNumber(given.nontargetOutput ?? 0, 'nontargetOutput');
    const options = [this.maxInterval, this.weightNontarget, this.targetOutput, this.nontargetOutput] as const;
    this.#loss = outputLoss(binary ? 'binaryPeakLoss' : 'peakLoss', (e, target) => {
      const { data, shape } = integers(target, 'target');
      if (data.length !== e.batch) throw shapeError('target', `[${e.batch}] labels`, `[${shape.join(', ')}]`);
      native.peakLoss(e.precision, undefined, ...e.args, data, binary, ...options);
      [this.loss, this.lossTarget, this.lossNontarget] = e.result;
      return { loss: this.loss, terms: { target: this.lossTarget, nontarget: this.lossNontarget } };
    });
  }

  value(output: ArrayInput, target: ArrayInput): number {
    return this.#loss.value(output, target);
  }

  valueAndGradient(output: ArrayInput, target: ArrayInput): ReturnType<OutputLoss<ArrayInput>['valueAndGradient']> {
    return this.#loss.valueAndGradient(output, target);
  }

  evaluate(context: Pick<LossContext<ArrayInput>, 'output' | 'target'>): LossValue {
    return this.#loss.evaluate(context);
  }
}

/**
 * For class labels `[batch]`: the mean of the labelled channel over `maxInterval` steps from its peak on should be `targetOutput`; a step
 * beyond the end starts again at the peak. All other channels should be `nontargetOutput` at all times.
 *
 * loss = mean (peak mean - targetOutput)^2 + weightNontarget * mean over the other channels of mean (output - nontargetOutput)^2
 */
export class PeakLoss extends PeakLossBase {
  readonly name = 'peakLoss';
  constructor(maxInterval: number, weightNontarget: number, targetOutput: number, nontargetOutput?: number);
  constructor(options: PeakLossOptions);
  constructor(...args: unknown[]) {
    super(args, false);
  }
}

/** {@link PeakLoss} for one channel and labels 1 (a peak) and 0 (silent); a group without elements counts 0. */
export class BinaryPeakLoss extends PeakLossBase {
  readonly name = 'binaryPeakLoss';
  constructor(maxInterval: number, weightNontarget: number, targetOutput: number, nontargetOutput?: number);
  constructor(options: PeakLossOptions);
  constructor(...args: unknown[]) {
    super(args, true);
  }
}

/** A {@link PeakLoss}. */
export const peakLoss = (options: PeakLossOptions): PeakLoss => new PeakLoss(options);

/** A {@link BinaryPeakLoss}. */
export const binaryPeakLoss = (options: PeakLossOptions): BinaryPeakLoss => new BinaryPeakLoss(options);
