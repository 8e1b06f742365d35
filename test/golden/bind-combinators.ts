/** Bindings of combinators, of functions as modules, and of layers as timed modules. */
import * as timedLayers from 'rockpool-node/nn/layers';
import { required, type Constructor } from './api.js';
import type { Arguments } from './arguments.js';
import { toOurValue } from './arguments.js';
import { bindClass, customMethod, method, send, type MethodBinding } from './bindings.js';
import type { Environment } from './environment.js';
import { matrixFunction } from './functions.js';
import { moduleMethods, snakeTree } from './module-values.js';
import { PyFunction } from './values.js';

const modules = [2.001, Infinity] as const;

const wrapped: readonly MethodBinding[] = [
  customMethod('attributes_named(name)', (self, args, env) =>
    snakeTree(send(self, 'attributesNamed', toOurValue(args.get('name'), env))),
  ),
  customMethod('__getitem__(index)', (self, args) => {
    const index = args.get('index');
    return send(self, typeof index === 'string' ? 'get' : 'at', index);
  }),
  method('reset_all()'),
];

const members = 'a, b, c, d, e, f, g, h';

/** The modules that a combinator was given, in order. */
function given(args: Arguments, env: Environment): unknown[] {
  return members
    .split(', ')
    .filter((name) => args.has(name))
    .map((name) => toOurValue(args.get(name), env));
}

function bindCombinator(name: string): void {
  bindClass({
    constructor_: `${name}(${members})`,
    construct: (args, env) => new (required(name) as Constructor)(...given(args, env)),
    methods: [...moduleMethods, ...wrapped],
    releases: modules,
  });
}

bindCombinator('Sequential');
bindCombinator('Residual');
bindClass({
  constructor_: `FFwdStack(${members}; weight_init_func?)`,
  construct: (args, env) => {
    const init = args.get('weight_init_func');
    const options = init instanceof PyFunction ? { weightInit: matrixFunction(init.name) } : {};
    return new (required('FFwdStack') as Constructor)(given(args, env), options);
  },
  methods: [...moduleMethods, ...wrapped],
  releases: modules,
});

/** What the cases about them say they test. */
bindClass({ constructor_: 'combinators()', exportName: 'Sequential', releases: modules });
bindClass({ constructor_: 'TimedModuleWrapper()', methods: [...moduleMethods, ...wrapped], releases: modules });

/** The original's name of a state that ours calls `layerState`. */
function originalStates(tree: unknown): unknown {
  const { layer_state, ...rest } = tree as Record<string, unknown>;
  return layer_state === undefined ? tree : { ...rest, _state: layer_state };
}

function callLayer(self: object, args: Arguments, env: Environment): unknown {
  const [numTimesteps, duration] = ['num_timesteps', 'duration'].map((name) => toOurValue(args.get(name), env));
  const steps = { ...(numTimesteps !== undefined && { numTimesteps }), ...(duration !== undefined && { duration }) };
  const input = toOurValue(args.get('ts_input'), env);
  const [output, state, recorded] = send(self, 'evolve', input, steps) as unknown[];
  return [output, originalStates(snakeTree(state)), snakeTree(recorded)];
}

const layerMethods: readonly MethodBinding[] = [
  ...moduleMethods.filter(({ signature }) => !['__call__', 'state', '__repr__'].includes(signature.pythonName)),
  ...wrapped,
  customMethod('__call__(ts_input?; num_timesteps?, duration?, record)', callLayer),
  customMethod('state()', (self) => originalStates(snakeTree(send(self, 'state')))),
  customMethod('__repr__()', (self) => send(self, 'toString')),
];

function bindLayer(constructor_: string, options: object): void {
  const name = constructor_.slice(0, constructor_.indexOf('('));
  const Class = (timedLayers as Record<string, unknown>)[name] as Constructor;
  bindClass({
    constructor_,
    construct: (args, env, signature) => {
      const [ours = {}] = signature.toOurs(args, env) as Record<string, unknown>[];
      return new Class({ seed: 1234, ...options, ...ours });
    },
    methods: layerMethods,
    releases: [2, Infinity],
  });
}

const membrane = 'tau_mem, v_thresh, v_reset, v_rest';

bindLayer('FFRateEuler(; weights, dt?, name?, noise_std, activation_func, tau, gain, bias)', {});
bindLayer('RecRateEuler(; weights, bias, tau, activation_func, dt, noise_std, name?)', {});
bindLayer('PassThroughEvents(; weights, dt, noise_std?, name?)', {});
bindLayer(`FFIAFBrian(; weights, bias, dt, noise_std?, ${membrane}, refractory, name?, record)`, {
  numerics: 'legacy',
  bias: 15e-3,
});
