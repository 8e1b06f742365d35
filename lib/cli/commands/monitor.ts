/** `rockpool-node monitor` */
import type { Command } from 'commander';
import type { EventRecording } from '../../devices/dynapse/recording.js';
import { RockpoolError } from '../../errors.js';
import { boardName, boardOptions, configureBoard, driveModel, useBoard } from '../boards/open.js';
import type { BoardChoice, OpenBoard } from '../boards/open.js';
import { RatesView, type Rates } from '../boards/rates.js';
import { checkEnd, stream, type StreamTotals } from '../boards/stream.js';
import { action, type Context } from '../context.js';
import { number } from '../parse.js';

interface MonitorArguments extends BoardChoice {
  duration?: number;
  interval: number;
  record?: string;
  configure?: boolean;
}

async function watchRates(
  { signal, output }: Context,
  open: OpenBoard,
  options: MonitorArguments,
  recording: EventRecording | undefined,
): Promise<StreamTotals> {
  const counts = new Float64Array(16);
  const view = new RatesView(output);
  let then = 0;
  const show = (totals: StreamTotals): Promise<void> => {
    const seconds = Math.max(totals.seconds - then, 1e-3);
    then = totals.seconds;
    const rates: Rates = { ...totals, coreRates: Array.from(counts, (count) => count / seconds) };
    counts.fill(0);
    return view.show(rates, recording?.events);
  };
  return stream(open, {
    signal,
    seconds: options.duration,
    tickMs: options.interval * 1000,
    onTick: show,
    onEvents: async (times, addresses, events) => {
      open.native.dynapseTally(addresses, events, counts);
      await recording?.append(times, addresses, events);
    },
  });
}

async function monitor(context: Context, open: OpenBoard, options: MonitorArguments): Promise<void> {
  const { output } = context;
  const { EventRecording } = await import('../../devices/dynapse/recording.js');
  const { record, model, configure } = options;
  const recording = record === undefined ? undefined : await EventRecording.open(record, open.info.serial);
  let totals: StreamTotals;
  try {
    if (configure || model) await configureBoard(context, open);
    if (model) await driveModel(open);
    output.note(
      `${boardName(open.info)}, until ${options.duration === undefined ? 'Ctrl-C' : `${options.duration} s have passed`}`,
    );
    totals = await watchRates(context, open, options, recording);
    await recording?.finish(totals.seconds);
  } catch (error) {
    await recording?.discard(); // what was finished stays
    throw error;
  }
  const { seconds, events, lost, resets } = totals;
  const file = recording?.path;
  await output.result({ summary: true, seconds, events, lost, resets, ...(file !== undefined && { file }) }, () => {
    const what = `${events} events in ${seconds.toFixed(1)} s, ${lost} lost`;
    return file === undefined ? what : `${what}; recorded in ${file}`;
  });
  checkEnd(totals);
  if (recording && lost > 0)
    throw new RockpoolError(
      'ERR_DEVICE_IO',
      `${lost} events were lost: the recording ${recording.path} is not complete`,
    );
}

export function register(program: Command): void {
  boardOptions(
    program
      .command('monitor')
      .description('Show how fast the neurons of each core of a DynapSE board fire, and record every event.')
      .option('--duration <seconds>', 'how long (default: until Ctrl-C)', number({ positive: true, max: 2e6 }))
      .option('--interval <seconds>', 'time between two looks', number({ min: 0.05, max: 3600 }), 1)
      .option('--record <file>', 'write all events to a TSEvent file (.npz): seconds, and board neurons as channels')
      .option('--configure', 'first send the default configuration: resting neurons whose spikes all go to the host'),
  )
    .addHelpText(
      'after',
      `
On a terminal the table is drawn anew; otherwise, and with --json, a line follows for each interval, and one with the sums at the end.
Rates are in spikes a second, per core (chips U0 to U3). Events that the computer did not take in time are counted as lost.
A recording takes its name when it ends, also by Ctrl-C, when the terminal is gone or the board is pulled out;
where the file cannot grow it keeps the events for which there was room; when events were lost the exit code is 4.
--model shows the board model, whose neurons are made to fire by a direct current.

Examples:
  rockpool-node monitor
  rockpool-node monitor --duration 60 --record night.npz
  rockpool-node monitor --model --duration 5 --json`,
    )
    .action(
      action(async (context: Context, options: MonitorArguments) => {
        if (options.record !== undefined) await checkFolder(options.record);
        await useBoard(options, (open) => monitor(context, open, options));
      }),
    );
}

/** Before a board is opened and configured. */
async function checkFolder(file: string): Promise<void> {
  const path = await import('node:path');
  const { stat } = await import('node:fs/promises');
  const folder = path.dirname(path.resolve(file));
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory())
    throw new RockpoolError('ERR_FILE', `cannot write '${file}': there is no folder ${folder}`, {
      details: { path: file },
    });
}
