/** What graphs are made of: weights and neurons. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray, shapeText, toNdArray } from '../array.js';
import { checkNumber, shapeError } from '../check.js';
import { GraphModule, type GraphModuleInit } from './graph.js';

/** Parts of {@link LinearWeights}. */
export interface LinearWeightsInit extends GraphModuleInit {
  /** Inputs x outputs. */
  weights: ArrayInput;
  /** One for each output. Default null. */
  biases?: ArrayInput | null;
}

/** A dense matrix of weights, and biases. */
export class LinearWeights extends GraphModule {
  readonly weights: Matrix;
  readonly biases: Matrix | null;

  /** @throws RangeError `ERR_SHAPE` unless there is a weight for each pair of nodes. */
  constructor(init: LinearWeightsInit) {
    super(init);
    const shape = [this.inputNodes.length, this.outputNodes.length];
    this.weights = ofShape(init.weights, shape, 'weights');
    this.biases = init.biases === undefined || init.biases === null ? null : ofShape(init.biases, [shape[1]], 'biases');
  }
}

/** Neurons of which nothing is known but how many there are. */
export class GenericNeurons extends GraphModule {}

/** Nodes that mean the same. */
export class AliasConnection extends GraphModule {
  /** @throws RangeError `ERR_SHAPE` for another number of inputs than outputs. */
  constructor(init: GraphModuleInit) {
    super(init);
    const { inputNodes, outputNodes } = this;
    if (inputNodes.length !== outputNodes.length)
      throw shapeError('the output nodes', `as many as the input nodes, ${inputNodes.length}`, `${outputNodes.length}`);
  }
}

/** @inline */
type Values = ArrayInput | null;

/** Parts of {@link LIFNeuronWithSynsRealValue}. */
export interface LIFNeuronsInit extends GraphModuleInit {
  /** Membrane time constants in seconds. */
  tauMem?: Values;
  /** Synaptic time constants in seconds. */
  tauSyn?: Values;
  threshold?: Values;
  bias?: Values;
  /** Time step in seconds. */
  dt?: number | null;
}

/** Leaky integrate-and-fire neurons with exponential synapses. */
export class LIFNeuronWithSynsRealValue extends GenericNeurons {
  readonly tauMem: Matrix | null;
  readonly tauSyn: Matrix | null;
  readonly threshold: Matrix | null;
  readonly bias: Matrix | null;
  readonly dt: number | null;

  constructor(init: LIFNeuronsInit) {
    super(init);
    this.tauMem = values(init.tauMem, 'tauMem');
    this.tauSyn = values(init.tauSyn, 'tauSyn');
    this.threshold = values(init.threshold, 'threshold');
    this.bias = values(init.bias, 'bias');
    this.dt = step(init.dt);
  }
}

/** Parts of {@link RateNeuronWithSynsRealValue}. */
export interface RateNeuronsInit extends GraphModuleInit {
  /** Time constants in seconds. */
  tau?: Values;
  bias?: Values;
  /** Time step in seconds. */
  dt?: number | null;
}

/** Leaky rate neurons. */
export class RateNeuronWithSynsRealValue extends GenericNeurons {
  readonly tau: Matrix | null;
  readonly bias: Matrix | null;
  readonly dt: number | null;

  constructor(init: RateNeuronsInit) {
    super(init);
    this.tau = values(init.tau, 'tau');
    this.bias = values(init.bias, 'bias');
    this.dt = step(init.dt);
  }
}

function ofShape(value: ArrayInput, shape: readonly number[], name: string): Matrix {
  const array = toNdArray(value, name, 'float64');
  if (String(array.shape) !== String(shape)) throw shapeError(name, shapeText(shape), shapeText(array.shape));
  return new NdArray(array.data.slice(), shape);
}

function values(value: Values | undefined, name: string): Matrix | null {
  if (value === undefined || value === null) return null;
  return toNdArray(value, name, 'float64').copy();
}

function step(dt: number | null | undefined): number | null {
  return dt === undefined || dt === null ? null : checkNumber(dt, 'dt', { positive: true });
}
