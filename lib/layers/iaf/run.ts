/** Runs of a plan: at once, or in pieces whose record goes to disk. */
import { native } from '../../binding.js';
import { runTask, type TaskOptions } from '../../task.js';
import type { EventArgs } from '../../time-series/events-native.js';
import type { SpikingPlan, RunArgs, RunInput, RunResult, RunStateArgs } from './native.js';
import { noRecord, RecordBuffers, type RecordSettings, type Signal, type StartValues } from './record.js';
import type { RecordFiles } from './record-files.js';

/** What changes when neurons evolve. */
export interface IAFState {
  v: Float64Array;
  currents: [Float64Array | undefined, Float64Array | undefined];
  adaptation: Float64Array | undefined;
  /** Steps that a neuron is still held. */
  refractory: Int32Array;
  /** Pairs (absolute step, channel) that some synapses have not delivered yet. */
  pendingSpikes: Float64Array;
  pendingInput: Float64Array;
}

/** A run, prepared. */
export interface Run {
  plan: SpikingPlan;
  first: number;
  steps: number;
  dt: number;
  seed: number;
  spikeOffset: number;
  input: RunInput;
  state: IAFState;
  record: RecordSettings;
  signals: readonly Signal[];
  /** Values that are recorded in front of the first step, in memory only. */
  start: StartValues;
  files: RecordFiles | null;
  /** The end of a run is not as any other step: it must not be cut. */
  whole: boolean;
}

/** Spikes, and the record that stayed in memory. */
export interface RunOutcome {
  times: Float64Array;
  channels: Int32Array;
  record: RecordBuffers | null;
}

function stateArgs({ v, currents, adaptation, refractory, pendingSpikes, pendingInput }: IAFState): RunStateArgs {
  return [v, currents[0], currents[1], adaptation, refractory, pendingSpikes, pendingInput];
}

export function copyState(state: IAFState): IAFState {
  const { currents } = state;
  return {
    v: state.v.slice(),
    currents: [currents[0]?.slice(), currents[1]?.slice()],
    adaptation: state.adaptation?.slice(),
    refractory: state.refractory.slice(),
    pendingSpikes: state.pendingSpikes.slice(),
    pendingInput: state.pendingInput.slice(),
  };
}

/** Bytes of the record of a piece that goes to disk. */
const pieceBytes = 2 ** 25;

interface Piece {
  first: number;
  steps: number;
}

function* piecesOf({ first, steps, record, signals, state, files, whole }: Run): Generator<Piece> {
  let most = Math.max(steps, 1);
  if (files && record && !whole) {
    const rowBytes = 8 * signals.length * (record.channels?.length ?? state.v.length);
    most = Math.max(Math.floor(pieceBytes / rowBytes), 1) * record.every;
  }
  let done = 0;
  do {
    yield { first: first + done, steps: Math.min(most, steps - done) };
    done += most;
  } while (done < steps);
}

function buffersOf({ record, signals, state, start, files }: Run, piece: Piece): RecordBuffers | null {
  return record && new RecordBuffers(record, signals, state.v.length, piece, files ? {} : start);
}

function argsOf(run: Run, { first, steps }: Piece, state: IAFState, record: RecordBuffers | null): RunArgs {
  return [
    run.plan,
    first,
    steps,
    run.seed,
    ...stateArgs(state),
    run.spikeOffset,
    run.dt,
    ...(record?.args() ?? noRecord),
  ];
}

/** The part of an event list that a piece can need: what lies before or behind it is not looked at again and again. */
function inputOf({ input, dt, steps }: Run, piece: Piece): RunInput {
  if (input[0] !== 1 || piece.steps === steps) return input;
  const [kind, , count, times, channels, tStart, tStop, periodic] = input;
  if (periodic) return input;
  const from = native.searchTimes(times, (piece.first - 1) * dt, false);
  const to = native.searchTimes(times, (piece.first + piece.steps + 1) * dt, true);
  const events: EventArgs = [times.subarray(from, to), channels.subarray(from, to), tStart, tStop, false];
  return [kind, dt, count, ...events];
}

/** Spikes of consecutive pieces. */
class Spikes {
  readonly #times: Float64Array[] = [];
  readonly #channels: Int32Array[] = [];

