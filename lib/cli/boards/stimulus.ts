/** What the generators of a board are asked to play, checked before anything is sent. */
import type { NativeDynapse } from '../../devices/dynapse/native.js';
import { rangeError, shapeError } from '../../check.js';
import { UsageError } from '../exit.js';

/** Ticks of the FPGA's clock in a second. */
const ticksPerSecond = 90e6;
/** Largest rate of a Poisson source, in Hz. */
export const maxPoissonRate = 4300;
/** Seconds of a unit of time by default. */
const defaultUnit = 2e-5;
/** Sources that a generator can pretend to be: core * 256 + neuron, from 1 on. */
export const sources = 1024;

export interface StimulusArguments {
  rate?: number;
  regular?: number;
  neurons?: number[];
  chip: number;
  cores: number[];
  unit?: number;
  repeat?: boolean;
  duration?: number;
}

/** A train for the spike generator, as its memory holds it. */
export interface SpikePlan {
  generator: 'spikes';
  words: Uint16Array;
  /** Events in it, those that only fill long silences included. */
  trainEvents: number;
  /** Events that were asked for. */
  events: number;
  /** Ticks of a unit of time. */
  base: number;
  repeat: boolean;
  /** Seconds that it takes once. */
  seconds: number;
}

/** Rates for the Poisson generator. */
export interface PoissonPlan {
  generator: 'poisson';
  sources: Uint32Array;
  rates: Float64Array;
}

export type StimulusPlan = SpikePlan | PoissonPlan;

/** Ticks of the unit of time. */
function baseOf(unit = defaultUnit): number {
  const ticks = Math.round(unit * ticksPerSecond);
  if (ticks < 1 || ticks > 65535)
    throw new UsageError(`--unit must be from ${1 / ticksPerSecond} to ${65535 / ticksPerSecond} s, received ${unit}`);
  return ticks;
}

/** Every empty synapse listens to source 0: one spike of it goes to all neurons, and silences the chip. */
const noZero = `from 1 to ${sources - 1} (source 0 is what every empty synapse listens to: it would reach all neurons)`;

function checkNeurons(neurons: readonly number[] | undefined): Uint32Array {
  if (!neurons) throw new UsageError('--neurons is missing: the sources, such as 1-9 (core * 256 + neuron)');
  const wrong = neurons.find((n) => n < 1 || n >= sources);
  if (wrong !== undefined) throw rangeError('--neurons', `sources ${noZero}`, wrong);
  if (new Set(neurons).size !== neurons.length) throw new UsageError('--neurons names a source twice');
  return Uint32Array.from(neurons);
}

function trainPlan(
  native: NativeDynapse,
  { chip, cores, repeat }: StimulusArguments,
  base: number,
  intervals: Float64Array,
  channels: Uint32Array,
  units: number,
): SpikePlan {
  const mask = cores.reduce((bits, core) => bits | (1 << core), 0);
  const words = native.dynapseTrainWords(intervals, channels, Uint32Array.of(mask), Uint32Array.of(chip));
  return {
    generator: 'spikes',
    words,
    trainEvents: words.length / 2,
    events: intervals.length,
    base,
    repeat: repeat ?? false,
    seconds: (units * base) / ticksPerSecond,
  };
}

async function filePlan(native: NativeDynapse, file: string, options: StimulusArguments): Promise<SpikePlan> {
  const { TSEvent } = await import('../../time-series/index.js');
  const series = await TSEvent.load(file);
  if (series.length === 0) throw shapeError(file, 'a series with events', 'one without');
  const { times, channels, tStart } = series;
  if (channels.includes(0)) throw rangeError(file, `a series whose channels are sources ${noZero}`, 0);
  const base = baseOf(options.unit);
  const unit = base / ticksPerSecond;
  const intervals = new Float64Array(series.length);
  native.dynapseIntervals(times, tStart, unit, intervals);
  const units = Math.round(((times.at(-1) as number) - tStart) / unit);
  return trainPlan(native, options, base, intervals, Uint32Array.from(channels), units);
}

/** Each source once in 1 / frequency, all at the same time. */
function regularPlan(native: NativeDynapse, frequency: number, options: StimulusArguments): SpikePlan {
  const neurons = checkNeurons(options.neurons);
  const base = baseOf(options.unit);
  const interval = Math.round(ticksPerSecond / (frequency * base));
  const most = Math.floor(ticksPerSecond / base);
  if (interval < 1) throw rangeError('--regular', `at most ${most} Hz, one event in a unit of time`, frequency);
  const intervals = new Float64Array(neurons.length);
  intervals[0] = interval;
  return trainPlan(native, { ...options, repeat: true }, base, intervals, neurons, interval);
}

/** @throws UsageError for options that do not go together, RangeError for what a generator can't play. */
export async function planStimulus(
  native: NativeDynapse,
  file: string | undefined,
  options: StimulusArguments,
): Promise<StimulusPlan> {
  const { rate, regular } = options;
  const given = [file, rate, regular].filter((value) => value !== undefined).length;
  if (given === 0) throw new UsageError('one of FILE, --rate and --regular is needed');
  if (given > 1) throw new UsageError('only one of FILE, --rate and --regular can be played');
  if (options.cores.some((core) => core > 3))
    throw rangeError('--cores', 'cores from 0 to 3', Math.max(...options.cores));
  if (file !== undefined) {
    if (options.neurons) throw new UsageError('--neurons goes with --rate and --regular: a file has its channels');
    return filePlan(native, file, options);
  }
  if (options.repeat) throw new UsageError('--repeat goes with FILE: the others go on by themselves');
  if (regular !== undefined) return regularPlan(native, regular, options);
  if (options.unit !== undefined)
    throw new UsageError('--unit goes with FILE and --regular: the Poisson generator has no time steps');
  if (options.cores.length !== 4)
    throw new UsageError('--cores goes with FILE and --regular: the Poisson generator reaches all cores');
  const neurons = checkNeurons(options.neurons);
  return { generator: 'poisson', sources: neurons, rates: new Float64Array(neurons.length).fill(rate as number) };
}
