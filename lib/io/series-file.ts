/** Files of time series: `.npz` that the original reads and writes. The classes' methods `save`, `load` and `toDict` are these. */
import * as fs from 'node:fs';
import { NdArray } from '../array.js';
import { checkBoolean, checkOneOf, checkOptions, describe, typeError } from '../check.js';
import { RockpoolError, withCode } from '../errors.js';
import { nextUp } from '../time-series/numbers.js';
import type { TimeSeries } from '../time-series/time-series.js';
import type { TSContinuous } from '../time-series/ts-continuous.js';
import type { TSEvent } from '../time-series/ts-event.js';
import { taskOptionNames, type TaskOptions } from '../task.js';
import { warn } from '../warnings.js';
import { writeFileAtomic, writeFileAtomicSync } from './atomic.js';
import { checkPath, type PathInput } from './file-error.js';
import { encodeNpz, encodeNpzAsync, TextArray, withEnding, type NpzInput } from './npz-write.js';
import { readNpz, readNpzSync, type NpzLimits, type NpzValue } from './npz.js';
import {
  continuousFields,
  dictOf,
  eventFields,
  type ContinuousDictOptions,
  type EventDictOptions,
  type SeriesDict,
} from './series-fields.js';

/** Names of the classes that files hold. */
export type SeriesType = 'TSContinuous' | 'TSEvent';

/** Options of saving. */
export interface SaveOptions {
  /** Print a line when the file is written; default false. */
  verbose?: boolean;
}

/** Options of {@link loadTsFromFile}. */
export interface LoadOptions extends NpzLimits {
  /** The class that the file must hold. Files that do not say their class are taken for it, with a warning. */
  expectedType?: SeriesType | null;
}

/** @internal What the classes tell about themselves. They come here to be made, so that this file needs no import of theirs. */
export interface SeriesClasses {
  TSContinuous: new (options: ConstructorParameters<typeof TSContinuous>[0] & object) => TSContinuous;
  TSEvent: new (options: ConstructorParameters<typeof TSEvent>[0] & object) => TSEvent;
}

const classes: Partial<SeriesClasses> = {};

/** @internal Called once by the file of each class. */
export function registerSeriesClass<K extends SeriesType>(name: K, Class: SeriesClasses[K]): void {
  classes[name] = Class as never;
}

function isContinuous(series: TimeSeries): series is TSContinuous {
  return '_samples' in series;
}

function fieldsOf(series: TimeSeries, options: unknown, extensions: boolean): Map<string, NpzInput> {
  return isContinuous(series)
    ? continuousFields(series, options, extensions)
    : eventFields(series as TSEvent, options, extensions);
}

/** The series as arrays, numbers and flags under the original's keys; text is in the keys (`name_<NAME>`, `interp_kind_<KIND>`). */
export function toDict(series: TSContinuous, options?: ContinuousDictOptions): SeriesDict;
export function toDict(series: TSEvent, options?: EventDictOptions): SeriesDict;
export function toDict(series: TimeSeries, options?: unknown): SeriesDict {
  return dictOf(fieldsOf(series, options, false));
}

function prepareSave(series: TimeSeries, path: unknown, options: unknown) {
  const target = withEnding(checkPath(path), '.npz');
  const own = isContinuous(series) ? 'dtypeSamples' : 'dtypeChannels';
  const {
    verbose = false,
    signal,
    onProgress,
    ...dtypes
  } = checkOptions<SaveOptions & TaskOptions>(options, 'options', ['verbose', 'dtypeTimes', own, ...taskOptionNames]);
  checkBoolean(verbose, 'verbose');
  const fields = fieldsOf(series, dtypes, true);
  const report = () => {
    if (verbose)
      console.log(
        `${isContinuous(series) ? 'TSContinuous' : 'TSEvent'} \`${series.name}\` is stored in \`${target}\`.`,
      );
  };
  return { target, fields, report, task: { signal, onProgress } };
}

