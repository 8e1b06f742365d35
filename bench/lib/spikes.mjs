/** Comparison of spike trains that need not be equal: rounding, or noise, soon makes two runs of one network differ. */
import { kolmogorovSmirnov, uniform } from './statistics.mjs';

/**
 * The intervals between successive spikes of each neuron in time steps, one list per neuron; the spikes come in order of time.
 * Whole numbers, so that equal intervals are equal whatever precision the times have.
 */
export function intervals({ times, neurons }, size, dt) {
  const last = new Float64Array(size).fill(NaN);
  const lists = Array.from({ length: size }, () => []);
  for (let i = 0; i < times.length; i++) {
    const neuron = neurons[i];
    if (!Number.isNaN(last[neuron])) lists[neuron].push(Math.round((times[i] - last[neuron]) / dt));
    last[neuron] = times[i];
  }
  return lists;
}

/**
 * One interval of each neuron that has any. Those of one neuron, or of neurons at the same time, depend on each other, and a
 * test on all of them would find two runs of one chaotic network different.
 */
export function sampleIntervals(spikes, size, dt, seed = 1) {
  const random = uniform(seed);
  return intervals(spikes, size, dt)
    .map((list) => list[Math.floor(random() * list.length)])
    .filter((interval) => interval !== undefined);
}

/**
 * What differs between two runs of a network of `size` neurons over the same time, spikes being { times, neurons }: the rate
 * by more than 5 %, or the intervals between spikes by more than chance allows (Kolmogorov-Smirnov, p <= 1e-3). Undefined when
 * nothing does.
 */
export function compareSpikes(ours, theirs, size, dt) {
  const counts = [ours.times.length, theirs.times.length];
  if (!(Math.abs(counts[0] - counts[1]) <= 0.05 * counts[1]))
    return `${counts[0]} spikes, the peer has ${counts[1]}: more than 5 % apart`;
  const samples = [ours, theirs].map((spikes) => sampleIntervals(spikes, size, dt));
  if (samples.some((sample) => sample.length < size / 4))
    return `too few neurons spike twice to compare intervals: ${samples.map((sample) => sample.length).join(' and ')}`;
  const { p, distance } = kolmogorovSmirnov(...samples);
  if (!(p > 1e-3)) return `intervals between spikes differ: Kolmogorov-Smirnov distance ${distance}, p = ${p}`;
  return undefined;
}

/** The spikes in a peer's output, an array of two rows: times, neurons. */
export function peerSpikes({ data, shape }) {
  return { times: data.subarray(0, shape[1]), neurons: data.subarray(shape[1]) };
}
