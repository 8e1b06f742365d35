/** Delta modulation of signals to events. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray, shapeText, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkInteger, checkOneOf, checkOptions, rangeError, shapeError } from '../../check.js';
import { runTask } from '../../task.js';
import type { TimeSeries } from '../../time-series/time-series.js';
import { TSEvent } from '../../time-series/ts-event.js';
import { mergeArguments } from '../arguments.js';
import { checkSpikeTime, type SpikeTime } from '../iaf/options.js';
import { named } from '../jax/last-evolution.js';
import { refuseTaskOptions } from '../prepare-input.js';
import { registerLayerClass } from '../registry.js';
import { seriesInput } from '../series-input.js';
import { snapshotArray } from '../snapshot.js';
import type {
  AsyncEvolveOptions,
  EvolveOptions,
  LayerConfig,
  LayerSnapshot,
  SamplingWindow,
  ToDictOptions,
} from '../types.js';
import type { UpDownRun } from './native.js';
import { encoderOptionNames, type FFUpDownOptions, type RoundRobin } from './options.js';
import { readSize, readThresholds } from './thresholds.js';
import { UpDownDecoder } from './up-down-decoder.js';
import { UpDownLayer } from './up-down-layer.js';

const spikeOffsets: Readonly<Record<SpikeTime, number>> = { start: 0, mid: 0.5, end: 1 };

/** @inline */
type Given = FFUpDownOptions & { weights: ArrayInput };

/**
 * Delta modulation: each input has a reference that follows it in steps of a threshold, and every step is an event. In a time step
 *
 *     s *= 1 - dt / tauDecay,   up = floor((u - s) / thrUp),   down = floor((s - u) / thrDown),   s += thrUp up - thrDown down
 *
 * Input i emits its up-events on channel 2 i and its down-events on channel 2 i + 1. {@link decoder} makes the signal of them again.
 */
export class FFUpDown extends UpDownLayer {
  readonly #roundRobin: RoundRobin;
  readonly #spikeTime: SpikeTime;
  #maxNumTimesteps: number | null;
  #turns: Float64Array;

