/** A whole graph: every node, every edge, and the shapes between them. */
import { typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { checkMetadata, checkNodeFields } from './check-fields.js';
import { nodeError } from './node-error.js';
import { resolveShapes } from './shapes.js';
import type { NirGraph, NirNode } from './types.js';

const maxDepth = 24;

function nodeEntries(nodes: unknown, name: string): [string, unknown][] {
  if (nodes instanceof Map) return [...(nodes as Map<string, unknown>)];
  if (typeof nodes !== 'object' || nodes === null || Array.isArray(nodes) || ArrayBuffer.isView(nodes))
    throw nodeError(name, 'nodes', 'a Map or an object of nodes by name', nodes, false);
  return Object.entries(nodes);
}

/** HDF5 takes `/` for a group, and `.` for the group itself. */
function checkName(key: unknown, graph: string): string {
  if (typeof key !== 'string') throw typeError(`a name in the graph '${graph}'`, 'a string', key);
  if (key === '' || key === '.' || key === '..' || /[/\0]/.test(key))
    throw nodeError(key, 'the name', 'text without / that is not empty and no dot alone', `'${key}'`);
  return key;
}

function checkEdges(edges: unknown, nodes: Map<string, NirNode>, graph: string): [string, string][] {
  if (!Array.isArray(edges)) throw nodeError(graph, 'edges', 'a list of pairs of names', edges, false);
  const seen = new Set<string>();
  return edges.map((edge: unknown, i) => {
    if (!Array.isArray(edge) || edge.length !== 2)
      throw nodeError(graph, `edges[${i}]`, 'a pair of names', edge, false);
    const [from, to] = edge as [unknown, unknown];
    for (const end of [from, to])
      if (typeof end !== 'string' || !nodes.has(end))
        throw nodeError(graph, `edges[${i}]`, 'between nodes of the graph', `the name '${String(end)}'`);
    const key = JSON.stringify([from, to]);
    if (seen.has(key))
      throw nodeError(graph, `edges[${i}]`, 'there once', `'${String(from)}' to '${String(to)}' again`);
    seen.add(key);
    if (nodes.get(to as string)?.type === 'Input')
      throw nodeError(to as string, '', 'an Input that nothing leads to', `an edge from '${String(from)}'`);
    if (nodes.get(from as string)?.type === 'Output')
      throw nodeError(from as string, '', 'an Output that leads nowhere', `an edge to '${String(to)}'`);
    return [from as string, to as string];
  });
}

/**
 * A checked copy of a graph: missing fields have their defaults, fields of one number the shape of their population. Arrays that need no
 * change are the same.
 *
 * @param name How errors call the graph itself.
 * @throws TypeError or RangeError, naming node and field.
 */
export function checkGraph(given: unknown, name = 'graph', depth = 0): NirGraph {
  if (depth > maxDepth) throw nodeError(name, '', `nested at most ${maxDepth} deep`, 'a deeper one');
  if (typeof given !== 'object' || given === null) throw typeError(name, 'a NIR graph', given);
  const { nodes, edges, metadata, type = 'NIRGraph', ...rest } = given as Record<string, unknown>;
  if (type !== 'NIRGraph') throw nodeError(name, 'type', "'NIRGraph'", type, false);
  for (const key of Object.keys(rest))
    throw nodeError(name, '', 'a NIRGraph with only nodes, edges, metadata', `the field '${key}'`);
  const checked = new Map<string, NirNode>();
  for (const [key, node] of nodeEntries(nodes, name)) {
    const at = checkName(key, name);
    if (checked.has(at)) throw nodeError(at, '', 'there once', 'two nodes of that name');
    if (typeof node !== 'object' || node === null) throw nodeError(at, '', 'a node', node, false);
    const isGraph = 'nodes' in node || (node as { type?: unknown }).type === 'NIRGraph';
    checked.set(at, isGraph ? checkGraph(node, at, depth + 1) : checkNodeFields(node as Record<string, unknown>, at));
  }
  for (const end of ['Input', 'Output'] as const)
    if (![...checked.values()].some((node) => node.type === end))
      throw nodeError(
        name,
        'nodes',
        `with an ${end}`,
        checked.size === 0 ? 'no nodes' : `only ${[...checked.keys()].slice(0, 8).join(', ')}`,
      );
  const meta = checkMetadata(metadata, name);
  const graph: NirGraph = {
    type: 'NIRGraph',
    nodes: checked,
    edges: checkEdges(edges, checked, name),
    ...(meta && { metadata: meta }),
  };
  resolveShapes(graph);
  return graph;
}

/** The graph of a file; a file of one node alone is a graph of it. */
export function checkFileGraph(given: Record<string, unknown>): NirGraph {
  if (given['type'] !== 'NIRGraph')
    throw new RockpoolError('ERR_FILE', `it holds a single ${String(given['type'])}, not a graph`);
  return checkGraph(given);
}