/** Saves a series; `.npz` is appended when the path lacks it. */
export function saveSync(
  series: TimeSeries,
  path: PathInput,
  options?: SaveOptions & (ContinuousDictOptions | EventDictOptions),
): void {
  const { target, fields, report } = prepareSave(series, path, options);
  writeFileAtomicSync(target, encodeNpz(fields));
  report();
}

/** {@link saveSync} without blocking the event loop; the series' state at the call counts. */
export async function save(
  series: TimeSeries,
  path: PathInput,
  options?: SaveOptions & (ContinuousDictOptions | EventDictOptions) & TaskOptions,
): Promise<void> {
  const { target, fields, report, task } = prepareSave(series, path, options);
  await writeFileAtomic(target, await encodeNpzAsync(fields, task));
  report();
}

/** @internal The bytes of a file of this series. */
export function seriesBytes(series: TimeSeries): Uint8Array {
  return encodeNpz(fieldsOf(series, undefined, true));
}

function textOf(fields: Map<string, NpzValue>, key: string): string | undefined {
  const value = fields.get(key);
  return value instanceof TextArray ? value.item() : undefined;
}

function numberOf(fields: Map<string, NpzValue>, key: string): number | undefined {
  const value = fields.get(key);
  return value instanceof NdArray && value.size === 1 ? value.data[0] : undefined;
}

/** A text that newer files of the original hold in the name of an empty field. */
function markerOf(fields: Map<string, NpzValue>, prefix: string): string | undefined {
  for (const key of fields.keys()) if (key.startsWith(`${prefix}_`)) return key.slice(prefix.length + 1);
  return undefined;
}

function arrayOf(fields: Map<string, NpzValue>, key: string): NdArray {
  const value = fields.get(key);
  if (!(value instanceof NdArray)) throw new Error(`it has no array '${key}'`);
  return value;
}

function fillOf(fields: Map<string, NpzValue>): TSContinuous['fillValue'] {
  const constant = (key: string) => {
    const { data, shape } = arrayOf(fields, key);
    return shape.length === 0 ? data[0] : Float64Array.from(data);
  };
  if (fields.has('rp_fill_below')) return { below: constant('rp_fill_below'), above: constant('rp_fill_above') };
  return fields.has('rp_fill_value') ? constant('rp_fill_value') : 'extrapolate';
}

function continuousOf(fields: Map<string, NpzValue>, name: string): TSContinuous {
  const kind =
    textOf(fields, 'rp_interp_kind') ?? textOf(fields, 'interp_kind') ?? markerOf(fields, 'interp_kind') ?? 'linear';
  const flags = fields.get('rp_flags');
  const [beyond, approx] =
    flags instanceof NdArray && flags.size === 2 ? Array.from(flags.data, Boolean) : [true, true];
  return new (classes.TSContinuous as SeriesClasses['TSContinuous'])({
    times: arrayOf(fields, 'times'),
    samples: arrayOf(fields, 'samples'),
    tStart: numberOf(fields, 't_start'),
    tStop: numberOf(fields, 't_stop'),
    periodic: numberOf(fields, 'periodic') === 1,
    name,
    interpKind: (/^\d+$/.test(kind) ? Number(kind) : kind) as TSContinuous['interpKind'],
    units: textOf(fields, 'rp_units') ?? null,
    fillValue: fillOf(fields),
    beyondRangeException: beyond,
    approxLimitTimes: approx,
  });
}

function eventsOf(fields: Map<string, NpzValue>, name: string): TSEvent {
  const times = arrayOf(fields, 'times');
  const last = times.data[times.size - 1];
  let tStop = numberOf(fields, 't_stop');
  // Files of 1.0 may have the last event exactly at the end.
  if (tStop !== undefined && last !== undefined && tStop === last) tStop = nextUp(last);
  return new (classes.TSEvent as SeriesClasses['TSEvent'])({
    times,
    channels: arrayOf(fields, 'channels'),
    numChannels: numberOf(fields, 'num_channels'),
    tStart: numberOf(fields, 't_start'),
    tStop,
    periodic: numberOf(fields, 'periodic') === 1,
    name,
  });
}

