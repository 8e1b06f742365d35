/** Rates of the cores of a board, as a table that stays in place on a terminal and as lines elsewhere. */
import { table, type Output } from '../output.js';
import type { StreamTotals } from './stream.js';

export interface Rates extends StreamTotals {
  /** Spikes a second of cores 0 to 3 of chip 0, then of the next chip. */
  coreRates: number[];
}

/** `0`, `9.5`, `120`, `12.3 k`, `4.5 M`. */
export function rateText(rate: number): string {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(1)} M`;
  if (rate >= 1e4) return `${(rate / 1e3).toFixed(1)} k`;
  if (rate >= 100 || rate === 0) return rate.toFixed(0);
  return rate.toFixed(1);
}

const chips = [0, 1, 2, 3];

export class RatesView {
  #lines = 0;

  constructor(readonly output: Output) {}

  async show(rates: Rates, recorded: number | undefined): Promise<void> {
    const { seconds, events, lost, resets, coreRates } = rates;
    const rate = coreRates.reduce((sum, r) => sum + r, 0);
    const { stdout } = this.output.streams;
    const data = { seconds, rate, events, lost, resets, coreRates, ...(recorded !== undefined && { recorded }) };
    if (this.output.json || (stdout as { isTTY?: boolean }).isTTY !== true)
      return this.output.result(data, () => this.#line(data));
    const text = this.#table(data);
    const up = this.#lines > 0 ? `\u001b[${this.#lines}A\u001b[J` : '';
    this.#lines = text.split('\n').length;
    stdout.write(`${up}${text}\n`);
  }

  #line({ seconds, rate, lost, coreRates }: Data): string {
    const cores = chips.map(
      (chip) =>
        `U${chip} ${coreRates
          .slice(4 * chip, 4 * chip + 4)
          .map(rateText)
          .join(' ')}`,
    );
    return `${seconds.toFixed(1)} s  ${rateText(rate)} Hz  ${cores.join('  ')}  lost ${lost}`;
  }

  #table({ seconds, rate, events, lost, coreRates, recorded }: Data): string {
    const rows = chips.map((chip) => [
      `U${chip}`,
      ...coreRates.slice(4 * chip, 4 * chip + 4).map((r) => rateText(r).padStart(9)),
    ]);
    const kept = recorded === undefined ? '' : `   recorded ${recorded}`;
    return [
      `${seconds.toFixed(1)} s   ${rateText(rate)} Hz   events ${events}   lost ${lost}${kept}`,
      table(['Hz', ...chips.map((core) => `core ${core}`.padStart(9))], rows),
    ].join('\n');
  }
}

interface Data {
  seconds: number;
  rate: number;
  events: number;
  lost: number;
  coreRates: number[];
  recorded?: number;
}
