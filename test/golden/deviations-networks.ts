/** Deliberate deviations of networks. */
import { Mismatch } from './compare.js';
import type { Deviation } from './expectation.js';
import { changed } from './reference.js';
import { PyDict, PyRef, PySeries } from './values.js';

interface Net {
  preLayer(layer: object): object | null;
  layerName(layer: object): string;
  disconnect(pre: object, post: object): void;
}

const keptConnection: Deviation = {
  row: 'layer-network.md B-02',
  reason:
    'a refused connection leaves the one that was there, where the original clears it. That is checked, then the layers are disconnected, as the original has them, for the steps that follow',
  classes: ['Network'],
  members: ['connect'],
  apply(c, expected) {
    const post = c.args.get('post_layer');
    const cycle = c.step.raises?.type === 'NetworkError' && /evolution order/.test(c.step.raises.message);
    if (!expected.raises || !cycle || !(post instanceof PyRef)) return null;
    const net = c.target as unknown as Net;
    const layer = c.env.object(post.name);
    const before = net.preLayer(layer);
    return {
      finish() {
        if (net.preLayer(layer) !== before) throw new Mismatch(`expected ${post.name} to keep its predecessor`);
        if (before !== null) net.disconnect(before, layer);
      },
    };
  },
};

const ownNames: Deviation = {
  row: 'layer-network.md B-13',
  reason:
    'a name that is taken is changed in the network, not in the layer: the network must call it what the original renames it to',
  classes: ['Network', 'build_rate_reservoir'],
  members: ['new', 'add_layer'],
  apply(c, expected) {
    const renamed = [...expected.after].flatMap(([key, value]) => {
      const name = /^(\w+)\.name$/.exec(key)?.[1];
      if (name === undefined || !c.env.has(name) || name === c.step.new) return [];
      const layer = c.env.object(name) as { name: string };
      return layer.name === value ? [] : [{ key, value, layer, own: layer.name }];
    });
    if (renamed.length === 0) return null;
    const after = new Map(expected.after);
    for (const { key, own } of renamed) after.set(key, own);
    const check = (actual: unknown): void => {
      const net = (c.target ?? actual) as Net;
      for (const { layer, value } of renamed) {
        const ours = net.layerName(layer);
        if (ours !== value) throw new Mismatch(`name in the network: expected ${String(value)}, received ${ours}`);
      }
    };
    return { after, checks: [...expected.checks, check] };
  },
};

const namedOutputs: Deviation = {
  row: 'layer-network.md B-06',
  reason: 'the output of a layer that gives it no name is called after the layer, where the original leaves it unnamed',
  classes: ['Network'],
  members: ['evolve'],
  apply(_, expected) {
    const { value } = expected;
    if (!(value instanceof PyDict)) return null;
    const unnamed = (output: unknown): output is PySeries =>
      output instanceof PySeries && output.fields.get('name') === 'unnamed';
    const entries = [...value.entries];
    if (!entries.some(([, output]) => unnamed(output))) return null;
    const named = entries.map(([name, output]): [string, unknown] => [
      name,
      unnamed(output) ? changed(output, { name }) : output,
    ]);
    return { value: new PyDict(new Map(named)) };
  },
};

export const networkDeviations: readonly Deviation[] = [keptConnection, ownNames, namedOutputs];
