/** `rockpool-node run` */
import type { Command } from 'commander';
import type { NirConvention } from '../../nir/index.js';
import type { TimeSeries, TSContinuous } from '../../time-series/index.js';
import { action, type Context } from '../context.js';
import { UsageError } from '../exit.js';
import { hint } from '../hint.js';
import type { Model, Runner } from '../model.js';
import { addNirOptions, addSeriesOptions, addWriteOptions } from '../options.js';
import type { WriteOptions } from '../files.js';
import { number } from '../parse.js';

interface RunOptions extends WriteOptions {
  input?: string;
  output?: string;
  plot?: string;
  layer?: string;
  duration?: number;
  dt?: number;
  inputDt?: number;
  state?: string;
  saveState?: string;
  convention?: NirConvention;
  integration?: 'exponential' | 'euler';
  reset?: 'subtract' | 'value';
  allowLossy?: boolean;
  ignoreChecksum?: boolean;
}

const help = `
NET is a JSON file of a Network, Layer or Module (of this library or of Rockpool), as 'train' and the methods save() write
it, or a NIR file. It runs from time 0, or from --state, until the input ends. Long inputs run in blocks; memory holds the
output and not what happens inside.

A network that 'train --mel' made hears sounds through the same mel bands again.

Examples:
  rockpool-node run net.json --input speech.wav --output answers.npz --plot answers.svg
  rockpool-node run net.json -i spikes.npz -o rates.csv --layer Reservoir --duration 2
  rockpool-node run snn.nir --convention snntorch -i spikes.npz -o out.npz`;

export function register(program: Command): void {
  const command = program
    .command('run')
    .argument('<net>', 'network, layer or module: JSON or NIR')
    .description('Run a network over an input and write what it puts out.')
    .option('-i, --input <file>', 'time series to run over: npz, npy, wav, csv, json, aedat')
    .option('-o, --output <file>', 'where to write the output: npz, npy, csv, wav or json, by the ending')
    .option('--plot <file>', 'plot of the output: svg, png or html, by the ending')
    .option('--layer <name>', 'the layer whose output is meant (default: the last one)')
    .option('--duration <seconds>', 'how long to run (default: as long as the input)', number({ positive: true }))
    .option('--state <file>', 'snapshot (npz) to go on from')
    .option('--save-state <file>', 'where to write a snapshot (npz) of the end');
  addSeriesOptions(command);
  addNirOptions(command);
  addWriteOptions(command)
    .addHelpText('after', help)
    .action(action((context, net: string, options: RunOptions) => run(context, net, options)));
}

async function checkOutputs(net: string, { input, output, plot, state, saveState }: RunOptions): Promise<void> {
  const { checkOutput, seriesEndings } = await import('../files.js');
  const { checkDistinct } = await import('../distinct.js');
  if (output !== undefined) await checkOutput(output, seriesEndings);
  if (plot !== undefined) await (await import('../plots.js')).checkPlotOutput(plot, '--plot');
  if (saveState !== undefined) await checkOutput(saveState, ['.npz'], '--save-state');
  const read = { NET: net, '--input': input };
  await checkDistinct({ '--output': output, '--plot': plot }, { ...read, '--state': state });
  // the state that was gone on from may give way to the new one
  await checkDistinct({ '--save-state': saveState }, { ...read, '--output': output, '--plot': plot });
}

