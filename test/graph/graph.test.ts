import assert from 'node:assert/strict';
import { FFwdStack, Residual, Sequential } from 'rockpool-node/nn/combinators';
import { LIF, Linear, Rate } from 'rockpool-node/nn/modules';
import {
  AliasConnection,
  asGraphHolder,
  bagGraph,
  connectModules,
  DRCError,
  DRCWarning,
  findModulesOfSubclass,
  findRecurrentModules,
  GenericNeurons,
  GraphHolder,
  GraphModule,
  GraphNode,
  LIFNeuronWithSynsRealValue,
  LinearWeights,
  RateNeuronWithSynsRealValue,
  replaceModule,
  RockpoolError,
  SetList,
} from 'rockpool-node';
import { Leak, list } from '../modules/helpers.js';

const throwsCode = (fn: () => unknown, code: string): void =>
  assert.throws(fn, (e: { code?: string }) => e.code === code);
const neurons = (n: number, m = n, name = ''): GenericNeurons => GenericNeurons.factory(n, m, { name });

describe('SetList', () => {
  it('holds each element once', () => {
    const s = new SetList([1, 2, 1, 3]);
    s.add(2).append(4).extend([4, 5]);
    assert.deepEqual([...s], [1, 2, 3, 4, 5]);
    s.remove(9).remove(1).replace(3, 7).replace(4, 7).replace(9, 8);
    assert.deepEqual([s.toArray(), s.length, s.has(7), s.indexOf(7), s.at(-1)], [[2, 7, 5], 3, true, 1, 5]);
    assert.equal(s.clear().length, 0);
  });
});

describe('graph modules', () => {
  it('register themselves at their nodes, and only while they have them', () => {
    const m = neurons(2, 3, 'n');
    assert.equal(String(m), 'GenericNeurons "n" with 2 input nodes -> 3 output nodes');
    const [node] = m.inputNodes;
    assert.ok(node.sinkModules.has(m));
    m.removeInput(node);
    assert.equal(node.sinkModules.length, 0);
    m.addInput(node).addOutput(new GraphNode());
    assert.equal(m.outputNodes.length, 4);
    m.clearInputs().clearOutputs();
    assert.deepEqual([m.inputNodes.length, m.outputNodes.length, node.sinkModules.length], [0, 0, 0]);
    assert.equal(String(node), 'GraphNode with 0 source modules and 0 sink modules');
    node.removeSource(m);
    throwsCode(() => m.addInput({} as never), 'ERR_TYPE');
    throwsCode(() => GraphModule.convertFrom(m), 'ERR_VALUE');
  });

  it('are held by holders, which are at no node', () => {
    const m = neurons(1);
    const holder = asGraphHolder(m);
    assert.ok(holder instanceof GraphHolder);
    assert.deepEqual([...holder.inputNodes], [...m.inputNodes]);
    assert.deepEqual([...holder.inputNodes.at(0)!.sinkModules], [m]);
    throwsCode(() => holder.inputNodes.at(0)!.addSink(holder), 'ERR_VALUE');
    throwsCode(() => holder.inputNodes.at(0)!.addSource(holder), 'ERR_VALUE');
    throwsCode(() => asGraphHolder({} as never), 'ERR_TYPE');
  });

  it('check their shapes', () => {
    const w = LinearWeights.factory(1, 2, { weights: [[1, 2]], biases: [3, 4] });
    assert.deepEqual([list(w.weights), list(w.biases)], [[[1, 2]], [3, 4]]);
    throwsCode(() => LinearWeights.factory(2, 2, { weights: [[1, 2]] }), 'ERR_SHAPE');
    throwsCode(() => LinearWeights.factory(1, 2, { weights: [[1, 2]], biases: [1] }), 'ERR_SHAPE');
    throwsCode(() => AliasConnection.factory(1, 2, {}), 'ERR_SHAPE');
    throwsCode(() => neurons(-1), 'ERR_VALUE');
    assert.ok(new DRCError('a') instanceof RockpoolError && new DRCWarning('a') instanceof Error);
  });
});

