/** What the integrate-and-fire layers have in common that the original runs on PyTorch. */
import { native } from '../../binding.js';
import { checkInteger } from '../../check.js';
import type { TSContinuous } from '../../time-series/ts-continuous.js';
import { mergeArguments } from '../arguments.js';
import type { LayerConfig, ToDictOptions } from '../types.js';
import { IAFLayer } from './iaf-layer.js';
import type { IAFModel } from './model.js';
import { type IAFIntegrator, weightNames } from './options.js';
import { aroundReset, atEnd } from './read-outs.js';
import type { Signal, StartValues } from './record.js';

/** A layer of the Torch back-end. */
export abstract class TorchLayer extends IAFLayer {
  #maxNumTimesteps: number;

  protected constructor(model: IAFModel, args: readonly unknown[]) {
    super(model, args);
    const { maxNumTimesteps } = mergeArguments<Record<string, unknown>>(args, weightNames(model));
    this.#maxNumTimesteps = checkInteger(maxNumTimesteps ?? 400, 'maxNumTimesteps', { min: 1 });
  }

  /** How the membrane is integrated. */
  get integrator(): IAFIntegrator {
    return this._settings.integrator;
  }

  /** Time steps that the original computes at once. Nothing depends on it here: memory does not grow with the length of a run. */
  get maxNumTimesteps(): number {
    return this.#maxNumTimesteps;
  }

  set maxNumTimesteps(value: number) {
    this.checkIdle();
    this.#maxNumTimesteps = checkInteger(value, 'maxNumTimesteps', { min: 1 });
  }

  /** `dt / tauMem` for each unit. */
  get alpha(): Float64Array {
    return this._parameters.get('tauMem').map((tau) => this.dt / tau);
  }

  /**
   * Membrane potentials of the last evolution: at its start, then before and after the reset at the end of each step, so that there are
   * 2 T + 1 samples. Null when nothing was recorded in memory.
   */
  get tsRecStates(): TSContinuous | null {
    return this.recorded && aroundReset(this.recorded);
  }

  /**
   * Currents of the last evolution without the bias: the synaptic ones at its start, then, at the end of each step, what acted during the
   * step; T + 1 samples. Null when nothing was recorded in memory.
   */
  get tsRecSynapses(): TSContinuous | null {
    return this.recorded && atEnd(this.recorded, 'total');
  }

  /** The original's entries, and the options that are not at their default. Sparse weights are stored as their parts. */
  override toDict(options?: ToDictOptions): LayerConfig {
    return { ...super.toDict(options), max_num_timesteps: this.#maxNumTimesteps };
  }

  protected override recordSignals(): readonly Signal[] {
    return ['vPre', 'vPost', 'total'];
  }

  protected override startValues(): StartValues {
    const { currents } = this._model;
    const total = currents.length > 0 ? this.current(0).slice() : new Float64Array(this.size);
    if (currents.length > 1) native.combine(0, total, 1, this.size, this.current(1), 1, this.size, 1, this.size, total);
    return { vPost: this.state, total };
  }
}
