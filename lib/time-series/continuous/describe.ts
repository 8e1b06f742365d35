/** The text of continuous series. */
import { checkBoolean, checkInteger, checkOptions } from '../../check.js';

import { numpyRow, pythonFloat } from '../python-format.js';
import type { PrintOptions } from '../time-series.js';
import type { TSContinuous } from '../ts-continuous.js';

/** @internal */
export function describeSeries(ts: TSContinuous, options: PrintOptions | undefined): string {
  const kind = ts.isEmpty() ? 'Empty' : ts.periodic ? 'periodic' : 'non-periodic';
  const line =
    `${kind} TSContinuous object \`${ts.name}\` from t=${pythonFloat(ts.tStart)} to ${pythonFloat(ts.tStop)}. ` +
    `Samples: ${ts.length}. Channels: ${ts._channels}`;
  return options === undefined ? line : [line, ...sampleLines(ts, options)].join('\n');
}

function sampleLines(ts: TSContinuous, options: PrintOptions): string[] {
  const given = checkOptions<PrintOptions>(options, 'options', ['full', 'numFirst', 'numLast', 'limitShorten']);
  const full = checkBoolean(given.full ?? false, 'full');
  const numFirst = checkInteger(given.numFirst ?? 4, 'numFirst', { min: 0 });
  const numLast = checkInteger(given.numLast ?? 4, 'numLast', { min: 0 });
  const limitShorten = checkInteger(given.limitShorten ?? 10, 'limitShorten', { min: 0 });
  const { length } = ts;
  const line = (i: number) => {
    const row = ts._samples.subarray(i * ts._channels, (i + 1) * ts._channels);
    return `${pythonFloat(ts._axis.array[i])}: \t ${numpyRow(row)}`;
  };
  const lines = (from: number, to: number) => Array.from({ length: Math.max(0, to - from) }, (_, i) => line(from + i));
  const all = full || length <= limitShorten || numFirst + numLast >= length;
  const shown = all ? lines(0, length) : [...lines(0, numFirst), '\t...', ...lines(length - numLast, length)];
  return ts.periodic ? [...shown, '\t (...periodic...)'] : shown;
}
