/** From the original's classes, methods and functions to ours. A class that is not here is "not covered". */
import { Signature, type Arguments } from './arguments.js';
import { exported, required, type Callable, type Constructor } from './api.js';
import type { Environment } from './environment.js';

/** Calls our method for one of Python's. */
export type Invoke = (self: object, args: Arguments, env: Environment) => unknown;

export interface MethodBinding {
  signature: Signature;
  invoke: Invoke;
}

export interface ClassBinding {
  /** Name of our class or function. */
  exportName: string;
  /** Releases of the original, from the first on and before the last, in which the name means this. */
  releases: readonly [number, number];
  /** Other exports that it takes; the class is not covered while one of them is missing. */
  needs: readonly string[];
  constructorSignature: Signature;
  construct: (args: Arguments, env: Environment) => object;
  methods: ReadonlyMap<string, MethodBinding>;
  statics: ReadonlyMap<string, MethodBinding>;
  /** Attributes that are not simply the same name in camelCase. */
  attributes: Readonly<Record<string, (self: object) => unknown>>;
}

const classes = new Map<string, ClassBinding[]>();

/** The binding of what a release of the original calls `name`, when we have it. */
export function classBinding(name: string, version: readonly number[]): ClassBinding | undefined {
  const release = version[0] + (version[1] ?? 0) / 1000;
  const binding = classes.get(name)?.find((b) => release >= b.releases[0] && release < b.releases[1]);
  return binding && [binding.exportName, ...binding.needs].every((n) => exported(n) !== undefined)
    ? binding
    : undefined;
}

/** A property of an object of ours that must be there. */
export function member(self: object, name: string): unknown {
  if (!(name in self)) throw new Error(`${self.constructor.name} has no member ${name}`);
  return (self as Record<string, unknown>)[name];
}

/** What `String(object)` gives. */
export function textOf(self: object): string {
  return send(self, 'toString') as string;
}

/** Calls a method of ours. */
export function send(self: object, name: string, ...args: unknown[]): unknown {
  const method = member(self, name);
  if (typeof method !== 'function') throw new Error(`${self.constructor.name}.${name} is no method`);
  return (method as Callable).apply(self, args);
}

/** A method that differs in names only. */
export function method(text: string): MethodBinding {
  const signature = new Signature(text);
  return { signature, invoke: (self, args, env) => send(self, signature.ourName, ...signature.toOurs(args, env)) };
}

/** A method with a translation of its own. */
export function customMethod(text: string, invoke: Invoke): MethodBinding {
  return { signature: new Signature(text), invoke };
}

function byName(list: readonly MethodBinding[]): Map<string, MethodBinding> {
  return new Map(list.map((m) => [m.signature.pythonName, m]));
}

export interface ClassDescription {
  /** `Name(parameters)` of the constructor, all of them options: `TSEvent(; times?, channels?)`. */
  constructor_: string;
  exportName?: string;
  /** Default: all. */
  releases?: readonly [number, number];
  needs?: readonly string[];
  construct?: (args: Arguments, env: Environment, signature: Signature) => object;
  methods?: readonly MethodBinding[];
  statics?: readonly MethodBinding[];
  attributes?: Record<string, (self: object) => unknown>;
}

/** Enters a class in the table. */
export function bindClass(d: ClassDescription): void {
  const signature = new Signature(d.constructor_);
  const exportName = d.exportName ?? signature.pythonName;
  const make = (args: Arguments, env: Environment): object =>
    new (required(exportName) as Constructor)(...signature.toOurs(args, env));
  const binding: ClassBinding = {
    exportName,
    releases: d.releases ?? [0, Infinity],
    needs: d.needs ?? [],
    constructorSignature: signature,
    construct: d.construct ? (args, env) => d.construct?.(args, env, signature) as object : make,
    methods: byName(d.methods ?? []),
    statics: byName(d.statics ?? []),
    attributes: d.attributes ?? {},
  };
  classes.set(signature.pythonName, [...(classes.get(signature.pythonName) ?? []), binding]);
}
