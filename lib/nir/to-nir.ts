/** NIR graphs of modules. */
import { type Matrix, NdArray } from '../array.js';
import { checkBoolean, checkInstance, checkNumber, checkOneOf, checkOptions } from '../check.js';
import { Sequential } from '../combinators/sequential.js';
import type { PathInput } from '../io/file-error.js';
import { Module } from '../modules/module.js';
import { Linear } from '../modules/neurons/linear.js';
import { buildInfo } from '../runtime.js';
import { checkGraph } from './check-graph.js';
import { conventions, type NirConvention, toMetadata } from './conventions.js';
import { checkFileOptions, type NirFileOptions } from './file.js';
import { type Refuse, refuser } from './from-nir.js';
import { writeNir } from './graph-file.js';
import type { NirIntegration } from './nir-neurons.js';
import { lossyError } from './node-error.js';
import { transposed } from './numbers.js';
import { LossyNode, type Population, populationOf } from './population-of.js';
import { populationNode } from './population-node.js';
import type { NirGraph, NirMetadata, NirNode } from './types.js';

/** Options of {@link toNir}. */
export interface ToNirOptions extends NirFileOptions {
  /**
   * Who shall read the file. `'nir'` (default): whoever takes the format's equations with the `dt` and the `integration` of the nodes'
   * metadata. `'rockpool'`, `'snntorch'`, `'norse'`: the importer of that toolkit; see `docs/nir.md`.
   */
  convention?: NirConvention;
  /** How the equations shall be read. Default: as the modules compute, or as the convention's importer does. */
  integration?: NirIntegration;
  /** The time step with which they shall be read, in seconds. Default: that of the modules, or the convention's. */
  dt?: number;
  /** Leave out what the format cannot say, with the warning `NIR_LOSSY`, instead of refusing. Default false. */
  allowLossy?: boolean;
  /** Metadata of the graph. */
  metadata?: NirMetadata;
}

/** @internal */
export type WriteOptions = Pick<ToNirOptions, 'convention' | 'integration' | 'dt'>;

type Members = [name: string, module: Module][];

/** The modules in a row; those of inner sequences are called `outer.inner`. */
function membersOf(module: Module, name: string): Members {
  if (!(module instanceof Sequential)) return [[name, module]];
  const prefix = module.name === '' ? '' : `${name}.`;
  return Object.entries(module.modules() as Record<string, Module>).flatMap(([key, member]) =>
    membersOf(member, prefix + key),
  );
}

function projectionNode(module: Linear): NirNode {
  const weight = transposed(module.weight);
  const metadata = { module: module.className };
  if (!module.hasBias) return { type: 'Linear', weight, metadata };
  return { type: 'Affine', weight, bias: module.bias.copy(), metadata };
}

/** A population with its recurrent connection, as a graph of four nodes. */
function recurrentGraph(node: NirNode, { wRec, recBias, units }: Population): NirGraph {
  const weight = transposed(wRec as Matrix);
  const shape = [units];
  const connection: NirNode = recBias
    ? { type: 'Affine', weight, bias: new NdArray(recBias, shape) }
    : { type: 'Linear', weight };
  return {
    type: 'NIRGraph',
    nodes: new Map<string, NirNode>([
      ['input', { type: 'Input', shape }],
      ['lif', node],
      ['w_rec', connection],
      ['output', { type: 'Output', shape }],
    ]),
    edges: [
      ['input', 'lif'],
      ['lif', 'w_rec'],
      ['w_rec', 'lif'],
      ['lif', 'output'],
    ],
  };
}

function nodeOf(module: Module, name: string, options: WriteOptions, refuse: Refuse): NirNode {
  const given = module as unknown;
  if (given instanceof Linear) return projectionNode(given);
  const population = populationOf(module, name, refuse);
  if (!population) throw lossyError(name, '', `modules of class ${module.className} have no counterpart in the format`);
  const { node, dynamics } = populationNode(population, name, options, refuse);
  const start = population.start === 'leak' ? { start: 'leak' } : {};
  const described = { ...node, metadata: { ...toMetadata(dynamics), module: population.module, ...start } } as NirNode;
  return population.wRec || population.recBias ? recurrentGraph(described, population) : described;
}

function build(module: Module, given: ToNirOptions): NirGraph {
  const refuse = refuser(given.allowLossy ?? false);
  const members = membersOf(module, module.name === '' ? module.className : module.name);
  if (members.length === 0) throw lossyError('graph', '', 'the sequence has no modules');
  const nodes = new Map<string, NirNode>([['input', { type: 'Input', shape: [module.sizeIn] }]]);
  const edges: [string, string][] = [];
  let last = 'input';
  for (const [key, member] of members) {
    const name = ['input', 'output'].includes(key) ? `${key}_module` : key;
    nodes.set(name, nodeOf(member, name, given, refuse));
    edges.push([last, name]);
    last = name;
  }
  nodes.set('output', { type: 'Output', shape: [module.sizeOut] });
  edges.push([last, 'output']);
  const metadata = {
    creator: `rockpool-node ${buildInfo().version}`,
    // Its v_leak and gains are no part of the equations: no reader of these may take them for that.
    ...(given.convention === 'rockpool' && { convention: 'rockpool' }),
    ...given.metadata,
  };
  return checkGraph({ type: 'NIRGraph', nodes, edges, metadata });
}

/**
 * The NIR graph of a module: of `Linear`, the LIF modules with one synapse for each neuron, `LIFNeuronTorch`, `ExpSyn`, {@link NirNeurons},
 * and sequences of these. The parameters are chosen so that the format's equations, in steps of `dt`, do what the module does;
 * `dt`, integration and kind of reset stand in the metadata of each node. Recurrent neurons become a graph of four nodes. States are not
 * part of the format.
 *
 * @throws RockpoolError `ERR_NOT_IMPLEMENTED` with `node` and `field` for what the format, or the importer of the `convention`, cannot say.
 */
export function toNirGraph(module: Module<object>, options?: Omit<ToNirOptions, keyof NirFileOptions>): NirGraph {
  const given = checkOptions<ToNirOptions>(options, 'options', [
    'convention',
    'integration',
    'dt',
    'allowLossy',
    'metadata',
  ]);
  checkInstance(module as unknown, 'module', Module as abstract new (...args: never[]) => Module);
  if (given.convention !== undefined) checkOneOf(given.convention, 'convention', conventions);
  if (given.integration !== undefined) checkOneOf(given.integration, 'integration', ['exponential', 'euler']);
  if (given.dt !== undefined) checkNumber(given.dt, 'dt', { positive: true });
  if (given.allowLossy !== undefined) checkBoolean(given.allowLossy, 'allowLossy');
  try {
    return build(module, given);
  } catch (error) {
    throw error instanceof LossyNode ? lossyError(error.node, error.field, error.message) : error;
  }
}

/**
 * Writes {@link toNirGraph} of a module to a file, whole or not at all. The module may be changed as soon as this has been called.
 *
 * @example
 * await toNir(net, 'net.nir');
 * const copy = await fromNir('net.nir');
 *
 * @throws as `toNirGraph` and `writeNir`.
 */
export async function toNir(module: Module<object>, file: PathInput, options: ToNirOptions = {}): Promise<void> {
  const { signal, timeout, ...rest } = options;
  const given = checkFileOptions<NirFileOptions>({
    ...(signal && { signal }),
    ...(timeout !== undefined && { timeout }),
  });
  await writeNir(file, toNirGraph(module, rest), given);
}
