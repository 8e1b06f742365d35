/** Types of the native functions of plots. */
import type { CsrArgs } from '../synapses/native.js';

/** The part of a plane that is shown and where: xFrom, xTo, yFrom, yTo in values, left, top, width, height in pixels. */
export type FrameArgs = [
  xFrom: number,
  xTo: number,
  yFrom: number,
  yTo: number,
  left: number,
  top: number,
  width: number,
  height: number,
];

export interface NativePlot {
  plotTrace(
    times: Float64Array,
    samples: Float64Array,
    channels: number,
    channel: number,
    offset: number,
    from: number,
    to: number,
    columns: number,
  ): [x: Float64Array, y: Float64Array];
  /** Marks when there are few; otherwise counts of `rows` x `columns` cells. */
  plotEvents(
    times: Float64Array,
    channels: Int32Array,
    from: number,
    to: number,
    columns: number,
    numChannels: number,
    maxRows: number,
    maxMarks: number,
  ): [times: Float64Array, channels: Float64Array, counts: Float64Array, rows: number];
  plotPoints(
    ...args: [x: Float64Array, y: Float64Array, ...frame: FrameArgs, columns: number, rows: number]
  ): [x: Float64Array, y: Float64Array];
  plotMarks(...args: [x: Float64Array, y: Float64Array, ...frame: FrameArgs, size: number]): string;
  /** Returns how many values are finite. */
  finiteLimits(values: Float64Array, out: Float64Array): number;
  /** Returns how many values are outside. */
  histogram(values: Float64Array, lo: number, hi: number, counts: Float64Array): number;
  plotMatrix(
    matrix: Float64Array,
    rows: number,
    columns: number,
    outRows: number,
    outColumns: number,
    out: Float64Array,
  ): void;
  plotCsr(...args: [...CsrArgs, outRows: number, outColumns: number, out: Float64Array]): void;
  plotCells(
    cells: Float64Array,
    rows: number,
    columns: number,
    lo: number,
    hi: number,
    logarithmic: boolean,
    upwards: boolean,
    width: number,
    height: number,
    lines: Uint8Array,
  ): void;
  eigenvalues(matrix: Float64Array, n: number, real: Float64Array, imaginary: Float64Array): void;
}
