/** Constant-leak and digital neurons in plain loops: as the reference states them, and with the defects of the original. */

type Numbers = ArrayLike<number>;
interface Matrix {
  data: Numbers;
  shape: readonly number[];
}

const integers: Record<string, readonly [number, number]> = {
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint8: [0, 255],
  uint16: [0, 65535],
  uint32: [0, 2 ** 32 - 1],
};

/** What a number becomes when a state of that type takes it. */
export function castTo(type: string): (x: number) => number {
  const range = integers[type];
  if (range) return (x) => Math.trunc(Math.min(Math.max(x, range[0]), range[1])) + 0;
  return type === 'float32' ? Math.fround : (x) => x;
}

const row = (matrix: Matrix, i: number): number[] =>
  Array.from({ length: matrix.shape[1] }, (_, j) => matrix.data[i * matrix.shape[1] + j]);

function weighted(counts: readonly number[], matrix: Matrix): number[] {
  const sums = new Array<number>(matrix.shape[1]).fill(0);
  counts.forEach((count, i) => {
    if (count !== 0) row(matrix, i).forEach((w, j) => (sums[j] += count * w));
  });
  return sums;
}

/** Spikes as pairs of step and neuron, states, and the states before and after the reset of each step. */
export interface ClockedRun {
  spikes: [step: number, neuron: number][];
  v: number[];
  record: number[][];
}

/** What of a feed-forward layer of ours matters here. */
export interface FFNeurons {
  weights: Matrix;
  bias: Numbers;
  vThresh: Numbers;
  vReset: Numbers;
  vSubtract: Numbers | null;
}

/** `single`: the state is rounded to single precision first, as the original does at every call. */
export function simulateFF(p: FFNeurons, start: readonly number[], input: number[][], single: boolean): ClockedRun {
  const v = single ? start.map(Math.fround) : [...start];
  const run: ClockedRun = { spikes: [], v, record: [[...start]] };
  input.forEach((counts, step) => {
    const drive = weighted(counts, p.weights);
    for (let j = 0; j < v.length; j++) v[j] = v[j] + drive[j] + p.bias[j];
    run.record.push([...v]);
    for (let j = 0; j < v.length; j++) {
      for (let first = true; v[j] >= p.vThresh[j] && (first || p.vSubtract !== null); first = false) {
        v[j] = p.vSubtract ? v[j] - p.vSubtract[j] : p.vReset[j];
        run.spikes.push([step, j]);
      }
    }
    run.record.push([...v]);
  });
  return run;
}

/** What of a recurrent layer of ours matters here. */
export interface RecNeurons extends Omit<FFNeurons, 'weights'> {
  weightsIn: Matrix;
  weightsRec: Matrix;
  refractory: Numbers;
  delay: number;
  tTauBias: number;
  dt: number;
  stateType: string;
}

export interface RecState {
  v: number[];
  /** Numbers of spikes that arrive in the next step, the one after that, and so on. */
  queue: number[][];
  countdown: number[];
}

/**
 * `original`: refractory neurons are tested for the threshold, and the rows of the queue are one array where a neuron may spike several times.
 */
export function simulateRec(
  p: RecNeurons,
  start: RecState,
  input: number[][],
  firstStep: number,
  original: boolean,
): ClockedRun & { state: RecState } {
  const cast = castTo(p.stateType);
  const steps = (seconds: number): number => Math.round(seconds / p.dt);
  const held = Array.from(p.refractory, steps);
  const several = p.vSubtract !== null && held.every((n) => n === 0);
  const v = [...start.v];
  const queue = [...start.queue];
  const countdown = [...start.countdown];
  const run: ClockedRun = { spikes: [], v, record: [[...v]] };
  const shared = new Array<number>(v.length).fill(0);
  input.forEach((counts, step) => {
    const [fromInput, fromNeurons] = [weighted(counts, p.weightsIn), weighted(queue.shift()!, p.weightsRec)];
    const biased = (firstStep + step + 1) % steps(p.tTauBias) === 0;
    const free = countdown.map((n) => n === 0);
    for (let j = 0; j < v.length; j++)
      v[j] = cast(v[j] + (free[j] ? fromInput[j] + fromNeurons[j] + (biased ? p.bias[j] : 0) : 0));
    run.record.push([...v]);
    const spikes = several && original ? shared.fill(0) : new Array<number>(v.length).fill(0);
    for (let j = 0; j < v.length; j++) {
      countdown[j] = Math.max(countdown[j] - 1, 0);
      if (!free[j] && !original) continue;
      for (let first = true; v[j] >= p.vThresh[j] && (first || several); first = false) {
        v[j] = cast(p.vSubtract ? v[j] - p.vSubtract[j] : p.vReset[j]);
        spikes[j]++;
        run.spikes.push([step, j]);
        countdown[j] = held[j];
      }
    }
    queue.push(spikes);
    run.record.push([...v]);
  });
  return { ...run, state: { v, queue, countdown } };
}

