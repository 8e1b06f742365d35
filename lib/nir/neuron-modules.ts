/** Modules of populations. */
import { type Matrix, NdArray } from '../array.js';
import { rangeError } from '../check.js';
import type { Module } from '../modules/module.js';
import { LIF, LIFJax, LIFNeuronTorch, LIFODEJax, LIFTorch } from '../modules/neurons/lif.js';
import type { LIFOptions } from '../modules/neurons/lif-options.js';
import { ExpSyn, ExpSynJax, ExpSynTorch } from '../modules/neurons/synapses.js';
import type { Link } from './chain.js';
import { complete, fromMetadata, type NirConvention, type NirDynamics, presetOf } from './conventions.js';
import type { FromNirOptions, Refuse } from './from-nir.js';
import { NirNeurons, type NirNeuronsOptions } from './nir-neurons.js';
import { close, compute, decayOf, doubles, stepOf, transposed } from './numbers.js';
import type { NirCubaLI, NirCubaLIF, NirI, NirIF, NirLI, NirLIF, NirMetadata } from './types.js';

type Population = NirI | NirIF | NirLI | NirLIF | NirCubaLI | NirCubaLIF;
type Dynamics = Required<NirDynamics>;
type Numbers = Float64Array;

const types = new Set(['I', 'IF', 'LI', 'LIF', 'CubaLI', 'CubaLIF']);
const column = (data: Numbers): Matrix => new NdArray(data.slice(), [data.length]);

/** The numbers of a population, time constants in seconds and in the format's own equations. */
interface Parameters {
  tauMem?: Numbers;
  tauSyn?: Numbers;
  r: Numbers;
  vLeak?: Numbers;
  wIn?: Numbers;
  threshold?: Numbers;
  vReset?: Numbers;
}

function parametersOf(node: Population): Parameters {
  const field = (name: string): Numbers | undefined =>
    name in node ? doubles((node as unknown as Record<string, Matrix>)[name]) : undefined;
  return {
    tauMem: field('tau') ?? field('tau_mem'),
    tauSyn: field('tau_syn'),
    r: field('r') as Numbers,
    vLeak: field('v_leak'),
    wIn: field('w_in'),
    threshold: field('v_threshold'),
    vReset: field('v_reset'),
  };
}

/** Norse writes dt times its time constants; its synapses take whole spikes, its neurons without a leak whole inputs. */
function fromNorse(p: Parameters, dt: number): Parameters {
  const seconds = (tau: Numbers | undefined): Numbers | undefined => tau && compute(tau, 'div', dt);
  const tauSyn = seconds(p.tauSyn);
  return {
    ...p,
    tauMem: seconds(p.tauMem),
    tauSyn,
    ...(tauSyn && p.wIn && { wIn: compute(p.wIn, 'mul', compute(tauSyn, 'div', dt)) }),
    ...(!p.tauMem && { r: compute(p.r, 'div', dt) }),
  };
}

/**
 * The step that Rockpool's exporter had: it writes r = tau exp(-dt / tau) / dt, in single precision, so 5 digits of it are kept. Undefined
 * when the numbers are not of that form.
 */
function rockpoolStep(tau: Numbers, r: Numbers): number | undefined {
  if (!(r[0] > 0)) return undefined;
  let x = Math.log1p(1 / r[0]); // dt / tau, from r = exp(-x) / x by Newton's method
  for (let i = 0; i < 50; i++) x -= (x + Math.log(x) + Math.log(r[0])) / (1 + 1 / x);
  const dt = Number((x * tau[0]).toPrecision(5));
  if (!(dt > 0 && Number.isFinite(dt))) return undefined;
  return close(compute(compute(tau, 'mul', decayOf(tau, dt)), 'div', dt), r, 1e-3) ? dt : undefined;
}

