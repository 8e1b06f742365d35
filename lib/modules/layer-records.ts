/** What layers keep of their last evolution. */
import { RockpoolError } from '../errors.js';
import type { Layer } from '../layers/layer.js';
import type { TimeSeries } from '../time-series/time-series.js';

/** Properties under which layers hold records; one of these is an object of records. */
const recordNames = [
  'stateMonitor',
  'recordedStates',
  'tsRecStates',
  'tsRecSynapses',
  'resInputsLastEvolution',
  'resActsLastEvolution',
  'recInputsLastEvolution',
  'vMemLastEvolution',
  'iSynLastEvolution',
  'iRecLastEvolution',
  'surrogateLastEvolution',
  'spikesLastEvolution',
] as const;

/** The records of a layer's last evolution by name; nothing for a layer that keeps none. */
export function recordedOf(layer: Layer): Record<string, unknown> {
  const own = layer as unknown as Record<string, unknown>;
  const records = recordNames.filter((name) => name in own).map((name) => [name, readRecord(own, name)] as const);
  const found = records.filter(([, record]) => record !== null && record !== undefined);
  return Object.assign(
    {},
    ...found.map(([name, record]) => (name === 'stateMonitor' ? record : { [name]: record }) as object),
  ) as Record<string, unknown>;
}

/** A layer without recurrent weights says so when its recurrent input is read. */
function readRecord(own: Record<string, unknown>, name: string): unknown {
  try {
    return own[name];
  } catch (error) {
    if (error instanceof RockpoolError && error.code === 'ERR_STATE') return null;
    throw error;
  }
}

/** Makes a layer that records on demand record; returns what puts that back, or null for nothing to do. */
export function turnOnRecord(layer: Layer): (() => void) | null {
  const own = layer as unknown as { record?: unknown };
  if (!('record' in own) || own.record) return null;
  const before = own.record;
  own.record = true;
  return () => {
    own.record = before;
  };
}

/** Evolves a layer that records this evolution. */
export function recording(
  layer: Layer,
  run: () => TimeSeries,
): { output: TimeSeries; recorded: Record<string, unknown> } {
  const restore = turnOnRecord(layer);
  try {
    const output = run();
    return { output, recorded: recordedOf(layer) };
  } finally {
    restore?.();
  }
}
