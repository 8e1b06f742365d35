/** What a VirtualDynapse is set up with, and the options of the simulated neurons that follow from it. */
import { checkBoolean, checkInteger, rangeError } from '../../check.js';
import { freshSeed } from '../../lazy.js';
import type { SparseMatrix } from '../../synapses/sparse-matrix.js';
import { warn } from '../../warnings.js';
import * as board from './connectivity.js';
import { passedOn, type VirtualDynapseOptions } from './options.js';
import {
  chooseTauMem,
  coreNames,
  type CoreParameter,
  coreParameters,
  Mismatch,
  readCores,
  readFlags,
} from './parameters.js';

/** All that is set, before it becomes parameters of neurons. */
export interface Setup {
  cores: Record<CoreParameter, Float64Array>;
  flags: Uint8Array;
  mismatch: Mismatch;
  rec: SparseMatrix;
  ext: SparseMatrix;
  validate: Required<board.ValidateOptions>;
}

/** Warns of fractions. */
export const truncated = (startPrint: string): void =>
  warn('CONNECTIONS_TRUNCATED', `${startPrint}connections are whole numbers: fractions are cut off`);

/** Reads connections of the size of the board or less; fractions are cut off, with a warning. */
export function readConnections(value: unknown, name: string, external: boolean, startPrint: string): SparseMatrix {
  const read = board.fullConnections(value, name, external);
  if (read.truncated) truncated(startPrint);
  return read.connections;
}

/** Reads and checks all. */
export function readSetup(given: Partial<VirtualDynapseOptions>, startPrint: string): Setup {
  const cores = Object.fromEntries(
    coreNames.map((name) => [name, readCores(given[name] ?? coreParameters[name].fallback, name, startPrint)]),
  ) as Setup['cores'];
  const flag = (name: keyof board.ValidateOptions): boolean => checkBoolean(given[name] ?? true, name);
  const setup: Setup = {
    cores,
    flags: readFlags(given.hasTauMem2 ?? false),
    mismatch: new Mismatch(given.mismatch ?? true, given.mismatchSeed ?? given.seed ?? freshSeed(), startPrint),
    rec: readConnections(given.connectionsRec, 'connectionsRec', false, startPrint),
    ext: readConnections(given.connectionsExt, 'connectionsExt', true, startPrint),
    validate: {
      validateFanin: flag('validateFanin'),
      validateFanout: flag('validateFanout'),
      validateAliasing: flag('validateAliasing'),
    },
  };
  board.refuseInvalid(board.report(setup.rec, setup.ext, setup.validate), startPrint);
  return setup;
}

/** Weights of synapses from inputs, or between neurons. */
export const weightsOf = ({ mismatch, cores, rec, ext }: Setup, external: boolean): SparseMatrix =>
  mismatch.weights(external ? ext : rec, cores.baseweightE, cores.baseweightI);

/** Membrane time constants of all neurons. */
export function tauMemOf({ mismatch, cores, flags }: Setup): Float64Array {
  const tau = chooseTauMem(mismatch.spread(cores.tauMem1, 'tauMem1'), mismatch.spread(cores.tauMem2, 'tauMem2'), flags);
  const zero = tau.indexOf(0);
  if (zero >= 0)
    throw rangeError(flags[zero] ? 'tauMem2' : 'tauMem1', 'greater than 0 (negative values count as 0)', 0);
  return tau;
}

/** Parameters of the neurons that are those of the cores, spread. */
const direct = ['bias', 'vThresh', 'tauSynExc', 'tauSynInh', 'spikeAdapt', 'tauAdapt', 'deltaT'] as const;

/** What {@link VirtualDynapse} makes its neurons from. */
export function neuronOptions(setup: Setup, given: Partial<VirtualDynapseOptions>): Record<string, unknown> {
  const { mismatch, cores } = setup;
  const dt = given.dt ?? 1e-4;
  return {
    ...Object.fromEntries(passedOn.map((name) => [name, given[name]])),
    weightsIn: weightsOf(setup, true),
    weightsRec: weightsOf(setup, false),
    tauMem: tauMemOf(setup),
    refractory: mismatch.spread(cores.refractory, 'refractory'),
    ...Object.fromEntries(direct.map((name) => [name, mismatch.spread(cores[name], name)])),
    vReset: 0,
    vRest: 0,
    subthreshAdapt: 0,
    delayIn: dt,
    delayRec: dt,
    numCores: checkInteger(given.numThreads ?? 1, 'numThreads', { min: 1 }),
  };
}
