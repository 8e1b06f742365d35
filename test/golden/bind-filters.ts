/** Bindings of delta modulation and filter banks. */
import { required, type Constructor } from './api.js';
import type { Arguments } from './arguments.js';
import { bindClass, customMethod, member, method, textOf, type ClassDescription } from './bindings.js';
import type { Environment } from './environment.js';

const seed = 1234;

const methods = [
  method('evolve(ts_input?; duration?, num_timesteps?, verbose)'),
  method('reset_all()'),
  method('reset_state()'),
  method('reset_time()'),
  method('randomize_state()'),
  customMethod('__str__()', (self) => textOf(self)),
  customMethod('__repr__()', (self) => textOf(self)),
  method('to_dict() -> toJSON'),
];

function bind(constructor_: string, more: Partial<ClassDescription> = {}): void {
  const name = constructor_.slice(0, constructor_.indexOf('('));
  bindClass({
    constructor_,
    construct: (args: Arguments, env: Environment, signature) => {
      const known = new Map([...args].filter(([key]) => key !== 'plot')); // nothing to see
      const [ours = {}] = signature.toOurs(known, env) as Record<string, unknown>[];
      return new (required(name) as Constructor)({ seed, ...ours });
    },
    releases: [0, 2],
    ...more,
    methods: [...methods, ...(more.methods ?? [])],
  });
}

/** An undefined state is null in the original, a time constant of no decay too; the comparison knows that as NaN. */
bind(
  'FFUpDown(; weights, repeat_output, dt, tau_decay?, noise_std, thr_up, thr_down, name?, max_num_timesteps, multiplex_spikes)',
  {
    attributes: {
      _timestep: (self) => member(self, 'timestep'),
      state: (self) => {
        const state = member(self, 'state') as Float64Array;
        return state.every(Number.isNaN) ? null : state;
      },
      tau_decay: (self) => Array.from(member(self, 'tauDecay') as (number | null)[], (tau) => tau ?? NaN),
    },
  },
);

const bank = 'name?, order, mean_subtraction, normalize, num_workers';
const filters: Partial<ClassDescription> = {
  methods: [method('get_analytical_filter_response(n_pts)'), method('terminate()')],
  attributes: {
    _timestep: (self) => member(self, 'timestep'),
    'filters (second order sections)': (self) => member(self, 'filters'),
    'lowpass (second order sections)': (self) => member(self, 'lowpass'),
  },
};
const melStatics = [method('hz2mel(hz)'), method('mel2hz(mel)')];

bind(`ButterMelFilter(; fs, cutoff_fs, num_filters, filter_width, plot?, ${bank})`, {
  ...filters,
  statics: melStatics,
});
bind(`ButterFilter(; fs, frequency, bandwidth, ${bank})`, filters);
