/** Options of the layers on a DynapSE board. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray, shapeText, toNdArray } from '../../array.js';
import { checkInteger, checkNumber, indexError, rangeError, shapeError, typeError } from '../../check.js';
import type { CoreBias } from '../../devices/dynapse/bias-file.js';
import { maxTrainEvents } from '../../devices/dynapse/batches.js';
import { DynapseControl } from '../../devices/dynapse/control.js';
import type { ControllerKind, OpenBoardOptions } from '../../devices/dynapse/open.js';
import { checkDynapseConnections, numNeurons, numNeuronsChip, refuseInvalid } from './connectivity.js';

/** Options of {@link RecDynapSE}. */
export interface RecDynapSEOptions {
  /** Numbers of the hardware neurons, one for each unit. Default: the first free ones. */
  neuronIds?: ArrayInput | null;
  /** Numbers of the virtual neurons, one for each input channel. Default: the first free ones. */
  virtualNeuronIds?: ArrayInput | null;
  /** Time step in seconds, which is that of the FPGA: a whole number of ticks of 1/90 us. Default 2e-5. */
  dt?: number;
  /** Trials in a batch at most, where the input has `trialStartTimes`. Default: trials do not matter. */
  maxNumTrialsBatch?: number | null;
  /** Seconds in a batch at most, a time step or more; `maxNumTimesteps` wins. Default: no limit. */
  maxBatchDur?: number | null;
  /** Time steps in a batch at most. Default: no limit. */
  maxNumTimesteps?: number | null;
  /** Input events in a batch at most, 1 to 65535. Default 65535. */
  maxNumEventsBatch?: number | null;
  /** Cores of the chip, 0 to 3, that get input. Default `[0]`. */
  lInputCoreIds?: readonly number[];
  /** Chip that gets input, 0 to 3. Default 0. */
  inputChipId?: number;
  /** Cores of the board, 0 to 15, whose chips are emptied first. Default: those whose neurons are needed and that were not emptied before. */
  clearcoresList?: readonly number[] | null;
  /**
   * `'board'`: a board on the USB. `'model'`: the board model; spikes are simulated then. Or a controller that is open, which the layer does not
   * close. Default `'board'`.
   */
  controller?: ControllerKind | DynapseControl | null;
  /** Which board, or options of the model, where the layer opens it. */
  board?: Omit<OpenBoardOptions, 'controller'>;
  /** Biases that are set when the layer opens the board, or the file that holds them. Default: the low-power ones, which have no synaptic weights. */
  biases?: readonly CoreBias[] | string | null;
  /** Port of the original's remote control; no effect here. */
  rpycPort?: unknown;
  /** Default `'unnamed'`. */
  name?: string | null;
  /** Leaves the connections on the chips as they are. Default false. */
  skipWeights?: boolean;
  /** Takes the neurons without asking whether they are free. Default false. */
  skipNeuronAllocation?: boolean;
  /** With it `speedup` counts. Default false. */
  fastmode?: boolean;
  /** Plays input so many times faster. Times of the output are those of the board. Default 1. */
  speedup?: number;
}

/** @internal */
export const recOptionNames = [
  'weightsIn',
  'weightsRec',
  'neuronIds',
  'virtualNeuronIds',
  'dt',
  'maxNumTrialsBatch',
  'maxBatchDur',
  'maxNumTimesteps',
  'maxNumEventsBatch',
  'lInputCoreIds',
  'inputChipId',
  'clearcoresList',
  'controller',
  'board',
  'biases',
  'rpycPort',
  'name',
  'skipWeights',
  'skipNeuronAllocation',
  'fastmode',
  'speedup',
] as const;

