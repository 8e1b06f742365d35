/** Nodes of populations: the parameters with which whoever shall read a file computes the same steps. */
import { NdArray } from '../array.js';
import { decayToTau } from '../modules/neurons/leak.js';
import type { NirDynamics } from './conventions.js';
import type { Refuse } from './from-nir.js';
import { close, compute } from './numbers.js';
import { LossyNode, type Population } from './population-of.js';
import type { WriteOptions } from './to-nir.js';
import type { NirArray, NirNode } from './types.js';

type Numbers = Float64Array;
type Dynamics = Required<NirDynamics>;

/** All fields that a population can have; the type of the node says which. */
interface Fields {
  tauMem?: Numbers;
  tauSyn?: Numbers;
  r: Numbers;
  vLeak: Numbers;
  wIn?: Numbers;
}

const array = (data: Numbers): NirArray => new NdArray(data.slice(), [data.length]);
const isZero = (data: Numbers): boolean => close(data, new Float64Array(data.length), 0);
const uniform = (data: Numbers): boolean => close(data, new Float64Array(data.length).fill(data[0]), 1e-12);

/** The time constant of what is kept of a state in a step. */
function tauOf(part: { kept?: Numbers; gained?: Numbers }, { dt, integration }: Dynamics): Numbers {
  if (integration === 'euler') return compute(dt, 'div', part.gained as Numbers);
  return decayToTau(new NdArray(part.kept as Numbers, [(part.kept as Numbers).length]), dt).data;
}

/** The format's equations, in steps as `target` says. */
function equationFields(p: Population, target: Dynamics): Fields {
  const { mem, syn, dynamics, own } = p;
  const same = dynamics.dt === target.dt && dynamics.integration === target.integration;
  const vLeakOf = (): Numbers => (mem.gained ? compute(mem.leak, 'div', mem.gained) : mem.leak);
  return {
    tauMem: mem.tau && (same ? mem.tau : tauOf(mem, target)),
    tauSyn: syn && (same ? syn.tau : tauOf(syn, target)),
    r: same && own ? own.r : compute(mem.gain, 'div', mem.gained ?? target.dt),
    vLeak: own?.vLeak ?? vLeakOf(),
    wIn: syn && (own?.wIn ?? compute(syn.gain, 'div', syn.gained)),
  };
}

/** Rockpool's importer takes gains of 1, v_leak for the bias, and dt = tau / (1 + r). */
function rockpoolFields(p: Population, name: string, refuse: Refuse): Fields {
  const { mem, syn, dynamics } = p;
  const one = new Float64Array(p.units).fill(1);
  if (!mem.tau || dynamics.integration !== 'exponential')
    throw new LossyNode(name, 'integration', 'Rockpool has no such neurons');
  if (p.recBias && !isZero(p.recBias)) refuse(name, 'recBias', 'Rockpool drops the bias of recurrent connections');
  const filter = !p.threshold && !syn;
  if (!close(mem.gain, filter ? (mem.kept as Numbers) : one, 1e-9))
    refuse(name, 'r', "Rockpool's neurons have a gain of 1");
  if (syn && !close(syn.gain, syn.kept, 1e-9)) refuse(name, 'wIn', "Rockpool's synapses have the gain exp(-dt / tau)");
  if (p.threshold && (dynamics.reset !== 'subtract' || dynamics.resetAt !== 'spike'))
    refuse(name, 'reset', 'Rockpool subtracts thresholds in the step of the spike');
  const r = compute(compute(mem.tau, 'div', dynamics.dt), 'sub', 1);
  return { tauMem: mem.tau, tauSyn: syn?.tau, r, vLeak: mem.leak, wIn: syn && one };
}

