/** Parameters and connections of the simulated DynapSE board. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkOptions } from '../../check.js';
import type { SparseMatrix } from '../../synapses/sparse-matrix.js';
import { RecAEIFSpkInNest } from '../iaf/adaptive.js';
import type { SpikingPlan } from '../iaf/native.js';
import type { WeightsInput } from '../iaf/options.js';
import { LiveArrays } from '../live-arrays.js';
import * as board from './connectivity.js';
import { optionNames, type SetConnectionsOptions, type VirtualDynapseOptions } from './options.js';
import { type CoreParameter, readCores, readFlags } from './parameters.js';
import {
  neuronOptions,
  readConnections,
  readSetup,
  type Setup,
  tauMemOf,
  truncated,
  weightsOf,
} from './virtual-dynapse-setup.js';

/** What a {@link VirtualDynapse} is made from; that class adds how it evolves. */
export abstract class VirtualDynapseBase extends RecAEIFSpkInNest {
  /** @internal */
  protected readonly _setup: Setup;
  readonly #live = new LiveArrays();

  protected constructor(options: VirtualDynapseOptions) {
    const given = checkOptions<VirtualDynapseOptions>(options, 'options', optionNames);
    const setup = readSetup(given, `VirtualDynapse '${given.name ?? 'unnamed'}': `);
    super(neuronOptions(setup, given) as never);
    this._setup = setup;
  }

  // ---- Connections ------------------------------------------------------------------------------------------------

  /** Synapses between neurons, 4096 x 4096. Setting takes a smaller matrix, too, checks it and replaces all. */
  get connectionsRec(): SparseMatrix {
    return this._setup.rec;
  }

  set connectionsRec(value: WeightsInput | null) {
    this.checkIdle();
    this.#putConnections(readConnections(value, 'connectionsRec', false, this.startPrint), false);
  }

  /** Synapses from input channels, 1024 x 4096, likewise. */
  get connectionsExt(): SparseMatrix {
    return this._setup.ext;
  }

  set connectionsExt(value: WeightsInput | null) {
    this.checkIdle();
    this.#putConnections(readConnections(value, 'connectionsExt', true, this.startPrint), true);
  }

  /**
   * Sets the connections between some neurons and leaves all others.
   *
   * @param connections Whole numbers of synapses, [pre, post].
   * @param idsPre Neurons, or input channels, of the rows. Default: 0, 1, …
   * @param idsPost Neurons of the columns. Default: 0, 1, …
   * @throws As the constructor; the connections are as before then.
   */
  setConnections(
    connections: WeightsInput,
    idsPre?: ArrayInput | null,
    idsPost?: ArrayInput | null,
    options: SetConnectionsOptions = {},
  ): void {
    this.checkIdle();
    const given = checkOptions<SetConnectionsOptions>(options, 'options', ['external', 'add']);
    const external = checkBoolean(given.external ?? false, 'external');
    const add = checkBoolean(given.add ?? false, 'add');
    const base = external ? this._setup.ext : this._setup.rec;
    const block = board.readMatrix(connections, 'connections');
    const placed = board.placeBlock(base, block, { pre: idsPre, post: idsPost, add });
    if (placed.truncated) truncated(this.startPrint);
    this.#putConnections(placed.connections, external);
  }

  /** The weights between some neurons, or from some input channels: number of synapses x base weight x mismatch. A new matrix. */
  getWeights(idsPre: ArrayInput, idsPost: ArrayInput, external = false): Matrix {
    this.checkIdle();
    const weights = weightsOf(this._setup, checkBoolean(external, 'external'));
    const [pre, post] = [board.readIds(idsPre, 'idsPre', 0), board.readIds(idsPost, 'idsPost', 0)];
    const out = new Float64Array(pre.length * post.length);
    native.dynapseBlock(...weights.csrArgs(), pre, post, out);
    return new NdArray(out, [pre.length, post.length]);
  }

  /**
   * Tells whether the hardware can make connections: the sum of 1 (more than 64 synapses at a neuron), 2 (a neuron projects to more than 3
   * chips) and 4 (a core cannot tell two sources apart), or 0. `checkDynapseConnections` also tells where.
   */
  validateConnections(connectionsRec: WeightsInput, options: board.CheckConnectionsOptions = {}): number {
    return board.checkDynapseConnections(connectionsRec, options).code;
  }

