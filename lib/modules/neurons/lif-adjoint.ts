/** One evolution of LIF neurons by the kernel, and the way back through it. */
import { allocate, allocateUnset, NdArray, sizeOf } from '../../array.js';
import { native } from '../../binding.js';
import type { Precision } from '../../layers/rate-options.js';
import { type KernelCall, kernelCall } from '../kernels/kernel-module.js';
import type { LifParameterArgs, PrecisionCode, Real } from '../kernels/native.js';
import {
  type GradientSums,
  inPrecision,
  type PassGradient,
  type PassOrigin,
  type Signal,
  type Steps,
} from '../pass.js';
import type { RecordTree } from '../types.js';
import type { LeakMode } from './leak.js';
import { leakNames } from './lif-options.js';

type Maybe<T> = T | undefined;

/** The neurons. */
export interface LifModel {
  precision: Precision;
  seed: number;
  parameters: LifParameterArgs;
  ahp: boolean;
  outputMembrane: boolean;
  /** Decays of synapses may be 0, and tell nothing then of what they multiply. */
  mayForget: boolean;
}

/** What of them evolves, from where, and what is kept. */
export interface LifRun {
  /** `[batch, steps, inputs]`. */
  data: Real;
  batch: number;
  steps: number;
  firstStep: number;
  state: LifState;
  record: boolean;
  tape: boolean;
  smooth: boolean;
}

/** By name, `[batch, …]` or one for all. */
export interface LifState {
  vmem: Float64Array;
  isyn: Maybe<Float64Array>;
  spikes: Float64Array;
  iahp: Maybe<Float64Array>;
}

/** A run and what it gives. */
export interface LifEvolution extends KernelCall {
  output: Signal;
  states: Record<string, Float64Array>;
  recorded: () => RecordTree;
  before: Maybe<Signal>;
  isyn: Maybe<Signal>;
  irec: Maybe<Signal>;
  iahp: Maybe<Signal>;
}

const code = (precision: Precision): PrecisionCode => (precision === 'float64' ? 0 : 1);

function sizes({ parameters }: LifModel): { units: number; synapses: number; columns: number } {
  const [units, synapses] = parameters;
  return { units, synapses, columns: units * Math.max(synapses, 1) };
}

/** Room for states of all elements of a batch, without those that there are not. */
function stateRoom(model: LifModel, batch: number): LifState {
  const { units, synapses } = sizes(model);
  const room = (name: string, ...shape: number[]): Float64Array => allocate([batch, ...shape], `the state ${name}`);
  return {
    vmem: room('vmem', units),
    isyn: synapses > 0 ? room('isyn', units, synapses) : undefined,
    spikes: room('spikes', units),
    iahp: model.ahp ? room('iahp', units) : undefined,
  };
}

const named = <V>(tree: Record<string, V | undefined>): Record<string, V> =>
  Object.fromEntries(Object.entries(tree).filter((entry): entry is [string, V] => entry[1] !== undefined));

/** An array of the run, `[batch, steps, …shape]`, which the kernel writes whole. */
function room(model: LifModel, { batch, steps }: LifRun, shape: readonly number[], name: string): Signal {
  const dims = [batch, steps, ...shape];
  return new NdArray(allocateUnset(dims, name, model.precision) as Real, dims);
}

/** What to call for a run. */
export function lifEvolution(model: LifModel, run: LifRun): LifEvolution {
  const { units, synapses } = sizes(model);
  const { state, record, tape } = run;
  const keep = (wanted: boolean, ...shape: number[]): Maybe<Signal> =>
    wanted ? room(model, run, shape, 'the record') : undefined;
  const output = room(model, run, [units], 'the output');
  const some = synapses > 0;
  const vmem = keep(record, units);
  const before = keep(tape, units);
  const isyn = keep(some && (record || tape), units, synapses);
  const irec = keep(some && (record || (tape && model.mayForget)), units, synapses);
  const iahp = keep(model.ahp && (record || tape), units);
  const after = stateRoom(model, run.batch);
  const args = [
    ...model.parameters,
    run.smooth,
    ...([run.batch, run.steps, run.firstStep, model.seed] as const),
    ...([state.vmem, state.isyn, state.spikes, state.iahp] as const),
    ...([after.vmem, after.isyn, after.spikes, after.iahp] as const),
    ...([run.data, output.data, vmem?.data, before?.data, isyn?.data, irec?.data, iahp?.data] as const),
  ] as const;
  const recorded = (): RecordTree =>
    record ? named({ vmem, isyn, irec, iahp, spikes: model.outputMembrane ? undefined : output.copy() }) : {};
  const call = kernelCall([native.lifBatch, native.lifBatchAsync], code(model.precision), args);
  return { ...call, output, states: named({ ...after }), recorded, before, isyn, irec, iahp };
}

