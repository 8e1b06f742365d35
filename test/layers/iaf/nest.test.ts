import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { TSEvent } from 'rockpool-node';
import { Layer, type RecAEIFSpkInNest, type RecIAFSpkInNest } from 'rockpool-node/layers';

/** A network that NEST ran, see `test/fixtures/nest/make.py`. */
interface Network {
  class_name: string;
  dt: number;
  steps: number;
  /** V and w after each so many steps. */
  every: number;
  parameters: Record<string, number[] | number[][]>;
  input_steps: number[][];
  spike_steps: number[];
  spike_units: number[];
  v: number[][];
  w?: number[][];
}

const { networks } = JSON.parse(readFileSync('test/fixtures/nest/networks.json', 'utf8')) as { networks: Network[] };

function inputOf({ input_steps, dt, steps }: Network): TSEvent {
  const events = input_steps
    .flatMap((bins, channel) => bins.map((k) => ({ time: (k + 0.5) * dt, channel })))
    .sort((a, b) => a.time - b.time);
  return new TSEvent(
    events.map(({ time }) => time),
    events.map(({ channel }) => channel),
    { tStart: 0, tStop: steps * dt, numChannels: input_steps.length },
  );
}

function assertNear(actual: ArrayLike<number>, expected: readonly number[], tolerance: number, what: string): void {
  expected.forEach((x, i) => {
    assert.ok(Math.abs(actual[i] - x) <= tolerance, `${what}, unit ${i}: ${actual[i]}, expected ${x}`);
  });
}

describe('layers of the NEST back-end against NEST', () => {
  for (const network of networks) {
    const { class_name, dt, every, parameters } = network;
    const tolerance = class_name === 'RecIAFSpkInNest' ? 1e-14 : 1e-6;
    const make = (): RecIAFSpkInNest =>
      Layer.loadFromDict({ class_name, dt, ...parameters, record: true }) as RecIAFSpkInNest;

    it(`${class_name} fires in the same steps and has the same potentials`, () => {
      const layer = make();
      const spikes = layer.evolve(inputOf(network));
      assert.ok(network.spike_steps.length > 50);
      assert.deepEqual(
        Array.from(spikes.times, (t) => Math.floor(t / dt)),
        network.spike_steps,
      );
      assert.deepEqual(Array.from(spikes.channels), network.spike_units);
      const states = layer.recordedStates!;
      network.v.forEach((v, row) => {
        const at = (row + 1) * every * layer.size;
        assertNear(
          states.samples.data.subarray(at, at + layer.size),
          v,
          tolerance,
          `V after ${(row + 1) * every} steps`,
        );
      });
    });

    if (network.w)
      it(`${class_name} has the same adaptation`, () => {
        const layer = make() as RecAEIFSpkInNest;
        const input = inputOf(network);
        network.w!.forEach((w, row) => {
          layer.evolve(input, { numTimesteps: every });
          assertNear(layer.adapt, w, tolerance, `w after ${(row + 1) * every} steps`);
        });
      });
  }
});
