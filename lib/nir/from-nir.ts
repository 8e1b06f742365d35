/** Modules from NIR graphs. */
import type { Matrix } from '../array.js';
import { NdArray, sizeOf } from '../array.js';
import { checkBoolean, checkOneOf, checkOptions } from '../check.js';
import { Sequential } from '../combinators/sequential.js';
import type { PathInput } from '../io/file-error.js';
import type { Module } from '../modules/module.js';
import { Linear, LinearTorch } from '../modules/neurons/linear.js';
import { warn } from '../warnings.js';
import { type Link, toChain } from './chain.js';
import { checkGraph } from './check-graph.js';
import { checkDynamics, conventions, dynamicsNames, type NirConvention, type NirDynamics } from './conventions.js';
import type { NirReadOptions } from './file.js';
import { checkReadOptions, readNir } from './graph-file.js';
import { neuronModule } from './neuron-modules.js';
import { graphFileError, lossyError } from './node-error.js';
import { doubles, transposed } from './numbers.js';
import type { NirGraph, NirGraphInput } from './types.js';

/** Options of {@link fromNir}. What is given here comes before what the metadata of nodes says, and that before the convention. */
export interface FromNirOptions extends NirReadOptions, NirDynamics {
  /** Whose reading of the equations the file follows. Default: what the file says, or that of the format itself, `'nir'`. */
  convention?: NirConvention;
  /** Leave out what cannot be mapped, with the warning `NIR_LOSSY`, instead of refusing. Default false. */
  allowLossy?: boolean;
}

/** @internal Refuses a loss, or warns of it when that is allowed. */
export type Refuse = (node: string, field: string, what: string) => void;

/** @internal */
export const refuser =
  (allowLossy: boolean): Refuse =>
  (node, field, what) => {
    const error = lossyError(node, field, what);
    if (!allowLossy) throw error;
    warn('NIR_LOSSY', error.message);
  };

function projection({ name, node }: Link): Module | null {
  if (node.type !== 'Linear' && node.type !== 'Affine') return null;
  const { weight } = node;
  if (weight.ndim !== 2) throw lossyError(name, 'weight', `it has ${weight.ndim} dimensions; 2 can be mapped`);
  const Class = node.metadata?.['module'] === 'Linear' ? Linear : LinearTorch;
  const shape = [weight.shape[1], weight.shape[0]];
  if (node.type === 'Linear') return new Class(shape, { weight: transposed(weight) });
  const data = doubles(node.bias);
  const bias: Matrix = new NdArray(data.length === 1 ? new Float64Array(shape[1]).fill(data[0]) : data.slice(), [
    shape[1],
  ]);
  return new Class(shape, { weight: transposed(weight), bias });
}

/** A recurrent population is called as its sub-graph; names of nodes that are names of methods get a prefix. */
function memberName({ name, recurrent }: Link, graph: NirGraph): string {
  const outer = name.slice(0, Math.max(name.lastIndexOf('.'), 0));
  const called = recurrent && graph.nodes.get(outer)?.type === 'NIRGraph' ? outer : name;
  return called in Sequential.prototype ? `node_${called}` : called;
}

/** The convention that is given, or the one that the file names. */
function conventionOf(graph: NirGraph, given: NirConvention | undefined): NirConvention {
  const named = graph.metadata?.['convention'];
  return given ?? (named === undefined ? 'nir' : checkOneOf(named, 'metadata.convention', conventions));
}

function build(graph: NirGraph, given: FromNirOptions): Sequential {
  const options = { ...given, convention: conventionOf(graph, given.convention) };
  const refuse = refuser(options.allowLossy ?? false);
  const members: [string, Module][] = [];
  for (const link of toChain(graph)) {
    const { name, node } = link;
    if (node.type === 'Flatten') continue; // rows are flat here
    const module = projection(link) ?? neuronModule(link, graph.metadata, options, refuse);
    if (!module) throw lossyError(name, 'type', `there is no module for nodes of type ${node.type}`);
    members.push([memberName(link, graph), module]);
  }
  if (members.length === 0) {
    const input = [...graph.nodes.values()].find((node) => node.type === 'Input') as { shape: number[] };
    throw lossyError(
      'graph',
      'nodes',
      `nothing lies between its input (${sizeOf(input.shape)} channels) and its output`,
    );
  }
  return new Sequential(new Map(members));
}

const own = ['convention', 'allowLossy', ...dynamicsNames];

/**
 * Makes a network of a NIR graph: a {@link Sequential} of its nodes, called as they are. Linear and Affine nodes become `LinearTorch`,
 * populations of Rockpool the modules that they were, all others {@link NirNeurons} with the dynamics that options, metadata or the
 * convention say; nothing of it is guessed. Sub-graphs are opened; a Linear or Affine node from a population back to it becomes its
 * recurrent weights.
 *
 * @param source A file, or a graph as {@link readNir} gives it.
 * @throws RangeError when neither options nor metadata nor the convention say `dt`, `integration` or `reset`, naming the node; RockpoolError
 *   `ERR_NOT_IMPLEMENTED` with `node` and `field` for what cannot be mapped; and as `readNir`.
 */
export async function fromNir(
  source: PathInput | NirGraph | NirGraphInput,
  options?: FromNirOptions,
): Promise<Sequential> {
  const given = checkOptions<FromNirOptions>(options, 'options', ['signal', 'timeout', 'maxBytes', 'checksum', ...own]);
  const { convention, allowLossy, dt, integration, reset, resetAt, spikeWhere, maxSpikesPerDt, ...file } = given;
  checkDynamics({ dt, integration, reset, resetAt, spikeWhere, maxSpikesPerDt });
  if (convention !== undefined) checkOneOf(convention, 'convention', conventions);
  if (allowLossy !== undefined) checkBoolean(allowLossy, 'allowLossy');
  checkReadOptions(file);
  if (typeof source !== 'string' && !(source instanceof URL)) return build(checkGraph(source), given);
  const graph = await readNir(source, file);
  try {
    return build(graph, given);
  } catch (error) {
    // What a file cannot be is its fault; what an option lacks is not.
    throw (error as { node?: unknown }).node === undefined ? error : graphFileError(String(source), error);
  }
}
