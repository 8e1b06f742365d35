/** How files are read: what the format leaves open, told by options, by metadata, or by the toolkit that wrote the file. */
import { checkInteger, checkNumber, checkOneOf, rangeError } from '../check.js';
import { nodeError } from './node-error.js';
import type { NirIntegration, NirReset, NirResetAt, NirSpikeWhere } from './nir-neurons.js';
import type { NirMetadata, NirNode } from './types.js';

/** Whose reading of the format's equations a file follows; see `docs/nir.md`. */
export type NirConvention = 'nir' | 'rockpool' | 'snntorch' | 'norse';

export const conventions: readonly NirConvention[] = ['nir', 'rockpool', 'snntorch', 'norse'];

/** What the format leaves open. Entries of a node's metadata have the same names in snake_case. */
export interface NirDynamics {
  /** Time step in seconds. */
  dt?: number;
  /** How the differential equations become steps. */
  integration?: NirIntegration;
  /** What a spike does to the membrane. */
  reset?: NirReset;
  /** When it does. */
  resetAt?: NirResetAt;
  /** Where a spike is. */
  spikeWhere?: NirSpikeWhere;
  /** Most spikes of a neuron in a step. */
  maxSpikesPerDt?: number;
}

export const dynamicsNames = ['dt', 'integration', 'reset', 'resetAt', 'spikeWhere', 'maxSpikesPerDt'] as const;

const metadataNames: Record<(typeof dynamicsNames)[number], string> = {
  dt: 'dt',
  integration: 'integration',
  reset: 'reset',
  resetAt: 'reset_at',
  spikeWhere: 'spike_where',
  maxSpikesPerDt: 'max_spikes_per_dt',
};

const presets: Record<NirConvention, NirDynamics> = {
  nir: { resetAt: 'spike', spikeWhere: 'above', maxSpikesPerDt: 1 },
  rockpool: {
    integration: 'exponential',
    reset: 'subtract',
    resetAt: 'spike',
    spikeWhere: 'reached',
    maxSpikesPerDt: 65536,
  },
  snntorch: { dt: 1e-4, integration: 'euler', reset: 'subtract', spikeWhere: 'above', maxSpikesPerDt: 1 },
  norse: { integration: 'euler', reset: 'value', resetAt: 'spike', spikeWhere: 'above', maxSpikesPerDt: 1 },
};

/** Checks what is given of these options or metadata entries. */
export function checkDynamics(given: NirDynamics): NirDynamics {
  if (given.dt !== undefined) checkNumber(given.dt, 'dt', { positive: true });
  if (given.integration !== undefined) checkOneOf(given.integration, 'integration', ['exponential', 'euler']);
  if (given.reset !== undefined) checkOneOf(given.reset, 'reset', ['subtract', 'value']);
  if (given.resetAt !== undefined) checkOneOf(given.resetAt, 'resetAt', ['spike', 'next-step']);
  if (given.spikeWhere !== undefined) checkOneOf(given.spikeWhere, 'spikeWhere', ['above', 'reached']);
  if (given.maxSpikesPerDt !== undefined) checkInteger(given.maxSpikesPerDt, 'maxSpikesPerDt', { min: 1 });
  return given;
}

/** Dynamics as metadata of a node. */
export function toMetadata(dynamics: NirDynamics): NirMetadata {
  const entries = dynamicsNames.map((name) => [metadataNames[name], dynamics[name]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as NirMetadata;
}

/** What the metadata of a node, or that of the graph, says. */
export function fromMetadata(node: string, metadata: NirMetadata | undefined): NirDynamics {
  if (!metadata) return {};
  const entries = dynamicsNames
    .map((name) => [name, metadata[metadataNames[name]]] as const)
    .filter(([, value]) => value !== undefined);
  try {
    return checkDynamics(Object.fromEntries(entries));
  } catch (error) {
    const { argument = '', received } = error as { argument?: string; received?: unknown };
    throw nodeError(
      node,
      `metadata.${metadataNames[argument as 'dt'] ?? argument}`,
      'as docs/nir.md says',
      received,
      false,
    );
  }
}

/** The preset of a convention for a node: Leaky neurons of snnTorch reset to 0 before they leak, all others after the next input. */
export function presetOf(
  convention: NirConvention,
  node: NirNode,
  recurrent: boolean,
  reset: NirReset | undefined,
): NirDynamics {
  if (convention !== 'snntorch') return presets[convention];
  const early = reset === 'value' && node.type === 'LIF' && !recurrent;
  return { ...presets.snntorch, resetAt: early ? 'spike' : 'next-step' };
}

type Complete = Required<NirDynamics>;

/** All dynamics of a node. @throws RangeError for what nothing says, naming the option. */
export function complete(name: string, dynamics: NirDynamics, spiking: boolean): Complete {
  const need = spiking ? dynamicsNames : (['dt', 'integration'] as const);
  for (const key of need)
    if (dynamics[key] === undefined)
      throw rangeError(key, `given, since neither node '${name}' nor a convention says it`, undefined);
  return { reset: 'subtract', resetAt: 'spike', spikeWhere: 'above', maxSpikesPerDt: 1, ...dynamics } as Complete;
}
