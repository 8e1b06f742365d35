/** Computational graphs of modules. */
export { SetList } from './set-list.js';
export {
  asGraphHolder,
  DRCError,
  DRCWarning,
  GraphHolder,
  GraphModule,
  GraphModuleBase,
  GraphNode,
  type GraphModuleInit,
} from './graph.js';
export {
  AliasConnection,
  GenericNeurons,
  LIFNeuronWithSynsRealValue,
  LinearWeights,
  RateNeuronWithSynsRealValue,
  type LIFNeuronsInit,
  type LinearWeightsInit,
  type RateNeuronsInit,
} from './elements.js';
export {
  type Bag,
  bagGraph,
  connectModules,
  findModulesOfSubclass,
  findRecurrentModules,
  replaceModule,
} from './operations.js';
export { chainGraphs, identityGraph, neuronGraph } from './networks.js';
