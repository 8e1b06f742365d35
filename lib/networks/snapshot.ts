/** The parts of a network's snapshot: one for each layer, under its name in the network. */
import { checkInteger, typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { checkSnapshot } from '../layers/snapshot.js';
import type { Entry } from './connections.js';

/** Checks that a snapshot fits a network of these layers; changes nothing. */
export function checkParts(entries: readonly Entry[], snapshot: unknown): void {
  const { timestep, layers } = checkSnapshot(snapshot);
  if (typeof layers !== 'object' || layers === null || Array.isArray(layers))
    throw typeError('snapshot', 'what snapshot() of a network returned', snapshot);
  checkInteger(timestep, 'timestep', { min: 0 });
  const parts = layers as Record<string, unknown>;
  checkNames(
    entries.map(({ name }) => name),
    Object.keys(parts),
  );
  for (const { name, layer } of entries) inLayer(name, () => layer._prepareRestore(parts[name]));
}

function checkNames(names: readonly string[], given: readonly string[]): void {
  const missing = names.find((name) => !given.includes(name));
  const layer = missing ?? given.find((name) => !names.includes(name));
  if (layer === undefined) return;
  const list = names.map((name) => `'${name}'`).join(', ') || 'none';
  const got = layer === missing ? `none for '${layer}'` : `one for '${layer}' too`;
  throw new RockpoolError('ERR_KEY', `expected the snapshot to have parts for the layers ${list}, received ${got}`, {
    details: { layer },
  });
}

/** Says which layer an error of `fn` is about, in its message and as `layer`. */
export function inLayer<T>(name: string, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    if (error instanceof Error) nameLayer(error, name);
    throw error;
  }
}

function nameLayer(error: Error & { layer?: string }, name: string): void {
  const { message, stack } = error;
  error.message = `layer '${name}': ${message}`;
  if (stack) error.stack = stack.replace(message, () => error.message);
  error.layer = error.layer === undefined ? name : `${name}.${error.layer}`;
}
