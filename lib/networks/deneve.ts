/** Tightly balanced networks. */
import { allocate, type ArrayLike_ as ArrayInput, type Matrix, NdArray } from '../array.js';
import { native } from '../binding.js';
import { checkInteger, checkNumber, checkOptions, rangeError } from '../check.js';
import { mergeArguments } from '../layers/arguments.js';
import { FFExpSyn } from '../layers/exp-syn/ff-exp-syn.js';
import { readVector } from '../layers/fast-slow/arrays.js';
import { noRefractory } from '../layers/fast-slow/options.js';
import { RecFSSpikeEulerBT } from '../layers/fast-slow/rec-fs-spike-euler-bt.js';
import { checkMatrix, checkSquare } from '../layers/jax/parameters.js';
import { PassThrough } from '../layers/pass-through.js';
import { normalMatrix, type RandomOptions, seedOf } from '../weights/random-dense.js';
import { Network } from './network.js';

/** Options that both builders share. */
interface CommonOptions {
  /** Time step of input layer and reservoir in seconds; null: a tenth of the smallest time constant of the synapses. Default null. */
  dt?: number | null;
  /** Noise of all layers. Default 0. */
  noiseStd?: number;
  /** Time constant of the membranes in seconds. Default 20e-3. */
  tauMem?: number;
  /** Thresholds in volts. Default -55e-3. */
  vThresh?: ArrayInput;
  /** Potentials at rest in volts. Default -65e-3. */
  vRest?: ArrayInput;
  /** Refractory time in seconds. Default: none. */
  refractory?: number;
}

/** Options of {@link NetworkDeneve.specifyNetwork}. */
export interface DeneveNetworkOptions extends CommonOptions {
  /** Potentials after a spike in volts. Default -65e-3. */
  vReset?: ArrayInput;
  /** Time constant of the fast synapses in seconds. Default 1e-3. */
  tauSynRFast?: number;
  /** Time constant of the slow synapses in seconds. Default 100e-3. */
  tauSynRSlow?: number;
  /** Time constant of the output layer in seconds. Default 100e-3. */
  tauSynOut?: number;
}

/** The weights of {@link NetworkDeneve.specifyNetwork}. */
export interface DeneveWeights {
  /** Units x units, [post, pre]. */
  weightsFast: ArrayInput;
  /** Units x units, [post, pre]. */
  weightsSlow: ArrayInput;
  /** Inputs x units. */
  weightsIn: ArrayInput;
  /** Units x outputs. */
  weightsOut: ArrayInput;
}

/** Options of {@link NetworkDeneve.solveLinearProblem}. */
export interface LinearProblemOptions extends CommonOptions, RandomOptions {
  /** Number of units. Default: that of `gamma`, else 100. */
  netSize?: number | null;
  /**
   * How the units encode x, dimensions x units. Default: normals, each column scaled so that its magnitudes add up to 50 / `netSize`.
   */
  gamma?: ArrayInput | null;
  /** Cost of large rates. Default 1e-4. */
  mu?: number;
  /** Cost of many spikes. Default 1e-3. */
  nu?: number;
  /** Time constant of the fast synapses in seconds. Default 1e-3. */
  tauSynFast?: number;
  /** Time constant of the slow synapses and of the output layer in seconds. Default 100e-3. */
  tauSynSlow?: number;
}

const weightNames = ['weightsFast', 'weightsSlow', 'weightsIn', 'weightsOut'] as const;
const commonNames = ['dt', 'noiseStd', 'tauMem', 'vThresh', 'vRest', 'refractory'];
const networkNames = [...commonNames, 'vReset', 'tauSynRFast', 'tauSynRSlow', 'tauSynOut'];
const problemNames = [
  ...commonNames,
  'netSize',
  'gamma',
  'mu',
  'nu',
  'tauSynFast',
  'tauSynSlow',
  'seed',
  'rng',
] as const;

/** Time step of the output layer, in seconds. */
const outputDt = 1e-5;

/**
 * Networks with tight balance of excitation and inhibition: a {@link PassThrough} named `Input`, a {@link RecFSSpikeEulerBT} named
 * `Deneve_Reservoir`, which is also `lyrRes`, and an {@link FFExpSyn} named `Output`. Made by {@link solveLinearProblem} or {@link specifyNetwork}.
 *
 * Model: Boerlin, Machens, Deneve, PLoS Computational Biology 9 (2013).
 */
export class NetworkDeneve extends Network {
  /** The reservoir. */
  get lyrRes(): RecFSSpikeEulerBT {
    return this.layer<RecFSSpikeEulerBT>('Deneve_Reservoir');
  }

  /** Loads a network of this class from a JSON file. */
  static override async load(filename: string, overrides?: Record<string, unknown>): Promise<NetworkDeneve> {
    return adopt(await Network.load(filename, overrides));
  }

  /** The same, waiting for the disk. */
  static override loadSync(filename: string, overrides?: Record<string, unknown>): NetworkDeneve {
    return adopt(Network.loadSync(filename, overrides));
  }

  /** Makes a network from a dictionary; `overrides` win over its entries. */
  static override loadFromDict(config: Record<string, unknown>, overrides?: Record<string, unknown>): NetworkDeneve {
    return adopt(Network.loadFromDict(config, overrides));
  }

