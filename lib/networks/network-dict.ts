/** Dictionaries of networks, in the form of the original's files. */
import { checkNumber, typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { camelCaseKeys } from '../layers/config.js';
import { Layer } from '../layers/layer.js';
import type { ToDictOptions } from '../layers/types.js';
import { warn } from '../warnings.js';
import { Network } from './network.js';
import type { NetworkMember } from './types.js';

/**
 * `layers` (in evolution order; each with `pre_layer_name` where it has a predecessor, and `external_input`), `dt` when it was given
 * to the constructor, `input_layer_name` and `output_layer_name`.
 */
export function networkToDict(
  net: Network,
  options?: ToDictOptions,
): Record<string, unknown> & { class_name: string; name: string } {
  const layers = net._order().map(({ layer, name, pre, external }) => ({
    ...(layer.toDict(options) as Record<string, unknown>),
    name,
    ...(pre && { pre_layer_name: pre.name }),
    external_input: external,
  }));
  const dt = net._forcedDt();
  return {
    class_name: 'Network',
    name: net.name,
    layers,
    ...(dt !== null && { dt }),
    ...(net.evolveOnDisk && { evolve_on_disk: true }),
    ...(net.inputLayer && { input_layer_name: net.layerName(net.inputLayer) }),
    ...(net.outputLayer && { output_layer_name: net.layerName(net.outputLayer) }),
    ...(options?.includeState && { timestep: net.timestep }),
  };
}

function entry(config: unknown, i: number): Record<string, unknown> {
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw typeError(`layers[${i}]`, 'a dictionary', config);
  return config as Record<string, unknown>;
}

function makeMember(config: Record<string, unknown>): NetworkMember {
  const layer = { ...config };
  delete layer['pre_layer_name'];
  delete layer['external_input'];
  return Array.isArray(layer['layers']) ? buildNetwork(camelCaseKeys(layer)) : Layer.loadFromDict(layer);
}

/** Makes a network from a dictionary with camelCase keys. */
export function buildNetwork(config: Record<string, unknown>): Network {
  const { layers, dt, inputLayerName, outputLayerName, evolveOnDisk, name, timestep } = config;
  if (!Array.isArray(layers))
    throw new RockpoolError(
      'ERR_KEY',
      'expected config to have the entry layers with a list of dictionaries, received none',
    );
  const members = layers.map((item, i) => ({ config: entry(item, i), layer: makeMember(entry(item, i)) }));
  const clocks = members.map(({ layer }) => layer.snapshot());
  for (const { layer } of members) layer.resetTime();
  const net = new Network([], {
    dt: dt as number,
    evolveOnDisk: (evolveOnDisk as boolean | undefined) ?? false,
    name: name as string,
  });
  const chained =
    layers.length > 0 && members.every(({ config: c }) => !('pre_layer_name' in c) && !('external_input' in c));
  if (chained)
    warn(
      'NETWORK_CHAIN_ASSUMED',
      'the dictionary does not tell how the layers are connected: they are connected one after another',
    );
  for (const [i, { config: c, layer }] of members.entries()) {
    const before = members[i - 1]?.layer;
    const pre = chained ? before : (c['pre_layer_name'] as string | undefined);
    const external = chained ? i === 0 : Boolean(c['external_input']);
    net.addLayer(layer, { ...(pre !== undefined && { inputLayer: pre }), externalInput: external });
  }
  const names = [...net.layers.keys()];
  const input = (inputLayerName as string | undefined) ?? (chained ? names[0] : undefined);
  const output = (outputLayerName as string | undefined) ?? (chained ? names.at(-1) : undefined);
  if (input !== undefined) net.inputLayer = input;
  if (output !== undefined) net.outputLayer = output;
  if (timestep !== undefined) {
    net.restore({
      timestep: checkNumber(timestep, 'timestep', { min: 0 }),
      layers: Object.fromEntries(members.map(({ layer }, i) => [net.layerName(layer), clocks[i]])),
    });
  }
  return net;
}
