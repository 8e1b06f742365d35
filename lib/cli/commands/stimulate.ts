/** `rockpool-node stimulate` */
import type { Command } from 'commander';
import { RockpoolError } from '../../errors.js';
import { boardName, boardOptions, configureBoard, connectModel, nativeBoards, useBoard } from '../boards/open.js';
import type { BoardChoice, OpenBoard } from '../boards/open.js';
import { maxPoissonRate, planStimulus } from '../boards/stimulus.js';
import type { StimulusArguments, StimulusPlan } from '../boards/stimulus.js';
import { checkEnd, stream, type StreamTotals } from '../boards/stream.js';
import { action, type Context } from '../context.js';
import { indices, integer, number } from '../parse.js';

interface StimulateArguments extends StimulusArguments, BoardChoice {
  configure?: boolean;
  dryRun?: boolean;
}

/** Seconds that a board may still be busy with after a train's own time. */
const margin = 0.1;

function describe(plan: StimulusPlan, { chip, cores, duration }: StimulateArguments): Record<string, unknown> {
  if (plan.generator === 'poisson') {
    const { sources, rates } = plan;
    return { generator: 'poisson', chip, sources: sources.length, rate: rates[0], seconds: duration ?? null };
  }
  const { events, trainEvents, repeat, seconds, base } = plan;
  return { generator: 'spikes', chip, cores, events, trainEvents, repeat, seconds, unit: base / 90e6 };
}

function text(plan: StimulusPlan, { chip, cores }: StimulateArguments): string {
  if (plan.generator === 'poisson')
    return `Poisson generator: ${plan.sources.length} sources of ${plan.rates[0]} Hz to all cores of chip ${chip}`;
  const { events, trainEvents, seconds, repeat } = plan;
  const fillers = trainEvents > events ? ` and ${trainEvents - events} for long silences` : '';
  const again = repeat ? ', again and again' : '';
  return `spike generator: ${events} events${fillers} in ${seconds.toFixed(3)} s${again} to cores ${cores.join(', ')} of chip ${chip}`;
}

/** Starts a generator; resolves to what stops it. */
async function begin(open: OpenBoard, plan: StimulusPlan, chip: number): Promise<() => Promise<void>> {
  const { native, board } = open;
  if (plan.generator === 'poisson') {
    await native.dynapseSetPoisson(board, chip, plan.sources, plan.rates, undefined).promise;
    await native.dynapseRunPoisson(board, true).promise;
    return async () => {
      await native.dynapseRunPoisson(board, false).promise;
      await native.dynapseSetPoisson(board, chip, plan.sources, new Float64Array(plan.rates.length), undefined).promise;
    };
  }
  await native.dynapseWriteMemory(board, 0, plan.words, undefined).promise;
  await native.dynapseStartTrain(board, 0, plan.trainEvents, true, 0, plan.base, plan.repeat).promise;
  return () => native.dynapseStopTrain(board).promise;
}