/** What options, metadata and the convention say of a population. */
function dynamicsOf(link: Link, p: Parameters, graph: NirMetadata | undefined, options: FromNirOptions): NirDynamics {
  const { convention = 'nir', dt, integration, reset, resetAt, spikeWhere, maxSpikesPerDt } = options;
  const given = { dt, integration, reset, resetAt, spikeWhere, maxSpikesPerDt };
  const said = { ...fromMetadata('graph', graph), ...fromMetadata(link.name, link.node.metadata) };
  const merged: NirDynamics = {
    ...presetOf(convention, link.node, link.recurrent !== undefined, reset ?? said.reset),
    ...said,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  if (convention === 'rockpool' && merged.dt === undefined && p.tauMem) merged.dt = rockpoolStep(p.tauMem, p.r);
  return merged;
}

interface Recurrence {
  wRec?: Matrix;
  recBias?: Matrix;
}

function recurrenceOf({ recurrent }: Link): Recurrence {
  if (!recurrent) return {};
  const { node } = recurrent;
  const wRec = transposed(node.weight);
  if (node.type === 'Linear') return { wRec };
  const bias = doubles(node.bias);
  return { wRec, recBias: column(bias.length === 1 ? new Float64Array(wRec.shape[0]).fill(bias[0]) : bias) };
}

const lifClasses: Record<string, typeof LIF | typeof LIFTorch | undefined> = { LIF, LIFJax, LIFTorch };
const synClasses: Record<string, typeof ExpSyn | undefined> = { ExpSyn, ExpSynJax, ExpSynTorch };

/** The LIF family: exponential decays, gains of 1, thresholds subtracted as often as they fit. */
function lifModule(link: Link, p: Parameters, bias: Numbers, d: Dynamics, refuse: Refuse): Module {
  const { wRec, recBias } = recurrenceOf(link);
  const n = p.r.length;
  if (recBias && !close(recBias.data, new Float64Array(n), 0))
    refuse(link.recurrent?.name ?? link.name, 'bias', 'recurrent connections of this module have no bias');
  const options: Omit<LIFOptions, 'shape' | 'scheme'> = {
    tauMem: column(p.tauMem as Numbers),
    ...(p.tauSyn && { tauSyn: new NdArray(p.tauSyn.slice(), [n, 1]) }),
    bias: column(bias),
    threshold: column(p.threshold as Numbers),
    maxSpikesPerDt: d.maxSpikesPerDt,
    dt: d.dt,
    ...(wRec && { hasRec: true, wRec }),
  };
  if (!p.tauSyn) return new LIFNeuronTorch(n, options);
  if (d.integration === 'euler') return new LIFODEJax(n, options);
  const written = link.node.metadata?.['module'];
  const Class = (typeof written === 'string' ? lifClasses[written] : undefined) ?? LIFTorch;
  return new Class(n, options);
}

/** Rockpool's modules have gains of 1, whatever r and w_in are, and its v_leak is the bias of a step. */
function rockpoolModule(link: Link, p: Parameters, d: Dynamics, refuse: Refuse): Module {
  const { name, node } = link;
  const euler = d.integration !== 'exponential' || d.reset !== 'subtract' || d.resetAt !== 'spike';
  if (euler) throw rangeError('convention', "'nir' for other dynamics than Rockpool's", 'rockpool');
  if (node.type === 'CubaLIF' || (node.type === 'LIF' && !link.recurrent))
    return lifModule(link, p, p.vLeak as Numbers, d, refuse);
  if (node.type === 'LI' && !link.recurrent) {
    if (!close(p.vLeak as Numbers, new Float64Array(p.r.length), 0))
      refuse(name, 'v_leak', 'exponential synapses have no leak potential');
    return new ExpSynTorch(p.r.length, { tau: column(p.tauMem as Numbers), dt: d.dt });
  }
  throw rangeError(
    'convention',
    `'nir' for node '${name}': Rockpool has no ${link.recurrent ? 'recurrent ' : ''}${node.type}`,
    'rockpool',
  );
}

/** The module that toNir() wrote, where the numbers still say it. */
function writtenModule(link: Link, p: Parameters, d: Dynamics, refuse: Refuse): Module | undefined {
  const written = link.node.metadata?.['module'];
  if (typeof written !== 'string' || !p.tauMem) return undefined;
  const euler = d.integration === 'euler';
  const mem = stepOf(p.tauMem, d.dt, euler);
  const gain = compute(mem.gained, 'mul', p.r);
  if (written in synClasses && link.node.type === 'LI') {
    const Class = synClasses[written] as typeof ExpSyn;
    const fits = !euler && close(gain, mem.kept, 1e-9) && close(p.vLeak as Numbers, new Float64Array(gain.length), 0);
    return fits ? new Class(gain.length, { tau: column(p.tauMem), dt: d.dt }) : undefined;
  }
  const known = written in lifClasses || written === 'LIFNeuronTorch' || written === 'LIFODEJax';
  const plain =
    d.reset === 'subtract' && d.resetAt === 'spike' && d.spikeWhere === 'reached' && p.threshold !== undefined;
  if (!known || !plain || euler !== (written === 'LIFODEJax')) return undefined;
  if (!close(gain, euler ? mem.gained : new Float64Array(gain.length).fill(1), 1e-9)) return undefined;
  if (p.tauSyn) {
    const syn = stepOf(p.tauSyn, d.dt, euler);
    if (!close(compute(syn.gained, 'mul', p.wIn as Numbers), euler ? syn.gained : syn.kept, 1e-9)) return undefined;
  } else if (written !== 'LIFNeuronTorch' || link.recurrent) return undefined;
  const bias = euler ? (p.vLeak as Numbers) : compute(p.vLeak as Numbers, 'mul', mem.gained);
  return lifModule(link, p, bias, d, refuse);
}

/** @internal The module of a population; null for other nodes. */
export function neuronModule(
  link: Link,
  graph: NirMetadata | undefined,
  options: FromNirOptions,
  refuse: Refuse,
): Module | null {
  const { name, node } = link;
  if (!types.has(node.type)) return null;
  const convention: NirConvention = options.convention ?? 'nir';
  const read = parametersOf(node as Population);
  const d = complete(name, dynamicsOf(link, read, graph, options), read.threshold !== undefined);
  if (convention === 'rockpool') return rockpoolModule(link, read, d, refuse);
  const p = convention === 'norse' ? fromNorse(read, d.dt) : read;
  const written = writtenModule(link, p, d, refuse);
  if (written) return written;
  const parameters: Partial<NirNeuronsOptions> = {};
  for (const [key, value] of Object.entries(p) as [keyof Parameters, Numbers | undefined][])
    if (value && (key !== 'vReset' || d.reset === 'value')) parameters[key] = column(value);
  // Norse's membranes begin at their leak potential.
  const start = node.metadata?.['start'] === 'leak' || convention === 'norse' ? 'leak' : 'zero';
  const neurons = new NirNeurons({ shape: p.r.length, ...parameters, ...recurrenceOf(link), ...d, start });
  return neurons;
}
