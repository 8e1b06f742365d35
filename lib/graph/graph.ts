/** Computational graphs: modules that are connected through nodes. They describe a network for mapping; they do not simulate. */
import { inspect } from 'node:util';
import { checkInstance, checkInteger, checkString, rangeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { SetList } from './set-list.js';

/** A connection: what its source modules emit its sink modules receive. */
export class GraphNode {
  readonly sourceModules: SetList<GraphModuleBase>;
  readonly sinkModules: SetList<GraphModuleBase>;

  constructor(sources: Iterable<GraphModuleBase> = [], sinks: Iterable<GraphModuleBase> = []) {
    this.sourceModules = new SetList(sources);
    this.sinkModules = new SetList(sinks);
  }

  /** @throws RangeError for a holder, which is no source itself. */
  addSource(module: GraphModuleBase): this {
    this.sourceModules.add(checkConnectable(module));
    return this;
  }

  /** @throws RangeError for a holder, which is no sink itself. */
  addSink(module: GraphModuleBase): this {
    this.sinkModules.add(checkConnectable(module));
    return this;
  }

  /** One that is not there is ignored. */
  removeSource(module: GraphModuleBase): this {
    this.sourceModules.remove(module);
    return this;
  }

  /** One that is not there is ignored. */
  removeSink(module: GraphModuleBase): this {
    this.sinkModules.remove(module);
    return this;
  }

  toString(): string {
    return `GraphNode with ${this.sourceModules.length} source modules and ${this.sinkModules.length} sink modules`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** What every graph module is made of. */
export interface GraphModuleInit {
  inputNodes: Iterable<GraphNode>;
  outputNodes: Iterable<GraphNode>;
  /** Default: empty. */
  name?: string;
  /** The module that this one describes. Default null. */
  computationalModule?: object | null;
}

/** A part of a graph, with nodes through which it receives and nodes through which it emits. */
export abstract class GraphModuleBase {
  readonly inputNodes: SetList<GraphNode>;
  readonly outputNodes: SetList<GraphNode>;
  readonly name: string;
  readonly computationalModule: object | null;

  constructor({ inputNodes, outputNodes, name = '', computationalModule = null }: GraphModuleInit) {
    this.inputNodes = new SetList(inputNodes);
    this.outputNodes = new SetList(outputNodes);
    for (const node of [...this.inputNodes, ...this.outputNodes]) checkInstance(node, 'a node', GraphNode);
    this.name = checkString(name, 'name');
    this.computationalModule = computationalModule;
  }

  addInput(node: GraphNode): this {
    this.inputNodes.add(checkInstance(node, 'node', GraphNode));
    return this;
  }

  addOutput(node: GraphNode): this {
    this.outputNodes.add(checkInstance(node, 'node', GraphNode));
    return this;
  }

  /** One that is not there is ignored. */
  removeInput(node: GraphNode): this {
    this.inputNodes.remove(node);
    return this;
  }

  /** One that is not there is ignored. */
  removeOutput(node: GraphNode): this {
    this.outputNodes.remove(node);
    return this;
  }

  clearInputs(): this {
    for (const node of this.inputNodes.toArray()) this.removeInput(node);
    return this;
  }

  clearOutputs(): this {
    for (const node of this.outputNodes.toArray()) this.removeOutput(node);
    return this;
  }

  /** A module with new nodes. `rest` are the parameters of the class. */
  static factory<I extends GraphModuleInit, G extends GraphModuleBase>(
    this: new (init: I) => G,
    sizeIn: number,
    sizeOut: number,
    rest: Omit<I, 'inputNodes' | 'outputNodes'>,
  ): G {
    const nodes = (n: number, name: string): GraphNode[] =>
      Array.from({ length: checkInteger(n, name, { min: 0 }) }, () => new GraphNode());
    return new this({
      ...rest,
      inputNodes: nodes(sizeIn, 'sizeIn'),
      outputNodes: nodes(sizeOut, 'sizeOut'),
    } as unknown as I);
  }

  toString(): string {
    const { inputNodes, outputNodes, name } = this;
    return `${this.constructor.name} "${name}" with ${inputNodes.length} input nodes -> ${outputNodes.length} output nodes`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** A module that is a sink of its input nodes and a source of its output nodes, and stays so when these change. */
export class GraphModule extends GraphModuleBase {
  constructor(init: GraphModuleInit) {
    super(init);
    for (const node of this.inputNodes) node.addSink(this);
    for (const node of this.outputNodes) node.addSource(this);
  }

  override addInput(node: GraphNode): this {
    super.addInput(node);
    node.addSink(this);
    return this;
  }

  override addOutput(node: GraphNode): this {
    super.addOutput(node);
    node.addSource(this);
    return this;
  }

  override removeInput(node: GraphNode): this {
    super.removeInput(node);
    node.removeSink(this);
    return this;
  }

  override removeOutput(node: GraphNode): this {
    super.removeOutput(node);
    node.removeSource(this);
    return this;
  }

  /** A module of this class that does what another one does. @throws RangeError unless a subclass knows how. */
  static convertFrom(module: GraphModuleBase): GraphModuleBase {
    throw rangeError('module', `one that ${this.name} can be made from`, module);
  }
}

/** A part of a graph taken together. It is neither sink nor source of its nodes. */
export class GraphHolder extends GraphModuleBase {}

/** A holder with the inputs and outputs of a graph. */
export function asGraphHolder(graph: GraphModuleBase): GraphHolder {
  const { inputNodes, outputNodes, name, computationalModule } = checkInstance(graph, 'graph', GraphModuleBase);
  return new GraphHolder({ inputNodes, outputNodes, name, computationalModule });
}

/** A network breaks a rule of the hardware that it is mapped to. */
export class DRCError extends RockpoolError {
  constructor(message: string) {
    super('ERR_VALUE', message);
    this.name = 'DRCError';
  }
}

/** A network may not do on the hardware what it does in simulation. */
export class DRCWarning extends RockpoolError {
  constructor(message: string) {
    super('ERR_VALUE', message);
    this.name = 'DRCWarning';
  }
}

function checkConnectable(module: GraphModuleBase): GraphModuleBase {
  checkInstance(module, 'module', GraphModuleBase);
  if (module instanceof GraphHolder) throw rangeError('module', 'no GraphHolder', module);
  return module;
}
