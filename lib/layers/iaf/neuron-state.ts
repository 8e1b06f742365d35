/** All of the state of integrate-and-fire neurons but their potentials. */
import { type ArrayLike_ as ArrayInput, toNdArray } from '../../array.js';
import { rangeError, shapeError } from '../../check.js';
import { snapshotArray } from '../snapshot.js';
import type { LayerSnapshot } from '../types.js';
import type { IAFState } from './run.js';

const noEvents = (): Float64Array => new Float64Array(0);

export class NeuronState {
  readonly #size: number;
  #currents: [Float64Array | undefined, Float64Array | undefined];
  #refractory: Int32Array;
  #pendingSpikes = noEvents();
  #pendingInput = noEvents();
  #adaptation: Float64Array | undefined;

  /** @param currents Number of synaptic currents. */
  constructor(size: number, currents: number, adapts: boolean) {
    this.#size = size;
    this.#currents = [0, 1].map((slot) => (slot < currents ? new Float64Array(size) : undefined)) as [
      Float64Array | undefined,
      Float64Array | undefined,
    ];
    this.#refractory = new Int32Array(size);
    this.#adaptation = adapts ? new Float64Array(size) : undefined;
  }

  /** A synaptic current: the array itself. */
  current(slot: number): Float64Array {
    return this.#currents[slot]!;
  }

  setCurrent(slot: number, name: string, value: ArrayInput): void {
    this.#write(slot, this.#read(name, value));
  }

  /** The adaptation current, where there is one: the array itself. */
  get adaptation(): Float64Array | undefined {
    return this.#adaptation;
  }

  setAdaptation(name: string, value: ArrayInput): void {
    this.#writeAdaptation(this.#read(name, value));
  }

  #read(name: string, value: ArrayInput): Float64Array {
    const { data, size } = toNdArray(value, name, 'float64');
    if (size !== this.#size) throw shapeError(name, `${this.#size} numbers (size)`, `${size} of them`);
    return data;
  }

  /** Steps that each neuron is still held: the array itself. */
  get refractory(): Int32Array {
    return this.#refractory;
  }

  /** Currents and adaptation to 0, nobody is held, nothing is under way. */
  reset(): void {
    for (const slot of [0, 1]) if (this.#currents[slot]) this.#write(slot, new Float64Array(this.#size));
    if (this.#adaptation) this.#writeAdaptation(new Float64Array(this.#size));
    this.#refractory = new Int32Array(this.#size);
    this.dropPending();
  }

  /** Spikes that have not arrived are lost. */
  dropPending(): void {
    this.#pendingSpikes = noEvents();
    this.#pendingInput = noEvents();
  }

  /** With potentials, as a run takes it: the arrays themselves. */
  forRun(v: Float64Array): IAFState {
    return {
      v,
      currents: this.#currents,
      adaptation: this.#adaptation,
      refractory: this.#refractory,
      pendingSpikes: this.#pendingSpikes,
      pendingInput: this.#pendingInput,
    };
  }

  /** Takes over the state after a run. Arrays that a user may hold stay the same ones. */
  take({ currents, adaptation, refractory, pendingSpikes, pendingInput }: Omit<IAFState, 'v'>): void {
    for (const slot of [0, 1] as const) if (currents[slot]) this.#write(slot, currents[slot]);
    if (adaptation) this.#writeAdaptation(adaptation);
    this.#refractory = refractory;
    this.#pendingSpikes = pendingSpikes;
    this.#pendingInput = pendingInput;
  }

  snapshot(): Record<string, Float64Array | Int32Array> {
    const [current0, current1] = this.#currents;
    return {
      ...(current0 && { current0: current0.slice() }),
      ...(current1 && { current1: current1.slice() }),
      ...(this.#adaptation && { adaptation: this.#adaptation.slice() }),
      refractorySteps: this.#refractory.slice(),
      pendingSpikes: this.#pendingSpikes.slice(),
      pendingInput: this.#pendingInput.slice(),
    };
  }

  /** Checks what {@link snapshot} returned and returns the function that puts it back. */
  prepareRestore(snapshot: LayerSnapshot, sizeIn: number): () => void {
    const array = (name: string): Float64Array => snapshotArray(snapshot, name, 'float64', this.#size);
    const currents = [0, 1].map((slot) =>
      this.#currents[slot] ? array(`current${slot}`) : undefined,
    ) as IAFState['currents'];
    const adaptation = this.#adaptation ? array('adaptation') : undefined;
    const refractory = snapshotArray(snapshot, 'refractorySteps', 'int32', this.#size);
    const negative = refractory.find((steps) => steps < 0);
    if (negative !== undefined) throw rangeError('refractorySteps', 'integers of 0 or more', negative);
    const pendingSpikes = pairs(snapshot, 'pendingSpikes', this.#size);
    const pendingInput = pairs(snapshot, 'pendingInput', sizeIn);
    return () => this.take({ currents, adaptation, refractory, pendingSpikes, pendingInput });
  }

  /** Keeps the array, unless its memory was transferred away. */
  #write(slot: number, data: Float64Array): void {
    const own = this.#currents[slot];
    if (own?.length === data.length) own.set(data);
    else this.#currents[slot] = data.slice();
  }

  #writeAdaptation(data: Float64Array): void {
    if (this.#adaptation?.length === data.length) this.#adaptation.set(data);
    else this.#adaptation = data.slice();
  }
}

/** Pairs of a step that is over and a channel. */
function pairs(snapshot: LayerSnapshot, name: string, channels: number): Float64Array {
  const data = snapshotArray(snapshot, name, 'float64');
  if (data.length % 2 !== 0) throw shapeError(name, 'pairs of a step and a channel', `${data.length} numbers`);
  const wrong = data.find((n) => !(Number.isSafeInteger(n) && n >= 0));
  if (wrong !== undefined) throw rangeError(name, 'integers of 0 or more', wrong);
  const { timestep } = snapshot;
  const misfit = data.findIndex((n, i) => n >= (i % 2 === 0 ? timestep : channels));
  if (misfit < 0) return data;
  const [what, limit] = misfit % 2 === 0 ? ['steps', timestep] : ['channels', channels];
  throw rangeError(name, `pairs of a step and a channel with ${what} below ${limit}`, data[misfit]);
}
