/** Bindings of the layers with fast and slow synapses. */
import { required, type Constructor } from './api.js';
import { bindClass, customMethod, member, method, textOf, type ClassDescription } from './bindings.js';

const seed = 1234;

/** The noise of the original, which ours offers by one option. */
const construct: NonNullable<ClassDescription['construct']> = (args, env, signature) => {
  const [ours = {}] = signature.toOurs(args, env) as Record<string, unknown>[];
  const noise = typeof args.get('noise_std') === 'number' && args.get('noise_std') !== 0;
  return new (required(signature.pythonName) as Constructor)({
    seed,
    ...ours,
    ...(noise && { noiseScaling: 'legacy' }),
  });
};

interface Record_ {
  vt: Float64Array;
  mfX: Matrix;
  s: Matrix;
  f: Matrix;
}

interface Matrix {
  data: Float64Array;
  shape: readonly number[];
}

const recordOf = (self: object): Record_ => member(self, 'lastEvolve') as Record_;

/** `[neuron, step]` of a record of ours, whose rows are steps. */
function transposed({ data, shape: [rows, columns] }: Matrix): Matrix {
  const out = new Float64Array(rows * columns);
  for (let k = 0; k < rows; k++) for (let j = 0; j < columns; j++) out[j * rows + k] = data[k * columns + j];
  return { data: out, shape: [columns, rows] };
}

const membrane = 'tau_mem, tau_syn_r_fast, tau_syn_r_slow, v_thresh, v_reset, v_rest, refractory';

bindClass({
  constructor_: `RecFSSpikeEulerBT(; weights_fast, weights_slow, weights_out?, bias, noise_std, ${membrane}, spike_callback?, dt?, name?)`,
  construct,
  methods: [
    method('evolve(ts_input?; duration?, num_timesteps?, verbose, min_delta?)'),
    method('reset_all()'),
    method('reset_state()'),
    method('reset_time()'),
    customMethod('__str__()', (self) => textOf(self)),
    customMethod('__repr__()', (self) => textOf(self)),
  ],
  attributes: {
    _timestep: (self) => member(self, 'timestep'),
    I_s_F: (self) => member(self, 'iSF'),
    I_s_S: (self) => member(self, 'iSS'),
    'recorded.times': (self) => recordOf(self).vt,
    'recorded.v_mem': (self) => transposed(recordOf(self).mfX),
    'recorded.I_slow': (self) => transposed(recordOf(self).s),
    'recorded.I_fast': (self) => transposed(recordOf(self).f),
  },
  releases: [0, 2],
});
