/** Diagrams of networks: layers or modules as boxes, connections as arrows. */
import { checkOptions, typeError } from '../check.js';
import { Chain } from '../combinators/chain.js';
import { Residual } from '../combinators/residual.js';
import { GraphModuleBase } from '../graph/graph.js';
import { bagGraph } from '../graph/operations.js';
import { Layer } from '../layers/layer.js';
import { ModuleBase } from '../modules/module-base.js';
import { Network } from '../networks/network.js';
import { finish, settingNames } from './options.js';
import type { Plot, PlotSettings } from './plot.js';
import { textWidth } from './render/legend.js';
import type { DiagramEdge, DiagramNode } from './types.js';

/** What {@link plotNetwork} draws. */
export type Drawable = Network | Layer | ModuleBase<object> | GraphModuleBase;

const textSize = 12;
const gap = { x: 64, y: 22 };

/** Collects boxes and arrows, then places the boxes. */
class Diagram {
  readonly boxes: Pick<DiagramNode, 'text' | 'role'>[] = [];
  readonly edges: DiagramEdge[] = [];

  add(text: string[], role: DiagramNode['role'], from: readonly number[] = [], label: string | null = null): number {
    const box = this.boxes.push({ text, role }) - 1;
    for (const pre of from) this.connect(pre, box, label);
    return box;
  }

  connect(from: number, to: number, label: string | null = null): void {
    if (!this.edges.some((e) => e.from === from && e.to === to)) this.edges.push({ from, to, label });
  }

  /** Each box one column after the last of those that it gets something from; arrows that close a cycle do not count. */
  #columns(): number[] {
    const depth = this.boxes.map(() => 0);
    const forward = this.edges.filter((e) => e.from !== e.to && !this.#closes(e));
    for (let pass = 0; pass < this.boxes.length; pass++)
      for (const { from, to } of forward) depth[to] = Math.max(depth[to], depth[from] + 1);
    return depth;
  }

  /** Whether an arrow leads back to a box before it, in the order in which the boxes were added. */
  #closes({ from, to }: DiagramEdge): boolean {
    return to < from;
  }

  nodes(): DiagramNode[] {
    const columns = this.#columns();
    const sizes = this.boxes.map(({ text }) => ({
      width: Math.max(76, ...text.map((line, k) => textWidth(line, k === 0 ? textSize : 0.9 * textSize) + 20)),
      height: 14 + 1.35 * textSize * text.length,
    }));
    const placed: DiagramNode[] = [];
    let left = 0;
    for (let column = 0; column <= Math.max(0, ...columns); column++) {
      const here = this.boxes.map((_, i) => i).filter((i) => columns[i] === column);
      if (here.length === 0) continue;
      const width = Math.max(...here.map((i) => sizes[i].width));
      const heights = here.reduce((sum, i) => sum + sizes[i].height + gap.y, -gap.y);
      let top = -heights / 2;
      for (const i of here) {
        placed[i] = { ...this.boxes[i], ...sizes[i], x: left + width / 2, y: top + sizes[i].height / 2 };
        top += sizes[i].height + gap.y;
      }
      left += width + gap.x;
    }
    return placed;
  }
}

const channels = (n: number): string => (n === 1 ? '1 channel' : `${n} channels`);

function layerText(layer: Layer | Network, name: string): string[] {
  if (layer instanceof Network) return [name, `${layer.constructor.name} of ${layer.layers.size}`];
  const sizes = layer.sizeIn === layer.size ? `${layer.size}` : `${layer.sizeIn} to ${layer.size}`;
  return [name, layer.constructor.name, sizes];
}

/** Layers of one sort in the original have `Rec` in the name of their class when they feed themselves. */
const feedsItself = (layer: object): boolean =>
  /^Rec/.test(layer.constructor.name) || ('hasRec' in layer && layer.hasRec === true);

function drawNetwork(diagram: Diagram, net: Network): void {
  const at = new Map<object, number>();
  const layers = net.evolOrder;
  const fed = layers.filter((layer) => net.externalInput(layer));
  const input = fed.length > 0 ? diagram.add(['Input', channels(fed[0].sizeIn)], 'input') : null;
  for (const layer of layers) {
    const pre = net.preLayer(layer);
    const from = pre ? [at.get(pre) ?? 0] : net.externalInput(layer) && input !== null ? [input] : [];
    const name = net.layerName(layer);
    at.set(layer, diagram.add(layerText(layer, name), 'layer', from, pre ? String(pre.sizeOut) : null));
    if (feedsItself(layer)) diagram.connect(at.get(layer) ?? 0, at.get(layer) ?? 0);
  }
  const out = net.outputLayer;
  if (out) diagram.add(['Output', channels(out.sizeOut)], 'output', [at.get(out) ?? 0]);
}

