/** What the tests of the integrate-and-fire layers share. */
import assert from 'node:assert/strict';
import { TSContinuous, TSEvent, type TimeSeries } from 'rockpool-node';
import * as layers from 'rockpool-node/layers';
import type { IAFLayer } from 'rockpool-node/layers';
import { matrix, numbers } from '../rate-helpers';

export const currentNames = ['FFIAFBrian', 'FFIAFTorch', 'FFIAFRefrTorch', 'FFIAFNest'] as const;
export const spikingInputNames = ['FFIAFSpkInBrian', 'FFIAFSpkInTorch', 'FFIAFSpkInRefrTorch'] as const;
export const recurrentNames = ['RecIAFBrian', 'RecIAFTorch', 'RecIAFRefrTorch'] as const;
export const recurrentSpikingNames = [
  'RecIAFSpkInBrian',
  'RecIAFSpkInTorch',
  'RecIAFSpkInRefrTorch',
  'RecIAFSpkInRefrCLTorch',
  'RecIAFSpkInNest',
] as const;
export const allNames = [...currentNames, ...spikingInputNames, ...recurrentNames, ...recurrentSpikingNames] as const;

export type Name = (typeof allNames)[number];

const has = (names: readonly string[], name: string): boolean => names.includes(name);
export const takesEvents = (name: string): boolean => has([...spikingInputNames, ...recurrentSpikingNames], name);
export const isRecurrent = (name: string): boolean => name.startsWith('Rec');
export const hasBoth = (name: string): boolean => has(recurrentSpikingNames, name);
export const backendOf = (name: string): 'Brian' | 'Torch' | 'Nest' => /(Brian|Torch|Nest)$/.exec(name)![1] as 'Brian';
export const isRefractory = (name: string): boolean => backendOf(name) !== 'Torch' || name.includes('Refr');
export const hasNoise = (name: string): boolean => backendOf(name) !== 'Nest' && !name.includes('CL');

/** Weights that make the units fire. */
export function weightsOf(name: Name, sizeIn = 3, size = 4, seed = 1): Record<string, unknown> {
  const recurrent = matrix(size, size, seed + 1, 0.02);
  if (hasBoth(name)) return { weightsIn: matrix(sizeIn, size, seed, 0.05), weightsRec: recurrent };
  return { weights: isRecurrent(name) ? recurrent : matrix(sizeIn, size, seed, 0.02) };
}

type Make = new (options: Record<string, unknown>) => IAFLayer;

export const classOf = (name: Name): Make => layers[name] as unknown as Make;

export function make(name: Name, options: Record<string, unknown> = {}): IAFLayer {
  return new (classOf(name))({ ...weightsOf(name), dt: 1e-3, bias: 12e-3, seed: 5, ...options });
}

/** An input of a second at most, whatever the class takes. */
export function inputFor(layer: IAFLayer, steps: number, seed = 3): TimeSeries {
  return takesEvents(layer.className) ? events(layer.sizeIn, steps * layer.dt, seed) : current(layer, steps, seed);
}

function current({ sizeIn, dt }: IAFLayer, steps: number, seed: number): TSContinuous {
  const times = Float64Array.from({ length: steps }, (_, k) => k * dt - dt / 4);
  return new TSContinuous(times, matrix(steps, sizeIn, seed, 0.02), { tStop: steps * dt, interpKind: 'previous' });
}

/** Poisson-like events at 200 Hz. */
export function events(channels: number, duration: number, seed = 3): TSEvent {
  const n = Math.round(200 * duration * channels);
  const times = numbers(n, seed, duration)
    .map((x) => x + duration / 2)
    .sort();
  const ids = Int32Array.from(numbers(n, seed + 1, 1), (x) => Math.floor((x + 0.5) * channels));
  return new TSEvent(times, ids, { tStart: 0, tStop: duration, numChannels: channels });
}

/** Everything that an evolution leaves behind, for comparing. */
export function stateOf(layer: IAFLayer): unknown {
  return layer.snapshot();
}

export function spikesOf(series: TSEvent): [number[], number[]] {
  return [Array.from(series.times), Array.from(series.channels)];
}

export function assertSameRun(a: TSEvent, b: TSEvent): void {
  assert.deepEqual(spikesOf(a), spikesOf(b));
}

/** The whole steps in which a unit spiked. */
export function stepsOf(series: TSEvent, dt: number, channel = 0): number[] {
  return Array.from(series.times).flatMap((t, i) =>
    series.channels[i] === channel ? [Math.floor(t / dt + 1e-6)] : [],
  );
}
