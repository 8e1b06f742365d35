/** What a step of a module with neurons does, whatever its parameters are called: the same for all classes that can be exported. */
import type { Matrix } from '../array.js';
import type { Module } from '../modules/module.js';
import { LIFBase } from '../modules/neurons/lif-base.js';
import { LIFMembraneExodus } from '../modules/neurons/lif.js';
import { ExpSyn, LowPass } from '../modules/neurons/synapses.js';
import type { NirDynamics } from './conventions.js';
import type { Refuse } from './from-nir.js';
import { NirNeurons } from './nir-neurons.js';
import { compute, filled, stepOf } from './numbers.js';

type Numbers = Float64Array;

/**
 *     i = kept i + gain (input + spikes @ wRec + recBias)
 *     v = kept v + gain drive + leak
 */
export interface Population {
  module: string;
  units: number;
  dynamics: Required<NirDynamics>;
  /** `gain` of neurons without a leak is that of a step; `tau` is missing then. */
  mem: { tau?: Numbers; kept?: Numbers; gained?: Numbers; gain: Numbers; leak: Numbers };
  syn?: { tau: Numbers; kept: Numbers; gained: Numbers; gain: Numbers };
  threshold?: Numbers;
  vReset?: Numbers;
  wRec?: Matrix;
  recBias?: Numbers;
  /** The format's own parameters, where the module has them. */
  own?: { r: Numbers; vLeak?: Numbers; wIn?: Numbers };
  start: 'zero' | 'leak';
}

/** LIF modules: gains of 1, thresholds subtracted as often as they fit. */
function lifPopulation(module: LIFBase<object>, name: string, refuse: Refuse): Population {
  const n = module.sizeOut;
  const { dt, numSynapses } = module;
  const leaks = module as unknown as { tauMem: number | Matrix; tauSyn: number | Matrix };
  if (numSynapses > 1)
    throw new LossyNode(name, 'tauSyn', `its neurons have ${numSynapses} synapses; the format knows one`);
  if (module.hasAttribute('tauAhp')) refuse(name, 'wAhp', 'the format has no after-hyperpolarisation');
  if (module.hasAttribute('noiseStd') && module.noiseStd > 0) refuse(name, 'noiseStd', 'the format has no noise');
  const euler = module.scheme === 'euler';
  const tauMem = filled(leaks.tauMem, n);
  const mem = stepOf(tauMem, dt, euler);
  const bias = filled(module.bias, n);
  const tauSyn = numSynapses === 1 ? filled(leaks.tauSyn, n) : undefined;
  const syn = tauSyn && stepOf(tauSyn, dt, euler);
  const arrival = { addThenDecay: syn?.kept, decayThenAdd: new Float64Array(n).fill(1), euler: syn?.gained };
  const membrane = module instanceof LIFMembraneExodus;
  const one = new Float64Array(n).fill(1);
  return {
    module: module.className,
    units: n,
    start: 'zero',
    dynamics: {
      ...{
        dt,
        integration: euler ? 'euler' : 'exponential',
        reset: 'subtract',
        resetAt: 'spike',
        spikeWhere: 'reached',
      },
      maxSpikesPerDt: module.maxSpikesPerDt,
    },
    mem: {
      tau: tauMem,
      ...mem,
      gain: euler ? mem.gained : one,
      leak: euler ? compute(bias, 'mul', mem.gained) : bias,
    },
    ...(tauSyn && syn && { syn: { tau: tauSyn, ...syn, gain: arrival[module.scheme] as Numbers } }),
    ...(!membrane && { threshold: filled(module.threshold, n) }),
    ...(module.hasRec && { wRec: (module as unknown as { wRec: Matrix }).wRec }),
  };
}

/** Exponential synapses: membranes that leak to 0 and never spike. */
function filterPopulation(module: ExpSyn | LowPass, name: string, refuse: Refuse): Population {
  const n = module.sizeOut;
  const { dt } = module;
  if (module.noiseStd > 0) refuse(name, 'noiseStd', 'the format has no noise');
  const tau = filled(module.tau, n);
  const mem = stepOf(tau, dt, false);
  return {
    module: module.className,
    units: n,
    start: 'zero',
    dynamics: {
      dt,
      integration: 'exponential',
      reset: 'subtract',
      resetAt: 'spike',
      spikeWhere: 'above',
      maxSpikesPerDt: 1,
    },
    mem: {
      tau,
      ...mem,
      gain: module instanceof ExpSyn ? mem.kept : new Float64Array(n).fill(1),
      leak: new Float64Array(n),
    },
  };
}

function nirPopulation(module: NirNeurons, name: string): Population {
  const n = module.sizeOut;
  const { dt, integration, reset, resetAt, spikeWhere, maxSpikesPerDt, start } = module;
  const of = (field: string): Numbers | undefined =>
    module.hasAttribute(field) ? (module as unknown as Record<string, Matrix>)[field].data.slice() : undefined;
  const [tauMem, tauSyn, r, vLeak, wIn] = ['tauMem', 'tauSyn', 'r', 'vLeak', 'wIn'].map(of) as [
    ...[Numbers?, Numbers?],
    Numbers,
    ...[Numbers?, Numbers?],
  ];
  if (tauSyn && !tauMem)
    throw new LossyNode(name, 'tauMem', 'the format has no neurons with a synapse and without a leak');
  const euler = integration === 'euler';
  const mem = tauMem && stepOf(tauMem, dt, euler);
  const syn = tauSyn && stepOf(tauSyn, dt, euler);
  return {
    module: module.className,
    units: n,
    start,
    dynamics: { dt, integration, reset, resetAt, spikeWhere, maxSpikesPerDt },
    mem: {
      tau: tauMem,
      ...mem,
      gain: compute(r, 'mul', mem?.gained ?? dt),
      leak: mem && vLeak ? compute(vLeak, 'mul', mem.gained) : new Float64Array(n),
    },
    ...(tauSyn && syn && wIn && { syn: { tau: tauSyn, ...syn, gain: compute(syn.gained, 'mul', wIn) } }),
    threshold: of('threshold'),
    vReset: of('vReset'),
    ...(module.hasAttribute('wRec') && { wRec: module.wRec }),
    recBias: of('recBias'),
    own: { r, vLeak, wIn },
  };
}

/** Thrown for what no option allows. */
export class LossyNode extends Error {
  constructor(
    readonly node: string,
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

/** The neurons of a module; null for a module of another kind. */
export function populationOf(module: Module, name: string, refuse: Refuse): Population | null {
  const given = module as unknown;
  if (given instanceof NirNeurons) return nirPopulation(given, name);
  if (given instanceof LIFBase) return lifPopulation(given as LIFBase<object>, name, refuse);
  if (given instanceof ExpSyn || given instanceof LowPass) return filterPopulation(given, name, refuse);
  return null;
}
