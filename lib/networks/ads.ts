/** Networks that learn an arbitrary dynamical system. */
import type { ArrayLike_ as ArrayInput } from '../array.js';
import { checkInstance, checkInteger, checkNumber, checkOptions } from '../check.js';
import { FFExpSyn } from '../layers/exp-syn/ff-exp-syn.js';
import { noRefractory } from '../layers/fast-slow/options.js';
import { RecFSSpikeADS, type RecFSSpikeADSOptions } from '../layers/fast-slow/rec-fs-spike-ads.js';
import { checkMatrix } from '../layers/jax/parameters.js';
import { PassThrough } from '../layers/pass-through.js';
import { taskOptionNames, type TaskOptions } from '../task.js';
import { TSContinuous } from '../time-series/ts-continuous.js';
import { Network } from './network.js';
import type { NetworkOutputs } from './types.js';

/** What {@link NetworkADS.specifyNetwork} takes. */
export interface ADSNetworkOptions extends Omit<RecFSSpikeADSOptions, 'tauSynROut' | 'name' | 'seed' | 'noiseScaling'> {
  /** Number of units; that of the weights when left out, as the other sizes. */
  N?: number;
  /** Dimension of input and output. */
  Nc?: number;
  /** Number of basis functions: as many as units. */
  Nb?: number;
  /** `Nc` x `N`: how the input, and the error of the output while the network learns, drive the units. */
  weightsIn: ArrayInput;
  /** `N` x `Nc`: how the spikes make the output. */
  weightsOut: ArrayInput;
  /** `N` x `N`, [post, pre]. */
  weightsFast: ArrayInput;
  /** `Nb` x `N`, [pre, post]: what the network learns. */
  weightsSlow: ArrayInput;
  /** Time constant of the output filter in seconds. Default 0.07. */
  tauSynROut?: number;
  /** Default true. */
  record?: boolean;
}

const optionNames = [
  ...['N', 'Nc', 'Nb', 'weightsIn', 'weightsOut', 'weightsFast', 'weightsSlow', 'eta', 'k', 'noiseStd', 'dt', 'bias'],
  ...['vThresh', 'vReset', 'vRest', 'tauMem', 'tauSynRFast', 'tauSynRSlow', 'tauSynROut', 'refractory', 'discretize'],
  ...['discretizeDynapse', 'record'],
];

/** Options of `trainStepAsync`. */
export interface TrainStepOptions extends TaskOptions {
  /** Print a line for each layer. Default false. */
  verbose?: boolean;
}

/**
 * Networks that learn to behave as a dynamical system: a {@link PassThrough} named `input_layer`, a {@link RecFSSpikeADS} named `lyrRes` and an
 * {@link FFExpSyn} named `output_layer`. Made by {@link specifyNetwork}, trained by {@link trainStep}.
 *
 * Model: Alemi, Machens, Deneve, Slotine, arXiv:1705.08026.
 */
export class NetworkADS extends Network {
  /** The reservoir, which learns. */
  declare readonly lyrRes: RecFSSpikeADS;

  /**
   * A network of given weights. The defaults of the other parameters are those of {@link RecFSSpikeADS}, but for `record`, which is true.
   *
   * @throws TypeError or RangeError for an argument of the wrong kind, shape or value; also when the weights are not of the sizes `N`, `Nc`, `Nb`.
   */
  static specifyNetwork(options: ADSNetworkOptions): NetworkADS {
    const given = checkOptions<ADSNetworkOptions>(options, 'options', optionNames) as ADSNetworkOptions;
    const { N, Nc, Nb, weightsFast, weightsSlow, weightsIn, weightsOut, ...parameters } = given;
    const { refractory = noRefractory, record = true, tauSynROut = 0.07, noiseStd = 0 } = parameters;
    const size = (value: unknown, name: string): number | undefined =>
      value === undefined ? undefined : checkInteger(value, name, { min: 1 });
    const [n, nc, nb] = [size(N, 'N'), size(Nc, 'Nc'), size(Nb, 'Nb')];
    const tau = checkNumber(tauSynROut, 'tauSynROut', { positive: true });
    const input = shaped(weightsIn, 'weightsIn', nc, n, 'Nc x N');
    const output = shaped(weightsOut, 'weightsOut', n, nc, 'N x Nc');
    const reservoir = new RecFSSpikeADS({
      ...parameters,
      weightsFast: shaped(weightsFast, 'weightsFast', n, n, 'N x N'),
      weightsSlow: shaped(weightsSlow, 'weightsSlow', nb, n, 'Nb x N'),
      weightsIn: input,
      weightsOut: output,
      ...{ refractory, record, noiseStd, tauSynROut: tau, name: 'lyrRes' },
    });
    const { dt } = reservoir;
    return new NetworkADS([
      new PassThrough(input, { dt, noiseStd, name: 'input_layer' }),
      reservoir,
      new FFExpSyn(output, { dt, noiseStd, tauSyn: tau, name: 'output_layer' }),
    ]);
  }

