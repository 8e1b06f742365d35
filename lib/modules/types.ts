/** Types of modules: how the attributes that a class registers become the types of what its methods return. */
import type { ArrayLike_ as ArrayInput, Matrix, NdArray } from '../array.js';
import type { TaskOptions } from '../task.js';
import type { ModuleBase } from './module-base.js';

/**
 * What a module class registers, as the type argument of its base class:
 *
 *     class Rate extends Module<{ parameters: { tau: Matrix }; states: { x: Matrix }; simulationParameters: { dt: number } }>
 *
 * Submodules stand under `modules`.
 */
export interface ModuleSpec {
  parameters?: object;
  states?: object;
  simulationParameters?: object;
  modules?: object;
}

/** What a class that says nothing has: anything. */
export type AnySpec = ModuleSpec;

/** A spec that says nothing. */
type Untyped<S> = Record<never, never> extends S ? true : false;
type Part<S, K extends keyof ModuleSpec> = S extends { [k in K]: infer P } ? P : unknown;
/** The spec of a module. */
export type SpecOf<M> = M extends { readonly _spec?: infer S } ? NonNullable<S> : AnySpec;
type Flat<T> = { [K in keyof T]: T[K] };

/** Own attributes of a kind, then one tree for each submodule. */
export type AttributeTree<S, K extends 'parameters' | 'states' | 'simulationParameters'> =
  Untyped<S> extends true
    ? Record<string, unknown>
    : Flat<Part<S, K> & { [M in keyof Part<S, 'modules'>]: AttributeTree<SpecOf<Part<S, 'modules'>[M]>, K> }>;

/** What a query by family or name finds: some of the attributes. */
export type PartialTree<T> = string extends keyof T
  ? T
  : { [K in keyof T]?: T[K] extends NdArray | ((...args: never[]) => unknown) ? T[K] : PartialTree<T[K]> };

export type Parameters<S> = AttributeTree<S, 'parameters'>;
export type States<S> = AttributeTree<S, 'states'>;
export type SimulationParameters<S> = AttributeTree<S, 'simulationParameters'>;
export type Submodules<S> = Untyped<S> extends true ? Record<string, ModuleBase> : Flat<Part<S, 'modules'>>;

/** What an attribute accepts: any array-like for an array. */
type Settable<T> = T extends Matrix
  ? ArrayInput
  : T extends (...args: never[]) => unknown
    ? T
    : T extends object
      ? { [K in keyof T]?: Settable<T[K]> }
      : T;

/** What `setAttributes` takes: some attributes of all kinds, and the same for submodules. */
export type Attributes<S> =
  Untyped<S> extends true
    ? Record<string, unknown>
    : Settable<Part<S, 'parameters'> & Part<S, 'states'> & Part<S, 'simulationParameters'>> & {
        [M in keyof Part<S, 'modules'>]?: Attributes<SpecOf<Part<S, 'modules'>[M]>>;
      };

/** A tree of recorded arrays, one branch for each submodule. */
export interface RecordTree {
  [name: string]: unknown;
}

/** Options of `evolve` of a module. */
export interface ModuleEvolveOptions {
  /** Return what happened inside at each time step. Default false. */
  record?: boolean;
}

/** Options of `evolveAsync` of a module. */
export type AsyncModuleEvolveOptions = ModuleEvolveOptions & TaskOptions;

/** What a module returns: its output `[batch, time, channel]`, a copy of its new state, and what was recorded. */
export type EvolveResult<S = AnySpec> = [output: Matrix, newState: States<S>, recorded: RecordTree];

/** Options of the constructor of a module. */
export interface ModuleOptions {
  /** Input channels, then sizes inside where there are any, then output channels; one number for both. */
  shape: number | readonly number[];
  /** The input is spikes. Default false. */
  spikingInput?: boolean;
  /** The output is spikes. Default false. */
  spikingOutput?: boolean;
}

/** Options of `setAttributes`. */
export interface SetAttributesOptions {
  /** An unknown name is an error instead of a warning. Default false. */
  strict?: boolean;
}

/** All that changes when a module evolves. */
export interface ModuleSnapshot {
  state: Record<string, unknown>;
  modules: Record<string, ModuleSnapshot>;
  [name: string]: unknown;
}

/** A module as plain data, with snake_case keys. */
export type ModuleConfig = { class_name: string } & Record<string, unknown>;

/** Options of `toDict`. */
export interface ModuleToDictOptions {
  /** Add the state, so that a loaded module continues where this one is. Default false. */
  includeState?: boolean;
}