/** What the importers of snnTorch and Norse assume beyond the equations. */
function checkImporter(p: Population, f: Fields, name: string, toolkit: 'snntorch' | 'norse', refuse: Refuse): void {
  const title = toolkit === 'norse' ? 'Norse' : 'snnTorch';
  const { dynamics: d } = p;
  if (p.threshold) {
    if (d.reset !== 'value' || d.resetAt !== 'spike')
      refuse(name, 'reset', `${title} resets to 0 in the step of the spike`);
    else if (p.vReset && !isZero(p.vReset)) refuse(name, 'vReset', `${title} resets to 0`);
    if (d.maxSpikesPerDt > 1) refuse(name, 'maxSpikesPerDt', `${title} has one spike in a step`);
    if (toolkit === 'snntorch' && !uniform(p.threshold))
      refuse(name, 'threshold', 'snnTorch has one threshold for all');
  } else if (toolkit === 'snntorch') refuse(name, 'threshold', 'snnTorch reads no neurons without one');
  if ((toolkit === 'snntorch' || p.syn) && !isZero(f.vLeak))
    refuse(name, 'vLeak', `${title} reads no leak potential here`);
  if (toolkit === 'norse' && p.wRec) refuse(name, 'wRec', 'Norse reads no recurrent connections');
  if (toolkit === 'norse' && !p.syn && !close(p.mem.tau ? f.r : p.mem.gain, new Float64Array(p.units).fill(1), 1e-9))
    refuse(name, 'r', 'Norse reads no resistance here');
  const gain = p.syn ? compute(p.syn.gain, 'mul', p.mem.gain) : p.mem.gain;
  if (toolkit === 'snntorch' && !uniform(gain)) refuse(name, p.syn ? 'wIn' : 'r', 'snnTorch has one gain for all');
}

/** snnTorch wants membranes with a gain of 1 behind synapses: what is more goes into the synapse. */
function unitGain(p: Population): Population {
  if (!p.syn) return p;
  const gain = compute(p.syn.gain, 'mul', p.mem.gain);
  return { ...p, own: undefined, mem: { ...p.mem, gain: new Float64Array(p.units).fill(1) }, syn: { ...p.syn, gain } };
}

function typedNode(p: Population, f: Fields): NirNode {
  const { threshold } = p;
  const vReset = p.vReset ?? new Float64Array(p.units);
  const common = { r: array(f.r) };
  const leak = { ...common, v_leak: array(f.vLeak) };
  const spike = threshold && { v_threshold: array(threshold), v_reset: array(vReset) };
  if (f.tauSyn && f.tauMem) {
    const cuba = { ...leak, tau_mem: array(f.tauMem), tau_syn: array(f.tauSyn), w_in: array(f.wIn as Numbers) };
    return spike ? { type: 'CubaLIF', ...cuba, ...spike } : { type: 'CubaLI', ...cuba };
  }
  if (f.tauMem)
    return spike
      ? { type: 'LIF', ...leak, tau: array(f.tauMem), ...spike }
      : { type: 'LI', ...leak, tau: array(f.tauMem) };
  return spike ? { type: 'IF', ...common, ...spike } : { type: 'I', ...common };
}

/** @internal The node of a population and the dynamics with which it is to be read. */
export function populationNode(
  given: Population,
  name: string,
  { convention = 'nir', integration, dt }: WriteOptions,
  refuse: Refuse,
): { node: NirNode; dynamics: Dynamics } {
  const euler = convention === 'snntorch' || convention === 'norse';
  const dynamics: Dynamics = {
    ...given.dynamics,
    integration: integration ?? (euler ? 'euler' : given.dynamics.integration),
    dt: dt ?? (convention === 'snntorch' ? 1e-4 : given.dynamics.dt),
  };
  if (convention === 'rockpool')
    return { node: typedNode(given, rockpoolFields(given, name, refuse)), dynamics: given.dynamics };
  const p = convention === 'snntorch' ? unitGain(given) : given;
  const fields = equationFields(p, dynamics);
  if (convention === 'snntorch' || convention === 'norse') checkImporter(p, fields, name, convention, refuse);
  return { node: typedNode(p, fields), dynamics };
}
