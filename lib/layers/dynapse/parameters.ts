/** What a VirtualDynapse is made from: values for each core, connections, and mismatch. */
import { type ArrayLike_ as ArrayInput, allocate, type Matrix, NdArray, shapeText, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkInteger, rangeError, shapeError, typeError } from '../../check.js';

import { SparseMatrix } from '../../synapses/sparse-matrix.js';
import { warn } from '../../warnings.js';
import { expandToShape } from '../expand.js';
import { numCores, numNeurons } from './connectivity.js';
import type { MismatchArgs } from './native.js';

/** Parameters that are one number for each core, with the row of their mismatch and their default. */
export const coreParameters = {
  baseweightE: { row: 0, fallback: 1e-4 },
  baseweightI: { row: 1, fallback: 1e-4 },
  bias: { row: 2, fallback: 0 },
  refractory: { row: 3, fallback: 1e-3 },
  tauMem1: { row: 4, fallback: 0.02 },
  tauMem2: { row: 5, fallback: 0.02 },
  tauSynExc: { row: 6, fallback: 0.05 },
  tauSynInh: { row: 7, fallback: 0.05 },
  vThresh: { row: 8, fallback: 0.01 },
  spikeAdapt: { row: 9, fallback: 0 },
  tauAdapt: { row: 10, fallback: 0.1 },
  deltaT: { row: 11, fallback: 2e-3 },
} as const;

export type CoreParameter = keyof typeof coreParameters;
export const coreNames = Object.keys(coreParameters) as CoreParameter[];

/** Rows of a matrix of mismatch factors: the parameters, then excitatory and inhibitory synapses by source. */
export const mismatchRows = coreNames.length + 2 * numNeurons;

/** Largest seed of random numbers. */
const maxSeed = Number.MAX_SAFE_INTEGER;

/** Reads one number or one for each core; what is negative becomes 0, with a warning. */
export function readCores(value: unknown, name: string, startPrint: string): Float64Array {
  const { data } = expandToShape(value as ArrayInput, [numCores], name)!;
  const wrong = data.find((x) => !Number.isFinite(x));
  if (wrong !== undefined) throw rangeError(name, 'finite', wrong);
  if (!data.some((x) => x < 0)) return data;
  warn('NEGATIVE_CLIPPED', `${startPrint}${name} must be at least 0. Negative values are clipped to 0.`);
  return data.map((x) => Math.max(x, 0));
}

/** Reads one boolean or one for each neuron: 0 or 1 for each. */
export function readFlags(value: unknown): Uint8Array {
  const name = 'hasTauMem2';
  if (typeof value === 'boolean') return new Uint8Array(numNeurons).fill(value ? 1 : 0);
  const list = value instanceof Uint8Array ? Array.from(value, Boolean) : value;
  if (!Array.isArray(list) || list.some((flag) => typeof flag !== 'boolean'))
    throw typeError(name, `a boolean or ${numNeurons} booleans`, value);
  if (list.length !== numNeurons) throw shapeError(name, `${numNeurons} booleans`, `${list.length} of them`);
  return Uint8Array.from(list as boolean[], (flag) => (flag ? 1 : 0));
}

/** Factors by which the parameters of neurons and synapses differ from those of their cores. */
export class Mismatch {
  /** Whether there are any. */
  readonly on: boolean;
  /** Seed of the factors. */
  readonly seed: number;
  /** The factors, when they were given. */
  readonly factors: Matrix | null;

  constructor(value: unknown, seed: number, startPrint: string) {
    this.seed = checkInteger(seed, 'mismatchSeed', { min: 0, max: maxSeed });
    this.factors = null;
    this.on = true;
    if (typeof value === 'boolean') {
      this.on = value;
      return;
    }
    if (value === null || value === undefined) throw typeError('mismatch', 'a boolean or a matrix of factors', value);
    const given = toNdArray(value, 'mismatch', 'float64');
    if (given.ndim !== 2 || given.shape[0] !== mismatchRows || given.shape[1] !== numNeurons) {
      const shape = shapeText([mismatchRows, numNeurons]);
      warn(
        'MISMATCH_SHAPE',
        `${startPrint}mismatch must be ${shape}, is ${shapeText(given.shape)}: new factors are drawn`,
      );
      return;
    }
    if (!given.data.every((x) => Number.isFinite(x))) throw rangeError('mismatch', 'finite numbers', NaN);
    this.factors = new NdArray(given.data.slice(), given.shape);
  }

  /** As native arguments. */
  args(): MismatchArgs {
    return this.on ? [this.seed, this.factors?.data] : [undefined, undefined];
  }

  /** A parameter of all neurons. */
  spread(cores: Float64Array, name: CoreParameter): Float64Array {
    const out = new Float64Array(numNeurons);
    native.dynapseSpread(cores, coreParameters[name].row, ...this.args(), out);
    return out;
  }

  /** The weights of connections. */
  weights(connections: SparseMatrix, baseweightE: Float64Array, baseweightI: Float64Array): SparseMatrix {
    const data = new Float64Array(connections.nnz);
    native.dynapseWeights(...connections.csrArgs(), baseweightE, baseweightI, ...this.args(), data);
    const { shape, indptr, indices } = connections;
    return new SparseMatrix({ shape, indptr, indices, data });
  }

  /** All factors, in a new array. */
  matrix(): Matrix {
    if (this.factors) return new NdArray(this.factors.data.slice(), this.factors.shape);
    const out = allocate([mismatchRows, numNeurons], 'the mismatch factors');
    if (this.on) native.dynapseMismatch(this.seed, 0, out);
    else out.fill(1);
    return new NdArray(out, [mismatchRows, numNeurons]);
  }

  /** What the dictionary has. */
  toDict(): { mismatch: unknown; mismatch_seed?: number } {
    if (this.factors) return { mismatch: this.factors.toArray() };
    return { mismatch: this.on, ...(this.on && { mismatch_seed: this.seed }) };
  }
}

/** Membrane time constants of all neurons: the second ones where they are chosen. */
export function chooseTauMem(first: Float64Array, second: Float64Array, flags: Uint8Array): Float64Array {
  return first.map((tau, i) => (flags[i] === 1 ? second[i] : tau));
}
