/** Graphs as trees of groups and datasets, the layout of the format's own Python package, and back. */
import { NdArray } from '../array.js';
import { RockpoolError } from '../errors.js';
import { nodeFields } from './fields.js';
import { nodeError } from './node-error.js';
import type { TreeData, TreeEntry, TreeGroup } from './tree.js';
import type { NirArray, NirGraph, NirMetadata, NirNode } from './types.js';

/** The version of the Python package whose layout is written. */
export const formatVersion = '1.0.8';

// ---- Reading ----------------------------------------------------------------------------------------------------------

function numbersOf({ data, shape }: TreeData & { kind: 'numbers' }): NirArray {
  if (data instanceof Float32Array) return new NdArray(data, shape);
  if (data instanceof Float64Array) return new NdArray(data, shape);
  return new NdArray(Float64Array.from(data as ArrayLike<number>, Number), shape);
}

function entriesOf(entry: TreeEntry | undefined, node: string, what: string): Map<string, TreeEntry> {
  if (entry?.kind !== 'group') throw nodeError(node, what, 'a group', entry ? 'a dataset' : 'nothing');
  return new Map(entry.entries);
}

function textOf(entry: TreeEntry | undefined, node: string, what: string): string {
  if (entry?.kind !== 'text' || entry.data.length !== 1)
    throw nodeError(node, what, 'a text', entry ? 'something else' : 'nothing');
  return entry.data[0];
}

function metadataValue(entry: TreeEntry): NirMetadata[string] {
  if (entry.kind === 'group') return Object.fromEntries(entry.entries.map(([k, v]) => [k, metadataValue(v)]));
  if (entry.kind === 'text') return entry.shape.length === 0 ? entry.data[0] : entry.data;
  const array = numbersOf(entry);
  if (entry.shape.length > 0) return array;
  return entry.boolean ? array.data[0] !== 0 : array.data[0];
}

function fieldValue(entry: TreeEntry, node: string, field: string): unknown {
  if (entry.kind === 'group') throw nodeError(node, field, 'a dataset', 'a group');
  if (entry.kind === 'numbers') return numbersOf(entry);
  return entry.data.length === 1 ? entry.data[0] : entry.data;
}

function edgesOf(entry: TreeEntry | undefined, node: string): [string, string][] {
  if (entry && entry.kind !== 'group' && entry.data.length === 0) return [];
  if (entry?.kind !== 'text' || entry.shape.length !== 2 || entry.shape[1] !== 2)
    throw nodeError(node, 'edges', 'a list of pairs of names', entry ? 'something else' : 'nothing');
  const { data } = entry;
  return Array.from({ length: data.length / 2 }, (_, i) => [data[2 * i], data[2 * i + 1]]);
}

/** What a group says, unchecked. */
function decodeNode(group: TreeEntry, name: string): Record<string, unknown> {
  const entries = entriesOf(group, name, '');
  const type = textOf(entries.get('type'), name, 'type');
  const meta = entries.get('metadata');
  const metadata = meta && (meta.kind === 'group' ? metadataValue(meta) : undefined);
  const rest = [...entries].filter(([key]) => key !== 'type' && key !== 'metadata');
  if (type !== 'NIRGraph')
    return { type, metadata, ...Object.fromEntries(rest.map(([key, e]) => [key, fieldValue(e, name, key)])) };
  // Shapes of a graph are those of its inputs and outputs.
  const others = rest.filter(([key]) => !['nodes', 'edges', 'input_type', 'output_type'].includes(key));
  if (others.length > 0)
    throw nodeError(name, '', 'a NIRGraph with only nodes and edges', `the field '${others[0][0]}'`);
  const nodes = new Map([...entriesOf(entries.get('nodes'), name, 'nodes')].map(([k, e]) => [k, decodeNode(e, k)]));
  return { type, metadata, nodes, edges: edgesOf(entries.get('edges'), name) };
}

/** The graph of a file, unchecked, and the version that it names. */
export function decodeFile(tree: TreeGroup): { graph: Record<string, unknown>; version: string | undefined } {
  const root = new Map(tree.entries);
  const node = root.get('node');
  if (node?.kind !== 'group') throw new RockpoolError('ERR_FILE', "it is no NIR file: it has no group 'node'");
  const version = root.get('version');
  return { graph: decodeNode(node, 'graph'), version: version?.kind === 'text' ? version.data[0] : undefined };
}

// ---- Writing ----------------------------------------------------------------------------------------------------------

const text = (value: string): TreeData => ({ kind: 'text', data: [value], shape: [] });
const integers = (values: readonly number[], shape: number[]): TreeData => ({
  kind: 'numbers',
  data: BigInt64Array.from(values, BigInt),
  shape,
});
const numbers = ({ data, shape }: NirArray): TreeData => ({ kind: 'numbers', data, shape: [...shape] });

function encodeMetadata(metadata: NirMetadata): TreeGroup {
  const entries = Object.entries(metadata).map(([key, value]): [string, TreeEntry] => {
    if (typeof value === 'string') return [key, text(value)];
    if (typeof value === 'number') return [key, { kind: 'numbers', data: Float64Array.of(value), shape: [] }];
    if (typeof value === 'boolean') return [key, { kind: 'numbers', data: Int8Array.of(Number(value)), shape: [] }];
    if (value instanceof NdArray) return [key, numbers(value)];
    if (Array.isArray(value)) return [key, { kind: 'text', data: value, shape: [value.length] }];
    return [key, encodeMetadata(value)];
  });
  return { kind: 'group', entries };
}

function encodeField(value: unknown): TreeData {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return integers([value], []);
  if (Array.isArray(value)) return integers(value as number[], [value.length]);
  return numbers(value as NirArray);
}

function encodeNode(node: NirNode): TreeGroup {
  const entries: [string, TreeEntry][] = [['type', text(node.type)]];
  if (node.type === 'NIRGraph') {
    const nodes = [...node.nodes].map(([name, inner]): [string, TreeEntry] => [name, encodeNode(inner)]);
    entries.push(['nodes', { kind: 'group', entries: nodes }]);
    entries.push(['edges', { kind: 'text', data: node.edges.flat(), shape: [node.edges.length, 2] }]);
  } else {
    const record = node as unknown as Record<string, unknown>;
    for (const field of Object.keys(nodeFields[node.type]))
      if (record[field] !== undefined) entries.push([field, encodeField(record[field])]);
  }
  if (node.metadata) entries.push(['metadata', encodeMetadata(node.metadata)]);
  return { kind: 'group', entries };
}

/** A checked graph as the content of a file. */
export function encodeFile(graph: NirGraph): TreeGroup {
  return {
    kind: 'group',
    entries: [
      ['version', text(formatVersion)],
      ['node', encodeNode(graph)],
    ],
  };
}
