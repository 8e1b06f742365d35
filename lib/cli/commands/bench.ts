/** `rockpool-node bench` */
import type { Command } from 'commander';
import { action, type Context } from '../context.js';
import { UsageError } from '../exit.js';
import { table } from '../output.js';
import { integer } from '../parse.js';

const help = `
Each benchmark warms up once and is measured several times; the median counts. 'limit' is the share of what the machine could
do at best, where that is known: the time that reading the weights takes one thread. Benchmarks against other libraries
(Rockpool in Python, NumPy, Brian2, …) are in the repository, not in the package: npm run bench.

Examples:
  rockpool-node bench
  rockpool-node bench rate lif --threads 1 --json`;

export function register(program: Command): void {
  program
    .command('bench')
    .argument('[names...]', 'rate-small, rate, lif, ridge, raster (default: all)')
    .description('Measure how fast this machine runs the kernels.')
    .option('--runs <n>', 'measurements of each', integer({ min: 1, max: 1000 }), 5)
    .option('--threads <n>', 'threads that compute at the same time (default: all)', integer({ min: 1, max: 1024 }))
    .addHelpText('after', help)
    .action(action(bench));
}

const si = (value: number): string => {
  const power = Math.max(-3, Math.min(3, Math.floor(Math.log10(value) / 3)));
  return `${Number((value / 1000 ** power).toPrecision(3))} ${['n', 'µ', 'm', '', 'k', 'M', 'G'][power + 3]}`;
};

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Lets signals be heard. */
const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function bench(
  { signal, output, progress }: Context,
  names: string[],
  { runs, threads }: { runs: number; threads?: number },
): Promise<void> {
  const { benchmarkNames, makeBenchmark } = await import('../benchmarks.js');
  const unknown = names.find((name) => !benchmarkNames.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`there is no benchmark '${unknown}'; there are ${benchmarkNames.join(', ')}`);
  const { buildInfo, setConcurrency, concurrency } = await import('../../runtime.js');
  const before = concurrency();
  if (threads !== undefined) setConcurrency(threads);
  try {
    const chosen = names.length > 0 ? names : benchmarkNames;
    const { target } = buildInfo();
    const results: Measured[] = [];
    await progress.during('measuring', async (stage) => {
      const total = chosen.length * (runs + 1);
      for (const [k, name] of chosen.entries()) {
        const benchmark = makeBenchmark(name);
        const times: number[] = [];
        for (let i = -1; i < runs; i++) {
          await pause();
          signal.throwIfAborted();
          const begin = performance.now();
          benchmark.run();
          if (i >= 0) times.push((performance.now() - begin) / 1000);
          stage.update(k * (runs + 1) + i + 2, total, name);
        }
        const seconds = median(times);
        const limit = benchmark.limit?.();
        const { title, unit, amount } = benchmark;
        results.push({ name, title, seconds, unit, perSecond: amount / seconds, ...(limit !== undefined && { limit: limit / seconds }) }); // prettier-ignore
      }
    });
    await report(output, results, { target, threads: threads ?? before });
  } finally {
    setConcurrency(before);
  }
}

interface Measured {
  name: string;
  title: string;
  /** Median of a run. */
  seconds: number;
  unit: string;
  perSecond: number;
  /** Share of the machine's limit. */
  limit?: number;
}

async function report(
  output: Context['output'],
  results: readonly Measured[],
  machine: { target: string; threads: number },
): Promise<void> {
  if (output.json) {
    for (const result of results) await output.result({ ...result, ...machine }, '');
    return;
  }
  const rows = results.map(({ name, title, seconds, unit, perSecond, limit }) => [
    ...[name, `${si(seconds)}s`, `${si(perSecond)}${unit}/s`],
    ...[limit === undefined ? '' : `${Math.round(100 * limit)} %`, title],
  ]);
  const lines = [
    `${machine.target}, ${machine.threads === 1 ? 'one thread' : `${machine.threads} threads`}`,
    table(['', 'median', 'rate', 'limit', ''], rows),
  ];
  await output.result(results, lines.join('\n'));
}
