/** Training of networks in batches. */
import { toNdArray } from '../array.js';
import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkNumber,
  checkOptions,
  checkSignal,
  rangeError,
  typeError,
} from '../check.js';
import { abortError } from '../errors.js';
import { checkInput, determineTimesteps } from '../layers/prepare-input.js';
import { taskOptionNames } from '../task.js';
import { stepsOf, timeOf } from '../time-grid.js';
import { TSContinuous } from '../time-series/ts-continuous.js';
import { TSEvent } from '../time-series/ts-event.js';
import { TimeSeries } from '../time-series/time-series.js';
import type { Network } from './network.js';
import { writeOutput } from './outputs.js';
import type { AsyncTrainOptions, NetworkOutputs, TrainingFunction, TrainOptions, TrainResult } from './types.js';

const optionNames = [
  'input',
  'duration',
  'numTimesteps',
  'batchDurs',
  'numsTsBatch',
  'verbose',
  'highVerbosity',
  'signal',
];

interface Plan {
  input: TimeSeries | null;
  /** Network time steps of each batch. */
  batches: number[];
  total: number;
  verbose: boolean;
  highVerbosity: boolean;
  signal: AbortSignal | undefined;
}

/** Network time steps of each batch, which add up to `n`. */
export function batchSizes(n: number, dt: number, options: Pick<TrainOptions, 'batchDurs' | 'numsTsBatch'>): number[] {
  const { batchDurs, numsTsBatch } = options;
  if (numsTsBatch !== undefined && numsTsBatch !== null) {
    return typeof numsTsBatch === 'number'
      ? fit(n, checkSteps(numsTsBatch, 'numsTsBatch'))
      : fit(
          n,
          list(numsTsBatch, 'numsTsBatch').map((b, i) => checkSteps(b, `numsTsBatch[${i}]`)),
        );
  }
  if (batchDurs !== undefined && batchDurs !== null) {
    const steps = (d: number, name: string): number => {
      const b = stepsOf(checkNumber(d, name, { positive: true }), dt);
      if (b < 1) throw rangeError(name, `at least the time step ${dt} of the network`, d);
      return b;
    };
    return typeof batchDurs === 'number'
      ? fit(n, steps(batchDurs, 'batchDurs'))
      : fit(
          n,
          list(batchDurs, 'batchDurs').map((d, i) => steps(d, `batchDurs[${i}]`)),
        );
  }
  return n > 0 ? [n] : [];
}

function checkSteps(value: unknown, name: string): number {
  return checkInteger(value, name, { min: 1 });
}

function list(value: unknown, name: string): number[] {
  const { data, ndim } = toNdArray(value, name, 'float64');
  if (ndim > 1) throw typeError(name, 'a number or a list of numbers', value);
  return Array.from(data);
}

function fit(n: number, size: number | readonly number[]): number[] {
  const sizes: number[] = [];
  let rest = n;
  for (let i = 0; rest > 0; i++) {
    const wanted = typeof size === 'number' ? size : (size[i] ?? rest);
    sizes.push(Math.min(wanted, rest));
    rest -= sizes.at(-1) as number;
  }
  return sizes;
}

function plan(
  net: Network,
  fct: unknown,
  args: readonly unknown[],
  names: readonly string[],
): Plan & AsyncTrainOptions {
  checkFunction(fct, 'fct');
  const positional = args[0] instanceof TimeSeries || args[0] === null || args.length > 1;
  const given = positional ? args[1] : args[0];
  const options = checkOptions<AsyncTrainOptions>(given, 'options', names);
  const input = checkInput(positional ? args[0] : options.input, TimeSeries);
  const { dt } = net;
  if (dt === null) {
    net.evolve(input, { numTimesteps: 0 }); // says what is missing
    return { input, batches: [], total: 0, verbose: false, highVerbosity: false, signal: undefined };
  }
  const total = determineTimesteps({ t: net.t, dt }, input, options);
  return {
    input,
    batches: batchSizes(total, dt, options),
    total,
    verbose: checkBoolean(options.verbose ?? false, 'verbose'),
    highVerbosity: checkBoolean(options.highVerbosity ?? false, 'highVerbosity'),
    signal: checkSignal(options.signal),
    onProgress: options.onProgress,
  };
}

/** The part of the input that a batch got. */
function clipped(input: TimeSeries, tStart: number, tStop: number): TimeSeries {
  const from = input.periodic ? tStart : Math.max(tStart, input.tStart);
  const to = input.periodic ? tStop : Math.min(tStop, input.tStop);
  if (to < from) return input;
  if (input instanceof TSContinuous) return input.clip({ tStart: from, tStop: to, includeStop: true });
  return input instanceof TSEvent ? input.clip({ tStart: from, tStop: to }) : input;
}

function announce(net: Network, { batches, verbose }: Plan, i: number): void {
  if (!verbose) return;
  const stop = timeOf(net.timestep + batches[i], 0, net.dt as number);
  console.log(
    `Network: Training batch ${i + 1} of ${batches.length} from t = ${net.t.toFixed(3)} to ${stop.toFixed(3)}.`,
  );
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

type Callback = (signals: NetworkOutputs, tStart: number, i: number) => unknown;

function callback(net: Network, fct: TrainingFunction<unknown>, { input, batches }: Plan): Callback {
  return (signals, tStart, i) => {
    if (input) writeOutput(signals, 'external', clipped(input, tStart, net.t));
    return fct(net, signals, i === 0, i === batches.length - 1, {
      batch: i,
      numBatches: batches.length,
      steps: batches[i],
    });
  };
}

export function train(net: Network, fct: TrainingFunction<unknown>, args: readonly unknown[]): TrainResult {
  const p = plan(net, fct, args, optionNames);
  const call = callback(net, fct, p);
  const done = { batches: 0, steps: 0, stopped: false };
  for (const [i, numTimesteps] of p.batches.entries()) {
    if (p.signal?.aborted) throw abortError(p.signal);
    announce(net, p, i);
    const tStart = net.t;
    const answer = call(net.evolve(p.input, { numTimesteps, verbose: p.highVerbosity }), tStart, i);
    if (isPromise(answer)) {
      answer.catch(() => undefined);
      throw typeError(
        'fct',
        'a function that returns no promise; trainAsync waits for promises',
        'one that does',
        true,
      );
    }
    done.batches++;
    done.steps += numTimesteps;
    if (answer === false) return { ...done, stopped: true };
  }
  if (p.verbose) console.log('Network: Training successful');
  return done;
}

export async function trainAsync(
  net: Network,
  fct: TrainingFunction<unknown>,
  args: readonly unknown[],
): Promise<TrainResult> {
  const p = plan(net, fct, args, [...optionNames, ...taskOptionNames]);
  if (p.onProgress !== undefined) checkFunction(p.onProgress, 'onProgress');
  const call = callback(net, fct, p);
  const done = { batches: 0, steps: 0, stopped: false };
  const begin = performance.now();
  for (const [i, numTimesteps] of p.batches.entries()) {
    if (p.signal?.aborted) throw abortError(p.signal);
    announce(net, p, i);
    const tStart = net.t;
    const signals = await net.evolveAsync(p.input, { numTimesteps, verbose: p.highVerbosity, signal: p.signal });
    const answer = await call(signals, tStart, i);
    done.batches++;
    done.steps += numTimesteps;
    const seconds = (performance.now() - begin) / 1000;
    p.onProgress?.({ done: done.steps, total: p.total, etaSeconds: (seconds / done.steps) * (p.total - done.steps) });
    if (answer === false) return { ...done, stopped: true };
  }
  if (p.verbose) console.log('Network: Training successful');
  return done;
}