  /**
   * Evolves the network over an input while it learns to make its output follow the target, then resets its layers to their start.
   *
   * @param tsInput Input of `Nc` channels, from the present time on.
   * @param tsTarget What the output of the reservoir is to be, `Nc` channels.
   * @param k How strongly the error drives the units.
   * @param eta Learning rate.
   * @param verbose Print a line for each layer. Default false.
   * @returns The outputs of all layers. When it fails, the network is as before.
   */
  trainStep(
    tsInput: TSContinuous,
    tsTarget: TSContinuous,
    k: number,
    eta: number,
    verbose: boolean = false,
  ): NetworkOutputs {
    this._checkIdle();
    const training = this.#beginTraining(tsTarget, k, eta);
    try {
      const outputs = this.evolve(tsInput, { verbose });
      this.resetAll();
      return outputs;
    } catch (error) {
      training.undo();
      throw error;
    } finally {
      training.end();
    }
  }

  /** The same off the event loop. */
  async trainStepAsync(
    tsInput: TSContinuous,
    tsTarget: TSContinuous,
    k: number,
    eta: number,
    options: TrainStepOptions = {},
  ): Promise<NetworkOutputs> {
    this._checkIdle();
    const given = checkOptions<TrainStepOptions>(options, 'options', ['verbose', ...taskOptionNames]);
    const training = this.#beginTraining(tsTarget, k, eta);
    try {
      const outputs = await this.evolveAsync(tsInput, given);
      this.resetAll();
      return outputs;
    } catch (error) {
      training.undo();
      throw error;
    } finally {
      training.end();
    }
  }

  /** Reads a network from a JSON file, of this library or of the original. */
  static override async load(filename: string, overrides?: Record<string, unknown>): Promise<NetworkADS> {
    return adopt(await Network.load(filename, overrides));
  }

  /** The same, waiting for the disk. */
  static override loadSync(filename: string, overrides?: Record<string, unknown>): NetworkADS {
    return adopt(Network.loadSync(filename, overrides));
  }

  /** Makes a network from a dictionary; `overrides` win over its entries. */
  static override loadFromDict(config: Record<string, unknown>, overrides?: Record<string, unknown>): NetworkADS {
    return adopt(Network.loadFromDict(config, overrides));
  }

  #beginTraining(tsTarget: TSContinuous, k: number, eta: number): { undo: () => void; end: () => void } {
    const layer = checkInstance(this.lyrRes, 'lyrRes', RecFSSpikeADS);
    const before = { k: layer.k, eta: layer.eta };
    checkNumber(k, 'k');
    checkNumber(eta, 'eta');
    layer.tsTarget = checkInstance(tsTarget, 'tsTarget', TSContinuous);
    Object.assign(layer, { k, eta, isTraining: true });
    return {
      undo: () => Object.assign(layer, before),
      end: () => Object.assign(layer, { isTraining: false, tsTarget: null }),
    };
  }
}

function shaped(value: unknown, name: string, rows: number | undefined, columns: number | undefined, what: string) {
  return rows === undefined
    ? checkMatrix(value, name, undefined, columns, what)
    : checkMatrix(value, name, rows, columns, what);
}

/** The same layers in a network of this class. */
function adopt(net: Network): NetworkADS {
  const own = new NetworkADS([], { dt: net._forcedDt(), evolveOnDisk: net.evolveOnDisk, name: net.name });
  own._copyStructure(net);
  return own;
}
