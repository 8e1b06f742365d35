/** Series of samples at the ticks of a clock. */
import { type ArrayLike_, shapeText, toNdArray } from '../../array.js';
import { checkBoolean, checkNumber, checkOptions, checkString, shapeError, typeError } from '../../check.js';
import { TimeAxis } from '../time-axis.js';
import { type ContinuousInit, checkSampleCount } from './init.js';
import { checkKind, type InterpKind } from './kinds.js';

/** Options of {@link TSContinuous.fromClocked}. */
export interface FromClockedOptions {
  /** Time of the first sample in seconds; default 0. */
  tStart?: number;
  /** Whether the series repeats; default false. */
  periodic?: boolean;
  /** Default `'unnamed'`. */
  name?: string | null;
  /** Default `'previous'`. */
  interpKind?: InterpKind;
}

const optionNames = ['tStart', 'periodic', 'name', 'interpKind'];

/** @internal */
export function readClocked(samples: ArrayLike_, dt: unknown, options: unknown): ContinuousInit {
  const combined =
    typeof dt === 'object' && dt !== null && !('data' in dt) && !Array.isArray(dt) && !ArrayBuffer.isView(dt);
  const given = combined
    ? checkOptions<FromClockedOptions & { dt: number }>(dt, 'options', ['dt', ...optionNames])
    : { ...checkOptions<FromClockedOptions>(options, 'options', optionNames), dt };
  const step = checkNumber(given.dt, 'dt', { positive: true });
  const tStart = checkNumber(given.tStart ?? 0, 'tStart');
  if (samples === null || samples === undefined) throw typeError('samples', 'an array of numbers', samples);
  const { data, shape } = toNdArray(samples, 'samples', 'float64');
  if (shape.length > 2) throw shapeError('samples', 'a matrix, a vector or a number', shapeText(shape));
  if (data.length === 0) throw typeError('samples', 'at least one sample', samples);
  const n = shape[0] ?? 1;
  const kind = checkKind(given.interpKind ?? 'previous');
  const name = given.name === undefined || given.name === null ? 'unnamed' : checkString(given.name, 'name');
  checkSampleCount(kind, n, name);
  return {
    axis: TimeAxis.clocked({ t0: tStart, dt: step, first: 0 }, n),
    tStart,
    tStop: n * step + tStart,
    periodic: checkBoolean(given.periodic ?? false, 'periodic'),
    name,
    plottingBackend: null,
    trialStartTimes: null,
    samples: data.slice(),
    channels: data.length / n,
    kind,
    fill: 'extrapolate',
    units: null,
    beyondRangeException: true,
    approxLimitTimes: true,
  };
}
