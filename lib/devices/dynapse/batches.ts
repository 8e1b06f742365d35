/** The cutting of long stimuli into parts that the FPGA can play. */
import { type ArrayLike_ as ArrayInput, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkInteger, checkOptions, rangeError } from '../../check.js';

/** Events of a train at most. */
export const maxTrainEvents = 65535;

/** Batches of a stimulus at most: beyond, planning alone would take longer than anybody waits. */
const maxBatches = 1e6;

/** Options of {@link planBatches}. */
export interface BatchOptions {
  /** Steps in which trials start, ascending. Default: none. */
  trialStarts?: ArrayInput | null;
  /** Trials in a batch, at most; fewer where they have too many time steps or events. Default: trials do not matter. */
  maxNumTrialsBatch?: number | null;
  /** Time steps in a batch. Default: no limit. */
  maxNumTimesteps?: number | null;
  /** Events in a batch, 1 to 65535. Default 65535. */
  maxNumEventsBatch?: number | null;
}

/** A part of a stimulus. */
export interface StimulusBatch {
  /** Its first step, and the one behind its last. */
  firstStep: number;
  endStep: number;
  /** Its first event, and the one behind its last. */
  firstEvent: number;
  endEvent: number;
}

const positive = (value: number | null | undefined, name: string): number =>
  value === null || value === undefined ? 0 : checkInteger(value, name, { min: 1 });

/**
 * Cuts a stimulus into batches: between trials, where `maxNumTrialsBatch` is given and there are any, or by time steps and events. A batch that the events for long silences make too long for a train is
 * halved by time until it fits.
 *
 * @param steps Time steps of the events, ascending.
 * @param numTimesteps Length of the stimulus.
 * @throws RangeError for more than 1000000 batches, for steps that do not ascend or are beyond the end, for more events in one step than a batch may have, and
 *   for a trial of more than a batch may have.
 */
export function planBatches(steps: ArrayInput, numTimesteps: number, options: BatchOptions = {}): StimulusBatch[] {
  const names = ['trialStarts', 'maxNumTrialsBatch', 'maxNumTimesteps', 'maxNumEventsBatch'];
  const given = checkOptions<BatchOptions>(options, 'options', names);
  const total = checkInteger(numTimesteps, 'numTimesteps', { min: 0 });
  const length = positive(given.maxNumTimesteps, 'maxNumTimesteps');
  if (length > 0 && total / length > maxBatches)
    throw rangeError(
      'maxNumTimesteps',
      `${Math.ceil(total / maxBatches)} or more, so that ${total} steps are ${maxBatches} batches at most`,
      length,
    );
  const numbers = native.dynapsePlanBatches(
    toNdArray(steps, 'steps', 'float64').data,
    total,
    toNdArray(given.trialStarts ?? [], 'trialStarts', 'float64').data,
    length,
    checkInteger(given.maxNumEventsBatch ?? maxTrainEvents, 'maxNumEventsBatch', { min: 1, max: maxTrainEvents }),
    positive(given.maxNumTrialsBatch, 'maxNumTrialsBatch'),
  );
  return Array.from({ length: numbers.length / 4 }, (_, k) => {
    const [firstStep, endStep, firstEvent, endEvent] = numbers.subarray(4 * k, 4 * k + 4);
    return { firstStep, endStep, firstEvent, endEvent };
  });
}
