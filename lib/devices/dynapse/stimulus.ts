/** Stimuli as the spike generator of a board plays them. */
import { type ArrayLike_ as ArrayInput, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkInteger, checkNumber, rangeError, shapeError, typeError } from '../../check.js';
import { stepCeil } from '../../time-grid.js';
import { TSEvent } from '../../time-series/ts-event.js';
import { numNeurons, numNeuronsChip } from '../../layers/dynapse/connectivity.js';

/** Ticks of the FPGA's clock in a second. */
const ticksPerSecond = 90e6;
const maxIntervalBase = 65535;

/** Time step of stimuli by default, in seconds, as in Rockpool. */
export const defaultIsiBase = 2e-5;

/**
 * Ticks of 90 MHz in a time step: a whole number from 1 to 65535.
 *
 * @throws RangeError for a step that the FPGA cannot count: it would play stimuli too fast or too slow.
 */
export function intervalBase(dt: number, name: string): number {
  const ticks = checkNumber(dt, name, { positive: true }) * ticksPerSecond;
  const whole = Math.round(ticks);
  if (whole < 1 || whole > maxIntervalBase || Math.abs(ticks - whole) > 1e-6 * whole)
    throw rangeError(name, 'a whole number, 1 to 65535, of ticks of 1/90 us, such as 1e-6, 1e-5 or 2e-5 seconds', dt);
  return whole;
}

/** Events in steps of a stimulus, ascending. */
export interface StimulusSteps {
  steps: Float64Array;
  channels: Int32Array;
  total: number;
}

/** @internal The events of a series from `tStart` on, in steps. */
export function stepsOfSeries(
  series: TSEvent,
  tStart: number,
  total: number,
  dt: number,
  numChannels = series.numChannels,
): StimulusSteps {
  const selected = numChannels < series.numChannels ? Array.from({ length: numChannels }, (_, k) => k) : null;
  const { times, channels } = series.events({ tStart, tStop: tStart + total * dt, channels: selected });
  const steps = new Float64Array(times.length);
  native.dynapseEventSteps(times, tStart, dt, total, steps);
  return { steps, channels, total };
}

/** Events as numbers: of time steps, and of channels. */
export interface StimulusArrays {
  /** Time step of each event, ascending. */
  timesteps: ArrayInput;
  /** Its channel, or one for all. */
  channels: ArrayInput;
}

/** @internal A stimulus of either kind. */
export function readStimulus(
  stimulus: TSEvent | StimulusArrays,
  duration: number | undefined,
  dt: number,
): StimulusSteps {
  if (stimulus instanceof TSEvent) {
    const seconds = checkNumber(duration ?? stimulus.tStop - stimulus.tStart, 'duration', { min: 0 });
    return stepsOfSeries(stimulus, stimulus.tStart, Math.max(stepCeil(seconds, 0, dt), 1), dt);
  }
  if (typeof stimulus !== 'object' || stimulus === null || !('timesteps' in stimulus && 'channels' in stimulus))
    throw typeError('stimulus', 'a TSEvent or { timesteps, channels }', stimulus);
  const steps = toNdArray(stimulus.timesteps, 'timesteps', 'float64').data;
  const late = steps.findIndex((step, k) => !(Number.isSafeInteger(step) && step >= (k > 0 ? steps[k - 1] : 0)));
  if (late >= 0) throw rangeError('timesteps', 'whole numbers from 0 on, ascending', steps[late]);
  const given = toNdArray(stimulus.channels, 'channels', 'float64').data;
  if (given.length !== 1 && given.length !== steps.length)
    throw shapeError('channels', `${steps.length} elements long, or one for all`, `${given.length} elements`);
  const channels = given.length === 1 ? new Int32Array(steps.length).fill(given[0]) : Int32Array.from(given);
  const own = steps.length > 0 ? steps[steps.length - 1] + 1 : 1;
  const total =
    duration === undefined ? own : Math.max(stepCeil(checkNumber(duration, 'duration', { min: 0 }), 0, dt), 1);
  return { steps, channels, total };
}

/**
 * @internal Virtual neurons that stand for channels, checked. Default: the channels' own numbers, of which 0 must have no event.
 *
 * @throws RangeError for number 0, to which all empty synapses listen.
 */
export function readSources(
  ids: ArrayInput | null | undefined,
  numChannels: number,
  channels: Int32Array,
): Uint32Array {
  if (ids !== null && ids !== undefined) return Uint32Array.from(readVirtual(ids, 'virtualNeuronIds'));
  checkInteger(numChannels, 'the number of channels', { min: 0, max: numNeuronsChip });
  if (channels.includes(0))
    throw rangeError(
      'virtualNeuronIds',
      'given where channel 0 has events: virtual neuron 0 excites or inhibits through all empty synapses',
      ids,
    );
  return Uint32Array.from({ length: numChannels }, (_, k) => k);
}

/** @internal Numbers of virtual neurons that can be played: 1 to 1023. */
export function readVirtual(ids: ArrayInput, name: string): number[] {
  return readNumbers(ids, name, numNeuronsChip).map((id) => checkVirtual(id, name));
}

/** @internal */
export function checkVirtual(id: unknown, name: string): number {
  const number = checkInteger(id, name, { min: 0, max: numNeuronsChip - 1 });
  if (number > 0) return number;
  throw rangeError(name, `1 to ${numNeuronsChip - 1}: all empty synapses listen to 0`, number);
}

/** @internal Whole numbers below `end`. */
export function readNumbers(ids: ArrayInput, name: string, end: number): number[] {
  return Array.from(toNdArray(ids, name, 'float64').data, (id) => checkInteger(id, name, { min: 0, max: end - 1 }));
}

/** @internal The same, each once. */
export function readDifferent(ids: ArrayInput, name: string, end: number): number[] {
  const list = readNumbers(ids, name, end);
  const seen = new Set<number>();
  for (const id of list) {
    if (seen.has(id)) throw rangeError(name, `numbers that differ: ${id} is there twice`, list);
    seen.add(id);
  }
  return list;
}

/** @internal For each of the 4096 neurons its place among `ids`, or -1. Null: all, by their numbers. */
export function channelMap(ids: ArrayInput | null | undefined): { channels: Int32Array; count: number } {
  const map = new Int32Array(numNeurons).fill(-1);
  const list = ids === null || ids === undefined ? [...map.keys()] : readDifferent(ids, 'neuronIds', numNeurons);
  for (const [place, id] of list.entries()) map[id] = place;
  return { channels: map, count: list.length };
}