  /**
   * A network that solves `dx/dt = a x + c(t)`: c is its input and x its output.
   *
   * @param a Dimensions x dimensions.
   * @throws TypeError or RangeError for an argument of the wrong kind, shape or value.
   * @example
   * const net = NetworkDeneve.solveLinearProblem([[-1, 5], [-5, -1]], { netSize: 200, seed: 1 });
   */
  static solveLinearProblem(a: ArrayInput, options?: LinearProblemOptions): NetworkDeneve;
  static solveLinearProblem(options: LinearProblemOptions & { a: ArrayInput }): NetworkDeneve;
  static solveLinearProblem(...args: unknown[]): NetworkDeneve {
    type Given = LinearProblemOptions & { a: ArrayInput };
    const given = checkOptions<Given>(mergeArguments<Given>(args, ['a']), 'options', ['a', ...problemNames]);
    const a = checkSquare(typeof given.a === 'number' ? [[given.a]] : given.a, 'a');
    const gamma = readGamma(given, a.shape[0]);
    const { tauMem = 20e-3, tauSynFast = 1e-3, tauSynSlow = 100e-3, dt = null, noiseStd = 0 } = given;
    const { vThresh = -55e-3, vRest = -65e-3, refractory = noRefractory } = given;
    const tau = (value: unknown, name: string): number => checkNumber(value, name, { positive: true });
    const taus = [tau(tauMem, 'tauMem'), tau(tauSynFast, 'tauSynFast'), tau(tauSynSlow, 'tauSynSlow')] as const;
    const costs = [checkNumber(given.mu ?? 1e-4, 'mu'), checkNumber(given.nu ?? 1e-3, 'nu')] as const;
    const { weights, vReset } = balancedWeights(a, gamma, vThresh, vRest, costs, taus);
    return NetworkDeneve.specifyNetwork({
      ...weights,
      ...{ dt, noiseStd, tauMem, vThresh, vRest, vReset, refractory },
      ...{ tauSynRFast: tauSynFast, tauSynRSlow: tauSynSlow, tauSynOut: tauSynSlow },
    });
  }

  /**
   * A network of given weights.
   *
   * @param weightsFast Units x units, indexed [post, pre].
   * @param weightsSlow Units x units, indexed [post, pre].
   * @param weightsIn Inputs x units.
   * @param weightsOut Units x outputs.
   */
  static specifyNetwork(
    weightsFast: ArrayInput,
    weightsSlow: ArrayInput,
    weightsIn: ArrayInput,
    weightsOut: ArrayInput,
    options?: DeneveNetworkOptions,
  ): NetworkDeneve;
  static specifyNetwork(options: DeneveNetworkOptions & DeneveWeights): NetworkDeneve;
  static specifyNetwork(...args: unknown[]): NetworkDeneve {
    type Given = DeneveNetworkOptions & DeneveWeights;
    const merged = mergeArguments<Given>(args, weightNames);
    const {
      weightsIn,
      weightsOut,
      tauSynOut = 100e-3,
      noiseStd = 0,
      ...given
    } = checkOptions<Given>(merged, 'options', [...weightNames, ...networkNames]) as Given;
    const reservoir = new RecFSSpikeEulerBT({ ...given, noiseStd, name: 'Deneve_Reservoir' });
    const { size, dt } = reservoir;
    const input = checkMatrix(weightsIn, 'weightsIn', undefined, size, 'inputs x units');
    const output = checkMatrix(weightsOut, 'weightsOut', size, undefined, 'units x outputs');
    return new NetworkDeneve([
      new PassThrough(input, { dt, noiseStd, name: 'Input' }),
      reservoir,
      new FFExpSyn(output, { dt: outputDt, noiseStd, tauSyn: tauSynOut, name: 'Output' }),
    ]);
  }
}

/** The layers of a loaded network in one of this class. */
function adopt(net: Network): NetworkDeneve {
  const own = new NetworkDeneve([], { dt: net._forcedDt(), evolveOnDisk: net.evolveOnDisk, name: net.name });
  own._copyStructure(net);
  return own;
}

function readGamma({ gamma = null, netSize = null, seed, rng }: LinearProblemOptions, dimensions: number): Matrix {
  const size = netSize === null ? null : checkInteger(netSize, 'netSize', { min: 1, max: 32768 });
  if (gamma !== null) {
    const given = checkMatrix(gamma, 'gamma', dimensions, undefined, 'dimensions x units');
    if (size !== null && size !== given.shape[1])
      throw rangeError('netSize', `${given.shape[1]}, the number of columns of gamma`, netSize);
    return given;
  }
  const n = size ?? 100;
  const drawn = normalMatrix(dimensions, n, { mean: 0, std: 1 }, seedOf({ seed, rng }));
  native.scaleColumns(drawn.data, n, 50 / n);
  return drawn;
}

function balancedWeights(
  a: Matrix,
  gamma: Matrix,
  vThresh: ArrayInput,
  vRest: ArrayInput,
  costs: readonly [mu: number, nu: number],
  taus: readonly [mem: number, fast: number, slow: number],
): { weights: DeneveWeights; vReset: Float64Array } {
  const [p, n] = gamma.shape;
  const matrix = (rows: number, columns: number): Matrix =>
    new NdArray(allocate([rows, columns], 'the weights'), [rows, columns]);
  const [weightsFast, weightsSlow, weightsIn, weightsOut] = [matrix(n, n), matrix(n, n), matrix(p, n), matrix(n, p)];
  const vReset = new Float64Array(n);
  native.balancedWeights(
    p,
    n,
    a.data,
    gamma.data,
    readVector(vThresh, 'vThresh', n),
    readVector(vRest, 'vRest', n),
    ...costs,
    ...taus,
    weightsFast.data,
    weightsSlow.data,
    weightsIn.data,
    weightsOut.data,
    vReset,
  );
  return { weights: { weightsFast, weightsSlow, weightsIn, weightsOut }, vReset };
}
