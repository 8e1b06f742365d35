/** Many bars as few. */
import { allocate } from '../array.js';
import { native } from '../binding.js';

/** Of each of `count` runs of bars, or of fewer, the one of largest magnitude, and the edges of the runs. */
export function largestBars(
  edgeOf: (i: number) => number,
  y: Float64Array,
  count: number,
): { edges: Float64Array; y: Float64Array } {
  const runs = Math.min(count, y.length);
  let largest = y;
  if (runs < y.length) native.plotMatrix(y, 1, y.length, 1, runs, (largest = allocate([runs], 'the bars')));
  return {
    edges: Float64Array.from({ length: runs + 1 }, (_, j) => edgeOf(Math.ceil((j * y.length) / (runs || 1)))),
    y: largest,
  };
}
