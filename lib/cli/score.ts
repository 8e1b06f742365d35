/** How good outputs are. */
import { native } from '../binding.js';
import type { TSContinuous } from '../time-series/index.js';

/** The mean of each channel over all samples. */
export function channelMeans(series: TSContinuous): Float64Array {
  const { length, numChannels } = series;
  const out = new Float64Array(numChannels);
  native.multiply(new Float64Array(length).fill(1 / length), 1, length, series._samples, numChannels, out);
  return out;
}
