/** The times of a series: an array, or a clock whose array is made when somebody asks for it. */
import { native } from '../binding.js';

/** Sample `i` of a clocked axis is at `(first + i) * dt + t0`. */
export interface Clock {
  readonly t0: number;
  readonly dt: number;
  readonly first: number;
}

/** @internal */
export class TimeAxis {
  readonly length: number;
  /** Several series use this axis: who hands out its array copies it before. */
  /** Several series use it. */
  shared = false;
  private _array: Float64Array | null;
  private _clock: Clock | null;

  private constructor(array: Float64Array | null, clock: Clock | null, length: number) {
    this._array = array;
    this._clock = clock;
    this.length = length;
  }

  /** An axis over an array, by reference. */
  static of(array: Float64Array): TimeAxis {
    return new TimeAxis(array, null, array.length);
  }

  static clocked(clock: Clock, length: number): TimeAxis {
    return new TimeAxis(null, clock, length);
  }

  /** The clock, or null when the times are an array. */
  get clock(): Clock | null {
    return this._clock;
  }

  /** The times; not to be written, unless {@link release} was called. */
  get array(): Float64Array {
    if (this._array === null) {
      const { t0, dt, first } = this._clock as Clock;
      this._array = new Float64Array(this.length);
      native.clockTimes(t0, dt, first, this._array);
    }
    return this._array;
  }

  /** The times, to be handed to somebody who may write them: from now on they count, not the clock. */
  release(): Float64Array {
    const array = this.array;
    this._clock = null;
    return array;
  }

  copy(): TimeAxis {
    return new TimeAxis(this._array && this._array.slice(), this._clock, this.length);
  }

  /** The first time; NaN when there is none. */
  get first(): number {
    return this.at(0);
  }

  /** The last time; NaN when there is none. */
  get last(): number {
    return this.at(this.length - 1);
  }

  private at(i: number): number {
    if (this.length === 0) return NaN;
    if (this._array !== null) return this._array[i];
    const { t0, dt, first } = this._clock as Clock;
    return (first + i) * dt + t0;
  }

  /** The same axis, moved by `offset` seconds. */
  shifted(offset: number): TimeAxis {
    const out = new Float64Array(this.length);
    native.shiftTimes(this.array, offset, out);
    return TimeAxis.of(out);
  }
}