function typeOf(fields: Map<string, NpzValue>, where: string, expected: SeriesType | null): string {
  const stored = textOf(fields, 'str_type') ?? textOf(fields, 'strType') ?? markerOf(fields, 'type');
  if (stored !== undefined) return stored;
  if (expected === null)
    throw new RockpoolError('ERR_FILE', `cannot read '${where}': it does not say which class of time series it holds`, {
      details: { path: where },
    });
  warn(
    'FILE_TYPE_ASSUMED',
    `'${where}' does not say which class of time series it holds; it is taken for a ${expected}`,
  );
  return expected;
}

function seriesOf(fields: Map<string, NpzValue>, where: string, expected: SeriesType | null): TimeSeries {
  const type = typeOf(fields, where, expected);
  if (expected !== null && type !== expected) {
    throw withCode(new TypeError(`expected '${where}' to hold a ${expected}, received a ${type}`), 'ERR_TYPE', {
      path: where,
      received: type,
    });
  }
  try {
    if (type !== 'TSContinuous' && type !== 'TSEvent')
      throw new Error(`it holds a ${describe(type)}, no TSContinuous or TSEvent`);
    const name = textOf(fields, 'rp_name') ?? textOf(fields, 'name') ?? markerOf(fields, 'name') ?? 'unnamed';
    const series = type === 'TSContinuous' ? continuousOf(fields, name) : eventsOf(fields, name);
    const trials = fields.get('trial_start_times');
    if (trials instanceof NdArray) series.trialStartTimes = Float64Array.from(trials.data);
    return series;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RockpoolError('ERR_FILE', `cannot read '${where}': ${reason}`, {
      cause: error,
      details: { path: where },
    });
  }
}

function prepareLoad(source: unknown, options: unknown) {
  const { expectedType = null, ...limits } = checkOptions<LoadOptions>(options, 'options', [
    'expectedType',
    'maxEntries',
    'maxBytes',
  ]);
  const expected = expectedType === null ? null : checkOneOf(expectedType, 'expectedType', ['TSContinuous', 'TSEvent']);
  if (source instanceof Uint8Array) return { from: source, where: 'bytes', expected, limits };
  const path = checkPath(source);
  return { from: path, where: path.endsWith('.npz') || fs.existsSync(path) ? path : `${path}.npz`, expected, limits };
}

/**
 * Loads the time series that a `.npz` file holds: of this package, or of the original in any version since 1.0.
 *
 * @param source a path (`.npz` may be left out), a file: URL or the bytes of a file
 * @throws TypeError `ERR_TYPE` when the file holds another class than `expectedType`; RockpoolError `ERR_FILE` for everything that is
 * wrong with the file
 */
export function loadTsFromFileSync(source: PathInput | Uint8Array, options?: LoadOptions): TimeSeries {
  const { from, where, expected, limits } = prepareLoad(source, options);
  return seriesOf(readNpzSync(from, limits), where, expected);
}

/** {@link loadTsFromFileSync} without blocking the event loop. */
export async function loadTsFromFile(source: PathInput | Uint8Array, options?: LoadOptions): Promise<TimeSeries> {
  const { from, where, expected, limits } = prepareLoad(source, options);
  return seriesOf(await readNpz(from, limits), where, expected);
}

/** @internal The options of the static `load` of a class: a subclass fixes the type. */
export function classLoadOptions(type: SeriesType | null, options: unknown): LoadOptions {
  const given = checkOptions<LoadOptions>(options, 'options', ['expectedType', 'maxEntries', 'maxBytes']);
  if (type === null) return given;
  if ('expectedType' in given) throw typeError('expectedType', `left out for ${type}.load`, given.expectedType);
  return { ...given, expectedType: type };
}
