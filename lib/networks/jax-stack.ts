/** Layers in a row that are trained together. */
import { rangeError, typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { RateEulerJax } from '../layers/jax/rate-euler-jax.js';
import { LifJax } from '../layers/lif/lif-jax.js';
import { stackTraining } from '../lazy.js';
import type {
  AsyncTrainOutputTargetOptions,
  SpikingTrainingSignal,
  TrainingStep,
  TrainOutputTargetOptions,
} from '../training/first-generation/types.js';
import { Network } from './network.js';
import type { NetworkOptions } from './types.js';

/** A layer that a stack may have. */
export type StackLayer = RateEulerJax | LifJax;

/**
 * Jax-named layers one after another, all with one time step, that are trained together: gradients go back through all of them. It is a
 * {@link Network} in all else.
 *
 * @example
 * const stack = new JaxStack([new FFRateEulerJax({ wIn, … }), new RecRateEulerJax_IO({ wIn, wRecurrent, wOut, … })]);
 * const [loss] = stack.trainOutputTarget(input, target);
 */
export class JaxStack extends Network {
  /**
   * @throws TypeError for a layer that cannot be trained so, RangeError `ERR_VALUE` for time steps that differ, `ERR_DIMENSION` for sizes that do not
   *   fit.
   */
  constructor(layers: readonly StackLayer[] = [], options: NetworkOptions = {}) {
    super(checkLayers(layers), options);
  }

  /** Number of layers. */
  get length(): number {
    return this.#members().length;
  }

  /** Layer `index`; negative ones count from the end. */
  at(index: number): StackLayer {
    const layer = this.#members().at(index);
    if (!layer) throw rangeError('index', `from ${-this.length} to ${this.length - 1}`, index, 'ERR_INDEX');
    return layer;
  }

  #members(): StackLayer[] {
    return this._order().map(({ layer }) => layer as unknown as StackLayer);
  }

  /** @internal The layers, in order, for training. */
  _stack(): StackLayer[] {
    const layers = this.#members();
    if (layers.length === 0)
      throw new RockpoolError('ERR_STATE', 'expected a stack with layers when it is trained, received one without');
    for (const layer of layers) checkLayer(layer);
    return layers;
  }

  /**
   * One step of gradient training of all layers, as their own `trainOutputTarget` does it for one. Gradients are a tree by layer and
   * parameter. The default loss is the mean squared error and, for each layer, the cost of its time constants and recurrent weights.
   *
   * @param tsInput What the first layer takes: a series, or an array of one value for each time step.
   * @param tsTarget What the last layer emits, likewise.
   */
  trainOutputTarget(
    tsInput: SpikingTrainingSignal,
    tsTarget: SpikingTrainingSignal,
    options: TrainOutputTargetOptions = {},
  ): TrainingStep {
    return stackTraining().trainStack(this, tsInput, tsTarget, options);
  }

  /** The same off the event loop. */
  trainOutputTargetAsync(
    tsInput: SpikingTrainingSignal,
    tsTarget: SpikingTrainingSignal,
    options: AsyncTrainOutputTargetOptions = {},
  ): Promise<TrainingStep> {
    return stackTraining().trainStackAsync(this, tsInput, tsTarget, options);
  }

  /** Draws the states of all layers. */
  randomizeState(): void {
    for (const layer of this.#members()) layer.randomizeState();
  }

  /** Loads a stack from a JSON file. */
  static override async load(filename: string, overrides?: Record<string, unknown>): Promise<JaxStack> {
    return adopt(await Network.load(filename, overrides));
  }

  /** The same, waiting for the disk. */
  static override loadSync(filename: string, overrides?: Record<string, unknown>): JaxStack {
    return adopt(Network.loadSync(filename, overrides));
  }

  /** Makes a stack from a dictionary; `overrides` win over its entries. */
  static override loadFromDict(config: Record<string, unknown>, overrides?: Record<string, unknown>): JaxStack {
    return adopt(Network.loadFromDict(config, overrides));
  }
}

function checkLayer(layer: unknown): StackLayer {
  if (!(layer instanceof RateEulerJax) && !(layer instanceof LifJax))
    throw typeError('layers', 'rate or LIF layers with Jax in their name', layer);
  return layer as StackLayer;
}

function checkLayers(layers: unknown): StackLayer[] {
  if (!Array.isArray(layers)) throw typeError('layers', 'a list of layers', layers);
  const all = layers.map(checkLayer);
  for (const { dt } of all)
    if (Math.abs(dt - all[0].dt) > 1e-9 * dt) throw rangeError('the time steps of layers', `all ${all[0].dt}`, dt);
  return all;
}

function adopt(net: Network): JaxStack {
  for (const { layer } of net._order()) checkLayer(layer);
  const own = new JaxStack([], { dt: net._forcedDt(), evolveOnDisk: net.evolveOnDisk, name: net.name });
  own._copyStructure(net);
  return own;
}
