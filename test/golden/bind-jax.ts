/** Bindings of the layers with Jax in their names. */
import { required, type Constructor } from './api.js';
import type { Arguments } from './arguments.js';
import { bindClass, customMethod, member, method, textOf, type MethodBinding } from './bindings.js';
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

interface Differences {
  /** Options that make the class behave as in the original, where it has a choice. */
  options?: object;
  methods?: readonly MethodBinding[];
  attributes?: Record<string, (self: object) => unknown>;
}

function bindLayer(constructor_: string, differences: Differences = {}): void {
  const name = constructor_.slice(0, constructor_.indexOf('('));
  bindClass({
    constructor_,
    construct: (args: Arguments, env: Environment, signature) => {
      const [given = {}] = signature.toOurs(args, env) as object[];
      return new (required(name) as Constructor)({ ...given, ...differences.options });
    },
    methods: differences.methods ?? methods,
    ...(differences.attributes && { attributes: differences.attributes }),
    releases: firstGeneration,
  });
}

const rate = 'tau, bias, noise_std, activation_func, dt?, name?, rng_key?';
bindLayer(`RecRateEulerJax(; weights, ${rate})`);
bindLayer(`RecRateEulerJax_IO(; w_in, w_recurrent, w_out, ${rate})`);
bindLayer(`FFRateEulerJax(; w_in, ${rate})`);
bindLayer(`ForceRateEulerJax_IO(; w_in, w_out, ${rate})`, {
  methods: [method('evolve(ts_input?, ts_force?; duration?, num_timesteps?, verbose)'), ...methods.slice(1)],
});

const lif = 'tau_mem, tau_syn, bias, noise_std, dt?, name?, rng_key?';
const attributes = {
  state: (self: object) => {
    const { Vmem, Isyn, spikes } = member(self, 'state') as Record<string, unknown>;
    return { Vmem, Isyn, spikes };
  },
};
/** The original counts several events of a channel in a time step once. */
const events = { options: { addEvents: false }, attributes };
bindLayer(`RecLIFJax(; w_recurrent, ${lif})`, events);
bindLayer(`RecLIFCurrentInJax(; w_recurrent, ${lif})`, { attributes });
bindLayer(`RecLIFCurrentInJax_SO(; w_recurrent, ${lif})`, { attributes });
bindLayer(`RecLIFJax_IO(; w_in, w_recurrent, w_out, ${lif})`, events);
bindLayer(`RecLIFCurrentInJax_IO(; w_in, w_recurrent, w_out, ${lif})`, { attributes });
bindLayer(`FFLIFJax_IO(; w_in, w_out, ${lif})`, events);
bindLayer(`FFLIFJax_SO(; w_in, ${lif})`, events);
bindLayer(`FFLIFCurrentInJax_SO(; w_in, ${lif})`, { attributes });
