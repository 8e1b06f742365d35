/** Values of the neurons of the simulated DynapSE board, which can be read alone. */
import { type Matrix } from '../../array.js';
import { RockpoolError } from '../../errors.js';
import type { SparseMatrix } from '../../synapses/sparse-matrix.js';
import type { VectorName } from '../iaf/model.js';
import type { Weights } from '../iaf/weights.js';
import { VirtualDynapseBase } from './virtual-dynapse-base.js';

const neuronsOnly = (name: string, className: string): RockpoolError =>
  new RockpoolError(
    'ERR_STATE',
    `expected ${name} of ${className} to be left as it is, received a value: parameters are set for each core`,
  );

/** What the neurons of a {@link VirtualDynapse} have, after mismatch. */
export abstract class VirtualDynapseNeurons extends VirtualDynapseBase {
  // ---- Values of neurons ------------------------------------------------------------------------------------------

  #neurons(name: VectorName): Float64Array {
    this.refresh();
    return this._parameters.get(name).slice();
  }

  /** Constant current of each neuron: a new array, as all of these. */
  get bias_(): Float64Array {
    return this.#neurons('bias');
  }

  /** Refractory time of each neuron in seconds. */
  get refractory_(): Float64Array {
    this.refresh();
    return this._setup.mismatch.spread(this._setup.cores.refractory, 'refractory');
  }

  /** Threshold of each neuron in volts. */
  get vThresh_(): Float64Array {
    return this.#neurons('vThresh');
  }

  /** Membrane time constant of each neuron in seconds. */
  get tauMem_(): Float64Array {
    return this.#neurons('tauMem');
  }

  /** Time constant of the excitatory synapses of each neuron in seconds. */
  get tauSynExc_(): Float64Array {
    return this.#neurons('tauSynExc');
  }

  /** Time constant of the inhibitory synapses of each neuron in seconds. */
  get tauSynInh_(): Float64Array {
    return this.#neurons('tauSynInh');
  }

  /** What a spike adds to the adaptation current of each neuron, in thousandths of the unit of the weights. */
  get spikeAdapt_(): Float64Array {
    return this.#neurons('spikeAdapt');
  }

  /** Time constant of the adaptation of each neuron in seconds. */
  get tauAdapt_(): Float64Array {
    return this.#neurons('tauAdapt');
  }

  /** Slope factor of each neuron in volts. */
  get deltaT_(): Float64Array {
    return this.#neurons('deltaT');
  }

  /** Weights between neurons: number of synapses x base weight of the core x mismatch. Read only. */
  override get weightsRec(): Weights {
    this.refresh();
    return this._weightsOf('recurrent');
  }

  override set weightsRec(_: unknown) {
    throw neuronsOnly('weightsRec', this.className);
  }

  /** Weights from input channels, likewise. */
  get weightsExt(): SparseMatrix {
    this.refresh();
    return this._weightsOf('input') as SparseMatrix;
  }

  override get weightsIn(): Weights {
    return this.weightsExt;
  }

  override set weightsIn(_: unknown) {
    throw neuronsOnly('weightsIn', this.className);
  }

  /** The weights between neurons as a dense matrix: 134 MB in a new array. */
  override get weights(): Matrix {
    return super.weights;
  }

  override set weights(_: unknown) {
    throw neuronsOnly('weights', this.className);
  }

  /** As `tauMem_`. It is set for each core, as `tauMem1` and `tauMem2`. */
  override get tauMem(): Float64Array {
    return this.tauMem_;
  }

  override set tauMem(_: unknown) {
    throw neuronsOnly('tauMem', this.className);
  }

  /** Capacity of each neuron: its time constant. A new array. */
  override get capacity(): Float64Array {
    return this.#neurons('capacity');
  }

  override set capacity(_: unknown) {
    throw neuronsOnly('capacity', this.className);
  }

  /** Leak conductance of each neuron: 1. A new array. */
  override get conductance(): Float64Array {
    return this.#neurons('conductance');
  }

  override set conductance(_: unknown) {
    throw neuronsOnly('conductance', this.className);
  }

  /** Subthreshold adaptation of each neuron: none. A new array. */
  override get subthreshAdapt(): Float64Array {
    return this.#neurons('subthreshAdapt');
  }

  override set subthreshAdapt(_: unknown) {
    throw neuronsOnly('subthreshAdapt', this.className);
  }

  /** Reset of each neuron: 0. A new array. */
  override get vReset(): Float64Array {
    return this.#neurons('vReset');
  }

  override set vReset(_: unknown) {
    throw neuronsOnly('vReset', this.className);
  }

  /** Rest of each neuron: 0. A new array. */
  override get vRest(): Float64Array {
    return this.#neurons('vRest');
  }

  override set vRest(_: unknown) {
    throw neuronsOnly('vRest', this.className);
  }

  /** Null: excitatory and inhibitory synapses have time constants of their own. */
  override get tauSyn(): Float64Array | null {
    return null;
  }

  override set tauSyn(_: unknown) {
    throw neuronsOnly('tauSyn', this.className);
  }
}
