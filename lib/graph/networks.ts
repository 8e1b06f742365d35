/** Graphs of several modules. */
import type { ArrayLike_ as ArrayInput } from '../array.js';
import { rangeError } from '../check.js';
import { LinearWeights } from './elements.js';
import { asGraphHolder, GraphHolder, type GraphModuleBase, GraphNode } from './graph.js';
import { connectModules } from './operations.js';

/** Connects graphs one after the other; the holder has the inputs of the first and the outputs of the last one. */
export function chainGraphs(
  graphs: readonly GraphModuleBase[],
  name: string,
  computationalModule: object,
): GraphHolder {
  const [first, last] = [graphs[0], graphs.at(-1)];
  if (!first || !last) throw rangeError('graphs', 'at least one', graphs.length);
  for (let i = 0; i + 1 < graphs.length; i++) connectModules(graphs[i], graphs[i + 1]);
  const { inputNodes } = first;
  return new GraphHolder({ inputNodes, outputNodes: last.outputNodes, name, computationalModule });
}

/** What passes its input on: the inputs are the outputs. */
export function identityGraph(channels: number, name: string, computationalModule: object): GraphHolder {
  const nodes = Array.from({ length: channels }, () => new GraphNode());
  return new GraphHolder({ inputNodes: nodes, outputNodes: nodes, name, computationalModule });
}

/** Neurons with recurrent weights `wRec`, from each output to each input, or without. */
export function neuronGraph(neurons: GraphModuleBase, wRec: ArrayInput | null): GraphHolder {
  if (wRec === null) return asGraphHolder(neurons);
  const { name, computationalModule, inputNodes, outputNodes } = neurons;
  const init = { name: `${name}_recurrent_weights`, weights: wRec, computationalModule };
  const weights = LinearWeights.factory(outputNodes.length, inputNodes.length, init);
  connectModules(neurons, weights);
  connectModules(weights, neurons);
  return asGraphHolder(neurons);
}
