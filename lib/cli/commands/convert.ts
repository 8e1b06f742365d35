/** `rockpool-node convert` */
import type { Command } from 'commander';
import type { TimeSeries, TSEvent } from '../../time-series/index.js';
import { action, type Context } from '../context.js';
import { UsageError } from '../exit.js';
import type { Content, WriteOptions } from '../files.js';
import type { NirOptions } from '../model.js';
import { addNirOptions, addSeriesOptions, addWriteOptions } from '../options.js';
import { indices, number } from '../parse.js';

interface ConvertOptions extends WriteOptions, NirOptions {
  inputDt?: number;
  start?: number;
  stop?: number;
  channels?: number[];
  resample?: number;
  ignoreChecksum?: boolean;
}

const help = `
What is converted follows from what FROM holds; how it is written, from the ending of TO:
  time series     npz, npy, wav, csv, json, aedat  ->  npz, npy (samples alone), wav, csv, json
  networks        json of a module                 ->  nir
                  nir                              ->  json

Examples:
  rockpool-node convert speech.wav speech.npz
  rockpool-node convert events.npz events.csv --channels 0-15 --start 1 --stop 2
  rockpool-node convert rates.npy rates.npz --input-dt 0.001
  rockpool-node convert signal.npz signal.wav --resample 0.0000625 --wav-format pcm16
  rockpool-node convert snn.nir snn.json --convention norse --dt 1e-3`;

export function register(program: Command): void {
  const command = program
    .command('convert')
    .argument('<from>', 'file to read')
    .argument('<to>', 'file to write')
    .description('Convert time series and networks from one kind of file to another.')
    .option('--start <seconds>', 'only from this time on', number())
    .option('--stop <seconds>', 'only until this time', number())
    .option('--channels <list>', 'only these channels, such as 0,3,8-11; they are numbered anew', indices)
    .option('--resample <seconds>', 'samples at this interval', number({ positive: true }));
  addSeriesOptions(command);
  addWriteOptions(command);
  addNirOptions(command)
    .addHelpText('after', help)
    .action(
      action((context, from: string, to: string, options: ConvertOptions) => convert(context, from, to, options)),
    );
}

async function convert(context: Context, from: string, to: string, options: ConvertOptions): Promise<void> {
  const { checkOutput, seriesEndings, readContent } = await import('../files.js');
  const { signal, progress } = context;
  await checkOutput(to, [...new Set([...seriesEndings, '.nir'])], 'the file to write');
  const content = await progress.during('reading', ({ onProgress }) =>
    readContent(from, { dt: options.inputDt, signal, onProgress, ignoreChecksum: options.ignoreChecksum }),
  );
  if (content.kind === 'dictionary' || content.kind === 'graph')
    await convertModel(context, from, content, to, options);
  else await convertSeries(context, from, content, to, options);
}

async function convertModel(
  { output }: Context,
  from: string,
  content: Content,
  to: string,
  options: ConvertOptions,
): Promise<void> {
  const { modelOfContent } = await import('../model.js');
  const { saveModel } = await import('../save.js');
  if (!/\.(json|nir)$/i.test(to))
    throw new UsageError(`'${from}' holds a network: the file to write should end with .json or .nir`);
  const { convention, dt, integration, reset, allowLossy } = options;
  const model = await modelOfContent(from, content, { convention, dt, integration, reset, allowLossy });
  await saveModel(to, model);
  await output.result({ from, to, model: model.kind }, `written: ${to}`);
}

async function convertSeries(
  { output, signal }: Context,
  from: string,
  content: Content,
  to: string,
  options: ConvertOptions,
): Promise<void> {
  const { seriesOf, writeSeries } = await import('../files.js');
  const { seriesInfo, seriesText } = await import('../describe.js');
  const { endingOf } = await import('../formats.js');
  if (endingOf(to) === '.nir') throw new UsageError(`'${from}' holds no network: NIR files are for networks`);
  const series = await changed(seriesOf(from, content, options.inputDt), options);
  await writeSeries(to, series, { ...options, signal });
  const info = seriesInfo(series);
  await output.result({ from, to, ...info }, () => `${seriesText(info)}\nwritten: ${to}`);
}

/** The part that is asked for. */
async function changed(series: TimeSeries, { start, stop, channels, resample }: ConvertOptions): Promise<TimeSeries> {
  const { TSContinuous } = await import('../../time-series/index.js');
  const { native } = await import('../../binding.js');
  const { stepsOf } = await import('../../time-grid.js');
  const { allocate } = await import('../../array.js');
  const { checkFits } = await import('../memory.js');
  if (start !== undefined && stop !== undefined && start >= stop)
    throw new UsageError(`--start ${start} should be before --stop ${stop}`);
  const highest = Math.max(-1, ...(channels ?? []));
  if (highest >= numChannels(series))
    throw new UsageError(`--channels asks for channel ${highest}, and there are ${numChannels(series)}`);
  if (!(series instanceof TSContinuous)) {
    if (resample !== undefined) throw new UsageError('--resample is for samples, and these are events');
    const events = series as TSEvent;
    const all = start === undefined && stop === undefined && channels === undefined;
    return all ? events : events.clip(start, stop, { channels, remapChannels: channels !== undefined });
  }
  let part = series;
  if (channels) part = part.select({ channels });
  if (start !== undefined || stop !== undefined) part = part.clip(start, stop);
  if (resample === undefined) return part;
  const count = stepsOf(part.duration, resample) + 1;
  checkFits(count * (part.numChannels + 1), `--resample ${resample} over ${part.duration} s`);
  const times = allocate([count], '--resample');
  native.clockTimes(part.tStart, resample, 0, times);
  return part.resampleAsync(times);
}

const numChannels = (series: TimeSeries): number => (series as TimeSeries & { numChannels: number }).numChannels;
