/** Layer classes as classes of timed modules. */
import type { NdArray } from '../array.js';
import { checkFunction, rangeError } from '../check.js';
import { Layer } from '../layers/layer.js';
import { type LayerAttributes, LayerToTimedModule } from './layer-to-timed-module.js';
import { registerLayerWrapper } from './registry.js';

/** The arguments of a constructor of up to three overloads. */
type Arguments<C> = C extends {
  new (...args: infer A1): unknown;
  new (...args: infer A2): unknown;
  new (...args: infer A3): unknown;
}
  ? A1 | A2 | A3
  : never;

type NamesIn<A, K extends keyof LayerAttributes> = K extends K
  ? A extends { [k in K]: infer N }
    ? N extends readonly (infer T)[]
      ? T
      : N
    : never
  : never;
type WrappedValue<T> = T extends Float64Array ? NdArray<Float64Array> : T;
type Wrapped<L, N> = { [K in N & keyof L as K extends 'state' ? 'layerState' : K]: WrappedValue<L[K]> };
/** What a converted layer class registers. */
export interface LayerSpec<L, A> {
  parameters: Wrapped<L, NamesIn<A, 'parameters'>>;
  states: Wrapped<L, NamesIn<A, 'states'>>;
  simulationParameters: Wrapped<L, NamesIn<A, 'simulationParameters'>> & { dt: number };
}

/** An instance of a converted layer class. */
export type TimedLayer<L extends Layer, A> = LayerToTimedModule<L, LayerSpec<L, A>> &
  Omit<Wrapped<L, NamesIn<A, keyof LayerAttributes>>, 'dt'>;

/** A converted layer class: constructed like the layer, or from one. */
export interface TimedLayerClass<C extends abstract new (...args: never[]) => Layer, A> {
  new (...args: Arguments<C> | [layer: InstanceType<C>]): TimedLayer<InstanceType<C>, A>;
  readonly prototype: TimedLayer<InstanceType<C>, A>;
  loadFromDict(config: object): TimedLayer<InstanceType<C>, A>;
  load(filename: string): Promise<TimedLayer<InstanceType<C>, A>>;
  loadSync(filename: string): TimedLayer<InstanceType<C>, A>;
}

/**
 * Converts a layer class into a class of timed modules of the same name and constructor arguments.
 *
 * @throws RangeError for a class that does not extend `Layer`.
 */
export function asTimedModule<C extends abstract new (...args: never[]) => Layer, const A extends LayerAttributes>(
  cls: C,
  attributes?: A,
): TimedLayerClass<C, A> {
  checkFunction(cls, 'cls');
  if (!(cls.prototype instanceof Layer)) throw rangeError('cls', 'a subclass of Layer', cls);
  const LayerClass = cls as unknown as new (...args: unknown[]) => Layer;
  const registered = attributes ?? {};
  class Converted extends LayerToTimedModule {
    constructor(...args: unknown[]) {
      super(args[0] instanceof cls ? args[0] : new LayerClass(...args), registered);
    }
  }
  Object.defineProperty(Converted, 'name', { value: cls.name });
  registerLayerWrapper(cls.name, Converted);
  return Converted as unknown as TimedLayerClass<C, A>;
}
