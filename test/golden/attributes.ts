/** Reads attributes and computed values that cases name. */
import { camelCase } from './arguments.js';
import { classBinding, member } from './bindings.js';
import type { Environment } from './environment.js';
import { lcmOf, gcdOf, isMultipleOf } from './time-steps.js';

/** The value of `object.attribute`, or of a description such as `len(a)` or `isempty` (of the object of the step). */
export function readAttribute(text: string, env: Environment, ownName: string | undefined): unknown {
  const length = /^len\((\w+)\)$/.exec(text);
  if (length) return member(env.object(length[1]), 'length');
  const record = /^(recorded\.\w+)(?: \[neuron, step\]|$)/.exec(text)?.[1];
  if (record !== undefined && ownName !== undefined) {
    const read = classBinding(env.className(ownName), env.version)?.attributes[record];
    if (read) return read(env.object(ownName));
  }
  const dot = text.indexOf('.');
  const name = dot < 0 ? ownName : text.slice(0, dot);
  const attribute = dot < 0 ? text.replace(/\(\)$/, '') : text.slice(dot + 1);
  if (name === undefined) throw new Error(`no object for "${text}"`);
  const object = env.object(name);
  if (attribute === 'isempty') return (member(object, 'isEmpty') as () => boolean).call(object);
  const read = classBinding(env.className(name), env.version)?.attributes[attribute];
  return read ? read(object) : member(object, camelCase(attribute));
}

/** The values that cases compute without a method, by their description. */
const computed: [RegExp, (env: Environment, args: readonly unknown[], match: RegExpExecArray) => unknown][] = [
  [/^(?:evolution order \(layer names\)|layer names)$/, (env) => layerNames(network(env))],
  [/^batches \[t_start, t_stop, is_first, is_last\]$/, (env) => env.batches],
  [/^(\w+)\.pre_layer is None$/, (env, _args, m) => preLayer(network(env), env.object(m[1])) === null],
  [/^is_multiple$/, (_env, args) => isMultipleOf(args[0] as number, args[1] as number)],
  [/^gcd$/, (_env, args) => gcdOf(args[0] as number, args[1] as number)],
  [/^lcm$/, (_env, args) => lcmOf(args[0] as number, args[1] as number)],
  [/^std of v$/, (env) => spreadOfPotentials(env)],
  [/^(-?[\d.]+) \/\/ samples$/, (env, _args, m) => floorDivided(Number(m[1]), env)],
];

export function computedValue(description: string, env: Environment, args: readonly unknown[]): unknown {
  for (const [pattern, compute] of computed) {
    const match = pattern.exec(description);
    if (match) return compute(env, args, match);
  }
  throw new Error(`no binding for the value "${description}"`);
}

/** Whether a value of that description can be computed. */
export function knowsValue(description: string): boolean {
  return computed.some(([pattern]) => pattern.test(description));
}

function network(env: Environment): object {
  const name = env
    .names()
    .reverse()
    .find((n) => /^(Network|build_rate_reservoir)$/.test(env.className(n)));
  if (name === undefined) throw new Error('the case has no network');
  return env.object(name);
}

function layerNames(net: object): string[] {
  const layers = member(net, 'layers') as Map<string, object>;
  const order = member(net, 'evolOrder') as unknown[];
  const nameOf = (layer: unknown): string =>
    typeof layer === 'string' ? layer : ([...layers].find(([, l]) => l === layer)?.[0] ?? '');
  return order.map(nameOf);
}

function preLayer(net: object, layer: object): unknown {
  const pre = (net as { preLayer?: (layer: object) => unknown }).preLayer;
  if (typeof pre !== 'function') throw new Error('Network has no member preLayer');
  return pre.call(net, layer) ?? null;
}

/** Standard deviation of the potentials of all units after the first 500 of 3000 steps. */
function spreadOfPotentials(env: Environment): number {
  const layer = env
    .names()
    .reverse()
    .map((n) => env.object(n))
    .find((o) => 'tsRecStates' in o) as { tsRecStates: { samples: { data: Float64Array; shape: number[] } } };
  const { data, shape } = layer.tsRecStates.samples;
  const values = data.subarray(1000 * shape[1]);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
}

/** `k // samples` of the last continuous series, by our operator. */
function floorDivided(k: number, env: Environment): unknown {
  const name = env
    .names()
    .reverse()
    .find((n) => env.className(n) === 'TSContinuous');
  const ts = env.object(name as string) as { rfloorDiv(k: number): { samples: { data: ArrayLike<number> } } };
  return Array.from(ts.rfloorDiv(k).samples.data);
}
