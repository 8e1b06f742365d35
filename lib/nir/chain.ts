/** A graph as a row of nodes: sub-graphs opened, recurrent connections put with their neurons. */
import { lossyError } from './node-error.js';
import type { NirAffine, NirGraph, NirLinear, NirNode } from './types.js';

/** A node of the row, and the connection from its output back to its input. */
export interface Link {
  name: string;
  node: Exclude<NirNode, NirGraph>;
  recurrent?: { name: string; node: NirLinear | NirAffine };
}

interface Flat {
  nodes: Map<string, Exclude<NirNode, NirGraph>>;
  edges: [string, string][];
}

/** Sub-graphs become part of the graph, their nodes called `outer.inner`. */
function open(graph: NirGraph, prefix: string): Flat {
  const flat: Flat = { nodes: new Map(), edges: [] };
  const entry = new Map<string, string>();
  const exit = new Map<string, string>();
  for (const [key, node] of graph.nodes) {
    const name = prefix + key;
    if (node.type !== 'NIRGraph') {
      flat.nodes.set(name, node);
      continue;
    }
    const inner = open(node, `${name}.`);
    const ends = (type: 'Input' | 'Output'): string => {
      const own = [...node.nodes].filter(([, n]) => n.type === type);
      if (own.length !== 1)
        throw lossyError(name, '', `a sub-graph with ${own.length} nodes of type ${type}; one can be mapped`);
      return `${name}.${own[0][0]}`;
    };
    entry.set(name, ends('Input'));
    exit.set(name, ends('Output'));
    for (const [k, n] of inner.nodes) {
      if (flat.nodes.has(k)) throw lossyError(k, '', 'two nodes have this name once sub-graphs are opened');
      flat.nodes.set(k, n);
    }
    flat.edges.push(...inner.edges);
  }
  for (const [from, to] of graph.edges)
    flat.edges.push([exit.get(prefix + from) ?? prefix + from, entry.get(prefix + to) ?? prefix + to]);
  return flat;
}

/** Inputs and outputs of sub-graphs go: what leads to them leads to what they lead to. */
function passThrough(flat: Flat, top: NirGraph): void {
  for (const [name, node] of [...flat.nodes]) {
    if ((node.type !== 'Input' && node.type !== 'Output') || top.nodes.has(name)) continue;
    const before = flat.edges.filter(([, to]) => to === name).map(([from]) => from);
    const after = flat.edges.filter(([from]) => from === name).map(([, to]) => to);
    flat.edges = flat.edges.filter(([from, to]) => from !== name && to !== name);
    for (const from of before) for (const to of after) flat.edges.push([from, to]);
    flat.nodes.delete(name);
  }
}

const neurons = new Set(['LIF', 'CubaLIF', 'IF', 'LI', 'CubaLI', 'I']);

/** Takes connections from neurons to themselves out of the graph. */
function takeRecurrence(flat: Flat): Map<string, { name: string; node: NirLinear | NirAffine }> {
  const found = new Map<string, { name: string; node: NirLinear | NirAffine }>();
  for (const [name, node] of [...flat.nodes]) {
    if (node.type !== 'Linear' && node.type !== 'Affine') continue;
    const before = flat.edges.filter(([, to]) => to === name).map(([from]) => from);
    const after = flat.edges.filter(([from]) => from === name).map(([, to]) => to);
    if (before.length !== 1 || after.length !== 1 || before[0] !== after[0]) continue;
    const population = before[0];
    if (!neurons.has(flat.nodes.get(population)?.type ?? '')) continue;
    if (found.has(population))
      throw lossyError(population, '', 'it has several recurrent connections; one can be mapped');
    found.set(population, { name, node });
    flat.nodes.delete(name);
    flat.edges = flat.edges.filter(([from, to]) => from !== name && to !== name);
  }
  return found;
}

/**
 * The nodes from the input to the output, in order, without these two.
 *
 * @throws RockpoolError `ERR_NOT_IMPLEMENTED` for a graph that is no row, naming the node where it branches, joins or ends.
 */
export function toChain(graph: NirGraph): Link[] {
  const flat = open(graph, '');
  passThrough(flat, graph);
  const recurrence = takeRecurrence(flat);
  const only = (type: 'Input' | 'Output'): string => {
    const found = [...flat.nodes].filter(([, node]) => node.type === type).map(([name]) => name);
    if (found.length !== 1)
      throw lossyError(
        found[1] ?? 'graph',
        '',
        `the graph has ${found.length} nodes of type ${type}; one can be mapped`,
      );
    return found[0];
  };
  const last = only('Output');
  const links: Link[] = [];
  const seen = new Set<string>();
  for (let at = only('Input'); at !== last;) {
    seen.add(at);
    const next = flat.edges.filter(([from]) => from === at).map(([, to]) => to);
    if (next.length !== 1)
      throw lossyError(
        at,
        '',
        next.length === 0
          ? 'it leads nowhere'
          : `its output goes to ${next.join(', ')}; only rows of nodes can be mapped`,
      );
    const into = flat.edges.filter(([, to]) => to === next[0]).map(([from]) => from);
    if (into.length !== 1 || seen.has(next[0]))
      throw lossyError(
        next[0],
        '',
        `its input comes from ${into.join(', ')}; only rows of nodes and recurrent connections of a population to itself through one Linear or Affine can be mapped`,
      );
    at = next[0];
    if (at !== last) links.push({ name: at, node: flat.nodes.get(at) as Link['node'], recurrent: recurrence.get(at) });
  }
  seen.add(last);
  for (const name of flat.nodes.keys())
    if (!seen.has(name)) throw lossyError(name, '', 'it does not lie between the input and the output');
  return links;
}
