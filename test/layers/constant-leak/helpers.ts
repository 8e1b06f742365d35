/** Constant-leak and digital layers for tests. */
import assert from 'node:assert/strict';
import { TSEvent, type TimeSeries } from 'rockpool-node';
import {
  ConvolutionWeights,
  FFCLIAF,
  FFCLIAFCNNTorch,
  RecCLIAF,
  RecDIAF,
  SoftMaxLayer,
  type EvolveOptions,
  type Layer,
} from 'rockpool-node/layers';
import { randomEvents } from '../event-helpers';
import { matrix, numbers } from '../rate-helpers';

export const dt = 1e-3;
export const steps = 200;
export const inputs = 6;
export const units = 9;
const seed = 11;

/** Integers around zero. */
export function integers(rows: number, columns: number, seed: number, width: number) {
  return { data: numbers(rows * columns, seed, width).map(Math.round), shape: [rows, columns] };
}

const image = { inpShape: [1, 2, 3], strides: 1, padding: 1 };

/** One layer of each class, of 6 inputs. */
export const classes: Record<string, () => FFCLIAF | FFCLIAFCNNTorch | RecCLIAF | RecDIAF | SoftMaxLayer> = {
  FFCLIAF: () => new FFCLIAF(matrix(inputs, units, 2, 12), { dt, seed, bias: -0.1, vSubtract: 3, monitorId: [1, 4] }),
  'FFCLIAF with a reset': () => new FFCLIAF(matrix(inputs, units, 2, 12), { dt, seed, vSubtract: null, vReset: -0.5 }),
  'FFCLIAF on images': () =>
    new FFCLIAF(new ConvolutionWeights({ data: { data: numbers(18, 3, 9), shape: [2, 1, 3, 3] }, ...image }), {
      dt,
      seed,
    }),
  FFCLIAFCNNTorch: () =>
    new FFCLIAFCNNTorch({ data: { data: numbers(18, 3, 9), shape: [2, 1, 3, 3] }, ...image }, { dt, seed, bias: -0.1 }),
  RecCLIAF: () =>
    new RecCLIAF(integers(inputs, units, 4, 12), integers(units, units, 5, 5), {
      dt,
      seed,
      bias: -0.5,
      delay: 3e-3,
      tTauBias: 2e-3,
      stateType: 'int8',
      monitorId: true,
    }),
  'RecCLIAF with refractory neurons': () =>
    new RecCLIAF(matrix(inputs, units, 4, 12), matrix(units, units, 5, 5), { dt, seed, refractory: 2e-3, delay: 4e-3 }),
  SoftMaxLayer: () => new SoftMaxLayer(matrix(inputs, units, 2, 0.5), { dt, seed }),
  RecDIAF: () =>
    new RecDIAF(integers(inputs, units, 6, 120), integers(units, units, 7, 50), {
      dt,
      seed,
      delay: 2.5e-3,
      tauLeak: 1.7e-3,
      refractory: 3e-3,
      vThresh: 60,
      vSubtract: 25,
      vRest: 0,
      monitorId: [0, 3],
    }),
};

/** Events in all channels, several of some in a step. */
export const input = (): TSEvent => randomEvents(600, inputs, dt, steps);

type Values = ArrayLike<number>;

/** What comes out: times, and channels or samples. */
export function contentOf(series: TimeSeries): [number[], number[]] {
  const values = series as unknown as { channels?: Values; samples?: { data: Values } };
  return [Array.from(series.times), Array.from(values.channels ?? values.samples!.data)];
}

/** Evolves in pieces of so many steps and joins the outputs. */
export function inPieces(layer: Layer, events: TSEvent, size: number): [number[], number[]] {
  const all: [number[], number[]] = [[], []];
  for (let done = 0; done < steps; done += size) {
    const piece = contentOf(layer.evolve(events, { numTimesteps: Math.min(size, steps - done) }));
    for (const i of [0, 1]) all[i].push(...piece[i]);
  }
  return all;
}

/** Spikes of an evolution as pairs. */
export function spikesOf(layer: Layer, events: TSEvent | null, options?: EvolveOptions): [number, number][] {
  const output = layer.evolve(events, options);
  assert.ok(output instanceof TSEvent);
  return [...output];
}
