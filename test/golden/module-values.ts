/** What modules return, as the original names it. */
import type { Arguments } from './arguments.js';
import { toOurValue } from './arguments.js';
import { customMethod, method, send, textOf, type MethodBinding } from './bindings.js';
import type { Environment } from './environment.js';
import type { JsonObject } from './format.js';
import { PyTuple } from './values.js';

const snake = (key: string): string => (/^\d/.test(key) ? key : key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`));

/** Plain objects with snake_case keys; all else as it is. */
export function snakeTree(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeTree);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [snake(key), snakeTree(inner)]));
}

/** A tree of Python's as ours. */
function camelTree(value: unknown, env: Environment): unknown {
  const entries = (value as { entries?: ReadonlyMap<string, unknown> }).entries;
  if (!(entries instanceof Map)) return toOurValue(value, env);
  return Object.fromEntries(
    [...(entries as Map<string, unknown>)].map(([key, inner]) => [
      /^\d/.test(key) ? key : key.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase()),
      camelTree(inner, env),
    ]),
  );
}

function families(args: Arguments): unknown[] {
  const given = args.get('family');
  return given === undefined ? [] : [given instanceof PyTuple ? given.items : given];
}

const tree = (pythonName: string, ourName = pythonName): MethodBinding =>
  customMethod(`${pythonName}(family?)`, (self, args) => snakeTree(send(self, ourName, ...families(args))));

/** Modules take arrays, their timed wrappers series. */
function call(self: object, args: Arguments, env: Environment): unknown {
  const given = (name: string): unknown => toOurValue(args.get(name), env);
  const [record, numTimesteps, duration] = ['record', 'num_timesteps', 'duration'].map(given);
  const timed = 'timestep' in self && 'genTimeSeries' in self;
  const steps = { ...(numTimesteps !== undefined && { numTimesteps }), ...(duration !== undefined && { duration }) };
  const result = send(self, 'evolve', given('input'), { record: record === true, ...(timed && steps) }) as unknown[];
  return result.map(snakeTree);
}

/** The methods of every module. */
export const moduleMethods: readonly MethodBinding[] = [
  customMethod('__call__(input?; record, num_timesteps?, duration?)', call),
  tree('parameters'),
  tree('state'),
  tree('simulation_parameters', 'simulationParameters'),
  customMethod('set_attributes(attributes)', (self, args, env) =>
    send(self, 'setAttributes', camelTree(args.get('attributes'), env)),
  ),
  method('reset_time()'),
  customMethod('reset_state()', (self) => send(self, 'resetState')),
  customMethod('__repr__()', (self) => textOf(self).replace(/^(\w+) with/, '$1  with')),
  customMethod('timed(; dt?, add_events, output_num)', (self, args, env) => {
    const [dt, addEvents, outputNum] = ['dt', 'add_events', 'output_num'].map((name) =>
      toOurValue(args.get(name), env),
    );
    // The original's default is to tell only whether there are events.
    return send(self, 'timed', {
      addEvents: addEvents ?? false,
      ...(dt !== undefined && { dt }),
      ...(outputNum !== undefined && { outputNum }),
    });
  }),
];

const zerosInput = /^(.*); input: zeros \[(\d+), (\d+)\]$/;

/** Statistics of a module that evolves zeros. */
export function isModuleNoise(s: JsonObject): boolean {
  return typeof s['quantity'] === 'string' && zerosInput.test(s['quantity']);
}

/** What the statistics are of: the output, or a state that is recorded; as a series of the first batch. */
export function moduleNoise(s: JsonObject, module: object | undefined): unknown {
  const [, quantity, steps, units] = zerosInput.exec(s['quantity'] as string) as unknown as string[];
  const shape = [Number(steps), Number(units)];
  const input = { data: new Float64Array(shape[0] * shape[1]), shape };
  const [output, , record] = send(module as object, 'evolve', input, { record: true }) as [Samples, unknown, Records];
  const recorded = /^output/.test(quantity) ? output : /vmem/.test(quantity) ? record['vmem'] : record['x'];
  return { times: [], tStart: 0, tStop: 0, periodic: false, samples: { data: recorded.data, shape } };
}

interface Samples {
  data: Float64Array;
}
type Records = Record<string, Samples>;