/** To the nearest integer, halves to the even one. */
function roundEven(x: number): number {
  const rounded = Math.round(x);
  return Math.abs(x % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded + 0;
}

/** @internal A matrix of whole numbers of synapses. */
export function readSynapses(value: unknown, name: string, shape?: readonly [number, number]): Matrix {
  if (value === null || value === undefined) throw typeError(name, 'a matrix of numbers', value);
  const array = toNdArray(value, name, 'float64');
  if (array.ndim !== 2 || array.size === 0) throw shapeError(name, 'a matrix', shapeText(array.shape));
  if (shape && (array.shape[0] !== shape[0] || array.shape[1] !== shape[1]))
    throw shapeError(name, shapeText(shape), shapeText(array.shape));
  if (!array.data.every((x) => Number.isFinite(x))) throw rangeError(name, 'finite numbers', NaN);
  return new NdArray(array.data.map(roundEven), array.shape);
}

/** @internal Numbers of neurons, one for each unit or channel; null: to be chosen. */
export function readNeuronIds(
  value: ArrayInput | null | undefined,
  name: string,
  count: number,
  end: number,
): number[] | null {
  if (value === null || value === undefined) return null;
  const ids = Array.from(toNdArray(value, name, 'float64').data);
  if (ids.length !== count) throw shapeError(name, `${count} numbers`, `${ids.length} of them`);
  const wrong = ids.find((id) => !Number.isInteger(id) || id < 1 || id >= end || id % numNeuronsChip === 0);
  if (wrong !== undefined)
    throw indexError(name, `neurons from 1 to ${end - 1}, none of them number 0 of a chip`, wrong);
  if (new Set(ids).size !== count) throw rangeError(name, 'numbers that differ', ids.length);
  return ids;
}

/** @internal Refuses what no board can connect, as far as it can be told from what is known of the neurons. */
export function checkWeights(
  weightsIn: Matrix,
  weightsRec: Matrix,
  neurons: readonly number[] | null,
  virtual: readonly number[] | null,
  who: string,
): void {
  const known = neurons !== null && virtual !== null;
  const found = checkDynapseConnections(weightsRec, {
    connectionsExt: weightsIn,
    neuronsPre: neurons,
    neuronsPost: neurons,
    channelsExt: virtual,
    validateFanout: neurons !== null,
    validateAliasing: known,
  });
  refuseInvalid(found, who);
}

/** @internal A limit of batches; null: none. */
export function readLimit(value: number | null | undefined, name: string, max?: number): number | null {
  return value === null || value === undefined ? null : checkInteger(value, name, { min: 1, max });
}

/** @internal */
export const readMaxEvents = (value: number | null | undefined): number =>
  readLimit(value, 'maxNumEventsBatch', maxTrainEvents) ?? maxTrainEvents;

/** @internal Seconds as time steps, one or more. */
export function readDuration(value: number | null | undefined, dt: number): number | null {
  if (value === null || value === undefined) return null;
  const steps = checkNumber(value, 'maxBatchDur', { positive: true }) / dt;
  if (steps < 1 - 1e-9) throw rangeError('maxBatchDur', `at least a time step, ${dt} s`, value);
  return Math.round(steps);
}

/** @internal Cores, each once. */
export function readCoreIds(value: unknown, name: string, end: number): number[] {
  if (!Array.isArray(value)) throw typeError(name, `a list of cores from 0 to ${end - 1}`, value);
  return [...new Set((value as unknown[]).map((id) => checkInteger(id, name, { min: 0, max: end - 1 })))];
}

/** @internal Who is to be asked for spikes. */
export function readController(value: unknown): ControllerKind | DynapseControl {
  const controller = value ?? 'board';
  if (controller === 'board' || controller === 'model' || controller instanceof DynapseControl) return controller;
  throw typeError('controller', "'board', 'model' or a DynapseControl", value);
}

/** @internal Sizes that a board can have. */
export function checkSizes(sizeIn: number, size: number): void {
  if (sizeIn > numNeuronsChip - 1)
    throw shapeError('weightsIn', `at most ${numNeuronsChip - 1} input channels`, `${sizeIn}`);
  if (size > numNeurons - 4) throw shapeError('weightsRec', `at most ${numNeurons - 4} neurons`, `${size}`);
}
