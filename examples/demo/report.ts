/** What the user sees: a progress bar and the table of results. */
import type { Count, Figures, Row } from './score';

/** Shows how far a stage is: a bar on a terminal, otherwise a line at its start. On stderr, so that results can be piped. */
export class Progress {
  readonly #begin = performance.now();
  readonly #bar = process.stderr.isTTY;
  #stage = '';
  #done = 0;
  #total = 1;
  #shown = 0;

  start(stage: string, total: number): void {
    this.end();
    [this.#stage, this.#done, this.#total] = [stage, 0, Math.max(total, 1)];
    if (this.#bar) this.#draw();
    else process.stderr.write(`${this.seconds.toFixed(1).padStart(6)} s  ${stage}\n`);
  }

  /** One more done. */
  readonly step = (): void => {
    this.#done += 1;
    if (this.#bar && (performance.now() - this.#shown > 50 || this.#done === this.#total)) this.#draw();
  };

  /** A line among them. */
  note(text: string): void {
    if (this.#bar) process.stderr.write('\r\x1b[K');
    process.stderr.write(`${this.seconds.toFixed(1).padStart(6)} s  ${text}\n`);
  }

  end(): void {
    if (this.#bar && this.#stage !== '') process.stderr.write('\r\x1b[K');
    this.#stage = '';
  }

  /** Since the start. */
  get seconds(): number {
    return (performance.now() - this.#begin) / 1000;
  }

  #draw(): void {
    const width = 30;
    const full = Math.round((width * this.#done) / this.#total);
    const bar = '█'.repeat(full) + '░'.repeat(width - full);
    process.stderr.write(
      `\r\x1b[K${bar} ${String(Math.round((100 * this.#done) / this.#total)).padStart(3)} %  ${this.#stage}`,
    );
    this.#shown = performance.now();
  }
}

const titles: Record<Row['test'], string> = {
  versions: 'Versions never trained with',
  recordings: 'Recordings left out of training',
};
const names: Record<Row['who'], string> = {
  reservoir: 'reservoir and readout',
  direct: 'the same readout without the reservoir',
  chance: 'chance (always the most frequent)',
};

const percent = ({ right, all }: Count) => `${((100 * right) / all).toFixed(1)} %`.padStart(12);
const columns = (cells: string[]) => cells.map((cell) => cell.padStart(12)).join('');

export function table({ rows, misheard }: Figures): string {
  const lines: string[] = [];
  let test = '';
  for (const row of rows) {
    const { frames, spoken, words } = row.score;
    if (row.test !== test) {
      test = row.test;
      lines.push('', `${titles[row.test].padEnd(40)}${columns(['any moment', 'in words', 'words'])}`);
      lines.push(`${''.padEnd(40)}${columns([frames, spoken, words].map(({ all }) => String(all)))}`);
    }
    lines.push(`  ${names[row.who].padEnd(38)}${percent(frames)}${percent(spoken)}${percent(words)}`);
  }
  if (misheard.length > 0) lines.push('', `Words of left-out recordings taken for others: ${misheard.join(', ')}`);
  return lines.join('\n');
}
