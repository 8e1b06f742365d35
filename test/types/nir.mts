// Compiled, never run: NIR as an ESM user sees it.
import { fromNir, type NirGraph, NirNeurons, readNir, toNir, writeNir } from 'rockpool-node/io';

export async function exchange(file: URL): Promise<number> {
  const graph: NirGraph = await readNir(file);
  const node = graph.nodes.get('lif');
  if (node?.type === 'CubaLIF') node.w_in.data.fill(1);
  await writeNir(file, graph, { timeout: 5 });
  await writeNir(file, {
    nodes: { a: { type: 'Input', shape: [2] }, b: { type: 'Output', shape: [2] } },
    edges: [['a', 'b']],
  });
  const net = await fromNir(file, { convention: 'norse', dt: 1e-3 });
  const neurons = new NirNeurons(3, { tauMem: 0.02, threshold: [1, 2, 3], dt: 1e-3, integration: 'euler' });
  // @ts-expect-error the integration must be said
  new NirNeurons(3, { dt: 1e-3 });
  await toNir(neurons, file, { convention: 'snntorch' });
  return net.sizeOut + neurons.vmem.get(0);
}