async function run(context: Context, file: string, options: RunOptions): Promise<void> {
  const { signal, output, progress } = context;
  await checkOutputs(file, options);
  const { readModel, runnerOf } = await import('../model.js');
  const { readSeries, writeSeries } = await import('../files.js');
  const { preprocess } = await import('../preprocessing.js');
  const { seriesInfo, seriesText, short } = await import('../describe.js');
  const { convention, dt, integration, reset, allowLossy, ignoreChecksum } = options;
  const model = await readModel(file, { convention, dt, integration, reset, allowLossy, ignoreChecksum, signal });
  const runner = runnerOf(model, dt);
  const layer = layerOf(runner, options.layer);
  let input: TimeSeries | null = null;
  if (options.input !== undefined) {
    const given = await readSeries(options.input, { dt: options.inputDt, signal });
    input = await progress.during('reading', ({ onProgress }) =>
      preprocess(given, model.preprocessing, { signal, onProgress }),
    );
  }
  if (options.state !== undefined) await restore(runner, options.state);
  const { stepsFor, inBlocks, join } = await import('../evolve.js');
  const { checkFits } = await import('../memory.js');
  const steps = stepsFor(runner, input, options.duration);
  checkFits(steps * runner.samplesOf(layer), `the output of ${steps} steps`);
  output.note(`running ${steps} steps of ${runner.dt} s`);
  if (input) await hint(context, input, runner.dt);
  const begin = performance.now();
  const pieces: TimeSeries[] = [];
  await progress.during('running', async (stage) => {
    for await (const { outputs } of inBlocks(runner, input, steps, { signal, stage })) pieces.push(outputs[layer]);
  });
  const seconds = (performance.now() - begin) / 1000;
  const result = join(pieces);
  if (options.output !== undefined)
    await writeSeries(options.output, result, { ...options, names: namesOf(result, model), signal });
  if (options.plot !== undefined) {
    const { plotSeries } = await import('../plots.js');
    await plotSeries(options.plot, result, { title: layer, labels: namesOf(result, model), signal });
  }
  if (options.saveState !== undefined) await saveState(runner, options.saveState);
  const info = seriesInfo(result);
  const answers = await answersOf(result, namesOf(result, model));
  const { output: path, plot } = options;
  await output.result(
    {
      layer,
      steps,
      dt: runner.dt,
      seconds,
      output: { ...info, ...(path && { path }) },
      ...(plot && { plot }),
      ...answers,
    },
    () =>
      [
        `ran ${steps} steps of ${runner.dt} s in ${short(seconds)} s (${short((steps * runner.dt) / seconds)} times as fast as real time)`,
        layer === 'output' ? 'output:' : `output of ${layer}:`,
        seriesText(info),
        ...(answers ? [`most of the time: ${answers.answer} (${means(answers.means)})`] : []),
        ...[path, plot].filter((p) => p !== undefined).map((p) => `written: ${p}`),
      ].join('\n'),
  );
}

/** Names of the output's channels, where the network has learned names. */
const namesOf = (result: TimeSeries, { preprocessing: { classes } }: Model): string[] | undefined =>
  classes?.length === (result as TSContinuous).numChannels ? classes : undefined;

function layerOf(runner: Runner, name: string | undefined): string {
  if (name === undefined) return runner.outputName;
  if (!runner.names.includes(name))
    throw new UsageError(`--layer '${name}' is none of the network's layers: ${runner.names.join(', ')}`);
  return name;
}

async function restore(runner: Runner, path: string): Promise<void> {
  const { loadSnapshot } = await import('../../io/snapshot-file.js');
  const { unreadable } = await import('../formats.js');
  try {
    runner.restore((await loadSnapshot(path)) as never);
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function saveState(runner: Runner, path: string): Promise<void> {
  const { saveSnapshot } = await import('../../io/snapshot-file.js');
  await saveSnapshot(runner.snapshot() as never, path);
}

const means = (of: Record<string, number>): string =>
  Object.entries(of)
    .map(([name, value]) => `${name} ${value.toFixed(3)}`)
    .join(', ');

/** The mean output of each class, and the class with the largest. */
async function answersOf(
  result: TimeSeries,
  classes: string[] | undefined,
): Promise<{ answer: string; means: Record<string, number> } | undefined> {
  const { TSContinuous } = await import('../../time-series/index.js');
  if (!classes || !(result instanceof TSContinuous) || result.numChannels !== classes.length || result.length === 0)
    return undefined;
  const { channelMeans } = await import('../score.js');
  const values = channelMeans(result);
  const best = values.indexOf(Math.max(...values));
  return { answer: classes[best], means: Object.fromEntries(classes.map((name, c) => [name, values[c]])) };
}
