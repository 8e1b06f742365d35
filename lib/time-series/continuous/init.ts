/** What the constructor of TSContinuous is given, checked and in one form. */
import { type ArrayLike_, type NdArray, shapeText, toNdArray } from '../../array.js';
import {
  checkBoolean,
  checkInteger,
  checkOptions,
  checkString,
  rangeError,
  shapeError,
  typeError,
} from '../../check.js';
import { withCode } from '../../errors.js';
import { readExtent, readTimes } from '../extent.js';
import { checkBackend } from '../plotting-backend.js';
import { TimeAxis } from '../time-axis.js';
import type { SeriesInit, TimeSeriesOptions } from '../time-series.js';
import { checkFill, checkKind, type FillValue, fillRows, type InterpKind, samplesNeeded } from './kinds.js';

/** Options of the constructor of {@link TSContinuous}. */
export interface TSContinuousOptions extends TimeSeriesOptions {
  /** Number of channels of a series without samples. */
  numChannels?: number | null;
  /** Free text, for the axis of plots. */
  units?: string | null;
  /** How values between the samples come about; default `'linear'`. */
  interpKind?: InterpKind;
  /** Values beyond the outermost samples, within the extent; default `'extrapolate'`. */
  fillValue?: FillValue;
  /** Whether sampling outside the extent is an error; otherwise it gives NaN and a warning. Default true. */
  beyondRangeException?: boolean;
  /** Whether times that miss the extent by at most min(1e-9 s, 1e-6 duration) are moved to its limit. Default true. */
  approxLimitTimes?: boolean;
}

/** @internal */
export interface ContinuousInit extends SeriesInit {
  samples: Float64Array;
  channels: number;
  kind: InterpKind;
  fill: FillValue;
  units: string | null;
  beyondRangeException: boolean;
  approxLimitTimes: boolean;
}

const optionNames = [
  'numChannels',
  'periodic',
  'tStart',
  'tStop',
  'name',
  'units',
  'interpKind',
  'fillValue',
  'plottingBackend',
  'beyondRangeException',
  'approxLimitTimes',
];

type Combined = TSContinuousOptions & { times?: ArrayLike_ | null; samples?: ArrayLike_ | null };

/** @internal The arguments of the constructor, in either form. */
export function readInit(first: unknown, samples: unknown, options: unknown): ContinuousInit {
  const isOptions =
    typeof first === 'object' &&
    first !== null &&
    !Array.isArray(first) &&
    !ArrayBuffer.isView(first) &&
    !('data' in first && 'shape' in first);
  if (isOptions && (samples !== undefined || options !== undefined)) {
    throw typeError('times', 'an array of numbers', first);
  }
  const given: Combined = isOptions
    ? checkOptions<Combined>(first, 'options', ['times', 'samples', ...optionNames])
    : {
        ...checkOptions<TSContinuousOptions>(options, 'options', optionNames),
        times: first as ArrayLike_,
        samples: samples as ArrayLike_,
      };
  return fromOptions(given);
}

function fromOptions(given: Combined): ContinuousInit {
  const name = given.name === undefined || given.name === null ? 'unnamed' : checkString(given.name, 'name');
  const times = readTimes(given.times, 'times');
  const { data, channels } = readSamples(given, times.length);
  const kind = checkKind(given.interpKind ?? 'linear');
  const init: ContinuousInit = {
    axis: TimeAxis.of(times),
    ...readExtent(times, given.tStart, given.tStop, name),
    periodic: checkBoolean(given.periodic ?? false, 'periodic'),
    name,
    plottingBackend: checkBackend(given.plottingBackend),
    trialStartTimes: null,
    samples: data,
    channels,
    kind,
    fill: checkFill(given.fillValue ?? 'extrapolate'),
    units: given.units === undefined || given.units === null ? null : checkString(given.units, 'units'),
    beyondRangeException: checkBoolean(given.beyondRangeException ?? true, 'beyondRangeException'),
    approxLimitTimes: checkBoolean(given.approxLimitTimes ?? true, 'approxLimitTimes'),
  };
  fillRows(init.fill, channels);
  checkSampleCount(kind, times.length, name);
  return init;
}

/** @internal Splines need a number of samples. */
export function checkSampleCount(kind: InterpKind, length: number, series: string): void {
  const needed = samplesNeeded(kind);
  if (length > 1 && length < needed) {
    const what = `at least ${needed} samples long for interpKind ${typeof kind === 'number' ? kind : `'${kind}'`}`;
    throw withCode(rangeError(`series '${series}'`, what, length), 'ERR_VALUE', { series });
  }
}

function readSamples(given: Combined, length: number): { data: Float64Array; channels: number } {
  const numChannels =
    given.numChannels === undefined || given.numChannels === null
      ? undefined
      : checkInteger(given.numChannels, 'numChannels', { min: 0 });
  if (given.samples === undefined || given.samples === null) {
    if (length > 0) throw rangeError('samples', `given, since there are ${length} times`, given.samples);
    return { data: new Float64Array(0), channels: numChannels ?? 0 };
  }
  const shaped = shapeSamples(toNdArray(given.samples, 'samples', 'float64'), length);
  if (numChannels === undefined || numChannels === shaped.channels) return shaped;
  if (length === 0 && shaped.channels === 0) return { ...shaped, channels: numChannels };
  throw withCode(rangeError('numChannels', `${shaped.channels}, as samples has`, numChannels), 'ERR_SHAPE');
}

/**
 * @internal Samples as a matrix with `length` rows, copied: a vector is one channel, or several row by row; for one time it is one
 * row.
 */
export function shapeSamples(
  { data, shape }: NdArray<Float64Array>,
  length: number,
): { data: Float64Array; channels: number } {
  const wrong = () => shapeError('samples', `${length} x C (a row for each of the ${length} times)`, shapeText(shape));
  if (shape.length > 2) throw shapeError('samples', 'a matrix, a vector or a number', shapeText(shape));
  if (data.length === 0 && shape.length < 2) {
    if (length > 0) throw wrong();
    return { data: new Float64Array(0), channels: 0 };
  }
  if (shape.length === 2 && shape[0] === length) return { data: data.slice(), channels: shape[1] };
  if (shape.length === 2 && shape[0] !== 1) throw wrong();
  // A number, a vector or a single row.
  if (length === 0 || data.length % length !== 0 || data.length === 0) throw wrong();
  return { data: data.slice(), channels: data.length / length };
}
