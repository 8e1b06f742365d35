/** The Markdown form of a report: the machine, then one row for each result. */
import { readFileSync } from 'node:fs';
import { labels } from './labels.mjs';

const symbols = { us: 'µs', 'of one': 'of one thread' };

/** Three digits, or all of a whole number. */
const digits = (x) => Number(Math.abs(x) >= 1000 ? Math.round(x) : x.toPrecision(3)).toString();
const figure = (x, unit) => `${digits(x)} ${symbols[unit] ?? unit}`;
const times = (ratio) => `${ratio >= 10 ? Math.round(ratio) : Number(ratio.toPrecision(2))}x`;

export const head = ['| | ours | of the limit | peer | |', '|---|---|---|---|---|'];

/** A row for a result as `--json` prints it: medians, and how many times faster (or smaller) ours is. */
export function toRow({ name, unit, ours, peer, peerName, ratio, limit }) {
  const share = limit ? `${Math.round((100 * limit) / ours)} %` : '';
  const theirs = typeof peer === 'number' ? `${peerName}: ${figure(peer, unit)}` : peer === 'skipped' ? 'skipped' : '';
  const cells = [labels[name] ?? `\`${name}\``, figure(ours, unit), share, theirs, theirs && ratio ? times(ratio) : ''];
  return `| ${cells.join(' | ')} |`;
}

/** Files of JSON lines, each with `{ machine }` first, as one text. */
export function fromFiles(files) {
  return files
    .map((file) => {
      const [{ machine }, ...results] = readFileSync(file, 'utf8').trim().split('\n').map(JSON.parse);
      return [`On ${machine}:`, '', ...head, ...results.map(toRow)].join('\n');
    })
    .join('\n\n');
}
