/** Weights of integrate-and-fire layers: dense or sparse, and how they become synapses. */
import { type Matrix, NdArray, shapeText, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { shapeError, typeError } from '../../check.js';
import { isSparseInit, SparseMatrix } from '../../synapses/sparse-matrix.js';
import { checkFinite } from '../exp-syn/options.js';
import type { IAFModel } from './model.js';
import { type Connectivity, partCode, type WeightsHandle } from './native.js';

/** Weights of a layer. */
export type Weights = Matrix | SparseMatrix;

/** Which weights: those of the input, or of the recurrent connections. */
export type WeightsRole = 'input' | 'recurrent';

/** Reads weights; a vector is one row, a number 1 x 1. Dense ones are copied. */
export function readWeights(value: unknown, name: string): Weights {
  if (value === null || value === undefined) throw typeError(name, 'an array of numbers or a SparseMatrix', value);
  if (value instanceof SparseMatrix) return value;
  if (isSparseInit(value)) return new SparseMatrix(value);
  const { data, shape, ndim, size } = toNdArray(value, name, 'float64');
  if (ndim > 2) throw shapeError(name, 'a matrix', shapeText(shape));
  const full = ndim === 2 ? shape : [1, size];
  if (size === 0) throw shapeError(name, 'a matrix of at least one input and one unit', shapeText(full));
  checkFinite(data, name);
  return new NdArray(data.slice(), full);
}

/** The same for weights that must have a shape; as many numbers in a vector will do. */
export function readShapedWeights(value: unknown, name: string, shape: readonly number[], what: string): Weights {
  const weights = readWeights(value, name);
  if (weights.shape[0] === shape[0] && weights.shape[1] === shape[1]) return weights;
  if (weights instanceof NdArray && weights.shape[0] === 1 && weights.size === shape[0] * shape[1])
    return new NdArray(weights.data, shape);
  throw shapeError(name, `${shapeText(shape)} (${what})`, shapeText(weights.shape));
}

/** All weights of a layer, and the shape of what its input meets. */
export function readAllWeights(
  { input, recurrent }: IAFModel,
  given: Readonly<Record<string, unknown>>,
): { input: Weights | null; recurrent: Weights | null; shape: readonly number[] } {
  if (!recurrent) {
    const weights = readWeights(given['weights'], 'weights');
    return { input: weights, recurrent: null, shape: weights.shape };
  }
  const name = input === 'events' ? 'weightsRec' : 'weights';
  const rec = readWeights(given[name], name);
  if (rec.shape[0] !== rec.shape[1]) throw shapeError(name, 'a square matrix', shapeText(rec.shape));
  if (input !== 'events') return { input: null, recurrent: rec, shape: rec.shape };
  const size = rec.shape[0];
  const weights = readWeights(given['weightsIn'], 'weightsIn');
  if (weights.shape[1] !== size)
    throw shapeError('weightsIn', `a matrix of ${size} columns (as many as weightsRec)`, shapeText(weights.shape));
  return { input: weights, recurrent: rec, shape: weights.shape };
}

export function denseWeights(weights: Weights): Matrix {
  return weights instanceof SparseMatrix ? weights.toDense() : weights;
}

/** What a dictionary holds. */
export function plainWeights(weights: Weights): unknown {
  return weights instanceof SparseMatrix ? weights.toJSON() : weights.toArray();
}

/** A connection to make: entries of one sign, or all, with one delay or one for each weight. */
export interface ConnectionSpec {
  part: keyof typeof partCode;
  delays: Float64Array;
}

/** Makes the synapses of one matrix. A matrix of delays goes with the weights that are not 0. */
export function connect(weights: Weights, specs: readonly ConnectionSpec[]): Connectivity[] {
  const perSynapse = specs.some(({ delays }) => delays.length > 1) && weights instanceof NdArray;
  const stored = perSynapse ? SparseMatrix.fromDense(weights) : weights;
  const handle = makeHandle(stored);
  try {
    return specs.map(({ part, delays }) => {
      let own = delays;
      if (delays.length > 1 && stored instanceof SparseMatrix && perSynapse) {
        own = new Float64Array(stored.nnz);
        native.csrGather(...stored.csrArgs(), delays, own);
      }
      return native.iafConnect(handle, partCode[part], own);
    });
  } finally {
    native.releaseHandle(handle);
  }
}

function makeHandle(weights: Weights): WeightsHandle {
  if (weights instanceof SparseMatrix) return native.iafMatrixCsr(...weights.csrArgs());
  return native.iafMatrixDense(weights.shape[0], weights.shape[1], weights.data);
}

/** Mean magnitude of the elements, those that are not stored included. */
export function meanMagnitude(weights: Weights): number {
  const mean = native.meanMagnitude(weights.data);
  if (weights instanceof NdArray) return mean;
  return (mean * weights.nnz) / (weights.shape[0] * weights.shape[1]);
}
