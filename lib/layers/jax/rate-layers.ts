/** The Jax-named rate layers: which weights each has. */
import type { ArrayLike_ as ArrayInput, Matrix } from '../../array.js';
import { checkOptions, typeError } from '../../check.js';
import { TSContinuous } from '../../time-series/ts-continuous.js';
import { TimeSeries } from '../../time-series/time-series.js';
import { registerLayerClass } from '../registry.js';
import type { AsyncEvolveOptions, EvolveOptions } from '../types.js';
import { checkSquare, ioWeights, readArguments } from './parameters.js';
import { RateEulerJax } from './rate-euler-jax.js';
import { type RateJaxOptions, rateJaxOptionNames } from './rate-options-jax.js';

/** Options of {@link RecRateEulerJax} without input and output weights. */
export type RecRateEulerJaxOptions = RateJaxOptions & {
  /** Recurrent weights, `size` x `size`, indexed [pre, post]. */
  weights: ArrayInput;
};

/** Options of {@link RecRateEulerJax_IO}, and of {@link RecRateEulerJax} with input and output weights. */
export type RecRateEulerJaxIOOptions = RateJaxOptions & {
  /** Input weights, `sizeIn` x `size`, indexed [pre, post]. */
  wIn: ArrayInput;
  /** Recurrent weights, `size` x `size`, indexed [pre, post]. */
  wRecurrent: ArrayInput;
  /** Output weights, `size` x `sizeOut`, indexed [pre, post]. */
  wOut: ArrayInput;
};

/** Options of {@link FFRateEulerJax}. */
export type FFRateEulerJaxOptions = RateJaxOptions & Pick<RecRateEulerJaxIOOptions, 'wIn'>;

/** Options of {@link ForceRateEulerJax}. */
export type ForceRateEulerJaxOptions = RateJaxOptions & Pick<RecRateEulerJaxIOOptions, 'wIn' | 'wOut'>;

/** How long to evolve a forced layer, and what forces it. */
export interface ForceOptions {
  /** Continuous forcing signal of `size` channels, or of one that feeds all units. Default: zeros. */
  tsForce?: TSContinuous | null;
}

type Arguments<O> = [unknown?, unknown?, unknown?, O?];

function readOptions<O extends object>(args: readonly unknown[], names: readonly (keyof O & string)[]): O {
  return readArguments<O>(args, names, rateJaxOptionNames);
}

/**
 * Recurrent rate neurons in one of two forms. With `weights`: input channel i drives unit i, and the output is the activity. With
 * `wIn`, `wRecurrent` and `wOut`: as {@link RecRateEulerJax_IO}.
 */
export class RecRateEulerJax extends RateEulerJax<Matrix | null, Matrix, Matrix | null> {
  /** @throws TypeError or RangeError for an argument of the wrong kind, shape or value. */
  constructor(weights: ArrayInput, options: RateJaxOptions);
  constructor(options: RecRateEulerJaxOptions | RecRateEulerJaxIOOptions);
  constructor(...args: [unknown?, RateJaxOptions?]) {
    const [first] = args;
    if (args.length === 1 && typeof first === 'object' && first !== null && !('weights' in first) && 'wIn' in first) {
      const options = readOptions<RecRateEulerJaxIOOptions>(args, ['wIn', 'wRecurrent', 'wOut']);
      super(ioWeights(options, { recurrent: true, out: true }), options);
      return;
    }
    const options = readOptions<RecRateEulerJaxOptions>(args, ['weights']);
    super({ wIn: null, wRecurrent: checkSquare(options.weights, 'weights'), wOut: null }, options);
  }

  /** The recurrent input (r wRecurrent) of each time step of the last evolution; see {@link resInputsLastEvolution}. */
  get recInputsLastEvolution(): TSContinuous {
    return this.recurrentInputs();
  }
}

/** Recurrent rate neurons with input and output weights. */
export class RecRateEulerJax_IO extends RateEulerJax<Matrix, Matrix, Matrix> {
  /** @throws TypeError or RangeError for an argument of the wrong kind, shape or value. */
  constructor(wIn: ArrayInput, wRecurrent: ArrayInput, wOut: ArrayInput, options: RateJaxOptions);
  constructor(options: RecRateEulerJaxIOOptions);
  constructor(...args: Arguments<RateJaxOptions>) {
    const options = readOptions<RecRateEulerJaxIOOptions>(args, ['wIn', 'wRecurrent', 'wOut']);
    super(ioWeights(options, { recurrent: true, out: true }), options);
  }

