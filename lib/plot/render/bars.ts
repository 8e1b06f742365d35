/** Bars as the path of one element. */
import { native } from '../../binding.js';
import { largestBars } from '../blocks.js';
import type { BarsTrace } from '../types.js';
import type { Axis } from './axes.js';

const tenth = (v: number): number => Math.round(v * 10) / 10;

/** The first of ascending edges that is above a value. */
function above(edges: Float64Array, value: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The bars that an axis shows. */
function shown({ edges, y }: BarsTrace, { lo, hi, factor, offset }: Axis): { edges: Float64Array; y: Float64Array } {
  if (native.checkTimes(edges) >= 0) return { edges, y };
  const from = Math.max(0, above(edges, offset + lo * factor) - 2);
  const to = Math.min(y.length, above(edges, offset + hi * factor) + 1);
  return { edges: edges.subarray(from, to + 1), y: y.subarray(from, to) };
}

/** Pixels of values, and the width of the axes in pixels. */
export interface BarsFrame {
  x: Axis;
  width: number;
  atX: (v: number) => number;
  atY: (v: number) => number;
}

/** The data of the path, and whether the bars are so wide that lines can part them. A bar is at least a pixel wide, so that none is lost. */
export function barsPath(trace: BarsTrace, { x, width, atX, atY }: BarsFrame): { data: string; wide: boolean } {
  const visible = shown(trace, x);
  const { edges, y } = largestBars((i) => visible.edges[i], visible.y, Math.max(1, Math.ceil(width)));
  const zero = tenth(atY(0));
  let data = '';
  y.forEach((value, i) => {
    if (value === 0 || !Number.isFinite(value)) return;
    const left = atX(edges[i]);
    const right = Math.max(atX(edges[i + 1]), left + 1);
    data += `M${tenth(left)} ${zero}V${tenth(atY(value))}H${tenth(right)}V${zero}Z`;
  });
  return { data, wide: y.length > 0 && atX(edges[1]) - atX(edges[0]) > 4 };
}
