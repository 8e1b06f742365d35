/** Reading and writing traces as plain data. */
import { toNdArray } from '../array.js';
import {
  checkBoolean,
  checkInteger,
  checkNumber,
  checkOneOf,
  checkOptions,
  checkString,
  rangeError,
  shapeError,
  typeError,
} from '../check.js';
import { checkColor } from './colours.js';
import type { DiagramEdge, DiagramNode, Trace, TraceStyle } from './types.js';

type Fields = Record<string, unknown>;

const fieldNames: Record<Trace['type'], readonly string[]> = {
  line: ['x', 'y', 'label', 'color', 'lineStyle', 'lineWidth'],
  points: ['x', 'y', 'label', 'color', 'marker', 'size'],
  events: ['x', 'y', 'label', 'color'],
  bars: ['edges', 'y', 'label', 'color'],
  cells: ['values', 'rows', 'columns', 'extent', 'upwards', 'limits', 'colors', 'label'],
  diagram: ['nodes', 'edges'],
};

/** Numbers; null stands for NaN, which JSON has not. */
function numbers(value: unknown, name: string): Float64Array {
  const list: unknown = Array.isArray(value) ? value.map((v: unknown) => (v === null ? NaN : v)) : value;
  return toNdArray(list, name, 'float64').data;
}

function sameLength(a: Float64Array, b: Float64Array, name: string): void {
  if (a.length !== b.length) throw shapeError(`${name}.y`, `${a.length} elements long`, `${b.length}`);
}

const text = (value: unknown, name: string): string | null =>
  value === null || value === undefined ? null : checkString(value, name);

const styleOf = (fields: Fields, name: string): TraceStyle => ({
  label: text(fields.label, `${name}.label`),
  color: fields.color === null || fields.color === undefined ? null : checkColor(fields.color, `${name}.color`),
});

function readPoints(fields: Fields, name: string): { x: Float64Array; y: Float64Array } & TraceStyle {
  const [x, y] = [numbers(fields.x, `${name}.x`), numbers(fields.y, `${name}.y`)];
  sameLength(x, y, name);
  return { x, y, ...styleOf(fields, name) };
}

function readCells(fields: Fields, name: string): Trace {
  const [rows, columns] = ['rows', 'columns'].map((k) =>
    checkInteger(fields[k], `${name}.${k}`, { min: 0, max: 16384 }),
  );
  const values = numbers(fields.values, `${name}.values`);
  if (values.length !== rows * columns)
    throw shapeError(`${name}.values`, `${rows} x ${columns}`, `${values.length} elements`);
  const pick = (key: string, count: number): number[] => {
    const list = [...numbers(fields[key], `${name}.${key}`)].map((v, i) => checkNumber(v, `${name}.${key}[${i}]`));
    if (list.length !== count) throw shapeError(`${name}.${key}`, `${count} numbers`, `${list.length}`);
    return list;
  };
  return {
    type: 'cells',
    values,
    rows,
    columns,
    extent: pick('extent', 4) as [number, number, number, number],
    upwards: checkBoolean(fields.upwards ?? false, `${name}.upwards`),
    limits: pick('limits', 2) as [number, number],
    colors: checkOneOf(fields.colors ?? 'sequential', `${name}.colors`, [
      'diverging',
      'sequential',
      'density',
    ] as const),
    label: text(fields.label, `${name}.label`),
  };
}

function readNode(value: unknown, name: string): DiagramNode {
  const node = checkOptions<DiagramNode>(value ?? null, name, ['x', 'y', 'width', 'height', 'text', 'role']);
  if (!Array.isArray(node.text)) throw typeError(`${name}.text`, 'a list of strings', node.text);
  return {
    x: checkNumber(node.x, `${name}.x`),
    y: checkNumber(node.y, `${name}.y`),
    width: checkNumber(node.width, `${name}.width`, { positive: true }),
    height: checkNumber(node.height, `${name}.height`, { positive: true }),
    text: node.text.map((line) => checkString(line, `${name}.text`)),
    role: checkOneOf(node.role ?? 'layer', `${name}.role`, ['layer', 'input', 'output', 'group'] as const),
  };
}

function readDiagram(fields: Fields, name: string): Trace {
  const { nodes, edges } = fields;
  if (!Array.isArray(nodes)) throw typeError(`${name}.nodes`, 'a list', nodes);
  if (!Array.isArray(edges)) throw typeError(`${name}.edges`, 'a list', edges);
  const read = nodes.map((node, i) => readNode(node, `${name}.nodes[${i}]`));
  return {
    type: 'diagram',
    nodes: read,
    edges: edges.map((value: unknown, i): DiagramEdge => {
      const at = `${name}.edges[${i}]`;
      const edge = checkOptions<DiagramEdge>(value ?? null, at, ['from', 'to', 'label']);
      const end = (v: unknown, k: string): number => checkInteger(v, `${at}.${k}`, { min: 0, max: read.length - 1 });
      return { from: end(edge.from, 'from'), to: end(edge.to, 'to'), label: text(edge.label, `${at}.label`) };
    }),
  };
}

/** @internal A trace of plain data, checked. */
export function readTrace(value: unknown, name: string): Trace {
  if (typeof value !== 'object' || value === null) throw typeError(name, 'a trace', value);
  const type = checkOneOf((value as Fields).type, `${name}.type`, Object.keys(fieldNames) as Trace['type'][]);
  const fields = checkOptions<Fields>(value, name, ['type', ...fieldNames[type]]) as Fields;
  const positive = (v: unknown, fallback: number, key: string): number =>
    checkNumber(v ?? fallback, `${name}.${key}`, { positive: true, max: 100 });
  switch (type) {
    case 'line':
      return {
        type,
        ...readPoints(fields, name),
        lineStyle: checkOneOf(fields.lineStyle ?? 'solid', `${name}.lineStyle`, ['solid', 'dashed', 'dotted'] as const),
        lineWidth: positive(fields.lineWidth, 1.5, 'lineWidth'),
      };
    case 'points':
      return {
        type,
        ...readPoints(fields, name),
        marker: checkOneOf(fields.marker ?? 'circle', `${name}.marker`, ['circle', 'dot', 'stem'] as const),
        size: positive(fields.size, 6, 'size'),
      };
    case 'events':
      return { type, ...readPoints(fields, name) };
    case 'bars': {
      const [edges, y] = [numbers(fields.edges, `${name}.edges`), numbers(fields.y, `${name}.y`)];
      if (edges.length !== y.length + 1)
        throw rangeError(`${name}.edges`, 'one longer than y', edges.length, 'ERR_SHAPE');
      return { type, edges, y, ...styleOf(fields, name) };
    }
    case 'cells':
      return readCells(fields, name);
    case 'diagram':
      return readDiagram(fields, name);
  }
}

/** @internal The trace with plain arrays; NaN and infinities become null in JSON. */
export function plainTrace(trace: Trace): object {
  return Object.fromEntries(
    Object.entries(trace).map(([key, value]: [string, unknown]) => [
      key,
      value instanceof Float64Array ? Array.from(value) : value,
    ]),
  );
}