  /** The recurrent input (r wRecurrent) of each time step of the last evolution; see {@link resInputsLastEvolution}. */
  get recInputsLastEvolution(): TSContinuous {
    return this.recurrentInputs();
  }
}

/** Feed-forward rate neurons with input weights. */
export class FFRateEulerJax extends RateEulerJax<Matrix, null, null> {
  /** @throws TypeError or RangeError for an argument of the wrong kind, shape or value. */
  constructor(wIn: ArrayInput, options: RateJaxOptions);
  constructor(options: FFRateEulerJaxOptions);
  constructor(...args: [unknown?, RateJaxOptions?]) {
    const options = readOptions<FFRateEulerJaxOptions>(args, ['wIn']);
    super(ioWeights(options, {}), options);
  }

  /** Zeros, one row for each time step of the last evolution: this layer has no recurrence. */
  get recInputsLastEvolution(): TSContinuous {
    return this.recurrentInputs();
  }
}

/** Rate neurons with input and output weights whose recurrent input is supplied from outside: a forcing signal, one channel for each unit. */
export class ForceRateEulerJax extends RateEulerJax<Matrix, null, Matrix> {
  /** @throws TypeError or RangeError for an argument of the wrong kind, shape or value. */
  constructor(wIn: ArrayInput, wOut: ArrayInput, options: RateJaxOptions);
  constructor(options: ForceRateEulerJaxOptions);
  constructor(...args: [unknown?, unknown?, RateJaxOptions?]) {
    const options = readOptions<ForceRateEulerJaxOptions>(args, ['wIn', 'wOut']);
    super(ioWeights(options, { out: true }), options);
  }

  /**
   * Evolves the layer and returns its output: `numTimesteps` samples, `sizeOut` channels.
   *
   * @param tsInput Continuous input of `sizeIn` channels, or of one that feeds all inputs. Outside its extent it counts as 0.
   * @param options With `tsForce`, the forcing signal, which is added to the derivative.
   */
  override evolve(tsInput?: TimeSeries | null, options?: EvolveOptions & ForceOptions): TSContinuous;
  /** The same with the forcing signal as an argument of its own. */
  override evolve(tsInput?: TimeSeries | null, tsForce?: TSContinuous | null, options?: EvolveOptions): TSContinuous;
  override evolve(tsInput?: TimeSeries | null, second?: unknown, third?: EvolveOptions): TSContinuous {
    const { tsForce, options } = forcing(second, third);
    return this.evolveForced(tsInput, tsForce, options);
  }

  /** The same off the event loop; with an activation of your own on the event loop, a few milliseconds at a time. */
  override evolveAsync(tsInput?: TimeSeries | null, options?: AsyncEvolveOptions & ForceOptions): Promise<TSContinuous>;
  override evolveAsync(
    tsInput?: TimeSeries | null,
    tsForce?: TSContinuous | null,
    options?: AsyncEvolveOptions,
  ): Promise<TSContinuous>;
  override async evolveAsync(
    tsInput?: TimeSeries | null,
    second?: unknown,
    third?: AsyncEvolveOptions,
  ): Promise<TSContinuous> {
    const { tsForce, options } = forcing(second, third);
    return this.evolveForcedAsync(tsInput, tsForce, options);
  }

  protected override get outputName(): string {
    return 'unnamed';
  }
}

/** The same layer under the name that the original gave it later. */
export class ForceRateEulerJax_IO extends ForceRateEulerJax {}

/** The arguments behind the input: `(tsForce, options)` or `(options)` with `tsForce` among them. */
function forcing<O extends EvolveOptions>(
  second: unknown,
  third: O | undefined,
): { tsForce: TSContinuous | null | undefined; options: O } {
  if (second === undefined || second === null || second instanceof TimeSeries)
    return { tsForce: second as TSContinuous | null | undefined, options: third ?? ({} as O) };
  if (third !== undefined) throw typeError('tsForce', 'a TSContinuous or null', second);
  const { tsForce, ...options } = checkOptions<O & ForceOptions>(second, 'options', Object.keys(second));
  return { tsForce, options: options as unknown as O };
}

registerLayerClass('RecRateEulerJax', RecRateEulerJax);
registerLayerClass('RecRateEulerJax_IO', RecRateEulerJax_IO);
registerLayerClass('FFRateEulerJax', FFRateEulerJax);
registerLayerClass('ForceRateEulerJax', ForceRateEulerJax);
registerLayerClass('ForceRateEulerJax_IO', ForceRateEulerJax_IO);
