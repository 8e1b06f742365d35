/** What there is to say about networks, as data and as text. */
import type { ModuleBase } from '../modules/index.js';
import { Network } from '../networks/index.js';
import type { NirGraph } from '../nir/index.js';
import { TSEvent } from '../time-series/index.js';
import { leavesOf } from '../training/tree.js';
import type { Model } from './model.js';
import { fields, table } from './output.js';

/** A layer of a network. */
export interface LayerInfo {
  name: string;
  class: string;
  sizeIn: number;
  sizeOut: number;
  dt: number | null;
  /** Events rather than samples. */
  spikesIn: boolean;
  spikesOut: boolean;
  /** Where its input comes from: a layer, `external`, or nothing. */
  from: string | null;
}

export interface ModelInfo {
  class: string;
  name: string;
  sizeIn: number;
  sizeOut: number;
  dt?: number;
  layers?: LayerInfo[];
  /** Of a module: how many numbers its parameters have, by path. */
  parameters?: Record<string, number>;
  numParameters?: number;
  /** Of a module: its submodules. */
  text?: string;
  preprocessing?: object;
}

function layerInfo(net: Network, name: string): LayerInfo {
  const layer = net.layer<Network>(name);
  const before = net.preLayer(name);
  return {
    name,
    class: layer.className,
    sizeIn: layer.sizeIn,
    sizeOut: layer.sizeOut,
    dt: layer.dt,
    spikesIn: layer.inputType === TSEvent,
    spikesOut: layer.outputType === TSEvent,
    from: before ? net.layerName(before) : net.externalInput(name) ? 'external' : null,
  };
}

function networkInfo(net: Network): ModelInfo {
  const layers = [...net.layers.keys()].map((name) => layerInfo(net, name));
  const sizes = net.inputLayer && net.outputLayer ? net : { sizeIn: 0, sizeOut: 0 };
  return {
    class: net.className,
    name: net.name,
    sizeIn: sizes.sizeIn,
    sizeOut: sizes.sizeOut,
    dt: net.dt ?? undefined,
    layers,
  };
}

function moduleInfo(module: ModuleBase): ModelInfo {
  const parameters = Object.fromEntries(leavesOf(module.parameters()).map(({ name, data }) => [name, data.length]));
  const dt = (module as ModuleBase & { dt?: unknown }).dt;
  return {
    class: module.className,
    name: module.name,
    sizeIn: module.sizeIn,
    sizeOut: module.sizeOut,
    ...(typeof dt === 'number' && { dt }),
    parameters,
    numParameters: Object.values(parameters).reduce((a, b) => a + b, 0),
    text: String(module),
  };
}

/** Classes, sizes, time steps and connections. */
export function modelInfo(model: Model): ModelInfo {
  const { preprocessing } = model;
  const info =
    model.kind === 'network'
      ? networkInfo(model.net)
      : model.kind === 'layer'
        ? { ...networkInfo(new Network([model.layer])), class: model.layer.className, name: model.layer.name }
        : moduleInfo(model.module);
  return Object.keys(preprocessing).length > 0 ? { ...info, preprocessing } : info;
}

/** {@link modelInfo} as lines. */
export function modelText(info: ModelInfo): string {
  const { mel, classes } = (info.preprocessing ?? {}) as { mel?: Record<string, number>; classes?: string[] };
  const head = fields({
    network: `${info.class}${info.name === '' ? '' : ` '${info.name}'`}`,
    channels: `${info.sizeIn} in, ${info.sizeOut} out`,
    'time step': info.dt === undefined ? undefined : `${info.dt} s`,
    parameters: info.numParameters,
    input: mel && `${mel['bands']} mel bands, every ${mel['hop']} s`,
    classes: classes?.join(', '),
  });
  const kind = (spikes: boolean) => (spikes ? 'events' : 'samples');
  const layers =
    info.layers &&
    table(
      ['layer', 'class', 'in', 'out', 'dt', 'takes', 'puts out', 'from'],
      info.layers.map((l) => [
        ...[l.name, l.class, l.sizeIn, l.sizeOut, l.dt ?? '', kind(l.spikesIn), kind(l.spikesOut), l.from ?? 'nothing'],
      ]),
    );
  return [head, layers, info.text].filter((part) => part !== undefined).join('\n\n');
}

/** Nodes and edges of a NIR graph. */
export function graphInfo(graph: NirGraph): { nodes: { name: string; type: string }[]; edges: string[] } {
  return {
    nodes: [...graph.nodes].map(([name, { type }]) => ({ name, type })),
    edges: graph.edges.map(([from, to]) => `${from} -> ${to}`),
  };
}

export const graphText = ({ nodes, edges }: ReturnType<typeof graphInfo>): string =>
  [
    'NIR graph:',
    table(
      ['node', 'type'],
      nodes.map(({ name, type }) => [name, type]),
    ),
    '',
    'edges:',
    ...edges.map((edge) => `  ${edge}`),
  ].join('\n');
