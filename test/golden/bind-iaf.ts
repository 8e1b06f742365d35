/** Bindings of the integrate-and-fire layers. */
import { required, type Constructor } from './api.js';
import type { Arguments } from './arguments.js';
import { bindClass, customMethod, member, method, textOf, type ClassDescription } from './bindings.js';
import { neuronEquations } from './functions.js';
import { PyFunction } from './values.js';

const seed = 1234;

/** Defaults of the original's code that are not ours. */
const otherDefaults: Readonly<Record<string, Record<string, unknown>>> = { FFIAFBrian: { bias: 15e-3 } };

/** The conventions of the original, which ours offers by one option. */
function constructLayer(name: string): NonNullable<ClassDescription['construct']> {
  return (args, env, signature) => {
    const given: Arguments = new Map(args);
    const equations = given.get('neuron_eq');
    given.delete('neuron_eq');
    const [ours = {}] = signature.toOurs(given, env) as Record<string, unknown>[];
    const neuronEq = equations instanceof PyFunction ? { neuronEq: neuronEquations(equations.name) } : {};
    return new (required(name) as Constructor)({
      seed,
      numerics: 'legacy',
      ...otherDefaults[name],
      ...ours,
      ...neuronEq,
    });
  };
}

const methods = [
  method('evolve(ts_input?; duration?, num_timesteps?, verbose)'),
  method('reset_all()'),
  method('reset_state()'),
  method('reset_time()'),
  customMethod('__str__()', (self) => textOf(self)),
  customMethod('__repr__()', (self) => textOf(self)),
  method('to_dict() -> toJSON'),
];

interface Series {
  samples: { data: Float64Array; shape: readonly number[] };
}

/** `[neuron, step]` of a record of ours, whose rows are steps. */
function transposed(self: object, signal: string): { data: Float64Array; shape: number[] } {
  const monitor = member(self, 'stateMonitor') as Record<string, Series | undefined> | null;
  const series = monitor?.[signal];
  if (!series) throw new Error(`the layer has no record of ${signal}`);
  const [steps, units] = series.samples.shape;
  const data = new Float64Array(steps * units);
  for (let k = 0; k < steps; k++)
    for (let j = 0; j < units; j++) data[j * steps + k] = series.samples.data[k * units + j];
  return { data, shape: [units, steps] };
}

const brianAttributes: NonNullable<ClassDescription['attributes']> = {
  I_syn: (self) => member(self, 'synapseState'),
  I_syn_inp: (self) => member(self, 'synapseStateInp'),
  I_syn_rec: (self) => member(self, 'synapseState'),
  'recorded.v': (self) => transposed(self, 'v'),
  'recorded.I_syn': (self) => transposed(self, 'iSyn'),
  'recorded.I_syn_inp': (self) => transposed(self, 'iSynInp'),
  'recorded.I_syn_rec': (self) => transposed(self, 'iSynRec'),
};

function bindLayer(constructor_: string, attributes: NonNullable<ClassDescription['attributes']> = {}): void {
  bindClass({
    constructor_,
    construct: constructLayer(constructor_.slice(0, constructor_.indexOf('('))),
    methods,
    attributes: { _timestep: (self) => member(self, 'timestep'), ...attributes },
    releases: [0, 2],
  });
}

const membrane = 'tau_mem, v_thresh, v_reset, v_rest';
const brian = 'refractory, neuron_eq, integrator_name, name?, record';

bindLayer(`FFIAFBrian(; weights, bias, dt, noise_std?, ${membrane}, ${brian})`, brianAttributes);
bindLayer(`FFIAFSpkInBrian(; weights, bias, dt, noise_std?, tau_syn, ${membrane}, ${brian})`, brianAttributes);
bindLayer(`RecIAFBrian(; weights, bias, dt, noise_std?, tau_syn_r, ${membrane}, ${brian})`, brianAttributes);
bindLayer(
  `RecIAFSpkInBrian(; weights_in, weights_rec, bias, dt, noise_std?, tau_syn_inp, tau_syn_rec, ${membrane}, ${brian})`,
  brianAttributes,
);

const torch = `bias, dt, noise_std?, ${membrane}, name?, record, max_num_timesteps`;
const both = 'weights_in, weights_rec, tau_syn_inp, tau_syn_rec, add_events';

bindLayer(`FFIAFTorch(; weights, ${torch})`);
bindLayer(`FFIAFRefrTorch(; weights, ${torch}, refractory)`);
bindLayer(`FFIAFSpkInTorch(; weights, tau_syn, ${torch})`);
bindLayer(`FFIAFSpkInRefrTorch(; weights, tau_syn, ${torch}, refractory)`);
bindLayer(`RecIAFTorch(; weights, tau_syn_r, ${torch})`);
bindLayer(`RecIAFRefrTorch(; weights, tau_syn_r, ${torch}, refractory)`);
bindLayer(`RecIAFSpkInTorch(; ${both}, ${torch})`);
bindLayer(`RecIAFSpkInRefrTorch(; ${both}, ${torch}, refractory)`);
bindLayer(`RecIAFSpkInRefrCLTorch(; ${both}, ${torch.replace('noise_std?, ', '')}, leak_rate, state_min, refractory)`);
