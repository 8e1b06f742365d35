/** Boxes and arrows. */
import type { DiagramNode, DiagramTrace } from '../types.js';
import { oneLine } from './legend.js';
import type { Area } from './measure.js';
import type { Part } from './series.js';

const fills = { layer: '#e8f1f8', input: '#f2f2f2', output: '#f2f2f2', group: '#fbfbfb' };
const strokes = { layer: '#0072b2', input: '#888888', output: '#888888', group: '#bbbbbb' };
const ink = '#222222';

interface Placed {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Fits a diagram into an area; what is small is not made larger than its text needs. */
function place(nodes: DiagramNode[], edges: DiagramTrace['edges'], area: Area): { boxes: Placed[]; scale: number } {
  const left = Math.min(...nodes.map((n) => n.x - n.width / 2)) - 4;
  const right = Math.max(...nodes.map((n) => n.x + n.width / 2)) + 4;
  const above = edges.some(({ from, to }) => nodes[to].x <= nodes[from].x || to - from > 1) ? 30 : 4;
  const top = Math.min(...nodes.map((n) => n.y - n.height / 2)) - above;
  const bottom = Math.max(...nodes.map((n) => n.y + n.height / 2)) + 4;
  const scale = Math.min(1.25, area.width / (right - left), area.height / (bottom - top));
  const dx = area.left + area.width / 2 - (scale * (left + right)) / 2;
  const dy = area.top + area.height / 2 - (scale * (top + bottom)) / 2;
  const boxes = nodes.map((n) => ({
    x: dx + scale * n.x,
    y: dy + scale * n.y,
    width: scale * n.width,
    height: scale * n.height,
  }));
  return { boxes, scale };
}

/** Where a line from a box's centre to a point leaves the box. */
function border(box: Placed, x: number, y: number): [number, number] {
  const [dx, dy] = [x - box.x, y - box.y];
  const along = Math.min(
    dx === 0 ? Infinity : box.width / 2 / Math.abs(dx),
    dy === 0 ? Infinity : box.height / 2 / Math.abs(dy),
  );
  return Number.isFinite(along) ? [box.x + dx * along, box.y + dy * along] : [box.x, box.y];
}

function arrowHead([x0, y0]: [number, number], [x1, y1]: [number, number], size: number): Part {
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const back = [x1 - ux * size, y1 - uy * size];
  const half = size * 0.4;
  const points = [
    [x1, y1],
    [back[0] - uy * half, back[1] + ux * half],
    [back[0] + uy * half, back[1] - ux * half],
  ];
  return { type: 'polygon', silent: true, shape: { points }, style: { fill: '#444444' } };
}

/** The lines of an arrow between two boxes: straight to the next column, around what is between otherwise. */
function route(from: Placed, to: Placed, boxes: Placed[], scale: number): [number, number][] {
  const blocked = boxes.some(
    (b) =>
      b !== from &&
      b !== to &&
      Math.min(from.x, to.x) < b.x &&
      b.x < Math.max(from.x, to.x) &&
      Math.abs(b.y - (from.y + ((to.y - from.y) * (b.x - from.x)) / (to.x - from.x))) < b.height / 2 + 4,
  );
  if (from === to || blocked || to.x < from.x) {
    const self = from === to;
    const above = Math.min(...(self ? [from] : boxes).map((b) => b.y - b.height / 2)) - 18 * scale;
    const out = self ? Math.min(24 * scale, from.width / 4) : 0;
    return [
      [from.x + out, from.y - from.height / 2],
      [from.x + out, above],
      [to.x - out, above],
      [to.x - out, to.y - to.height / 2],
    ];
  }
  return [border(from, to.x, to.y), border(to, from.x, from.y)];
}

function text(content: string, x: number, y: number, style: Part): Part {
  const base = { text: oneLine(content), x, y, fill: ink, align: 'center', verticalAlign: 'middle' };
  return { type: 'text', silent: true, style: { ...base, ...style } };
}

/** The elements of a diagram, in an area of the picture. */
export function diagramElements({ nodes, edges }: DiagramTrace, area: Area, fontFamily: string): Part[] {
  if (nodes.length === 0) return [];
  const { boxes, scale } = place(nodes, edges, area);
  const size = Math.max(7, Math.min(13, 12 * scale));
  const parts: Part[] = [];
  for (const { from, to, label } of edges) {
    const points = route(boxes[from], boxes[to], boxes, scale);
    const style = { stroke: '#444444', lineWidth: 1.4, fill: 'none' };
    parts.push({ type: 'polyline', silent: true, shape: { points }, style });
    parts.push(arrowHead(points[points.length - 2], points[points.length - 1], 9 * Math.max(0.6, scale)));
    if (label !== null) {
      const middle = points.length / 2;
      const [a, b] = [points[middle - 1], points[middle]];
      const [x, y] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2 - size * 0.9];
      parts.push(text(label, x, y, { fontFamily, fontSize: size * 0.9, fill: '#555555' }));
    }
  }
  nodes.forEach((node, i) => {
    const { x, y, width, height } = boxes[i];
    const shape = { x: x - width / 2, y: y - height / 2, width, height, r: 5 };
    const style = { fill: fills[node.role], stroke: strokes[node.role], lineWidth: 1.4 };
    parts.push({ type: 'rect', silent: true, shape, style });
    node.text.forEach((line, k) => {
      const at = y + (k - (node.text.length - 1) / 2) * size * 1.35;
      const fit = { width: width - 8, overflow: 'truncate' };
      parts.push(
        text(line, x, at, {
          fontFamily,
          fontSize: k === 0 ? size : size * 0.9,
          fill: k === 0 ? ink : '#555555',
          ...fit,
        }),
      );
    });
  });
  return parts;
}
