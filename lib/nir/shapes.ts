/** Shapes: what goes in and out of every node, told by the nodes themselves and by what they are connected to. */
import { NdArray, sizeOf } from '../array.js';
import { elementwise, nodeFields } from './fields.js';
import { nodeError } from './node-error.js';
import type { NirArray, NirConv1d, NirConv2d, NirFlatten, NirGraph, NirNode } from './types.js';

type Shape = readonly number[];
interface Ends {
  in?: Shape;
  out?: Shape;
}

const text = (shape: Shape): string => `[${shape.join(', ')}]`;
const same = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((n, i) => n === b[i]);

/** Fields of one number for each neuron. */
function populationFields(node: NirNode): [name: string, array: NirArray][] {
  if (!elementwise.has(node.type)) return [];
  const fields = nodeFields[node.type as keyof typeof nodeFields];
  const record = node as unknown as Record<string, NirArray>;
  return Object.keys(fields).map((name) => [name, record[name]]);
}

/** The shape that the fields of a population have in common; undefined when all are single numbers. */
function populationShape(node: NirNode, name: string): Shape | undefined {
  let found: { field: string; shape: Shape } | undefined;
  for (const [field, array] of populationFields(node)) {
    if (array.size === 1) continue;
    if (found && !same(found.shape, array.shape))
      throw nodeError(
        name,
        field,
        `of the shape ${text(found.shape)} of ${found.field}, or one number`,
        text(array.shape),
      );
    found ??= { field, shape: array.shape };
  }
  return found?.shape;
}

/** All fields of a population in its shape. */
function broadcast(node: NirNode, shape: Shape): NirNode {
  const fields = populationFields(node).map(([name, array]) => {
    if (same(array.shape, shape)) return [name, array];
    if (array.size > 1) return [name, new NdArray<Float32Array | Float64Array>(array.data, shape)];
    const data = array.data instanceof Float32Array ? new Float32Array(sizeOf(shape)) : new Float64Array(sizeOf(shape));
    return [name, new NdArray<Float32Array | Float64Array>(data.fill(array.data[0]), shape)];
  });
  return { ...node, ...(Object.fromEntries(fields) as object) };
}

function matrixEnds(name: string, weight: NirArray, bias: NirArray | undefined): Ends {
  const { shape } = weight;
  const head = shape.slice(0, -2);
  const ends = { in: [...head, shape[shape.length - 1]], out: [...head, shape[shape.length - 2]] };
  if (bias && bias.size > 1 && !same(bias.shape, ends.out))
    throw nodeError(name, 'bias', `of the shape ${text(ends.out)}, one for each output`, text(bias.shape));
  return ends;
}

