/** From Python's arguments to ours: positions and keywords by signature, names in camelCase, values in our types. */
import { PyArray, PyFunction, PyRef, PySlice, PyTuple } from './values.js';
import type { Environment } from './environment.js';
import { activation } from './functions.js';

/** Arguments by their Python names. Only those that the case gives. */
export type Arguments = Map<string, unknown>;

export function camelCase(name: string): string {
  return name.replace(/^_+/, '').replace(/_+([a-z0-9])/g, (_, c: string) => c.toUpperCase());
}

/** A parameter of a Python function; `optional` when its default is None, so that a given None says nothing. */
interface Parameter {
  name: string;
  optional: boolean;
}

/**
 * A call in both languages: `append_t(other_series; offset?, inplace) -> appendT`. Parameters before the semicolon are passed
 * by position, those behind it as options; `?` marks a default of None.
 */
export class Signature {
  readonly pythonName: string;
  readonly ourName: string;
  readonly positional: readonly Parameter[];
  readonly options: readonly Parameter[];

  constructor(text: string) {
    const match = /^(\w+)\(([^;)]*)(?:;([^)]*))?\)(?:\s*->\s*(\S+))?$/.exec(text);
    if (!match) throw new Error(`not a signature: ${text}`);
    const parse = (list = ''): Parameter[] =>
      list
        .split(',')
        .map((s) => s.trim())
        .filter(Boolean)
        .map((s) => ({ name: s.replace('?', ''), optional: s.endsWith('?') }));
    this.pythonName = match[1];
    this.positional = parse(match[2]);
    this.options = parse(match[3]);
    this.ourName = match[4] ?? camelCase(this.pythonName);
  }

  /** Positions and keywords to names. */
  arrange(args: readonly unknown[], kwargs: ReadonlyMap<string, unknown>): Arguments {
    const all = [...this.positional, ...this.options];
    if (args.length > all.length)
      throw new Error(`${this.pythonName}: ${args.length} arguments for ${all.length} parameters`);
    const named: Arguments = new Map(args.map((value, i) => [all[i].name, value]));
    for (const [name, value] of kwargs) {
      if (!all.some((p) => p.name === name))
        throw new Error(`${this.pythonName}: the binding has no parameter ${name}`);
      named.set(name, value);
    }
    return new Map([...named].filter(([name, value]) => value !== null || !all.find((p) => p.name === name)?.optional));
  }

  /** The arguments of our function. */
  toOurs(named: Arguments, env: Environment): unknown[] {
    const positional = this.positional.map((p) => (named.has(p.name) ? toOurValue(named.get(p.name), env) : undefined));
    const options: Record<string, unknown> = {};
    for (const p of this.options)
      if (named.has(p.name)) options[camelCase(p.name)] = toOurValue(named.get(p.name), env);
    if (Object.keys(options).length > 0) return [...positional, options];
    while (positional.length > 0 && positional[positional.length - 1] === undefined) positional.pop();
    return positional;
  }
}

/** A decoded value as our API takes it. */
export function toOurValue(value: unknown, env: Environment): unknown {
  if (value instanceof PyArray) {
    if (value.data.some((x) => x === null)) return value.nested();
    const integers = /^(u?int|bool)/.test(value.dtype);
    const data = integers ? Int32Array.from(value.data as number[]) : Float64Array.from(value.data as number[]);
    return { data, shape: [...value.shape] };
  }
  if (value instanceof PyTuple) return value.items.map((item) => toOurValue(item, env));
  if (Array.isArray(value)) return value.map((item) => toOurValue(item, env));
  if (value instanceof PyRef) return env.object(value.name);
  if (value instanceof PyFunction) return activation(value.name);
  if (value instanceof PySlice) throw new Error('a slice is no argument of ours');
  return value;
}