describe('graph operations', () => {
  it('connect modules by merging nodes, wherever they occur', () => {
    const [a, b, c] = [neurons(1, 2, 'a'), neurons(2, 2, 'b'), neurons(2, 1, 'c')];
    connectModules(b, c);
    connectModules(a, b);
    assert.deepEqual([...b.inputNodes], [...a.outputNodes]);
    const node = a.outputNodes.at(0)!;
    assert.deepEqual([[...node.sourceModules], [...node.sinkModules]], [[a], [b]]);
    throwsCode(() => connectModules(a, c, [0]), 'ERR_SHAPE');
    throwsCode(() => connectModules(a, c, [7], [0]), 'ERR_INDEX');
    const through = new GraphHolder({ inputNodes: [new GraphNode()], outputNodes: [] });
    through.addOutput(through.inputNodes.at(0)!);
    connectModules(c, through);
    assert.deepEqual([...through.outputNodes], [...c.outputNodes]);
    const d = neurons(1);
    connectModules(a, d, [1], [0]);
    assert.deepEqual([...a.outputNodes.at(1)!.sinkModules], [b, d]);
  });

  it('find all that is connected, however long the chain is (J-01)', () => {
    const chain = Array.from({ length: 20_000 }, () => neurons(1));
    for (let i = 0; i + 1 < chain.length; i++) connectModules(chain[i], chain[i + 1]);
    const { nodes, modules } = bagGraph(asGraphHolder(chain[0]));
    assert.deepEqual([nodes.length, modules.length], [20_001, 20_000]);
  });

  it('have text that is the same each time (J-02)', () => {
    const make = (): string =>
      [...bagGraph(new Rate(2, { hasRec: true }).asGraph()).modules].map(String).sort().join('\n');
    assert.equal(make(), make());
    assert.match(make(), /^LinearWeights "_recurrent_weights" with 2 input nodes -> 2 output nodes\nRate/);
  });

  it('find modules by class and loops, and replace modules', () => {
    const lif = new LIF([4, 2], { hasRec: true });
    const graph = lif.asGraph();
    const found = findModulesOfSubclass(graph, LIFNeuronWithSynsRealValue);
    assert.deepEqual([found.length, found.at(0)?.computationalModule, found.at(0)?.dt], [1, lif, 1e-3]);
    assert.deepEqual([graph.inputNodes.length, graph.outputNodes.length], [4, 2]);
    const loops = findRecurrentModules(graph);
    assert.equal(loops.length, 2);
    const weights = findModulesOfSubclass(graph, LinearWeights).at(0)!;
    const other = LinearWeights.factory(2, 4, {
      weights: [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ],
    });
    replaceModule(weights, other);
    assert.deepEqual([...findModulesOfSubclass(graph, LinearWeights)], [other]);
    assert.equal(findRecurrentModules(graph).length, 2);
    throwsCode(() => replaceModule(other, neurons(1)), 'ERR_SHAPE');
    assert.equal(findRecurrentModules(new LIF([4, 2]).asGraph()).length, 0);
  });
});

describe('asGraph', () => {
  it('describes combinators', () => {
    const seq = new Sequential(new Linear([2, 3]), new Rate(3), new Linear([3, 2], { hasBias: true }));
    const graph = seq.asGraph();
    assert.deepEqual([graph.inputNodes.length, graph.outputNodes.length], [2, 2]);
    assert.deepEqual([...bagGraph(graph).modules].map((m) => m.name).sort(), ['0_Linear', '1_Rate', '2_Linear']);
    const [rate] = findModulesOfSubclass(graph, RateNeuronWithSynsRealValue);
    assert.deepEqual(
      [...rate.inputNodes].map((node) => node.sourceModules.at(0)?.name),
      ['0_Linear', '0_Linear', '0_Linear'],
    );
    assert.equal(findModulesOfSubclass(seq.timed({ dt: 1 }).asGraph(), LinearWeights).length, 2);
    const residual = new Residual(new Linear([2, 3]), new Linear([3, 2])).asGraph();
    const [alias] = findModulesOfSubclass(residual, AliasConnection);
    assert.deepEqual([...alias.inputNodes], [...residual.inputNodes]);
    assert.equal(residual.outputNodes.at(0)?.sourceModules.length, 2);
    const stack = new FFwdStack(new Rate(2), new Rate(3)).asGraph();
    assert.deepEqual(findModulesOfSubclass(stack, LinearWeights).at(0)?.weights.shape, [2, 3]);
    throwsCode(() => new Leak({ shape: 1 }).asGraph(), 'ERR_NOT_IMPLEMENTED');
    throwsCode(() => new Sequential().asGraph(), 'ERR_VALUE');
  });
});
