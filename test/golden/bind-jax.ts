/** Bindings of the layers with Jax in their names. */
import { required, type Constructor } from './api.js';
import type { Arguments } from './arguments.js';
import { bindClass, customMethod, method, textOf, type MethodBinding } from './bindings.js';
import type { Environment } from './environment.js';

/** Since 2.0 these names mean modules. */
const firstGeneration = [0, 2] as const;

const methods: MethodBinding[] = [
  method('evolve(ts_input?; duration?, num_timesteps?, verbose)'),
  method('reset_all()'),
  method('reset_state()'),
  method('reset_time()'),
  method('to_dict() -> toJSON'),
  method('get_output_from_state(x)'),
  customMethod('__str__()', (self) => textOf(self)),
  customMethod('__repr__()', (self) => textOf(self)),
];

/** With options that make the class behave as in the original, where it has a choice. */
function bindLayer(constructor_: string, options: object, others: readonly MethodBinding[] = methods): void {
  const name = constructor_.slice(0, constructor_.indexOf('('));
  bindClass({
    constructor_,
    construct: (args: Arguments, env: Environment, signature) => {
      const [given = {}] = signature.toOurs(args, env) as object[];
      return new (required(name) as Constructor)({ ...given, ...options });
    },
    methods: others,
    releases: firstGeneration,
  });
}

const rate = 'tau, bias, noise_std, activation_func, dt?, name?, rng_key?';
bindLayer(`RecRateEulerJax(; weights, ${rate})`, {});
bindLayer(`RecRateEulerJax_IO(; w_in, w_recurrent, w_out, ${rate})`, {});
bindLayer(`FFRateEulerJax(; w_in, ${rate})`, {});
bindLayer(`ForceRateEulerJax_IO(; w_in, w_out, ${rate})`, {}, [
  method('evolve(ts_input?, ts_force?; duration?, num_timesteps?, verbose)'),
  ...methods.slice(1),
]);
