/** Router of events. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { checkOptions, typeError } from '../check.js';
import { runTask } from '../task.js';
import { timeOf } from '../time-grid.js';
import type { TimeSeries } from '../time-series/time-series.js';
import { TSEvent } from '../time-series/ts-event.js';
import { warn } from '../warnings.js';
import { mergeArguments } from './arguments.js';
import type { EventRouter } from './exp-syn/native.js';
import { Layer } from './layer.js';
import { refuseTaskOptions } from './prepare-input.js';
import { registerLayerClass } from './registry.js';
import type { AsyncEvolveOptions, EvolveOptions, LayerOptions } from './types.js';

/** Options of {@link PassThroughEvents}. */
export interface PassThroughEventsOptions extends LayerOptions {
  /** Time step in seconds. Default 1e-3. Only the clock depends on it. */
  dt?: number;
}

const optionNames = ['weights', 'dt', 'noiseStd', 'name', 'seed'];

/**
 * Copies events from input channels to output channels: an event of channel i gives `weights[i, j]` events of channel j at the
 * same time.
 *
 * Events of the evolution, from its start up to but not including its end, in the order of the input; copies of one event by
 * ascending channel. The layer has no state and no noise.
 */
export class PassThroughEvents extends Layer {
  #router: EventRouter | null = null;
  #handedOut = false;

  /**
   * @param weights Multiplicities, `sizeIn` x `size`, indexed [from, to]: integers of 0 or more. Fractions are cut off, with the
   *   warning `WEIGHTS_TRUNCATED`.
   * @throws TypeError or RangeError for an argument of the wrong kind, shape or value, also for negative weights.
   */
  constructor(weights: ArrayInput, options?: PassThroughEventsOptions);
  constructor(options: PassThroughEventsOptions & { weights: ArrayInput });
  constructor(...args: [unknown?, PassThroughEventsOptions?]) {
    const merged = mergeArguments<PassThroughEventsOptions & { weights: ArrayInput }>(args, ['weights']);
    const { weights, dt, noiseStd, name, seed } = checkOptions<typeof merged>(merged, 'options', optionNames);
    super(readCounts(weights), { dt: dt ?? 1e-3, noiseStd, name, seed });
    this.#warnOfNoise();
    this.resetAll();
  }

  /** Multiplicities, `sizeIn` x `size`: the layer's own array. */
  override get weights(): Matrix {
    this.#handedOut = true;
    return super.weights;
  }

  override set weights(value: ArrayInput) {
    this.checkIdle();
    super.weights = readCounts(value);
    this.#drop();
  }

  /** Not used: setting another value than 0 is a warning (`NOISE_UNUSED`). */
  override get noiseStd(): number {
    return super.noiseStd;
  }

  override set noiseStd(value: number | null) {
    super.noiseStd = value;
    this.#warnOfNoise();
  }

  override get inputType(): typeof TSEvent {
    return TSEvent;
  }

  override get outputType(): typeof TSEvent {
    return TSEvent;
  }

  /** The copied events, on `size` channels. */
  override evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): TSEvent {
    refuseTaskOptions(options);
    const { numTimesteps, input } = this.#window(tsInput, options);
    const events = input ? native.routeEvents(this.#plan(), this.t, this.#timeAfter(numTimesteps), ...input) : null;
    return this.#finish(events, numTimesteps);
  }

  /** The same off the event loop. */
  override evolveAsync(tsInput?: TimeSeries | null, options: AsyncEvolveOptions = {}): Promise<TSEvent> {
    return this.runExclusive(async () => {
      const { numTimesteps, input } = this.#window(tsInput, options);
      const events = await runTask(options, (progress) =>
        native.routeEventsAsync(
          this.#plan(),
          this.t,
          this.#timeAfter(numTimesteps),
          progress,
          ...(input ?? new TSEvent().eventArgs()),
        ),
      );
      return this.#finish(input && events, numTimesteps);
    });
  }

  #window(tsInput: TimeSeries | null | undefined, options: AsyncEvolveOptions) {
    const { addEvents } = options as { addEvents?: unknown };
    if (addEvents !== undefined)
      throw typeError('options', 'without addEvents, since no event is binned', "the option 'addEvents'", true);
    return this.eventWindow(tsInput, options);
  }

  #timeAfter(numTimesteps: number): number {
    return timeOf(this.timestep + numTimesteps, 0, this.dt);
  }

  /** The router; a new one when the weights were set, or may have been written. */
  #plan(): EventRouter {
    if (this.#router && !this.#handedOut) return this.#router;
    this.#drop();
    return (this.#router = native.eventRouter(this.sizeIn, this.size, super.weights.data));
  }

  #drop(): void {
    if (this.#router) native.releaseHandle(this.#router);
    this.#router = null;
  }

  #finish(events: [Float64Array, Int32Array] | null, numTimesteps: number): TSEvent {
    const tStart = this.t;
    this.timestep += numTimesteps;
    const [times, channels] = events ?? [new Float64Array(0), new Int32Array(0)];
    return TSEvent.fromTrusted({
      times,
      channels,
      numChannels: this.size,
      tStart,
      tStop: this.t,
      ...(events && { name: 'transformed event raster' }),
    });
  }

  #warnOfNoise(): void {
    if (this.noiseStd > 0)
      warn('NOISE_UNUSED', `${this.startPrint}noiseStd is ${this.noiseStd}, but events are copied without noise`);
  }
}

/** Weights as integers, in double precision. */
function readCounts(value: unknown): ArrayInput {
  if (value === null || value === undefined) throw typeError('weights', 'an array of integers', value);
  const { data, shape, ndim, size } = toNdArray(value, 'weights', 'float64');
  if (size === 0 || ndim > 2) return new NdArray(data, shape); // refused by the base class
  const rows = ndim === 2 ? shape[0] : 1;
  native.releaseHandle(native.eventRouter(rows, size / rows, data)); // checks the elements
  const counts = new Float64Array(new Int32Array(data));
  if (Buffer.from(counts.buffer).compare(Buffer.from(data.buffer, data.byteOffset, data.byteLength)) !== 0)
    warn('WEIGHTS_TRUNCATED', 'weights of PassThroughEvents are numbers of events: their fractions are cut off');
  return new NdArray(counts, shape);
}

registerLayerClass('PassThroughEvents', PassThroughEvents);