/** Draws a module after those that feed it; returns the boxes that feed the next one. */
function drawModule(diagram: Diagram, module: ModuleBase, from: readonly number[]): number[] {
  if (module instanceof Chain) {
    let last: readonly number[] = from;
    for (const member of module) last = drawModule(diagram, member, last);
    return module instanceof Residual ? [...last, ...from] : [...last];
  }
  const inner = Object.values(module.modules() as Record<string, ModuleBase>);
  if (inner.length === 1) return drawModule(diagram, inner[0], from);
  const size = module.sizeIn === module.sizeOut ? `${module.sizeOut}` : `${module.sizeIn} to ${module.sizeOut}`;
  const name = module.name === '' ? [module.className] : [module.name, module.className];
  const box = diagram.add([...name, size, ...inner.map((m) => m.className).slice(0, 4)], 'layer', from);
  if (feedsItself(module)) diagram.connect(box, box);
  return [box];
}

function drawGraph(diagram: Diagram, graph: GraphModuleBase): void {
  const { nodes, modules } = bagGraph(graph);
  const at = new Map<GraphModuleBase, number>();
  // In the order of signals, as far as there is one, so that what leads back is drawn so.
  const pending = [...modules];
  const ready = (m: GraphModuleBase): boolean =>
    [...m.inputNodes].every((node) => [...node.sourceModules].every((s) => at.has(s) || !modules.has(s)));
  while (pending.length > 0) {
    const [module] = pending.splice(Math.max(0, pending.findIndex(ready)), 1);
    const sizes = `${module.inputNodes.length} to ${module.outputNodes.length}`;
    const name = module.name === '' ? [] : [module.name];
    at.set(module, diagram.add([...name, module.constructor.name, sizes], 'layer'));
  }
  for (const node of nodes)
    for (const source of node.sourceModules)
      for (const sink of node.sinkModules) {
        const [from, to] = [at.get(source), at.get(sink)];
        if (from !== undefined && to !== undefined) diagram.connect(from, to);
      }
}

/**
 * A diagram of a network of layers, a module, or a graph: a box for each layer or module, with its class and its sizes, and arrows for
 * connections. Combinators are drawn as what they combine.
 */
export function plotNetwork(network: Drawable, options: PlotSettings = {}): Plot {
  const given = checkOptions<PlotSettings>(options, 'options', settingNames);
  const diagram = new Diagram();
  const thing: unknown = network;
  let title: string | null = null;
  if (thing instanceof Network) {
    drawNetwork(diagram, thing);
    title = thing.name === 'unnamed' ? null : thing.name;
  } else if (thing instanceof Layer) {
    const input = diagram.add(['Input', channels(thing.sizeIn)], 'input');
    const box = diagram.add(layerText(thing, thing.name), 'layer', [input]);
    if (feedsItself(thing)) diagram.connect(box, box);
    diagram.add(['Output', channels(thing.sizeOut)], 'output', [box]);
  } else if (thing instanceof ModuleBase) {
    const input = diagram.add(['Input', channels(thing.sizeIn)], 'input');
    const last = drawModule(diagram, thing as ModuleBase, [input]);
    diagram.add(['Output', channels(thing.sizeOut)], 'output', last);
    title = thing.name === '' ? null : thing.name;
  } else if (thing instanceof GraphModuleBase) {
    drawGraph(diagram, thing);
  } else {
    throw typeError('network', 'a network, a layer, a module or a graph', network);
  }
  const nodes = diagram.nodes();
  const extent = (low: (n: DiagramNode) => number, high: (n: DiagramNode) => number): number =>
    Math.max(0, ...nodes.map(high)) - Math.min(0, ...nodes.map(low));
  const width = extent(
    (n) => n.x - n.width / 2,
    (n) => n.x + n.width / 2,
  );
  const height = extent(
    (n) => n.y - n.height / 2,
    (n) => n.y + n.height / 2,
  );
  const size = (pixels: number, least: number): number => Math.round(Math.min(2400, Math.max(least, pixels)));
  return finish('diagram', [{ type: 'diagram', nodes, edges: diagram.edges }], given, {
    title,
    width: size(width + 60, 400),
    height: size(height + 110 + (title === null ? 0 : 22), 160),
  });
}