  /**
   * @param weights The number of inputs M; or `[M, n]` for n output channels of each direction of each input; or any matrix of M rows
   *   and 2 M n columns.
   * @throws TypeError or RangeError for an argument of the wrong kind, shape or value.
   */
  constructor(weights: ArrayInput, options?: FFUpDownOptions);
  constructor(options: Given);
  constructor(...args: [unknown?, FFUpDownOptions?]) {
    const merged = mergeArguments<Given>(args, ['weights']);
    const options = checkOptions<Given>(merged, 'options', encoderOptionNames);
    const size = readSize(options.weights, 'weights');
    const { signals, multiChannels } = size;
    const multiplex = checkBoolean(options.multiplexSpikes ?? true, 'multiplexSpikes');
    super([signals, 2 * signals * multiChannels], size, options, multiplex);
    this.#roundRobin = checkOneOf<RoundRobin>(options.roundRobin ?? 'legacy', 'roundRobin', ['legacy', 'perChannel']);
    this.#spikeTime = checkSpikeTime(options.spikeTime ?? 'mid');
    this.#maxNumTimesteps = checkMaxNumTimesteps(
      options.maxNumTimesteps === undefined ? 5000 : options.maxNumTimesteps,
    );
    this.#turns = new Float64Array(2 * signals);
    this.resetAll();
  }

  // ---- Parameters -------------------------------------------------------------------------------------------------

  /** Zeros, `sizeIn` x `size`, a new array each time: only the shape means something. */
  override get weights(): Matrix {
    return NdArray.zeros([this.sizeIn, this.size]);
  }

  /** Takes any matrix of that shape; the elements do not matter. */
  override set weights(value: ArrayInput) {
    this.checkIdle();
    const { shape, size } = toNdArray(value, 'weights', 'float64');
    if (size !== this.sizeIn * this.size)
      throw shapeError('weights', `${shapeText([this.sizeIn, this.size])} (sizeIn x size)`, shapeText(shape));
  }

  /** Several events of a channel in a time step; needs thresholds above 0. */
  get multiplexSpikes(): boolean {
    return this._positive;
  }

  set multiplexSpikes(value: boolean) {
    this.checkIdle();
    const multiplex = checkBoolean(value, 'multiplexSpikes');
    readThresholds(this.thrUp, 'thrUp', this.signals, multiplex);
    readThresholds(this.thrDown, 'thrDown', this.signals, multiplex);
    this._positive = multiplex;
  }

  /** Without effect; see {@link FFUpDownOptions.maxNumTimesteps}. */
  get maxNumTimesteps(): number | null {
    return this.#maxNumTimesteps;
  }

  set maxNumTimesteps(value: number | null) {
    this.#maxNumTimesteps = checkMaxNumTimesteps(value);
  }

  /** See {@link FFUpDownOptions.roundRobin}. */
  get roundRobin(): RoundRobin {
    return this.#roundRobin;
  }

  /** Where in its time step an event is stamped. */
  get spikeTime(): SpikeTime {
    return this.#spikeTime;
  }

  override get outputType(): typeof TSEvent {
    return TSEvent;
  }

  // ---- State ------------------------------------------------------------------------------------------------------

  /** The references, one for each input: the layer's own array. One that is NaN begins with the first input that comes, as all do after a reset. */
  override get state(): Float64Array {
    return super.state;
  }

  /** Takes `sizeIn` numbers, one for all, or null for references that begin with the input. */
  override set state(value: ArrayInput | null) {
    this.checkIdle();
    this.storeState(this.expandToSize(value ?? NaN, this.signals, 'state'));
  }

  /** The references begin with the first input of the next evolution; the turns of the channels begin anew. */
  override resetState(): void {
    this.state = null;
    this.#turns.fill(0);
  }

  override snapshot(): LayerSnapshot {
    return { ...super.snapshot(), ...(this.#roundRobin === 'perChannel' && { turns: this.#turns.slice() }) };
  }

  protected override prepareRestore(snapshot: LayerSnapshot): () => void {
    const putBack = super.prepareRestore(snapshot);
    if (this.#roundRobin === 'legacy') return putBack;
    const turns = snapshotArray(snapshot, 'turns', 'float64', 2 * this.signals);
    if (!turns.every((turn) => turn >= 0 && turn < this.multiChannels && Number.isInteger(turn)))
      throw rangeError('turns', `integers from 0 to ${this.multiChannels - 1}`, turns);
    return () => {
      putBack();
      this.#turns = turns;
    };
  }

  // ---- Evolution --------------------------------------------------------------------------------------------------

  /**
   * The events of the input, `size` channels; by time step, then channel, copies side by side.
   *
   * @throws RangeError `ERR_VALUE` for an input that is 2^31 thresholds or more away from its reference; RockpoolError `ERR_NOT_FINITE` for an
   *   infinite one. The layer stays as it was.
   */
  override evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): TSEvent {
    refuseTaskOptions(options);
    const window = this.samplingWindow(tsInput, options);
    try {
      const events = native.upDownEncode(
        ...this.parameters(),
        ...this.#run(window),
        this.state,
        this.#turns,
        ...seriesInput(window, this.dt),
      );
      return this.#finish(events, window.numTimesteps);
    } catch (error) {
      throw named(error, this.startPrint);
    }
  }

  /** The same off the event loop. */
  override evolveAsync(tsInput?: TimeSeries | null, options: AsyncEvolveOptions = {}): Promise<TSEvent> {
    return this.runExclusive(async () => {
      const window = this.samplingWindow(tsInput, options);
      const args = [...this.parameters(), ...this.#run(window), this.state, this.#turns] as const;
      const [state, turns] = [new Float64Array(this.signals), new Float64Array(2 * this.signals)];
      const input = seriesInput(window, this.dt);
      try {
        const events = await runTask(options, (progress) =>
          native.upDownEncodeAsync(...args, state, turns, progress, ...input),
        );
        this.storeState(state);
        this.#turns = turns;
        return this.#finish(events, window.numTimesteps);
      } catch (error) {
        throw named(error, this.startPrint);
      }
    });
  }

  /**
   * A layer that makes the signal of this layer's events again: same thresholds, decays, time step and channels, at the same time.
   *
   * @param initial What the references begin with, a number or one for each input. Default: this layer's state, 0 where it has none.
   */
  decoder(initial?: ArrayInput): UpDownDecoder {
    const { thrUp, thrDown, tauDecay, dt, repeatOutput } = this;
    const decoder = new UpDownDecoder([this.signals, this.multiChannels], {
      ...{ thrUp, thrDown, tauDecay, dt, repeatOutput },
      initial: initial ?? this.state.map((s) => (Number.isNaN(s) ? 0 : s)),
      name: `${this.name} decoder`,
    });
    decoder.t = this.t;
    return decoder;
  }

  /** The original's entries, and `round_robin` and `spike_time` where they are not the default. */
  override toDict(options?: ToDictOptions): LayerConfig {
    return {
      ...super.toDict(options),
      weights: this.weights.toArray(),
      max_num_timesteps: this.#maxNumTimesteps,
      multiplex_spikes: this.multiplexSpikes,
      ...(this.#roundRobin !== 'legacy' && { round_robin: this.#roundRobin }),
      ...(this.#spikeTime !== 'mid' && { spike_time: this.#spikeTime }),
    };
  }

  #run({ numTimesteps }: SamplingWindow): UpDownRun {
    const { noiseStd, timestep, seed } = this;
    const ownTurns = this.#roundRobin === 'perChannel';
    return [noiseStd, this.multiplexSpikes, ownTurns, timestep, numTimesteps, seed, spikeOffsets[this.#spikeTime]];
  }

  #finish([times, channels]: [Float64Array, Int32Array], numTimesteps: number): TSEvent {
    const tStart = this.t;
    this.timestep += numTimesteps;
    const { size: numChannels, t: tStop } = this;
    return TSEvent.fromTrusted({ times, channels, numChannels, tStart, tStop, name: 'Spikes from analogue' });
  }
}

function checkMaxNumTimesteps(value: unknown): number | null {
  return value === null ? null : checkInteger(value, 'maxNumTimesteps', { min: 1 });
}

registerLayerClass('FFUpDown', FFUpDown);
