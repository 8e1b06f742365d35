/** Texts in a picture, and what a legend says. */
import type { Plot } from '../plot.js';

/** One entry of a legend. */
export interface LegendEntry {
  trace: number;
  label: string;
  row: number;
  x: number;
}

export const fontSizes = { title: 14, name: 12, tick: 11 };
export const legendRow = 18;
const legendKey = 26;
const legendGap = 14;

/** About as wide as a text is. */
export const textWidth = (text: string, size: number): number => 0.56 * size * [...text].length;

/** One line of text. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** A text without its middle: numbers of channels stand at the end. */
function shorten(text: string, most: number): string {
  const letters = [...text];
  if (letters.length <= most) return text;
  const end = Math.floor(most / 2) - 1;
  return `${letters.slice(0, most - 1 - end).join('')}…${letters.slice(letters.length - end).join('')}`;
}

/** How many letters all texts begin with. */
function commonLength(texts: string[][]): number {
  const [first, ...rest] = texts;
  let n = 0;
  while (n < first.length && rest.every((text) => text[n] === first[n])) n++;
  return n;
}

/** Texts of at most so many letters, which differ if they can. */
function shortened(texts: string[], most: number): string[] {
  const short = texts.map((text) => shorten(text, most));
  const distinct = new Set(texts).size;
  if (new Set(short).size === distinct) return short;
  const letters = texts.map((text) => [...text]);
  const common = commonLength(letters);
  return letters.map((text) => shorten(`…${text.slice(common).join('')}`, most));
}

/** The entries, in rows that are as wide as the plot; none when there are more than `most` rows. */
export function legendOf(plot: Plot, width: number, most: number): LegendEntry[] {
  const labelled = plot.traces.flatMap((trace, index) =>
    'label' in trace && trace.label !== null && trace.type !== 'cells' ? [{ trace: index, label: trace.label }] : [],
  );
  const many = labelled.length >= 2 && labelled.length <= 10;
  const letters = Math.min(40, Math.floor((width - legendKey - legendGap) / textWidth('x', fontSizes.tick)));
  if (!(plot.legend ?? many) || letters < 4) return [];
  const shown = labelled.slice(0, 40);
  const texts = shortened(
    shown.map(({ label }) => oneLine(label)),
    letters,
  );
  let [row, x] = [0, 0];
  const entries = shown.map(({ trace }, i) => {
    const needed = legendKey + textWidth(texts[i], fontSizes.tick) + legendGap;
    if (x > 0 && x + needed > width) [row, x] = [row + 1, 0];
    const entry = { trace, label: texts[i], row, x };
    x += needed;
    return entry;
  });
  return row < most ? entries : [];
}
