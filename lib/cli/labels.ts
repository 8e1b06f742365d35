/** Label tracks: lines `start stop name` in seconds, as Audacity exports them; they become one channel for each name. */
import { readFile } from 'node:fs/promises';
import { NdArray } from '../array.js';
import { RockpoolError } from '../errors.js';
import { fileError } from '../io/file-error.js';
import { regularFile } from '../io/regular-file.js';
import { TSContinuous } from '../time-series/index.js';

/** A stretch of time with a name. */
export interface Label {
  start: number;
  stop: number;
  name: string;
}

function parseLine(line: string, number: number): Label {
  const parts = /^\s*([^\s,;]+)[\s,;]+([^\s,;]+)[\s,;]+(.*\S)\s*$/.exec(line);
  const [start, stop] = [Number(parts?.[1]), Number(parts?.[2])];
  if (!parts || !Number.isFinite(start) || !Number.isFinite(stop) || stop <= start)
    throw new RockpoolError(
      'ERR_FILE',
      `line ${number} should be 'start stop name' with start < stop in seconds, and is '${line.slice(0, 60)}'`,
    );
  return { start, stop, name: parts[3] };
}

/** Reads a label track. Empty lines, lines that begin with # or \\ (spectral labels) and a head line do not count. */
export async function readLabels(path: string): Promise<Label[]> {
  try {
    const text = (await readFile(await regularFile(path), 'utf8')).replace(/^\ufeff/, '');
    const lines = text.split(/\r?\n/).map((line, i) => [line, i + 1] as const);
    const head = /^\s*start\b/i;
    const labels = lines
      .filter(([line, i]) => !/^\s*($|#|\\)/.test(line) && !(i === 1 && head.test(line)))
      .map(([line, i]) => parseLine(line, i));
    if (labels.length === 0) throw new RockpoolError('ERR_FILE', 'it holds no labels');
    return labels;
  } catch (error) {
    throw fileError('read', path, error);
  }
}

/** Names in the order of their first occurrence. */
export const classesOf = (tracks: readonly (readonly Label[])[]): string[] => [
  ...new Set(tracks.flat().map(({ name }) => name)),
];

/** 1 in the channel of what is labelled, 0 elsewhere, from `tStart` to `tStop`: a series of steps. */
export function targetOf(
  labels: readonly Label[],
  classes: readonly string[],
  { tStart, tStop }: { tStart: number; tStop: number },
): TSContinuous {
  const inside = labels.filter(({ start, stop }) => start < tStop && stop > tStart);
  const edges = [tStart, ...inside.flatMap(({ start, stop }) => [start, stop])];
  const times = [...new Set(edges)].filter((t) => t >= tStart && t < tStop).sort((a, b) => a - b);
  const samples = NdArray.zeros([times.length, classes.length]);
  const place = new Map(times.map((t, i) => [t, i]));
  for (const { start, stop, name } of inside) {
    const channel = classes.indexOf(name);
    const from = place.get(Math.max(start, tStart)) as number;
    for (let i = from; i < (place.get(stop) ?? times.length); i++) samples.set(i, channel, 1);
  }
  return new TSContinuous({ times, samples, tStart, tStop, interpKind: 'previous', name: 'labels' });
}
