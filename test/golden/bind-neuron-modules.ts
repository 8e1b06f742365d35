/** Bindings of the modules of neurons and projections. */
import { required, type Constructor } from './api.js';
import type { Arguments } from './arguments.js';
import { bindClass } from './bindings.js';
import type { Environment } from './environment.js';
import { moduleMethods } from './module-values.js';

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
/** The original takes time constants below ten steps for ten steps. */
bindModule('Rate(shape; tau?, bias?, threshold?, w_rec?, has_rec, activation_func, dt, noise_std)', { minTauSteps: 10 });
bindModule(
  'LIF(shape; tau_mem?, tau_syn?, bias?, w_rec?, has_rec, threshold?, noise_std, max_spikes_per_dt, dt, spiking_input, spiking_output)',
);
bindModule('ExpSyn(shape; tau?, noise_std, dt, max_window_length)');
