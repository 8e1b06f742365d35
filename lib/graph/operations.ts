/** Building and searching graphs. */
import { checkFunction, checkInstance, checkInteger, indexError, shapeError } from '../check.js';
import { GraphHolder, GraphModuleBase, type GraphNode } from './graph.js';
import { SetList } from './set-list.js';

/** The nodes and modules of a graph. */
export interface Bag {
  nodes: SetList<GraphNode>;
  modules: SetList<GraphModuleBase>;
}

/**
 * Connects outputs of a module to inputs of another one: each input node is merged into the output node.
 *
 * @param sourceIndices Which outputs, `destinationIndices` which inputs. Default: all of them.
 * @throws RangeError `ERR_SHAPE` for another number of outputs than inputs.
 */
export function connectModules(
  source: GraphModuleBase,
  destination: GraphModuleBase,
  sourceIndices?: readonly number[],
  destinationIndices?: readonly number[],
): void {
  checkInstance(source, 'source', GraphModuleBase);
  checkInstance(destination, 'destination', GraphModuleBase);
  const from = chosen(source.outputNodes, sourceIndices, 'sourceIndices');
  const into = chosen(destination.inputNodes, destinationIndices, 'destinationIndices');
  if (from.length !== into.length)
    throw shapeError('the inputs of destination', `as many as the outputs of source, ${from.length}`, `${into.length}`);
  for (const [i, node] of from.entries()) merge(into[i], node, destination);
}

function chosen(nodes: SetList<GraphNode>, indices: readonly number[] | undefined, name: string): GraphNode[] {
  if (indices === undefined) return nodes.toArray();
  return indices.map((index) => {
    const node = nodes.at(checkInteger(index, name));
    if (!node) throw indexError(name, `from 0 to ${nodes.length - 1}`, index);
    return node;
  });
}

/** Moves everything from `node` to `target`, wherever it occurs. */
function merge(node: GraphNode, target: GraphNode, destination: GraphModuleBase): void {
  if (node === target) return;
  for (const module of node.sinkModules.toArray()) {
    module.inputNodes.replace(node, target);
    node.removeSink(module);
    target.addSink(module);
  }
  for (const module of node.sourceModules.toArray()) {
    module.outputNodes.replace(node, target);
    node.removeSource(module);
    target.addSource(module);
  }
  destination.inputNodes.replace(node, target);
  destination.outputNodes.replace(node, target);
}

/** All nodes and all modules, except holders, that can be reached from a graph. */
export function bagGraph(graph: GraphModuleBase): Bag {
  checkInstance(graph, 'graph', GraphModuleBase);
  const bag: Bag = { nodes: new SetList(), modules: new SetList() };
  const pending: GraphModuleBase[] = [graph];
  for (let module = pending.pop(); module; module = pending.pop()) {
    if (!(module instanceof GraphHolder)) bag.modules.add(module);
    for (const node of [...module.inputNodes, ...module.outputNodes]) {
      if (bag.nodes.has(node)) continue;
      bag.nodes.add(node);
      for (const next of [...node.sourceModules, ...node.sinkModules]) if (!bag.modules.has(next)) pending.push(next);
    }
  }
  return bag;
}

/** The modules of a graph that are instances of a class. */
export function findModulesOfSubclass<G extends GraphModuleBase>(
  graph: GraphModuleBase,
  cls: abstract new (...args: never[]) => G,
): SetList<G> {
  checkFunction(cls, 'cls');
  return new SetList([...bagGraph(graph).modules].filter((module): module is G => module instanceof cls));
}

/** Puts a module in the place of another one. @throws RangeError `ERR_SHAPE` unless it has as many inputs and outputs. */
export function replaceModule(oldModule: GraphModuleBase, newModule: GraphModuleBase): void {
  checkInstance(oldModule, 'oldModule', GraphModuleBase);
  checkInstance(newModule, 'newModule', GraphModuleBase);
  const sizes = (m: GraphModuleBase): string => `${m.inputNodes.length} inputs and ${m.outputNodes.length} outputs`;
  if (sizes(oldModule) !== sizes(newModule)) throw shapeError('newModule', sizes(oldModule), sizes(newModule));
  const [inputs, outputs] = [oldModule.inputNodes.toArray(), oldModule.outputNodes.toArray()];
  oldModule.clearInputs().clearOutputs();
  newModule.clearInputs().clearOutputs();
  for (const node of inputs) newModule.addInput(node);
  for (const node of outputs) newModule.addOutput(node);
}

/** The modules of a graph whose output reaches their input through a single other module. */
export function findRecurrentModules(graph: GraphModuleBase): SetList<GraphModuleBase> {
  const before = (m: GraphModuleBase): Set<GraphModuleBase> =>
    new Set([...m.inputNodes].flatMap((node) => node.sourceModules.toArray()));
  const after = (m: GraphModuleBase): GraphModuleBase[] =>
    [...m.outputNodes].flatMap((node) => node.sinkModules.toArray());
  const loops = (m: GraphModuleBase): boolean => {
    const sources = before(m);
    return after(m).some((sink) => sources.has(sink));
  };
  return new SetList([...bagGraph(graph).modules].filter(loops));
}
