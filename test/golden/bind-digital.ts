/** Bindings of the constant-leak and digital layers. */
import { required, type Constructor } from './api.js';
import { bindClass, customMethod, member, method, textOf, type ClassDescription } from './bindings.js';

const methods = [
  method('evolve(ts_input?; duration?, num_timesteps?, verbose)'),
  method('reset_all()'),
  method('reset_state()'),
  method('reset_time()'),
  method('to_dict() -> toJSON'),
  customMethod('__str__()', (self) => textOf(self)),
  customMethod('__repr__()', (self) => textOf(self)),
];

function bindLayer(
  constructor_: string,
  options: object = {},
  attributes: NonNullable<ClassDescription['attributes']> = {},
): void {
  bindClass({
    constructor_,
    construct: (args, env, signature) => {
      const [given = {}] = signature.toOurs(args, env) as object[];
      return new (required(constructor_.slice(0, constructor_.indexOf('('))) as Constructor)({ ...given, ...options });
    },
    methods,
    attributes: { _timestep: (self) => member(self, 'timestep'), ...attributes },
    releases: [0, 2],
  });
}

/** The original counts several events of a channel in a time step once. */
const merged = { addEvents: false };
const record = 'recorded [time, neuron, state]';
const digitalRecord = 'ts_recorded (samples: monitored states, last column: channel of the processed event or NaN)';

bindLayer('FFCLIAF(; weights, bias, v_thresh, v_reset, v_subtract, dt, monitor_id, name?)', merged, {
  [record]: (self) => member(self, 'tsState'),
});
bindLayer(
  'RecCLIAF(; weights_in, weights_rec, bias, v_thresh, v_reset, v_subtract, refractory, dt, delay?, tTauBias?, monitor_id, state_type, name?)',
  merged,
);
bindLayer('SoftMaxLayer(; weights, thresh, dt, name?)', merged);
bindLayer(
  'RecDIAF(; weights_in, weights_rec, dt, delay, tau_leak, refractory, v_thresh, v_reset, v_rest, leak, v_subtract, state_type, monitor_id, name?)',
  {},
  {
    [digitalRecord]: (self) => member(self, 'tsRecorded'),
    'events left in queue': (self) => (member(self, 'pendingEvents') as { times: ArrayLike<number> }).times.length,
  },
);
