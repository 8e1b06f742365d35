/** Text of event series, in the original's form. */
import { checkBoolean, checkInteger, checkOptions } from '../check.js';
import { pythonFloat } from './python-format.js';
import type { PrintOptions } from './time-series.js';
import type { TSEvent } from './ts-event.js';

/** @internal The one-line description. */
export function eventLine(series: TSEvent): string {
  const from = `object \`${series.name}\` from t=${pythonFloat(series.tStart)} to`;
  const stop = pythonFloat(series.tStop);
  if (series.isEmpty()) return `Empty \`TSEvent\` ${from} t=${stop}.`;
  const kind = series.periodic ? 'periodic' : 'non-periodic';
  return `${kind} \`TSEvent\` ${from} ${stop}. Channels: ${series.numChannels}. Events: ${series.length}`;
}

/** @internal The description and a line for each event, or for the first and last ones. */
export function eventLines(series: TSEvent, options: PrintOptions): string {
  const names = ['full', 'numFirst', 'numLast', 'limitShorten'];
  const {
    full = false,
    numFirst = 4,
    numLast = 4,
    limitShorten = 10,
  } = checkOptions<PrintOptions>(options, 'options', names);
  const first = checkInteger(numFirst, 'numFirst', { min: 0 });
  const last = checkInteger(numLast, 'numLast', { min: 0 });
  const limit = checkInteger(limitShorten, 'limitShorten', { min: 0 });
  const { length } = series;
  const { times, channels } = series._peek();
  const rows = (from: number, to: number): string[] =>
    Array.from(times.subarray(from, to), (t, i) => `${pythonFloat(t)}: \t ${channels[from + i]}`);
  const whole = checkBoolean(full, 'full') || length <= limit || first + last >= length;
  const body = whole ? rows(0, length) : [...rows(0, first), '\t...', ...rows(length - last, length)];
  return [eventLine(series), 'Time \t Ch.-ID', ...body, ...(series.periodic ? ['(...periodic...)'] : [])].join('\n');
}