/** What of a digital layer of ours matters here. */
export interface DigitalNeurons {
  weightsIn: Matrix;
  weightsRec: Matrix;
  vThresh: Numbers;
  vReset: Numbers;
  vRest: Numbers | null;
  vSubtract: Numbers | null;
  leak: Numbers;
  refractory: Numbers;
  delay: number;
  tauLeak: number;
  stateType: string;
}

export interface DigitalState {
  v: number[];
  refractoryEnds: number[];
  pending: [time: number, channel: number][];
}

export interface DigitalRun {
  spikes: [time: number, neuron: number][];
  state: DigitalState;
  /** Rows of time, states, channel. */
  record: { time: number; v: number[]; channel: number }[];
}

/** Seconds by which a leak event may miss the end of an evolution, and that lie between the end of a refractory time and a wake-up. */
const margin = 1e-10;

/** `original`: one event behind the end is processed, and refractory times are forgotten between calls. */
export function simulateDigital(
  p: DigitalNeurons,
  start: DigitalState,
  input: readonly [number, number][],
  [from, to]: readonly [number, number],
  original: boolean,
): DigitalRun {
  const [inputs, units] = [p.weightsIn.shape[0], p.weightsRec.shape[0]];
  const leakChannel = inputs + units;
  const cast = castTo(p.stateType);
  const v = [...start.v];
  const ends = original ? v.map(() => 0) : [...start.refractoryEnds];
  const queue: [number, number][] = [...start.pending, ...input];
  for (let k = Math.max(1, Math.floor(from / p.tauLeak) - 1); k * p.tauLeak <= to + margin; k++)
    if (k * p.tauLeak > from + margin) queue.push([k * p.tauLeak, leakChannel]);
  const run: DigitalRun = { spikes: [], state: start, record: [{ time: from, v: [...v], channel: NaN }] };
  const note = (time: number, channel: number): number => run.record.push({ time, v: [...v], channel });
  for (let last = from; queue.length > 0;) {
    queue.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const [time, channel] = queue[0];
    if (original ? last >= to : time >= to) break;
    queue.shift();
    last = time;
    note(time, channel);
    const weights =
      channel < 0
        ? v.map(() => 0)
        : channel === leakChannel
          ? v.map((x, j) => -p.leak[j] * (p.vRest ? Math.sign(x - p.vRest[j]) : 1))
          : channel < inputs
            ? row(p.weightsIn, channel)
            : row(p.weightsRec, channel - inputs);
    const free = ends.map((end) => end <= time);
    for (let j = 0; j < units; j++) if (free[j]) v[j] = cast(v[j] + weights[j]);
    note(time, NaN);
    for (let j = 0; j < units; j++) {
      if (!free[j] || v[j] < p.vThresh[j]) continue;
      v[j] = cast(p.vSubtract ? v[j] - p.vSubtract[j] : p.vReset[j]);
      if (p.vSubtract && v[j] >= p.vThresh[j]) queue.push([time + p.refractory[j] + margin, -1]);
      ends[j] = time + p.refractory[j];
      queue.push([time + p.delay, inputs + j]);
      run.spikes.push([time, j]);
    }
    note(time, NaN);
  }
  return { ...run, state: { v, refractoryEnds: ends, pending: queue } };
}
