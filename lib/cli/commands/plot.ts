/** `rockpool-node plot` */
import type { Command } from 'commander';
import { action, type Context } from '../context.js';
import { addSeriesOptions } from '../options.js';
import { indices, integer, number } from '../parse.js';
import type { PlotFileOptions } from '../plots.js';

const help = `
Samples become lines, or with --heat-map (and always when there are more than 50 channels) colours; events a raster or, when
there are many, their density. A network becomes a diagram; with --weights or --spectrum, the weights of a layer, the
recurrent ones where there are any, as colours, or their eigenvalues in the complex plane. Without --layer, that is the only
recurrent layer, or where there is none, the only one with weights.

Examples:
  rockpool-node plot answers.npz -o answers.svg --start 1 --stop 2
  rockpool-node plot rates.npz -o rates.png --channels 0-9 --stagger 0.5
  rockpool-node plot net.json -o spectrum.svg --spectrum --layer Reservoir`;

interface Options extends PlotFileOptions {
  output: string;
}

export function register(program: Command): void {
  const command = program
    .command('plot')
    .argument('<file>', 'time series or network: npz, npy, wav, csv, json, aedat')
    .description('Plot a time series or a network.')
    .requiredOption('-o, --output <file>', 'svg, png (needs @resvg/resvg-js or sharp) or html, by the ending')
    .option('--title <text>', 'above the plot')
    .option('--width <pixels>', 'default: 800', integer({ min: 60, max: 8192 }))
    .option('--height <pixels>', 'default: 400', integer({ min: 60, max: 8192 }))
    .option('--start <seconds>', 'only from this time on', number())
    .option('--stop <seconds>', 'only until this time', number())
    .option('--channels <list>', 'only these channels, such as 0,3,8-11', indices)
    .option('--stagger <x>', 'shift each channel up by this much', number())
    .option('--heat-map', 'colours instead of lines')
    .option('--weights', 'of a network: the weights of a layer')
    .option('--spectrum', 'of a network: the eigenvalues of the weights of a layer')
    .option('--layer <name>', 'the layer that is meant (default: the recurrent one, where there is just one)');
  addSeriesOptions(command)
    .addHelpText('after', help)
    .action(action((context, file: string, options: Options) => plot(context, file, options)));
}

async function plot(context: Context, file: string, options: Options): Promise<void> {
  const { checkPlotOutput, plotFile } = await import('../plots.js');
  await checkPlotOutput(options.output);
  const { signal, output } = context;
  await plotFile(file, options.output, { ...options, signal });
  await output.result({ file, output: options.output }, `written: ${options.output}`);
}
