/** Training of a network's readout by ridge regression. */
import { RockpoolError } from '../errors.js';
import { RRTrainedLayer, type TrainRrResult } from '../layers/index.js';
import type { Network } from '../networks/index.js';
import type { TimeSeries, TSContinuous } from '../time-series/index.js';
import { UsageError } from './exit.js';
import { inBlocks, stepsFor } from './evolve.js';
import { runnerOf } from './model.js';
import type { Pair } from './train-data.js';
import type { Stage } from './progress.js';

export interface RidgeOptions {
  /** Penalty. */
  regularize: number;
  signal: AbortSignal;
}

export interface RidgeResult {
  /** Mean square error of each output, over all data. */
  mse: number[];
  conditionEstimate: number;
  /** Network time steps. */
  steps: number;
}

/** The layer that learns. @throws UsageError when there is none of that name, or it cannot. */
export function trainedLayer(net: Network, name: string | undefined): RRTrainedLayer {
  const layer = name === undefined ? net.outputLayer : net.layers.get(name);
  if (!layer) throw new UsageError(`--layer '${name}' is none of the network's layers: ${[...net.layers.keys()].join(', ')}`); // prettier-ignore
  if (layer instanceof RRTrainedLayer) return layer;
  throw new UsageError(`the layer '${net.layerName(layer)}' (${layer.className}) does not train by ridge regression`);
}

interface Piece {
  signals: TimeSeries;
  target: TSContinuous;
}

/** The part of a target that a block of time covers, or null. */
function within(target: TSContinuous, tStart: number, tStop: number, dt: number): TSContinuous | null {
  const from = Math.max(tStart, target.tStart);
  const to = Math.min(tStop, target.tStop);
  return to - from < dt / 2 ? null : target.clip(from, to);
}

/** @throws UsageError for a target that does not fit. */
export function checkPair({ path, input, target }: Pair, net: Network, layer: RRTrainedLayer): void {
  if (target.numChannels !== layer.size)
    throw new UsageError(`the target of '${path}' has ${target.numChannels} channels, and the layer '${layer.name}' puts out ${layer.size}`); // prettier-ignore
  if (Math.min(input.tStop, target.tStop) - Math.max(0, target.tStart) < (net.dt as number))
    throw new UsageError(`the target of '${path}' (${target.tStart} s to ${target.tStop} s) does not overlap with the input`); // prettier-ignore
}

/** Runs the network over all inputs, from time 0 each, and trains the layer on what it gets meanwhile. */
export async function trainRidge(
  net: Network,
  layer: RRTrainedLayer,
  pairs: readonly Pair[],
  { regularize, signal, stage }: RidgeOptions & { stage: Stage },
): Promise<RidgeResult> {
  const runner = runnerOf({ kind: 'network', net, preprocessing: {} });
  const before = net.preLayer(layer);
  const source = before ? net.layerName(before) : 'external';
  net.resetAll();
  const steps = pairs.map(({ input }) => stepsFor(runner, input, undefined));
  const total = steps.reduce((a, b) => a + b, 0);
  let last: TrainRrResult | undefined;
  let waiting: Piece | null = null; // a piece is added when another one is there, since the last one solves
  let isFirst = true;
  const add = async ({ target, signals }: Piece, solve: boolean): Promise<void> => {
    const options = { regularize, isFirst, calcIntermediateResults: solve, returnTrainingProgress: false, signal };
    last = await layer.trainRrAsync(target, signals, options);
    isFirst = false;
  };
  let done = 0;
  for (const [k, { input, target }] of pairs.entries()) {
    net.resetAll();
    for await (const block of inBlocks(runner, input, steps[k], { signal, stage, before: done, total })) {
      const part = within(target, block.tStart, block.tStop, layer.dt);
      if (!part) continue;
      if (waiting) await add(waiting, false);
      waiting = { target: part, signals: block.outputs[source] };
    }
    done += steps[k];
  }
  if (waiting) await add(waiting, true);
  net.resetAll();
  if (!last?.mse) throw new RockpoolError('ERR_STATE', 'nothing was trained: no target overlaps with its input');
  return { mse: Array.from(last.mse.total), conditionEstimate: last.conditionEstimate ?? NaN, steps: total };
}
