/** The Jax-named LIF layers: which weights, input and output each has. */
import type { ArrayLike_ as ArrayInput, Matrix } from '../../array.js';
import type { TSContinuous } from '../../time-series/ts-continuous.js';
import type { TSEvent } from '../../time-series/ts-event.js';
import { checkSquare, ioWeights, readArguments } from '../jax/parameters.js';
import { registerLayerClass } from '../registry.js';
import { LifJax } from './lif-jax.js';
import { type LifEventOptions, type LifJaxOptions, lifOptionNames } from './lif-options.js';

/** Weights of the LIF layers, each where a class has it. */
export interface LifWeights {
  /** Input weights, `sizeIn` x `size`, indexed [pre, post]. */
  wIn: ArrayInput;
  /** Recurrent weights, `size` x `size`, indexed [pre, post]. */
  wRecurrent: ArrayInput;
  /** Output weights, `size` x `sizeOut`, indexed [pre, post]. */
  wOut: ArrayInput;
}

/** @inline */
type WithWeights<O, Names extends keyof LifWeights> = O & Pick<LifWeights, Names>;
type Arguments = [unknown?, unknown?, unknown?, LifJaxOptions?];

const eventOptionNames = [...lifOptionNames, 'addEvents'];

function recurrent<O extends LifJaxOptions>(args: readonly unknown[], names: readonly string[]) {
  const options = readArguments<WithWeights<O, 'wRecurrent'>>(args, ['wRecurrent'], names);
  const wRecurrent = checkSquare(options.wRecurrent, 'wRecurrent');
  return { weights: { wIn: null, wRecurrent, wOut: null }, options };
}

function recurrentIO<O extends LifJaxOptions>(args: readonly unknown[], names: readonly string[]) {
  const options = readArguments<O & LifWeights>(args, ['wIn', 'wRecurrent', 'wOut'], names);
  return { weights: ioWeights(options, { recurrent: true, out: true }), options };
}

function feedForward<O extends LifJaxOptions>(args: readonly unknown[], names: readonly string[]) {
  const options = readArguments<WithWeights<O, 'wIn'>>(args, ['wIn'], names);
  return { weights: ioWeights(options, {}), options };
}

/** Recurrent LIF neurons; events of channel i reach the synapse of neuron i, spikes come out. */
export class RecLIFJax extends LifJax<TSEvent, null, Matrix, null> {
  /** @throws TypeError or RangeError for an argument of the wrong kind, shape or value, also for a `dt` above a tenth of a time constant. */
  constructor(wRecurrent: ArrayInput, options: LifEventOptions);
  constructor(options: WithWeights<LifEventOptions, 'wRecurrent'>);
  constructor(...args: Arguments) {
    const { weights, options } = recurrent<LifEventOptions>(args, eventOptionNames);
    super(weights, options, 'events', 'spikes');
  }
}

/** Recurrent LIF neurons; channel i of the input is a current into the membrane of neuron i, spikes come out. */
export class RecLIFCurrentInJax extends LifJax<TSEvent, null, Matrix, null> {
  /** @throws TypeError or RangeError as {@link RecLIFJax} does. */
  constructor(wRecurrent: ArrayInput, options: LifJaxOptions);
  constructor(options: WithWeights<LifJaxOptions, 'wRecurrent'>);
  constructor(...args: Arguments) {
    const { weights, options } = recurrent<LifJaxOptions>(args, lifOptionNames);
    super(weights, options, 'current', 'spikes');
  }
}

/** Recurrent LIF neurons; channel i of the input is a current into the membrane of neuron i, the surrogate comes out. */
export class RecLIFCurrentInJax_SO extends LifJax<TSContinuous, null, Matrix, null> {
  /** @throws TypeError or RangeError as {@link RecLIFJax} does. */
  constructor(wRecurrent: ArrayInput, options: LifJaxOptions);
  constructor(options: WithWeights<LifJaxOptions, 'wRecurrent'>);
  constructor(...args: Arguments) {
    const { weights, options } = recurrent<LifJaxOptions>(args, lifOptionNames);
    super(weights, options, 'current', 'surrogate');
  }
}

