import assert from 'node:assert/strict';
import {
  AliasConnection,
  bagGraph,
  findModulesOfSubclass,
  type GraphModuleBase,
  LIFNeuronWithSynsRealValue,
  LinearWeights,
} from 'rockpool-node';
import { Sequential } from 'rockpool-node/nn/combinators';
import { LIFNeuronTorch, LIFTorch, Linear, TimeStepDropout, UnitDropout } from 'rockpool-node/nn/modules';
import { SynNet, WaveSenseNet } from 'rockpool-node/nn/networks';
import { list } from '../modules/helpers.js';

/** The part of a graph that a module became. */
function partOf(graph: GraphModuleBase, module: unknown): GraphModuleBase {
  const part = [...bagGraph(graph).modules].find((m) => m.computationalModule === module);
  assert.ok(part);
  return part;
}

describe('graphs of networks', () => {
  for (const blocks of [1, 2, 4])
    it(`WaveSenseNet of ${blocks} blocks`, () => {
      const dilations = Array.from({ length: blocks }, (_, i) => 2 ** i);
      const net = new WaveSenseNet(dilations, {
        ...{ nClasses: 2, nChannelsIn: 3, nChannelsRes: 4, nChannelsSkip: 5, nHidden: 6, kernelSize: 2, seed: 1 },
      });
      const graph = net.asGraph();
      const find = (path: string): unknown => path.split('.').reduce<unknown>((m, name) => (m as never)[name], net);
      const part = (path: string): GraphModuleBase => partOf(graph, find(path));
      assert.equal(graph.inputNodes.length, 3);
      assert.deepEqual(graph.outputNodes.toArray(), part('spk_out').outputNodes.toArray());
      assert.equal(findModulesOfSubclass(graph, LinearWeights).length, 3 * blocks + 3);
      assert.equal(findModulesOfSubclass(graph, LIFNeuronWithSynsRealValue).length, 3 * blocks + 3);
      assert.equal(findModulesOfSubclass(graph, AliasConnection).length, 2 * blocks - 1);
      const joined = (from: string, into: string): void =>
        assert.deepEqual(part(into).inputNodes.toArray(), part(from).outputNodes.toArray());
      joined('spk1', 'wave0.lin1');
      for (let i = 0; i < blocks; i++) {
        const wave = `wave${i}`;
        joined(`${wave}.lin1`, `${wave}.spk1`);
        joined(`${wave}.spk1`, `${wave}.lin2_res`);
        joined(`${wave}.spk1`, `${wave}.lin2_skip`);
        if (i > 0) joined(`wave${i - 1}.spk2_res`, `${wave}.lin1`);
      }
      joined(`wave${blocks - 1}.spk2_skip`, 'hidden');
      joined('hidden', 'spk2');
      joined('readout', 'spk_out');
      const weights = part('wave0.lin2_skip') as LinearWeights;
      assert.deepEqual(weights.weights.shape, [4, 5]);
    });

  it('dropout is where its input is', () => {
    const net = new Sequential(new Linear([2, 3]), new TimeStepDropout(3), new UnitDropout(3), new LIFTorch(3));
    const graph = net.asGraph();
    assert.deepEqual(partOf(graph, net.at(3)).inputNodes.toArray(), partOf(graph, net.at(0)).outputNodes.toArray());
    const last = new Sequential(new Linear([2, 3]), new UnitDropout(3));
    const ends = last.asGraph();
    assert.deepEqual(ends.outputNodes.toArray(), partOf(ends, last.at(0)).outputNodes.toArray());
  });

  it('SynNet with dropout', () => {
    const sizes = { sizeHiddenLayers: [3, 4], timeConstantsPerLayer: [1, 2] };
    const graph = new SynNet(2, 5, { ...sizes, pDropout: 0.2 }).asGraph();
    assert.equal(findModulesOfSubclass(graph, LinearWeights).length, 3);
    assert.deepEqual([graph.inputNodes.length, graph.outputNodes.length], [5, 2]);
  });

  it('neurons without synapses have no synaptic time constants', () => {
    const module = new LIFNeuronTorch(2, { tauMem: [0.01, 0.02] });
    const neurons = partOf(module.asGraph(), module) as LIFNeuronWithSynsRealValue;
    assert.equal(neurons.tauSyn, null);
    assert.deepEqual(list(neurons.tauMem!), [0.01, 0.02]);
    const decays = new LIFTorch(2, { leakMode: 'decays', alpha: 0.5 });
    const tau = (partOf(decays.asGraph(), decays) as LIFNeuronWithSynsRealValue).tauMem!;
    assert.ok(Math.abs(tau.data[0] + 1e-3 / Math.log(0.5)) < 1e-15);
  });
});