async function play(context: Context, open: OpenBoard, plan: StimulusPlan, options: StimulateArguments): Promise<void> {
  const { signal, output, progress } = context;
  const { native, board, info } = open;
  if (plan.generator === 'spikes' && options.chip !== 0 && !info.model && info.logic <= 5)
    throw new RockpoolError(
      'ERR_DEVICE_LOGIC',
      `the spike generator of a board with logic ${info.logic} reaches chip 0 alone`,
    );
  if (options.configure || info.model) await configureBoard(context, open);
  if (info.model) await connectModel(open);
  const once = plan.generator === 'spikes' && !plan.repeat;
  const seconds = options.duration ?? (once ? plan.seconds + margin : undefined);
  output.note(`${boardName(info)}: ${text(plan, options)}${seconds === undefined ? ', until Ctrl-C' : ''}`);
  // The stream begins first: it switches the chips' buses on, and shows what the stimulus does.
  let stop = (): Promise<void> => Promise.resolve();
  const stage = progress.start('stimulating');
  let totals: StreamTotals;
  await native.dynapseStart(board).promise;
  try {
    stop = await begin(open, plan, options.chip);
    // The model's time passes more slowly than ours where the computer is slow or busy: there, its clock counts.
    const boardTime = () => (info.model ? native.dynapseModelCounters(board).microseconds / 1e6 : NaN);
    const first = boardTime();
    totals = await stream(open, {
      signal,
      ...(!info.model && { seconds }),
      until: () => seconds !== undefined && boardTime() - first >= seconds,
      tickMs: 100,
      onTick: ({ seconds: passed }) => {
        if (seconds !== undefined) stage.update(Math.min(passed, seconds), seconds);
      },
    });
  } finally {
    stage.end();
    await stop().catch(() => {}); // the board may be gone: what happened to it is told by the stream
  }
  const played = info.model ? { generated: native.dynapseModelCounters(board).generatorEvents } : {};
  const result = {
    ...describe(plan, options),
    sent: true,
    played: totals.seconds,
    spikes: totals.events,
    lost: totals.lost,
  };
  await output.result(
    { ...result, ...played },
    `${totals.seconds.toFixed(1)} s, ${totals.events} spikes came back, ${totals.lost} lost`,
  );
  checkEnd(totals);
}

export function register(program: Command): void {
  boardOptions(
    program
      .command('stimulate [file]')
      .description('Play a TSEvent file, regular spikes or Poisson spikes to the neurons of a DynapSE board.')
      .option('--rate <hertz>', 'Poisson spikes of each source', number({ min: 0, max: maxPoissonRate }))
      .option('--regular <hertz>', 'regular spikes of each source, all at once', number({ positive: true, max: 90e6 }))
      .option('--neurons <list>', 'sources of --rate and --regular: core * 256 + neuron, such as 1-9,300', indices)
      .option('--chip <number>', 'the chip that gets the spikes', integer({ min: 0, max: 3 }), 0)
      .option('--cores <list>', 'its cores that get the spikes of FILE or --regular', indices, [0, 1, 2, 3])
      .option(
        '--duration <seconds>',
        'how long (default: FILE once, the others until Ctrl-C)',
        number({ positive: true, max: 2e6 }),
      )
      .option('--repeat', 'FILE again and again')
      .option(
        '--unit <seconds>',
        'resolution of spike times of FILE and --regular (default: 2e-5)',
        number({ positive: true }),
      )
      .option('--configure', 'first send the default configuration')
      .option('--dry-run', 'only check, and tell what would be sent: needs no board'),
  )
    .addHelpText(
      'after',
      `
FILE is a TSEvent file (.npz) whose channels are sources: virtual core * 256 + neuron, 1 to 1023. A neuron hears a source by an input
synapse (CAM) that names it: without connections nothing happens. Times count from the series' start. In the board model (--model) each
neuron hears the source of its own number.

Checked before anything is sent: at most 65535 events, those included that fill silences longer than 65535 units; sources 1 to 1023, since all
empty synapses listen to source 0; rates up
to ${maxPoissonRate} Hz (steps of 0.067 Hz); a unit of 11.1 ns to 728 us. The spike generator of a board with logic 5 reaches chip 0 alone.

Examples:
  rockpool-node stimulate input.npz --duration 10 --repeat
  rockpool-node stimulate --rate 50 --neurons 1-64 --chip 1
  rockpool-node stimulate input.npz --dry-run --json`,
    )
    .action(
      action(async (context: Context, file: string | undefined, options: StimulateArguments) => {
        const plan = await planStimulus(await nativeBoards(), file, options);
        if (options.dryRun) {
          await context.output.result({ ...describe(plan, options), sent: false }, text(plan, options));
          if (plan.generator === 'spikes' && options.chip !== 0 && !options.model)
            context.output.warning({
              code: 'CHIP_UNREACHED',
              message: `a board with logic 5 or less refuses this: its spike generator reaches chip 0 alone, not chip ${options.chip}`,
            });
          return;
        }
        await useBoard(options, (open) => play(context, open, plan, options));
      }),
    );
}
