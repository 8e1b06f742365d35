/** Pairs of inputs and targets for `train`. */
import { TSContinuous, type TimeSeries } from '../time-series/index.js';
import { UsageError } from './exit.js';
import { readSeries } from './files.js';
import { classesOf, readLabels, targetOf, type Label } from './labels.js';
import { preprocess, settled, type Preprocessing } from './preprocessing.js';
import type { ProgressReporter } from './progress.js';

/** What a network shall answer to an input. */
export interface Pair {
  path: string;
  input: TimeSeries;
  target: TSContinuous;
}

/** Paths of inputs and of their targets or labels, in the same order. */
export interface PairPaths {
  inputs: readonly string[];
  targets?: readonly string[];
  labels?: readonly string[];
}

export interface PairOptions {
  preprocessing: Preprocessing;
  /** Seconds between samples of files without times. */
  inputDt?: number;
  /** Seconds that the answer comes after what it is about. */
  delay: number;
  signal: AbortSignal;
  progress: ProgressReporter;
}

/** @throws UsageError when inputs and targets do not belong together. */
export function checkPaths({ inputs, targets, labels }: PairPaths, what = '--target or --labels'): void {
  if ((targets === undefined) === (labels === undefined)) throw new UsageError(`it takes either ${what}`);
  const others = (targets ?? labels) as readonly string[];
  if (others.length !== inputs.length)
    throw new UsageError(`there are ${inputs.length} inputs and ${others.length} targets: each input needs its own`);
}

async function readTarget(path: string, options: PairOptions): Promise<TSContinuous> {
  const series = await readSeries(path, { dt: options.inputDt, signal: options.signal });
  if (!(series instanceof TSContinuous)) throw new UsageError(`the target '${path}' should hold samples, not events`);
  return series;
}

/** Reads all pairs; label tracks are read first, since they tell the classes, unless `preprocessing` does. */
export async function readPairs(
  paths: PairPaths,
  options: PairOptions,
): Promise<{ pairs: Pair[]; preprocessing: Preprocessing }> {
  const { inputs, targets, labels } = paths;
  const { signal, progress, inputDt, delay } = options;
  let { preprocessing } = options;
  const tracks: Label[][] = [];
  for (const path of labels ?? []) tracks.push(await readLabels(path));
  const classes = labels && (preprocessing.classes ?? classesOf(tracks));
  const unknown = tracks.flat().find(({ name }) => classes?.includes(name) === false);
  if (unknown) throw new UsageError(`the label '${unknown.name}' is none of the network's classes: ${classes?.join(', ')}`); // prettier-ignore
  const pairs: Pair[] = [];
  await progress.during('reading', async (stage) => {
    for (const [i, path] of inputs.entries()) {
      const given = await readSeries(path, { dt: inputDt, signal });
      preprocessing = await settled(preprocessing, given, path);
      const input = await preprocess(given, preprocessing, { signal });
      const target = classes
        ? targetOf(tracks[i], classes, given)
        : await readTarget((targets as string[])[i], options);
      pairs.push({ path, input, target: delay === 0 ? target : target.delay(delay) });
      stage.update(i + 1, inputs.length);
      signal.throwIfAborted();
    }
  });
  return { pairs, preprocessing: classes ? { ...preprocessing, classes } : preprocessing };
}
