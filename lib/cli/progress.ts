/** Progress on stderr: a bar on a terminal, a line now and then otherwise, nothing with `--quiet`. */
import type { SingleBar } from 'cli-progress';
import type { Progress } from '../task.js';
import type { Output } from './output.js';

/** Seconds between lines where there is no terminal. */
const plainEvery = 5;
/** Milliseconds between drawings of a bar. */
const drawEvery = 50;

/** `3 s`, `2 min 05 s`, `1 h 02 min`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const s = Math.max(0, Math.round(seconds));
  const two = (n: number) => String(n).padStart(2, '0');
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
}

/** One piece of work of a command, from its start to `end`. */
export interface Stage {
  /** Hand it to `onProgress` of the library's operations. */
  readonly onProgress: (progress: Progress) => void;
  /** The same for work that is counted here; the time left follows from the time taken. */
  update(done: number, total: number, detail?: string): void;
  /** Takes the bar away. */
  end(): void;
}

const silent: Stage = { onProgress: () => {}, update: () => {}, end: () => {} };

/** Makes the stages of a command; at most one is shown at a time. */
export class ProgressReporter {
  #stage: Stage = silent;

  constructor(readonly output: Output) {}

  /** Begins to show how far `label` is. A stage before it ends. */
  start(label: string): Stage {
    this.end();
    const { output } = this;
    const terminal = output.streams.stderr.isTTY === true;
    if (output.quiet || (output.json && !terminal)) return silent;
    this.#stage = terminal ? new BarStage(label, output) : new PlainStage(label, output);
    return this.#stage;
  }

  /** {@link start}, `work`, and `end` whatever happens. */
  async during<T>(label: string, work: (stage: Stage) => Promise<T>): Promise<T> {
    const stage = this.start(label);
    try {
      return await work(stage);
    } finally {
      stage.end();
    }
  }

  /** Ends whatever is shown. */
  end(): void {
    this.#stage.end();
    this.#stage = silent;
  }
}

abstract class TimedStage implements Stage {
  readonly #begin = performance.now();
  readonly onProgress = ({ done, total, etaSeconds }: Progress) => this.show(done, total, etaSeconds, '');

  constructor(readonly label: string) {}

  update(done: number, total: number, detail = ''): void {
    this.show(done, total, done > 0 ? (this.seconds / done) * (total - done) : NaN, detail);
  }

  get seconds(): number {
    return (performance.now() - this.#begin) / 1000;
  }

  abstract show(done: number, total: number, eta: number, detail: string): void;
  abstract end(): void;
}

class BarStage extends TimedStage {
  readonly #output: Output;
  #bar: SingleBar | null = null;
  #drawn = -Infinity;
  #ended = false;

  constructor(label: string, output: Output) {
    super(label);
    this.#output = output;
  }

  show(done: number, total: number, eta: number, detail: string): void {
    const now = performance.now();
    if (this.#ended || (now - this.#drawn < drawEvery && done < total)) return;
    this.#drawn = now;
    const payload = { left: duration(eta), detail };
    if (this.#bar) {
      this.#bar.setTotal(total);
      this.#bar.update(done, payload);
      return;
    }
    this.#bar = this.#make();
    this.#bar.start(total, done, payload);
    // a remark takes the bar away; the next progress draws it anew
    this.#output.beforeNote = () => this.#clear();
  }

  #make(): SingleBar {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only where there is a terminal
    const { SingleBar, Presets } = require('cli-progress') as typeof import('cli-progress');
    return new SingleBar(
      {
        stream: this.#output.streams.stderr,
        format: `${this.label}  {bar}  {percentage} %  {left} left  {detail}`,
        barsize: 30,
        fps: 1000 / drawEvery,
        clearOnComplete: true,
        hideCursor: false,
        gracefulExit: false,
        synchronousUpdate: true,
        emptyOnZero: true,
      },
      Presets.shades_classic,
    );
  }

  #clear(): void {
    this.#bar?.stop();
    this.#bar = null;
    this.#drawn = -Infinity;
    this.#output.beforeNote = () => {};
  }

  end(): void {
    this.#clear();
    this.#ended = true;
  }
}

class PlainStage extends TimedStage {
  readonly #output: Output;
  #told = 0;

  constructor(label: string, output: Output) {
    super(label);
    this.#output = output;
  }

  show(done: number, total: number, eta: number, detail: string): void {
    if (this.seconds - this.#told < plainEvery) return;
    this.#told = this.seconds;
    const percent = total > 0 ? Math.floor((100 * done) / total) : 0;
    this.#output.note(`${this.label}: ${percent} %, ${duration(eta)} left${detail === '' ? '' : `, ${detail.trim()}`}`);
  }

  end(): void {}
}
