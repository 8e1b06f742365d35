/** `rockpool-node plot` */
import type { Command } from 'commander';
import { action, type Context } from '../context.js';
import { addSeriesOptions } from '../options.js';
import { indices, number } from '../parse.js';
import type { PlotFileOptions } from '../plots.js';

const help = `
A time series becomes lines, or with --heat-map colours; events become a raster; a network its weights, or with --spectrum
the eigenvalues of its recurrent weights.

Examples:
  rockpool-node plot answers.npz -o answers.svg --start 1 --stop 2
  rockpool-node plot rates.npz -o rates.png --channels 0-9 --stagger 0.5
  rockpool-node plot net.json -o spectrum.svg --spectrum --layer Reservoir`;

interface Options extends PlotFileOptions {
  output: string;
  inputDt?: number;
}

export function register(program: Command): void {
  const command = program
    .command('plot')
    .argument('<file>', 'time series or network: npz, npy, wav, csv, json, aedat')
    .description('Plot a time series or a network.')
    .requiredOption('-o, --output <file>', 'svg, png (needs @resvg/resvg-js) or html, by the ending')
    .option('--title <text>', 'above the plot')
    .option('--width <pixels>', 'default: 800', number({ min: 100, max: 20000 }))
    .option('--height <pixels>', 'default: 400', number({ min: 100, max: 20000 }))
    .option('--start <seconds>', 'only from this time on', number())
    .option('--stop <seconds>', 'only until this time', number())
    .option('--channels <list>', 'only these channels, such as 0,3,8-11', indices)
    .option('--stagger <x>', 'shift each channel up by this much', number())
    .option('--heat-map', 'colours instead of lines')
    .option('--layer <name>', 'of a network: the layer whose weights are meant')
    .option('--spectrum', 'of a network: eigenvalues of the recurrent weights');
  addSeriesOptions(command)
    .addHelpText('after', help)
    .action(action((context, file: string, options: Options) => plot(context, file, options)));
}

async function plot(context: Context, file: string, options: Options): Promise<void> {
  const { checkOutput } = await import('../files.js');
  const { plotEndings, plotFile } = await import('../plots.js');
  await checkOutput(options.output, plotEndings);
  const { signal, output } = context;
  await plotFile(file, options.output, { ...options, dt: options.inputDt, signal });
  await output.result({ file, output: options.output }, `written: ${options.output}`);
}
