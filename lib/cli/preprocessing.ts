/** What is done to a sound before a network hears it; kept in the network's file, so that a trained network hears everything so. */
import { checkInteger, checkNumber, checkOptions, typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { UsageError } from './exit.js';
import type { TaskOptions } from '../task.js';
import type { MelOptions } from '../time-series/mel.js';
import type { TimeSeries } from '../time-series/time-series.js';

/** The part of a mel spectrogram's options that is chosen here; decibels above `floor`, divided by `unit`, are the input. */
export interface MelSettings {
  bands: number;
  window: number;
  hop: number;
  floor: number;
  fMax?: number;
  /** Decibels for one unit of the input. */
  unit: number;
}

export interface Preprocessing {
  mel?: MelSettings;
  /** Names of the output channels. */
  classes?: string[];
}

export const melDefaults = { window: 0.025, hop: 0.01, floor: -70, unit: 30 };

/** Reads the entry of a file. @throws TypeError or RangeError for what is none. */
export function readPreprocessing(value: unknown): Preprocessing {
  const { mel, classes } = checkOptions<Record<string, unknown>>(value, 'preprocessing', ['mel', 'classes']);
  return { ...(mel !== undefined && { mel: readMel(mel) }), ...(classes !== undefined && { classes: readClasses(classes) }) }; // prettier-ignore
}

function readMel(value: unknown): MelSettings {
  const given = checkOptions<MelSettings>(value, 'preprocessing.mel', ['bands', 'window', 'hop', 'floor', 'fMax', 'unit']); // prettier-ignore
  const { bands, window, hop, floor, fMax, unit } = { ...melDefaults, ...given };
  return {
    bands: checkInteger(bands, 'preprocessing.mel.bands', { min: 1 }),
    window: checkNumber(window, 'preprocessing.mel.window', { positive: true }),
    hop: checkNumber(hop, 'preprocessing.mel.hop', { positive: true }),
    floor: checkNumber(floor, 'preprocessing.mel.floor'),
    ...(fMax !== undefined && { fMax: checkNumber(fMax, 'preprocessing.mel.fMax', { positive: true }) }),
    unit: checkNumber(unit, 'preprocessing.mel.unit', { positive: true }),
  };
}

function readClasses(value: unknown): string[] {
  if (!Array.isArray(value) || value.some((name) => typeof name !== 'string'))
    throw typeError('preprocessing.classes', 'a list of names', value);
  return value as string[];
}

/**
 * The settings with the upper edge of the bands, which otherwise depends on the sound: other sounds must be heard in the same bands.
 *
 * @throws UsageError for an input that is no sound.
 */
export async function settled(preprocessing: Preprocessing, sound: TimeSeries, path: string): Promise<Preprocessing> {
  const { mel } = preprocessing;
  if (!mel || mel.fMax !== undefined) return preprocessing;
  const { intervalOf } = await import('./describe.js');
  const interval = intervalOf(sound);
  if (interval === undefined) throw new UsageError(`'${path}' is no sound, and --mel is for sounds`);
  return { ...preprocessing, mel: { ...mel, fMax: Math.min(8000, 0.5 / interval) } };
}

/** The input as the network gets it. */
export async function preprocess(
  input: TimeSeries,
  { mel }: Preprocessing,
  options: TaskOptions = {},
): Promise<TimeSeries> {
  if (!mel) return input;
  const { melSpectrogramAsync } = await import('../time-series/mel.js');
  const { TSContinuous } = await import('../time-series/ts-continuous.js');
  if (!(input instanceof TSContinuous)) throw typeError('the input', 'a sound', input);
  const { intervalOf } = await import('./describe.js');
  const highest = 0.5 / (intervalOf(input) ?? Infinity);
  if (mel.fMax !== undefined && highest < mel.fMax * (1 - 1e-6))
    throw new RockpoolError(
      'ERR_VALUE',
      `the network hears frequencies up to ${mel.fMax} Hz, and '${input.name}' has samples for ${Math.round(highest)} Hz only`,
    );
  const channels = input.numChannels;
  const mono = channels === 1 ? input : input.matmul(new Float64Array(channels).fill(1 / channels));
  const { unit, ...settings } = mel;
  const bands = await melSpectrogramAsync(mono, { ...(settings as MelOptions), ...options });
  return bands.sub(mel.floor).div(unit);
}