  add([times, channels]: RunResult | readonly [Float64Array, Int32Array, ...unknown[]]): void {
    this.#times.push(times);
    this.#channels.push(channels);
  }

  all(): { times: Float64Array; channels: Int32Array } {
    if (this.#times.length === 1) return { times: this.#times[0], channels: this.#channels[0] };
    const n = this.#times.reduce((sum, { length }) => sum + length, 0);
    const times = new Float64Array(n);
    const channels = new Int32Array(n);
    let at = 0;
    for (const [i, piece] of this.#times.entries()) {
      times.set(piece, at);
      channels.set(this.#channels[i], at);
      at += piece.length;
    }
    return { times, channels };
  }
}

/** Runs here and now and writes `run.state`, when it succeeds. */
export function runNow(run: Run): RunOutcome {
  if (run.files) return runToFiles(run, run.files);
  const record = buffersOf(run, run);
  const [times, channels, pendingSpikes, pendingInput] = native.spikingRun(
    ...argsOf(run, run, run.state, record),
    ...run.input,
  );
  Object.assign(run.state, { pendingSpikes, pendingInput });
  return { times, channels, record };
}

function runToFiles(run: Run, files: RecordFiles): RunOutcome {
  const state = copyState(run.state);
  const spikes = new Spikes();
  files.beginSync();
  try {
    for (const piece of piecesOf(run)) {
      const record = buffersOf(run, piece)!;
      const result = native.spikingRun(...argsOf(run, piece, state, record), ...inputOf(run, piece));
      [, , state.pendingSpikes, state.pendingInput] = result;
      spikes.add(result);
      files.writeSync(record, run.dt);
    }
  } catch (error) {
    undo(files);
    throw error;
  } finally {
    files.endSync();
  }
  storeState(run.state, state);
  return { ...spikes.all(), record: null };
}

/** The error that made it necessary counts, not one of undoing. */
function undo(files: RecordFiles): void {
  try {
    files.rollback();
  } catch {
    // the disk refuses: the files then hold rows of an evolution that does not count
  }
}

/** Runs on a thread of the pool; `run.state` stays as it is, the state after the run comes with the outcome. */
export async function runLater(run: Run, task: TaskOptions): Promise<RunOutcome & { state: IAFState }> {
  const { files } = run;
  // What happens behind the first `await` must not see what the user writes meanwhile.
  let state = files ? copyState(run.state) : run.state;
  let record: RecordBuffers | null = null;
  const spikes = new Spikes();
  if (files) await files.begin();
  try {
    for (const piece of piecesOf(run)) {
      record = buffersOf(run, piece);
      const args = argsOf(run, piece, state, record);
      const input = inputOf(run, piece);
      const result = await runTask(inPiece(task, run, piece), (progress) =>
        native.spikingRunAsync(...args, progress, ...input),
      );
      const [, , pendingSpikes, pendingInput, v, current0, current1, adaptation, refractory] = result;
      state = { v, currents: [current0, current1], adaptation, refractory, pendingSpikes, pendingInput };
      spikes.add(result);
      if (files && record) await files.write(record, run.dt);
    }
  } catch (error) {
    if (files) undo(files);
    throw error;
  } finally {
    if (files) await files.end();
  }
  return { ...spikes.all(), record: files ? null : record, state };
}

/** Progress of a piece as progress of the run. */
function inPiece(task: TaskOptions, { first, steps }: Run, piece: Piece): TaskOptions {
  const { signal, onProgress } = task;
  if (!onProgress || piece.steps === steps) return task;
  const before = piece.first - first;
  const begin = performance.now();
  return {
    signal,
    onProgress: ({ done }) => {
      const perStep = (performance.now() - begin) / 1000 / Math.max(done, 1);
      onProgress({ done: before + done, total: steps, etaSeconds: perStep * (steps - before - done) });
    },
  };
}

/** Copies the content of a state; arrays that users may hold stay the same ones. */
export function storeState(target: IAFState, source: IAFState): void {
  target.v.set(source.v);
  for (const i of [0, 1] as const) if (source.currents[i]) target.currents[i]?.set(source.currents[i]);
  if (source.adaptation) target.adaptation?.set(source.adaptation);
  target.refractory.set(source.refractory);
  target.pendingSpikes = source.pendingSpikes;
  target.pendingInput = source.pendingInput;
}
