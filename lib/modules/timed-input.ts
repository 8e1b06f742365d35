/** Inputs of timed modules. */
import { type ArrayLike_ as ArrayInput, NdArray, shapeText, toNdArray } from '../array.js';
import { shapeError, typeError } from '../check.js';
import { TimeSeries } from '../time-series/time-series.js';
import { TSContinuous } from '../time-series/ts-continuous.js';
import { TSEvent } from '../time-series/ts-event.js';
import type { TimedInput } from './timed-types.js';

/** What of a module matters here. */
interface Target {
  readonly fullName: string;
  readonly inputType: typeof TSContinuous | typeof TSEvent;
  readonly sizeIn: number;
  readonly dt: number;
  readonly t: number;
}

/** The input as a series of the right class and width; an array is clocked at the steps of the module, from its present time on. */
export function inputSeries(target: Target, tsInput: TimedInput | undefined): TimeSeries | null {
  if (tsInput === undefined || tsInput === null) return null;
  const { inputType, sizeIn } = target;
  const name = `tsInput of ${target.fullName}`;
  const series = tsInput instanceof TimeSeries ? tsInput : clocked(target, tsInput, name);
  if (!(series instanceof inputType)) throw typeError(name, `a ${inputType.name}, an array or null`, series);
  if (series instanceof TSContinuous && series.numChannels !== sizeIn && series.numChannels !== 1)
    throw shapeError(name, `a series of ${sizeIn} channels (sizeIn) or of one`, `${series.numChannels} channels`);
  return series;
}

function clocked({ inputType, sizeIn, dt, t: tStart }: Target, input: ArrayInput, name: string): TimeSeries {
  const array = toNdArray(input, name, 'float64');
  const columns = array.ndim === 1 ? 1 : array.shape[1];
  if (array.ndim < 1 || array.ndim > 2 || (columns !== sizeIn && columns !== 1) || array.size === 0)
    throw shapeError(name, `an array of time steps x ${sizeIn} (sizeIn)`, shapeText(array.shape));
  if (inputType === TSEvent)
    return TSEvent.fromRaster(new NdArray(array.data, [array.length, columns]), { dt, tStart });
  return TSContinuous.fromClocked(array, dt, { tStart });
}

/** @internal All numbers of a tree. */
export function numbersIn(tree: Record<string, unknown>): number[] {
  return Object.values(tree).flatMap((value) =>
    typeof value === 'number' ? [value] : typeof value === 'object' ? numbersIn(value as Record<string, unknown>) : [],
  );
}
