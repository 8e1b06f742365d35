/** Bindings of the v1 layers, networks and regression. */
import { required, type Callable, type Constructor } from './api.js';
import { camelCase, toOurValue, type Arguments } from './arguments.js';
import { bindClass, customMethod, member, method, send, textOf, type MethodBinding } from './bindings.js';
import type { Environment } from './environment.js';
import { trainingFunction } from './functions.js';
import { PyFunction } from './values.js';

/** Noise differs in scale between the classes of the original; ours offers its convention by name. */
const seed = 1234;

function constructLayer(
  name: string,
): (args: Arguments, env: Environment, s: { toOurs(a: Arguments, e: Environment): unknown[] }) => object {
  return (args, env, signature) => {
    const [ours = {}] = signature.toOurs(args, env) as Record<string, unknown>[];
    const noise = typeof args.get('noise_std') === 'number' && args.get('noise_std') !== 0;
    const legacy = noise && name !== 'PassThrough' ? { noiseScaling: 'legacy' } : {};
    return new (required(name) as Constructor)({ seed, ...ours, ...legacy });
  };
}

/** Results with keys in snake case, as Python's dictionaries have them. */
function snakeKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value as Record<string, unknown>);
  if ('data' in value && 'shape' in value) return value;
  return Object.fromEntries(entries.map(([k, v]) => [k.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`), snakeKeys(v)]));
}

const layerMethods: MethodBinding[] = [
  method('evolve(ts_input?; duration?, num_timesteps?, verbose)'),
  method('reset_all()'),
  method('reset_state()'),
  method('reset_time()'),
  method('reset_buffer()'),
  customMethod('__str__()', (self) => textOf(self)),
  customMethod('__repr__()', (self) => textOf(self)),
  method('to_dict() -> toJSON'),
];

/** Parameters of training by ridge regression. */
export const regression = [
  'regularize',
  'is_first',
  'is_last',
  'train_biases',
  'calc_intermediate_results',
  'return_training_progress',
  'return_trained_output',
  'fisher_relabelling',
  'standardize',
];

/** Calls a method of training; ours reports as the original's does. */
export function train(name: string): MethodBinding['invoke'] {
  return (self, args, env) => {
    env.trained = true;
    const rest = [...args].filter(([key]) => key !== 'ts_target' && key !== 'ts_input');
    const options = Object.fromEntries(rest.map(([key, value]) => [camelCase(key), toOurValue(value, env)]));
    // The original solves in every batch that it reports on, which is every one unless it is told not to; ours when it is told to.
    const progress: Record<string, unknown> = { returnTrainingProgress: true, ...options };
    if (progress['returnTrainingProgress']) progress['calcIntermediateResults'] = true;
    return snakeKeys(
      send(self, name, toOurValue(args.get('ts_target'), env), toOurValue(args.get('ts_input') ?? null, env), progress),
    );
  };
}

const rrMethods: MethodBinding[] = [
  customMethod(`train_rr(ts_target, ts_input?; ${regression.join(', ')})`, train('trainRr')),
  customMethod(
    `train(ts_target, ts_input?; is_first, is_last, method, ${regression.filter((n) => !/^is_/.test(n)).join(', ')})`,
    train('train'),
  ),
];

/** Since 2.0 the names of the layers mean modules that wrap them. */
const firstGeneration = [0, 2] as const;

export function bindLayer(constructor_: string, methods: readonly MethodBinding[] = []): void {
  const name = constructor_.slice(0, constructor_.indexOf('('));
  bindClass({
    constructor_,
    construct: constructLayer(name),
    methods: [...layerMethods, ...methods],
    attributes: { _timestep: (self) => member(self, 'timestep') },
    releases: firstGeneration,
  });
}

bindLayer('PassThrough(; weights, dt, noise_std, bias, delay, name?)', rrMethods);
bindLayer('PassThroughEvents(; weights, dt, noise_std?, name?)');
bindLayer('FFRateEuler(; weights, dt?, name?, noise_std, activation_func, tau, gain, bias)', rrMethods);
bindLayer('RecRateEuler(; weights, bias, tau, activation_func, dt, noise_std, name?)');

/** Network.train: its callback is given in words, which say what it does with readout, target and reservoir. */
function trainNetwork(self: object, args: Arguments, env: Environment): unknown {
  const fn = args.get('training_fct');
  if (!(fn instanceof PyFunction)) throw new Error('the training function is no function');
  const rest = [...args].filter(([key]) => key !== 'training_fct' && key !== 'ts_input');
  const options = Object.fromEntries(rest.map(([key, value]) => [camelCase(key), toOurValue(value, env)]));
  const input = args.has('ts_input') ? { input: toOurValue(args.get('ts_input'), env) } : {};
  env.batches = [];
  return send(self, 'train', trainingCallback(fn.name, self, env), { ...input, ...options });
}

function trainingCallback(text: string, net: object, env: Environment): Callable {
  if (text === 'no operation') return () => undefined;
  const match = trainingFunction.exec(text);
  if (!match) throw new Error(`no training function "${text}"`);
  env.trained = true;
  const readout = member(net, 'outputLayer') as object;
  const target = env.object('tgt');
  return (...args: unknown[]) => {
    const [signals, isFirst, isLast] = args.slice(1) as [Record<string, object>, boolean, boolean];
    const res = signals['res'];
    const [tStart, tStop] = [member(res, 'tStart') as number, member(res, 'tStop') as number];
    env.batches.push([tStart, tStop, isFirst, isLast]);
    const part = send(target, 'clip', { tStart, tStop });
    send(readout, 'trainRr', part, res, {
      regularize: Number(match[1]),
      isFirst,
      isLast,
      returnTrainingProgress: false,
    });
  };
}

const networkMethods: MethodBinding[] = [
  customMethod('evolve(ts_input?; duration?, num_timesteps?, verbose)', (self, args, env) => {
    const rest = [...args].filter(([key]) => key !== 'ts_input');
    const options = Object.fromEntries(rest.map(([key, value]) => [camelCase(key), value]));
    const result = send(
      self,
      'evolve',
      args.has('ts_input') ? toOurValue(args.get('ts_input'), env) : undefined,
      options,
    );
    return Object.fromEntries(Object.entries(result as object).filter(([key]) => key !== 'external'));
  }),
  method('add_layer(lyr; input_layer?, output_layer?, external_input, verbose)'),
  method('connect(pre_layer, post_layer; verbose)'),
  method('disconnect(pre_layer, post_layer; verbose)'),
  method('remove_layer(lyr)'),
  method('reset_all()'),
  method('reset_state()'),
  method('reset_time()'),
  customMethod('__str__()', (self) => textOf(self)),
  customMethod('__repr__()', (self) => textOf(self)),
  customMethod(
    'train(training_fct, ts_input?; duration?, batch_durs?, num_timesteps?, nums_ts_batch?, verbose, high_verbosity)',
    trainNetwork,
  ),
];

const networkAttributes = { _timestep: (self: object) => member(self, 'timestep') };

bindClass({
  constructor_: 'Network(; layers?, dt?)',
  construct: (args, env) => {
    const layers = args.has('layers') ? [toOurValue(args.get('layers'), env)] : [];
    const options = args.has('dt') ? [{ dt: args.get('dt') }] : [];
    return new (required('Network') as Constructor)(
      ...(layers.length === 0 && options.length > 0 ? [[]] : layers),
      ...options,
    );
  },
  methods: networkMethods,
  attributes: networkAttributes,
});

bindClass({
  constructor_:
    'build_rate_reservoir(; weights_in, weights_res, weights_out, tau_in, tau_res, bias_in, bias_res, dt?, noise_std_in, noise_std_res, noise_std_out)',
  exportName: 'buildRateReservoir',
  construct: (args, env, signature) =>
    (required('buildRateReservoir') as Callable)(...signature.toOurs(args, env)) as object,
  methods: networkMethods,
  attributes: networkAttributes,
});

bindClass({
  constructor_:
    'RidgeRegrTrainer(; num_features, num_outputs, regularize, fisher_relabelling, standardize, train_biases)',
  methods: [
    method('fit(inp, target)'),
    method('train_batch(inp, target; update_model)'),
    method('update_model()'),
    method('reset()'),
  ],
});
