/** Options that several commands have. */
import { Option, type Command } from 'commander';
import { integer, number } from './parse.js';

/** For files of samples without times. */
export const inputDtOption = (): Option =>
  new Option('--input-dt <seconds>', 'seconds between samples, of inputs without times (npy, csv)').argParser(
    number({ positive: true }),
  );

/** Time steps of what has none. */
export function addSeriesOptions(command: Command): Command {
  return command
    .option('--dt <seconds>', 'time step, of networks whose files have none', number({ positive: true }))
    .addOption(inputDtOption());
}

/** How NIR files are read. */
export function addNirOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--convention <name>', 'whose NIR file it is').choices(['nir', 'rockpool', 'snntorch', 'norse']),
    )
    .addOption(new Option('--integration <how>', 'NIR: how equations become steps').choices(['exponential', 'euler']))
    .addOption(new Option('--reset <how>', 'NIR: what a spike does to the membrane').choices(['subtract', 'value']))
    .option('--allow-lossy', 'NIR: leave out what cannot be said, with a warning')
    .option('--ignore-checksum', 'NIR: read a file that another program has changed');
}

/** How series are written. */
export function addWriteOptions(command: Command): Command {
  return command
    .option('--rate <hertz>', 'WAV: samples a second (default: those of the series)', integer({ min: 1 }))
    .addOption(
      new Option('--wav-format <format>', 'WAV: how samples are written')
        .choices(['pcm8', 'pcm16', 'pcm24', 'pcm32', 'float32', 'float64'])
        .default('float32'),
    )
    .option('--csv-metadata', 'CSV: a first line, a comment, that holds extent, name and number of channels');
}
