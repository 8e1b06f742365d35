/**
 * The spiking engine without a layer around it: for networks that no layer class describes, and for figures per step and per
 * event. Everything is in SI units; one current or two, delays in steps.
 */
import { createRequire } from 'node:module';

const { native } = createRequire(import.meta.url)('../../dist/binding.js');

const precisions = { float64: 0, float32: 1 };
const numbers = (x) =>
  x === undefined || x instanceof Float64Array ? x : typeof x === 'number' ? Float64Array.of(x) : Float64Array.from(x);

/** A matrix handle from sparse rows; `weights` is one number or one for each synapse. */
export function sparseMatrix(rows, columns, { indptr, indices }, weights) {
  return native.iafMatrixCsr(rows, columns, indptr, indices, numbers(weights));
}

export function randomMatrix(size, probability, weight, seed) {
  return native.iafMatrixRandom(size, size, probability, weight, seed, false);
}

/** Recurrent leaky integrate-and-fire neurons with exact integration and a state of their own. */
export class Population {
  #plan;
  #p;
  #first;

  /**
   * `matrices`: one recurrent matrix for each synaptic current, `tauSyn` their time constants (0: a spike moves V at once);
   * `firstV`: potentials at the beginning; `background`: { rate (events per step), weight }.
   */
  constructor(parameters) {
    this.#p = { precision: 'float64', delaySteps: 1, refractorySteps: 0, bias: 0, vReset: 0, vRest: 0, ...parameters };
    const p = this.#p;
    const delays = numbers(p.delaySteps);
    const routes = p.matrices.map((matrix) => native.iafConnect(matrix, 0, delays));
    const [exact, exponentialLeak, legacyNoise] = [1, 0, 0];
    this.#plan = native.iafPlan(
      0,
      p.size,
      p.dt,
      precisions[p.precision],
      exact,
      exponentialLeak,
      undefined,
      undefined,
      false,
      false,
      0,
      legacyNoise,
      false,
      numbers(p.tauMem),
      numbers(p.vThresh),
      numbers(p.vReset),
      numbers(p.vRest),
      numbers(p.bias),
      numbers(1),
      numbers(p.refractorySteps),
      numbers(p.tauSyn[0]),
      numbers(p.tauSyn[1]),
      undefined,
      undefined,
      undefined,
      routes[0],
      routes[1],
      undefined,
      numbers(p.background?.rate),
      p.background?.weight,
    );
    routes.forEach((route) => native.releaseHandle(route));
    this.#first = p.firstV ?? new Float64Array(p.size).fill(p.vRest);
  }

  /** From the first state: `milliseconds` that the run took, the spikes as times in steps and neurons. */
  run(steps, seed = 1) {
    const { size, dt, tauSyn } = this.#p;
    const v = Float64Array.from(this.#first);
    const currents = [0, 1].map((x) => (tauSyn[x] === undefined ? undefined : new Float64Array(size)));
    const none = new Float64Array(0);
    const begin = performance.now();
    const [seconds, neurons] = native.spikingRun(
      this.#plan,
      0,
      steps,
      seed,
      v,
      currents[0],
      currents[1],
      undefined,
      new Int32Array(size),
      none,
      none,
      0,
      dt,
      0,
    );
    const milliseconds = performance.now() - begin;
    return { milliseconds, times: seconds.map((t) => Math.round(t / dt)), neurons };
  }

  /** How many synapses the spikes of these neurons reach. */
  events(neurons) {
    return native.spikingSynapticEvents(this.#plan, neurons, false);
  }

  /** Bytes of the prepared synapses. */
  synapseBytes() {
    return native.spikingPlanInfo(this.#plan)[4];
  }
}

/** Nanoseconds that the machine needs at least for one neuron update, one synaptic event, one Poisson draw. */
export const limits = {
  update: (units, precision = 'float64') => native.neuronUpdateLimit(units, precisions[precision], 0.2) * 1e9,
  event: (units, synapses, precision = 'float64') =>
    native.synapticEventLimit(units, synapses, units, precisions[precision], 0.3) * 1e9,
  draw: (units, precision = 'float64') => native.poissonDrawLimit(units, precisions[precision], 0.2) * 1e9,
};