/** Its array: that of the currents of the tape, row by row no longer needed, unless they are shown as a record. */
function inputGradient(model: LifModel, run: LifRun, { isyn }: LifEvolution, columns: number): Signal {
  if (!isyn || run.record) return room(model, run, [columns], 'the gradient of the input');
  return new NdArray(isyn.data, [run.batch, run.steps, columns]);
}

/** Which sums are wanted: the names of the parameters that the kernel's stand for. */
export interface LifSumNames {
  vFromV: Maybe<string>;
  iFromI: Maybe<string>;
  bias: Maybe<string>;
  threshold: Maybe<string>;
  aFromA: Maybe<string>;
  wAhp: Maybe<string>;
  wRec: Maybe<string>;
}

/** The sums of the parameters that are trained. */
export function lifSumNames(trained: object, leakMode: LeakMode): LifSumNames {
  const name = (of: string): string | undefined => (of in trained ? of : undefined);
  const { mem, syn } = leakNames[leakMode];
  const leaks = { vFromV: name(mem), iFromI: name(syn), aFromA: name('tauAhp') };
  return { ...leaks, bias: name('bias'), threshold: name('threshold'), wAhp: name('wAhp'), wRec: name('wRec') };
}

/** The way back through an evolution with a tape. */
export function* lifBackward(
  model: LifModel,
  run: LifRun,
  evolution: LifEvolution,
  wanted: LifSumNames & { input: boolean },
  gradient: PassGradient,
  sums: GradientSums,
): Steps<PassOrigin> {
  const { units, synapses, columns } = sizes(model);
  const { batch, steps, state } = run;
  const real = (array: unknown): Maybe<Real> =>
    array instanceof NdArray ? inPrecision(array as Signal, model.precision).data : undefined;
  const after = (name: string): Maybe<Float64Array> => {
    const given = gradient.state?.[name];
    return given instanceof Float64Array ? given : undefined;
  };
  const sum = (name: Maybe<string>, ...shape: number[]): Maybe<Float64Array> =>
    name === undefined ? undefined : sums.array(name, sizeOf(shape));
  const { vmem, isyn, irec, iahp, spikes } = gradient.recorded ?? {};
  const shape = synapses > 0 ? [units, synapses] : [units];
  const intoRecurrence = irec !== undefined && wanted.wRec !== undefined;
  const needsInput = wanted.input || (wanted.wRec !== undefined && !intoRecurrence);
  const into = needsInput ? inputGradient(model, run, evolution, columns) : null;
  const arrivals = intoRecurrence ? room(model, run, shape, 'the gradient of the recurrent input') : null;
  const origin = stateRoom(model, batch);
  const { before, output } = evolution;
  const args = [
    ...model.parameters,
    run.smooth,
    ...([batch, steps] as const),
    ...([state.vmem, state.isyn, state.spikes, state.iahp] as const),
    ...([after('vmem'), after('isyn'), after('spikes'), after('iahp')] as const),
    ...([origin.vmem, origin.isyn, origin.spikes, origin.iahp] as const),
    ...([before!.data, model.outputMembrane ? undefined : output.data] as const),
    ...([evolution.isyn?.data, evolution.iahp?.data] as const),
    ...([model.mayForget ? run.data : undefined, model.mayForget ? evolution.irec?.data : undefined] as const),
    ...([real(gradient.output)!, real(vmem), real(isyn), real(irec), real(iahp), real(spikes)] as const),
    ...([into?.data, arrivals?.data] as const),
    ...([sum(wanted.vFromV, batch, units), sum(wanted.iFromI, batch, columns)] as const),
    ...([sum(wanted.bias, batch, units), sum(wanted.threshold, batch, units)] as const),
    ...([sum(wanted.aFromA, batch, units), sum(wanted.wAhp, batch, units)] as const),
    sum(wanted.wRec, units, columns),
  ] as const;
  yield kernelCall([native.lifBackward, native.lifBackwardAsync], code(model.precision), args);
  return { input: wanted.input ? into : null, state: named({ ...origin }) };
}
