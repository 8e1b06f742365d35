/** The layer of balanced networks. */
import type { ArrayLike_ as ArrayInput, Matrix } from '../../array.js';
import { checkFunction, checkOptions } from '../../check.js';
import type { TSEvent } from '../../time-series/ts-event.js';
import { mergeArguments } from '../arguments.js';
import { checkMatrix, checkResolved } from '../jax/parameters.js';
import { smallest } from '../rate-options.js';
import { registerLayerClass } from '../registry.js';
import type { LayerConfig, ToDictOptions } from '../types.js';
import { defined, readPair } from './arrays.js';
import { FastSlowLayer } from './fast-slow-layer.js';
import type { FastSlowPlan } from './native.js';
import { type FastSlowOptions, fastSlowOptionNames } from './options.js';
import type { FastSlowRecord } from './run.js';

/** Called for a spike of a layer: its time in seconds and its unit. */
export type SpikeCallback = (layer: RecFSSpikeEulerBT, t: number, neuronId: number) => void;

/**
 * Options of {@link RecFSSpikeEulerBT}. Defaults: `tauMem` 20e-3, `tauSynRFast` 1e-3, `tauSynRSlow` 100e-3, `vThresh` -55e-3, `vReset` and
 * `vRest` -65e-3; `dt` is at most a tenth of the smallest time constant of the synapses, which is also its default.
 */
export interface RecFSSpikeEulerBTOptions extends FastSlowOptions {
  /** Kept and stored, not used: what the spikes of each unit mean, for the layer that reads them. `size` rows. Default null. */
  weightsOut?: ArrayInput | null;
  /**
   * Called for every spike, in their order, after the evolution has ended; what it changes in the layer counts from the next evolution on. An
   * error that it throws is that of `evolve`, and the evolution has been done. Default null.
   */
  spikeCallback?: SpikeCallback | null;
}

/** @inline Both weights, for the form of the constructor with one object. */
interface BothWeights {
  weightsFast: ArrayInput;
  weightsSlow: ArrayInput;
}

const optionNames = ['weightsFast', 'weightsSlow', 'weightsOut', 'spikeCallback', ...fastSlowOptionNames];
const whichTaus = 'of tauSynRFast and tauSynRSlow';

const defaults = {
  bias: 0,
  tauMem: 20e-3,
  tauSynRFast: 1e-3,
  tauSynRSlow: 100e-3,
  vThresh: -55e-3,
  vReset: -65e-3,
  vRest: -65e-3,
};

/**
 * Recurrent neurons with precise spike times and two kinds of synapses, as tightly balanced networks have them: fast ones that keep the
 * units from coding the same thing, and slow ones that make the dynamics. `NetworkDeneve` builds such networks.
 *
 * Model: Boerlin, Machens, Deneve, PLoS Computational Biology 9 (2013).
 */
export class RecFSSpikeEulerBT extends FastSlowLayer {
  readonly #weightsOut: Matrix | null;
  #spikeCallback: SpikeCallback | null;

  /**
   * @param weightsFast Weights of the fast synapses in volts, `size` x `size`, indexed **[post, pre]**: column j holds the effect of unit j.
   * @param weightsSlow Weights of the slow synapses, likewise.
   * @throws TypeError or RangeError for an argument of the wrong kind, shape or value; also for a `dt` above a tenth of the smallest time
   *   constant of the synapses.
   */
  constructor(weightsFast: ArrayInput, weightsSlow: ArrayInput, options?: RecFSSpikeEulerBTOptions);
  constructor(options: RecFSSpikeEulerBTOptions & BothWeights);
  constructor(...args: unknown[]) {
    type Given = RecFSSpikeEulerBTOptions & BothWeights;
    const merged = mergeArguments<Given>(args, ['weightsFast', 'weightsSlow']);
    const given = checkOptions<Given>(merged, 'options', optionNames);
    const { weightsOut = null, spikeCallback = null } = given;
    const [weightsFast, weightsSlow] = readPair(given.weightsFast, given.weightsSlow);
    super({ ...given, weightsFast, weightsSlow, vectors: { ...defaults, ...defined(given) }, outputs: 0 });
    this.#checkDt(this.dt);
    this.#weightsOut =
      weightsOut === null ? null : checkMatrix(weightsOut, 'weightsOut', this.size, undefined, 'size x outputs');
    this.#spikeCallback = spikeCallback === null ? null : checkFunction<SpikeCallback>(spikeCallback, 'spikeCallback');
    this._plan(); // checks what remains
    this.resetAll();
  }

  /** What a spike adds to the slow currents, `size` x `size`, indexed **[post, pre]**: see {@link weightsFast}. The layer's own array. */
  get weightsSlow(): Matrix {
    return this._arrays.handOut('weightsSlow');
  }

  set weightsSlow(value: ArrayInput) {
    this.putMatrix('weightsSlow', value, 'size x size');
  }

  /** Weights for the layer that reads the spikes, as they were given. */
  get weightsOut(): Matrix | null {
    return this.#weightsOut;
  }

  /** Called for every spike, in their order, after each evolution; null for nothing. */
  get spikeCallback(): SpikeCallback | null {
    return this.#spikeCallback;
  }

  set spikeCallback(value: SpikeCallback | null) {
    this.#spikeCallback = value === null ? null : checkFunction<SpikeCallback>(value, 'spikeCallback');
  }

  override get dt(): number {
    return super.dt;
  }

  /** @throws RangeError above a tenth of the smallest time constant of the synapses. */
  override set dt(value: number) {
    this.checkIdle();
    this.#checkDt(value);
    super.dt = value;
  }

  /**
   * The state of the neurons in the last evolution. It is computed when it is first read, by running that evolution again.
   *
   * @throws RockpoolError `ERR_STATE` before the first evolution, or when the input series was changed since.
   */
  get lastEvolve(): FastSlowRecord {
    return this.lastRecord('lastEvolve');
  }

  /** All arguments of the constructor but the callback. */
  override toDict(options?: ToDictOptions): LayerConfig {
    return { ...super.toDict(options), ...(this.#weightsOut && { weights_out: this.#weightsOut.toArray() }) };
  }

  protected override slowWeights(): { weights: Float64Array; byPre: boolean } {
    return { weights: this._arrays.data('weightsSlow'), byPre: false };
  }

  protected override _plan(): FastSlowPlan {
    this.#checkDt(this.dt); // a time constant may have been written
    return super._plan();
  }

  protected override tell(output: TSEvent): void {
    const callback = this.#spikeCallback;
    if (!callback) return;
    const { times, channels } = output.copy();
    for (let k = 0; k < times.length; k++) callback(this, times[k], channels[k]);
  }

  #checkDt(dt: number): void {
    const least = Math.min(smallest(this._arrays.data('tauSynRFast')), smallest(this._arrays.data('tauSynRSlow')));
    checkResolved(dt, least, whichTaus);
  }
}

registerLayerClass('RecFSSpikeEulerBT', RecFSSpikeEulerBT);