  #putConnections(connections: SparseMatrix, external: boolean): void {
    const setup = this._setup;
    const [rec, ext] = external ? [setup.rec, connections] : [connections, setup.ext];
    board.refuseInvalid(board.report(rec, ext, setup.validate), this.startPrint);
    Object.assign(setup, { rec, ext });
    this.#putWeights(external);
  }

  #putWeights(external: boolean): void {
    const weights = weightsOf(this._setup, external);
    this.putWeights(external ? 'input' : 'recurrent', external ? 'weightsExt' : 'weightsRec', weights);
  }

  // ---- Parameters of cores ----------------------------------------------------------------------------------------

  #core(name: CoreParameter): Float64Array {
    const array = this._setup.cores[name];
    this.#live.watch(name, array);
    return array;
  }

  #setCore(name: CoreParameter, value: unknown): void {
    this.checkIdle();
    const before = this._setup.cores[name];
    this._setup.cores[name] = readCores(value, name, this.startPrint);
    try {
      this.#apply(name);
    } catch (error) {
      this._setup.cores[name] = before;
      throw error;
    }
    this.#live.forget(name);
  }

  /** Gives the neurons what their cores have. */
  #apply(name: CoreParameter): void {
    const { cores, mismatch } = this._setup;
    if (name === 'baseweightE' || name === 'baseweightI') {
      this.#putWeights(true);
      this.#putWeights(false);
    } else if (name === 'tauMem1' || name === 'tauMem2') {
      super.tauMem = tauMemOf(this._setup);
    } else if (name === 'refractory') {
      super.refractory = mismatch.spread(cores.refractory, 'refractory');
    } else {
      this.setVector(name, mismatch.spread(cores[name], name));
    }
  }

  /** Takes over what was written into the arrays of the cores. */
  protected refresh(): void {
    for (const name of this.#live.changed((one) => this._setup.cores[one as CoreParameter]) as CoreParameter[]) {
      const array = this._setup.cores[name];
      array.set(readCores(array, name, this.startPrint));
      this.#apply(name);
    }
  }

  /** @internal */
  protected override _plan(): SpikingPlan {
    this.refresh();
    return super._plan();
  }

  /** Membrane time constants of each core in seconds: the layer's own array. A number sets all. */
  get tauMem1(): Float64Array {
    return this.#core('tauMem1');
  }

  set tauMem1(value: ArrayInput) {
    this.#setCore('tauMem1', value);
  }

  /** The other time constants of each core in seconds: the layer's own array. A number sets all. */
  get tauMem2(): Float64Array {
    return this.#core('tauMem2');
  }

  set tauMem2(value: ArrayInput) {
    this.#setCore('tauMem2', value);
  }

  /** Which neurons have the second time constant: a new array. Setting takes a boolean or 4096 of them. */
  get hasTauMem2(): boolean[] {
    return Array.from(this._setup.flags, Boolean);
  }

  set hasTauMem2(value: boolean | readonly boolean[] | Uint8Array) {
    this.checkIdle();
    this._setup.flags = readFlags(value);
    this.#apply('tauMem1');
  }

  /** Weights of one excitatory synapse of each core: the layer's own array. A number sets all. */
  get baseweightE(): Float64Array {
    return this.#core('baseweightE');
  }

  set baseweightE(value: ArrayInput) {
    this.#setCore('baseweightE', value);
  }

  /** Weights of one inhibitory synapse of each core: the layer's own array. A number sets all. */
  get baseweightI(): Float64Array {
    return this.#core('baseweightI');
  }

  set baseweightI(value: ArrayInput) {
    this.#setCore('baseweightI', value);
  }

  /** Constant currents of each core: the layer's own array. A number sets all. */
  override get bias(): Float64Array {
    return this.#core('bias');
  }

  override set bias(value: ArrayInput) {
    this.#setCore('bias', value);
  }

  /** Refractory times of each core in seconds: the layer's own array. A number sets all. */
  override get refractory(): Float64Array {
    return this.#core('refractory');
  }

  override set refractory(value: ArrayInput) {
    this.#setCore('refractory', value);
  }

  /** Thresholds of each core in volts: the layer's own array. A number sets all. */
  override get vThresh(): Float64Array {
    return this.#core('vThresh');
  }

  override set vThresh(value: ArrayInput) {
    this.#setCore('vThresh', value);
  }

  /** Time constants of the excitatory synapses of each core in seconds: the layer's own array. A number sets all. */
  override get tauSynExc(): Float64Array {
    return this.#core('tauSynExc');
  }

  override set tauSynExc(value: ArrayInput) {
    this.#setCore('tauSynExc', value);
  }

  /** Time constants of the inhibitory synapses of each core in seconds: the layer's own array. A number sets all. */
  override get tauSynInh(): Float64Array {
    return this.#core('tauSynInh');
  }

  override set tauSynInh(value: ArrayInput) {
    this.#setCore('tauSynInh', value);
  }

  /** What a spike adds to the adaptation, for each core: the layer's own array. A number sets all. */
  override get spikeAdapt(): Float64Array {
    return this.#core('spikeAdapt');
  }

  override set spikeAdapt(value: ArrayInput) {
    this.#setCore('spikeAdapt', value);
  }

  /** Time constants of the adaptation of each core in seconds: the layer's own array. A number sets all. */
  override get tauAdapt(): Float64Array {
    return this.#core('tauAdapt');
  }

  override set tauAdapt(value: ArrayInput) {
    this.#setCore('tauAdapt', value);
  }

  /** Slope factors of each core in volts: the layer's own array. A number sets all. */
  override get deltaT(): Float64Array {
    return this.#core('deltaT');
  }

  override set deltaT(value: ArrayInput) {
    this.#setCore('deltaT', value);
  }
}
