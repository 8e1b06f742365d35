/** Training of LIF layers. */
import { type Matrix, NdArray } from '../../array.js';
import { checkBoolean, typeError } from '../../check.js';
import { eventWindow, type InputTarget } from '../../layers/prepare-input.js';
import { LifJax } from '../../layers/lif/lif-jax.js';
import { sampleTicks } from '../../time-series/continuous/sampling.js';
import { TimeSeries } from '../../time-series/time-series.js';
import { TSContinuous } from '../../time-series/ts-continuous.js';
import { TSEvent } from '../../time-series/ts-event.js';
import { lifModel } from './lif-model.js';
import { type Trainee, trainOutputTarget, trainOutputTargetAsync } from './trainer.js';
import type {
  AsyncTrainOutputTargetOptions,
  SpikingTrainingSignal,
  TrainableLayer,
  TrainingSignal,
  TrainingStep,
  TrainOutputTargetOptions,
} from './types.js';

const trainee = (layer: LifJax): Trainee => ({
  layer,
  forced: null,
  model: ({ activationDerivative: given }) => {
    if (given !== undefined)
      throw typeError('activationDerivative', 'left out: the surrogate of this layer is known', given);
    return lifModel(layer, shims.has(layer));
  },
});

const shims = new WeakSet<LifJax>();

/** What takes and emits series. */
export interface SeriesLayer extends TrainableLayer {
  readonly inputType: typeof TSContinuous | typeof TSEvent;
  readonly outputType: typeof TSContinuous | typeof TSEvent;
  readonly addEvents: boolean | undefined;
}

/** Series as arrays of the layer's time steps, since a TSEvent has numbers of events in them; arrays as they are. */
export function readSeries(
  layer: SeriesLayer,
  tsInput: SpikingTrainingSignal,
  tsTarget: SpikingTrainingSignal,
): [TrainingSignal, TrainingSignal] {
  const emits = layer.outputType === TSEvent ? TSEvent : TSContinuous;
  if (!(tsInput instanceof TimeSeries)) {
    if (tsTarget instanceof TimeSeries) throw typeError('tsTarget', 'an array, since the input is one', tsTarget);
    return [tsInput, tsTarget];
  }
  if (!(tsTarget instanceof emits))
    throw typeError('tsTarget', `a ${emits.name}, since the input is a series`, tsTarget);
  if (layer.inputType === TSContinuous && emits === TSContinuous)
    return [tsInput as TSContinuous, tsTarget as TSContinuous];
  const { startPrint, t, dt, sizeIn, sizeOut } = layer;
  const of: InputTarget = { startPrint, t, dt, sizeIn, inputType: layer.inputType };
  if (!(tsInput instanceof layer.inputType)) throw typeError('tsInput', `a ${layer.inputType.name}`, tsInput);
  const numTimesteps =
    tsInput instanceof TSEvent
      ? eventWindow(of, tsInput, { addEvents: layer.addEvents ?? true }).numTimesteps
      : Math.floor((tsInput.tStop - t) / dt + 1e-6);
  const rows = (series: TimeSeries, channels: number, addEvents: boolean): Matrix => {
    if (series instanceof TSContinuous)
      return new NdArray(sampleTicks(series, { t0: t, dt, first: 0 }, numTimesteps, 1e-3 * dt), [
        numTimesteps,
        channels,
      ]);
    const all = Array.from({ length: channels }, (_, i) => i);
    const raster = (series as TSEvent).raster({ dt, tStart: t, numTimesteps, channels: all, addEvents });
    return new NdArray(Float64Array.from(raster.data as Uint8Array), [numTimesteps, channels]);
  };
  return [rows(tsInput, sizeIn, layer.addEvents ?? true), rows(tsTarget, sizeOut, true)];
}

/** @internal See `LifJax.trainOutputTarget`. */
export function trainLif(
  layer: LifJax,
  tsInput: SpikingTrainingSignal,
  tsTarget: SpikingTrainingSignal,
  options?: TrainOutputTargetOptions,
): TrainingStep {
  return trainOutputTarget(trainee(layer), ...readSeries(layer, tsInput, tsTarget), options);
}

/** @internal The same off the event loop, for a caller who holds the lock. */
export function trainLifAsync(
  layer: LifJax,
  tsInput: SpikingTrainingSignal,
  tsTarget: SpikingTrainingSignal,
  options: AsyncTrainOutputTargetOptions = {},
): Promise<TrainingStep> {
  const within = <T>(fn: () => T): T => layer._lock().permit(fn);
  return trainOutputTargetAsync(trainee(layer), ...readSeries(layer, tsInput, tsTarget), options, within);
}

/**
 * Lets `trainOutputTarget` of a LIF layer use the loss of the original's first releases: other weights of its terms, and a quadratic cost of time
 * constants below `minTau + 1 ms` (see {@link LifLossParams}). Returns the layer.
 *
 * Unlike there, an optimiser starts anew only when told to, and the layer's state stays.
 *
 * @throws TypeError for another layer.
 */
export function addShimLifJaxSgd<L extends LifJax>(layer: L, enabled = true): L {
  if (!((layer as unknown) instanceof LifJax)) throw typeError('layer', 'a LIF layer such as RecLIFJax_IO', layer);
  if (checkBoolean(enabled, 'enabled')) shims.add(layer);
  else shims.delete(layer);
  return layer;
}