function slide(input: number, kernel: number, stride: number, padding: number, dilation: number): number {
  return Math.floor((input + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
}

function convolve(name: string, node: NirConv1d | NirConv2d, input: Shape | undefined): Ends {
  const { weight, groups, padding } = node;
  const [channelsOut, perGroup, ...kernel] = weight.shape;
  if (channelsOut % groups !== 0) throw nodeError(name, 'groups', `a divisor of the ${channelsOut} outputs`, groups);
  if (node.bias.size !== 1 && !same(node.bias.shape, [channelsOut]))
    throw nodeError(name, 'bias', `of the shape [${channelsOut}]`, text(node.bias.shape));
  const channels = perGroup * groups;
  const spatial = node.input_shape ?? input?.slice(1);
  if (!spatial) return {};
  if (spatial.length !== kernel.length)
    throw nodeError(name, 'input_shape', `${kernel.length} sizes`, `${spatial.length} of them`);
  const out = spatial.map((n, i) => {
    const pad = typeof padding === 'string' ? 0 : padding[i];
    return padding === 'same' ? n : slide(n, kernel[i], node.stride[i], pad, node.dilation[i]);
  });
  if (out.some((n) => n < 1))
    throw nodeError(name, 'weight', 'smaller than what is convolved', `${text(kernel)} for ${text(spatial)}`);
  return { in: [channels, ...spatial], out: [channelsOut, ...out] };
}

function flatten(name: string, { start_dim, end_dim, input_type }: NirFlatten, input: Shape | undefined): Ends {
  const from = input_type ?? input;
  if (!from) return {};
  const first = start_dim < 0 ? from.length + start_dim : start_dim;
  const last = end_dim < 0 ? from.length + end_dim : end_dim;
  if (first < 0 || last >= from.length || first > last)
    throw nodeError(name, 'start_dim', `and end_dim dimensions of ${text(from)}`, `${start_dim} and ${end_dim}`);
  return { in: from, out: [...from.slice(0, first), sizeOf(from.slice(first, last + 1)), ...from.slice(last + 1)] };
}

/** What a node itself says, given what comes in. */
function endsOf(name: string, node: NirNode, known: Ends): Ends {
  switch (node.type) {
    case 'Input':
    case 'Output':
      return { in: node.shape, out: node.shape };
    case 'Linear':
      return matrixEnds(name, node.weight, undefined);
    case 'Affine':
      return matrixEnds(name, node.weight, node.bias);
    case 'Conv1d':
    case 'Conv2d':
      return convolve(name, node, known.in);
    case 'Flatten':
      return flatten(name, node, known.in);
    case 'SumPool2d':
    case 'AvgPool2d': {
      if (!known.in) return {};
      if (known.in.length !== 3) throw nodeError(name, '', 'given channels, height and width', text(known.in));
      const out = known.in.slice(1).map((n, i) => slide(n, node.kernel_size[i], node.stride[i], node.padding[i], 1));
      if (out.some((n) => n < 1))
        throw nodeError(name, 'kernel_size', 'smaller than what is pooled', text(node.kernel_size));
      return { in: known.in, out: [known.in[0], ...out] };
    }
    case 'NIRGraph': {
      const ends = [...node.nodes.values()];
      const [inputs, outputs] = (['Input', 'Output'] as const).map((t) => ends.filter((n) => n.type === t));
      const shapeOf = (list: NirNode[]): Shape | undefined =>
        list.length === 1 ? (list[0] as { shape: number[] }).shape : undefined;
      return { in: shapeOf(inputs), out: shapeOf(outputs) };
    }
    default: {
      const own = populationShape(node, name);
      if (own) return { in: own, out: own };
      const told = known.in ?? known.out;
      return told ? { in: told, out: told } : {};
    }
  }
}

/** Exporters that trace a call leave the shape of its batch of one. */
function withoutBatch(shape: Shape, wanted: Shape): boolean {
  const extra = shape.length - wanted.length;
  return extra > 0 && shape.slice(0, extra).every((n) => n === 1) && same(shape.slice(extra), wanted);
}

/** Lets shapes flow along the edges until nothing new is learned: first all the way down, then up to what is still unknown. */
function propagate(graph: NirGraph, ends: Map<string, Ends>): void {
  const learn = (name: string, side: 'in' | 'out', shape: Shape | undefined): boolean => {
    const known = ends.get(name) as Ends;
    const node = graph.nodes.get(name) as NirNode;
    if (!shape || known[side] || node.type === 'Input' || node.type === 'Output') return false;
    Object.assign(known, { [side]: shape }, endsOf(name, node, { ...known, [side]: shape }));
    return true;
  };
  const down = ([from, to]: [string, string]): boolean => learn(to, 'in', ends.get(from)?.out);
  const up = ([from, to]: [string, string]): boolean =>
    elementwise.has((graph.nodes.get(from) as NirNode).type) && learn(from, 'out', ends.get(to)?.in);
  const all = (step: (edge: [string, string]) => boolean): boolean => graph.edges.filter(step).length > 0;
  do while (all(down));
  while (all(up));
}

/** Inputs and outputs lose the batch of one where their neighbours have none. */
function trimEnds(graph: NirGraph): void {
  for (const [name, node] of graph.nodes) {
    if (node.type !== 'Input' && node.type !== 'Output') continue;
    const neighbours = graph.edges.flatMap(([from, to]) => (from === name ? [to] : to === name ? [from] : []));
    for (const neighbour of neighbours) {
      const other = graph.nodes.get(neighbour) as NirNode;
      const ends = endsOf(neighbour, other, {});
      const wanted = node.type === 'Input' ? ends.in : ends.out;
      if (wanted && withoutBatch(node.shape, wanted)) graph.nodes.set(name, { ...node, shape: [...wanted] });
    }
  }
}

/**
 * Gives every population its shape, all its fields that shape, and checks that what a node gives is what the next one takes.
 *
 * @throws RangeError for shapes that do not fit, naming the nodes.
 */
export function resolveShapes(graph: NirGraph): void {
  trimEnds(graph);
  const ends = new Map<string, Ends>();
  for (const [name, node] of graph.nodes) ends.set(name, { ...endsOf(name, node, {}) });
  propagate(graph, ends);
  for (const [name, node] of graph.nodes) {
    const known = ends.get(name) as Ends;
    if (!elementwise.has(node.type)) continue;
    const alone = populationFields(node)[0][1].shape;
    const shape = known.in ?? known.out ?? (alone.length === 0 ? [1] : alone);
    ends.set(name, { in: shape, out: shape });
    graph.nodes.set(name, broadcast(node, shape));
  }
  for (const [from, to] of graph.edges) checkEdge(graph, ends, from, to);
  for (const [name, node] of graph.nodes)
    if ((node.type === 'Conv1d' || node.type === 'Conv2d') && !node.input_shape) {
      const input = ends.get(name)?.in;
      if (input) graph.nodes.set(name, { ...node, input_shape: [...input.slice(1)] });
    }
}

function checkEdge(graph: NirGraph, ends: Map<string, Ends>, from: string, to: string): void {
  const out = ends.get(from)?.out;
  const into = ends.get(to)?.in;
  if (!out || !into || same(out, into)) return;
  const target = graph.nodes.get(to) as NirNode;
  if (target.type === 'Output' && withoutBatch(target.shape, out)) {
    graph.nodes.set(to, { ...target, shape: [...out] });
    return;
  }
  throw nodeError(to, '', `given ${text(into)}`, `${text(out)} from node '${from}'`);
}
