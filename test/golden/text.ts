/** Compares texts whose numbers Python and JavaScript print differently (`1.0` and `1`, `1e-05` and `0.00001`). */
import { Mismatch, type Tolerance } from './compare.js';

const floatToken = /[-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?|nan|NaN|-?inf\b|-?Infinity/g;

/** Python's text of a double: its shortest form with a point or an exponent. */
function isShortest(token: string, value: number): boolean {
  const digits = (text: string): string =>
    text
      .replace(/[eE].*$/, '')
      .replace(/[-+.]/g, '')
      .replace(/^0+/, '')
      .replace(/0+$/, '');
  return !Number.isFinite(value) || digits(token) === digits(String(Math.abs(value)));
}

function valueOf(token: string): number {
  if (/^nan$/i.test(token)) return NaN;
  if (/inf/i.test(token)) return token.startsWith('-') ? -Infinity : Infinity;
  return Number(token);
}

/**
 * Same words and same numbers, in whatever format. Counts (digits only in the recorded text, `t=0` apart) must be the same;
 * other numbers within `tolerance`, and ours must be printed in shortest form.
 */
export function compareText(expected: string, actual: string, path: string, tolerance: Tolerance): void {
  if (expected === actual) return;
  const skeleton = (text: string): string => text.replace(floatToken, '#').replace(/\s+/g, ' ').trim();
  const differ = (): never => {
    throw new Mismatch(`${path}: expected ${JSON.stringify(expected)}, received ${JSON.stringify(actual)}`);
  };
  if (skeleton(expected) !== skeleton(actual)) differ();
  const e = expected.match(floatToken) ?? [];
  const a = actual.match(floatToken) ?? [];
  for (const [i, token] of e.entries()) {
    const mine = a[i];
    const [x, y] = [valueOf(token), valueOf(mine)];
    if (Number.isNaN(x) !== Number.isNaN(y)) differ();
    if (/^[-+]?\d+$/.test(token) && /^[-+]?\d+$/.test(mine) && x !== y) differ();
    if (x !== y && !Number.isNaN(x) && !(Math.abs(x - y) <= (tolerance.abs ?? 0))) differ();
    if (!isShortest(mine, y)) throw new Mismatch(`${path}: ${mine} is not the shortest text of ${y}`);
  }
}

/** What `print` wrote: line by line, blanks apart (NumPy pads and wraps its rows), rows rounded to NumPy's 8 digits. */
export function comparePrinted(expected: string, actual: string, path: string): void {
  const lines = (text: string): string[] =>
    text
      .replace(/\[[^\]]*\]/g, (row) => row.replace(/\s+/g, ' '))
      .split('\n')
      .map((line) =>
        line
          .replace(/\s+/g, ' ')
          .replace(/\[ /g, '[')
          .replace(/ \]/g, ']')
          .replace(/(\d)\.(?=[\s\]])/g, '$1')
          .trim(),
      );
  const e = lines(expected);
  const a = lines(actual);
  if (e.length !== a.length) {
    throw new Mismatch(`${path}: expected ${e.length} lines, received ${a.length}:\n${actual}`);
  }
  for (const [i, line] of e.entries()) comparePrintedLine(line, a[i], `${path}, line ${i + 1}`);
}

function comparePrintedLine(expected: string, actual: string, path: string): void {
  const skeleton = (text: string): string => text.replace(floatToken, '#');
  const e = expected.match(floatToken) ?? [];
  const a = actual.match(floatToken) ?? [];
  const same =
    skeleton(expected) === skeleton(actual) &&
    e.every((token, i) => {
      const [x, y] = [valueOf(token), valueOf(a[i])];
      return (Number.isNaN(x) && Number.isNaN(y)) || x === y || Math.abs(x - y) <= 1e-8 * Math.max(1, Math.abs(x));
    });
  if (!same) throw new Mismatch(`${path}: expected ${JSON.stringify(expected)}, received ${JSON.stringify(actual)}`);
}
