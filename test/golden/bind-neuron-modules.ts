/** Bindings of the modules of neurons and projections. */
import { required, type Constructor } from './api.js';
import type { Arguments } from './arguments.js';
import { bindClass } from './bindings.js';
import type { Environment } from './environment.js';
import { moduleMethods } from './module-values.js';
import { PyFunction } from './values.js';

/** Since then these names mean modules. */
const modules = [2.001, Infinity] as const;

function bindModule(constructor_: string, options: object = {}): void {
  const name = constructor_.slice(0, constructor_.indexOf('('));
  bindClass({
    constructor_,
    construct: (args: Arguments, env: Environment, signature) => {
      const [shape, given = {}] = signature.toOurs(args, env) as [unknown, object?];
      return new (required(name) as Constructor)({ shape, ...given, ...options });
    },
    methods: moduleMethods,
    releases: modules,
  });
}

bindModule('Linear(shape; weight?, bias?, has_bias)');
/** The noise of the original depends on the time step. */
const legacyNoise = { noiseScaling: 'legacy' };

/** The original takes time constants below ten steps for ten steps. */
bindModule('Rate(shape; tau?, bias?, threshold?, w_rec?, has_rec, activation_func, dt, noise_std)', {
  minTauSteps: 10,
  ...legacyNoise,
});
bindModule(
  'LIF(shape; tau_mem?, tau_syn?, bias?, w_rec?, has_rec, threshold?, noise_std, max_spikes_per_dt, dt, spiking_input, spiking_output)',
  legacyNoise,
);
bindModule('ExpSyn(shape; tau?, noise_std, dt, max_window_length)', legacyNoise);

interface Samples {
  data: Float64Array;
  shape: readonly number[];
}

/** NumPy's functions of arrays. */
const functions: Record<string, (x: number) => number> = { exp: Math.exp, absolute: Math.abs };

bindClass({
  constructor_: 'Instant(shape; function)',
  construct: (args: Arguments, env: Environment, signature) => {
    const given = args.get('function');
    const fn = given instanceof PyFunction ? functions[given.name] : undefined;
    const rest = new Map([...args].filter(([name]) => name !== 'function' || !fn));
    const [shape, options = {}] = signature.toOurs(rest, env) as [unknown, object?];
    const apply = fn && { function: (x: Samples) => ({ data: x.data.map(fn), shape: x.shape }) };
    return new (required('Instant') as Constructor)({ shape, ...options, ...apply });
  },
  methods: moduleMethods,
  releases: modules,
});