/** Recurrent LIF neurons; weighted events reach the synapses, the weighted surrogate comes out. */
export class RecLIFJax_IO extends LifJax<TSContinuous, Matrix, Matrix, Matrix> {
  /** @throws TypeError or RangeError as {@link RecLIFJax} does. */
  constructor(wIn: ArrayInput, wRecurrent: ArrayInput, wOut: ArrayInput, options: LifEventOptions);
  constructor(options: LifEventOptions & LifWeights);
  constructor(...args: Arguments) {
    const { weights, options } = recurrentIO<LifEventOptions>(args, eventOptionNames);
    super(weights, options, 'events', 'weighted');
  }
}

/** Recurrent LIF neurons; the weighted input is a current into the membranes, the weighted surrogate comes out. */
export class RecLIFCurrentInJax_IO extends LifJax<TSContinuous, Matrix, Matrix, Matrix> {
  /** @throws TypeError or RangeError as {@link RecLIFJax} does. */
  constructor(wIn: ArrayInput, wRecurrent: ArrayInput, wOut: ArrayInput, options: LifJaxOptions);
  constructor(options: LifJaxOptions & LifWeights);
  constructor(...args: Arguments) {
    const { weights, options } = recurrentIO<LifJaxOptions>(args, lifOptionNames);
    super(weights, options, 'current', 'weighted');
  }
}

/** Feed-forward LIF neurons; weighted events reach the synapses, the weighted surrogate comes out. */
export class FFLIFJax_IO extends LifJax<TSContinuous, Matrix, null, Matrix> {
  /** @throws TypeError or RangeError as {@link RecLIFJax} does. */
  constructor(wIn: ArrayInput, wOut: ArrayInput, options: LifEventOptions);
  constructor(options: WithWeights<LifEventOptions, 'wIn' | 'wOut'>);
  constructor(...args: Arguments) {
    const options = readArguments<WithWeights<LifEventOptions, 'wIn' | 'wOut'>>(
      args,
      ['wIn', 'wOut'],
      eventOptionNames,
    );
    super(ioWeights(options, { out: true }), options, 'events', 'weighted');
  }
}

/** Feed-forward LIF neurons; weighted events reach the synapses, the surrogate comes out. */
export class FFLIFJax_SO extends LifJax<TSContinuous, Matrix, null, null> {
  /** @throws TypeError or RangeError as {@link RecLIFJax} does. */
  constructor(wIn: ArrayInput, options: LifEventOptions);
  constructor(options: WithWeights<LifEventOptions, 'wIn'>);
  constructor(...args: Arguments) {
    const { weights, options } = feedForward<LifEventOptions>(args, eventOptionNames);
    super(weights, options, 'events', 'surrogate');
  }
}

/** Feed-forward LIF neurons; the weighted input is a current into the membranes, the surrogate comes out. */
export class FFLIFCurrentInJax_SO extends LifJax<TSContinuous, Matrix, null, null> {
  /** @throws TypeError or RangeError as {@link RecLIFJax} does. */
  constructor(wIn: ArrayInput, options: LifJaxOptions);
  constructor(options: WithWeights<LifJaxOptions, 'wIn'>);
  constructor(...args: Arguments) {
    const { weights, options } = feedForward<LifJaxOptions>(args, lifOptionNames);
    super(weights, options, 'current', 'surrogate');
  }
}

registerLayerClass('RecLIFJax', RecLIFJax);
registerLayerClass('RecLIFCurrentInJax', RecLIFCurrentInJax);
registerLayerClass('RecLIFCurrentInJax_SO', RecLIFCurrentInJax_SO);
registerLayerClass('RecLIFJax_IO', RecLIFJax_IO);
registerLayerClass('RecLIFCurrentInJax_IO', RecLIFCurrentInJax_IO);
registerLayerClass('FFLIFJax_IO', FFLIFJax_IO);
registerLayerClass('FFLIFJax_SO', FFLIFJax_SO);
registerLayerClass('FFLIFCurrentInJax_SO', FFLIFCurrentInJax_SO);
