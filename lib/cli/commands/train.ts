/** `rockpool-node train` */
import { Option, type Command } from 'commander';
import type { Network } from '../../networks/index.js';
import { action, type Context } from '../context.js';
import { hint } from '../hint.js';
import { UsageError } from '../exit.js';
import type { Model } from '../model.js';
import { addNirOptions, addSeriesOptions } from '../options.js';
import { integer, number, numbers } from '../parse.js';
import type { Preprocessing } from '../preprocessing.js';
import type { ReservoirSettings } from '../reservoir.js';
import type { NirOptions } from '../model.js';

export interface TrainOptions extends Partial<ReservoirSettings>, NirOptions {
  input: string[];
  target?: string[];
  labels?: string[];
  output: string;
  delay: number;
  inputDt?: number;
  layer?: string;
  mel?: number;
  hop?: number;
  regularize?: number;
  epochs?: number;
  loss?: 'mse' | 'cross-entropy';
  optimiser?: 'adam' | 'sgd';
  learningRate?: number;
  batchSize?: number;
  sequence?: number;
  clip?: number;
  checkpoint?: string;
  resume?: boolean;
}

/** Options that mean something in one way of training only. */
const reservoirNames = ['size', 'tau', 'radius', 'inputScale', 'bias', 'mel', 'hop'] as const;
const ridgeNames = ['regularize', 'layer'] as const;
const gradientNames = ['epochs', 'loss', 'optimiser', 'learningRate', 'batchSize', 'sequence', 'clip', 'checkpoint', 'resume'] as const; // prettier-ignore

const help = `
Without NET a new network is made: random input weights, a reservoir of rate neurons, and a readout; its sizes follow from
the data. Its readout, or the layer --layer of a NET of layers, is trained by ridge regression in one pass over the data. A
NET that is a module (JSON of the module API, or NIR) is trained by gradients through time, cut into sequences.

Each input has its own target: a time series with a channel for each output (--target), or a label track (--labels), lines
'start stop name' in seconds, as Audacity exports them; each name becomes an output that is 1 while it lasts.

--mel BANDS is for sounds: the network hears the power in mel bands, in units of 30 dB above -70 dB. It is kept in the
network's file, so that 'run' does the same.

Ctrl-C stops and leaves no file but the checkpoint, from which --resume goes on.

Examples:
  rockpool-node train -i speech.wav --labels speech.txt --mel 24 --size 500 -o words.json
  rockpool-node train -i a.npz -i b.npz -t wanted-a.npz -t wanted-b.npz --tau 0.01,1 --regularize 0.1 -o net.json
  rockpool-node train net.json -i x.npz -t y.npz --layer Readout -o trained.json
  rockpool-node train snn.json -i x.npz -t y.npz --epochs 50 --learning-rate 1e-3 --checkpoint training.npz -o out.json`;

const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

export function register(program: Command): void {
  const command = program
    .command('train')
    .argument('[net]', 'network, layer or module to train: JSON or NIR (default: a new reservoir)')
    .description('Train a network and write it.')
    .requiredOption('-i, --input <file>', 'input: npz, npy, wav, csv, json, aedat; may be given several times', collect)
    .option('-t, --target <file>', 'what the network shall put out; one for each input', collect)
    .option('-l, --labels <file>', 'or a label track; one for each input', collect)
    .requiredOption('-o, --output <file>', 'where to write the trained network: json, or nir for modules')
    .option('--delay <seconds>', 'how much later than the target the answer comes', number({ min: 0 }), 0)
    .option('--seed <n>', 'of random weights and of the order of sequences (default: 1)', integer({ min: 0 }))
    .optionsGroup('A new reservoir:')
    .option('--size <n>', 'neurons (default: 300)', integer({ min: 1, max: 32768 }))
    .option('--tau <seconds>', 'time constants, from,to (default: 0.025,0.2)', numbers({ positive: true }))
    .option('--radius <r>', 'spectral radius of the recurrent weights (default: 1)', number({ min: 0 }))
    .option('--input-scale <x>', 'size of the input weights (default: 2)', number({ min: 0 }))
    .option('--bias <x>', 'largest bias (default: 0.5)', number({ min: 0 }))
    .option('--mel <bands>', 'hear a sound in so many mel bands', integer({ min: 1, max: 4096 }))
    .option('--hop <seconds>', 'between the frames of mel bands (default: 0.01)', number({ positive: true }))
    .optionsGroup('Ridge regression:')
    .option('--regularize <x>', 'penalty of the weights (default: 0.1)', number({ min: 0 }))
    .option('--layer <name>', 'the layer that learns (default: the last one)')
    .optionsGroup('Gradients, for modules:')
    .option('--epochs <n>', 'times through the data (default: 10)', integer({ min: 1 }))
    .addOption(
      new Option('--loss <name>', 'what becomes smaller (default: mse, with --labels cross-entropy)').choices([
        'mse',
        'cross-entropy',
      ]),
    ) // prettier-ignore
    .addOption(new Option('--optimiser <name>', '(default: adam)').choices(['adam', 'sgd']))
    .option('--learning-rate <x>', '(default: 1e-3)', number({ positive: true }))
    .option('--batch-size <n>', 'sequences of a step (default: 32)', integer({ min: 1 }))
    .option('--sequence <seconds>', 'length of a sequence (default: 1)', number({ positive: true }))
    .option('--clip <norm>', 'largest norm of the gradients', number({ positive: true }))
    .option('--checkpoint <file>', 'file (npz) that the training is kept in, epoch by epoch')
    .option('--resume', 'go on from the checkpoint')
    .optionsGroup('Files:');
  addSeriesOptions(command);
  addNirOptions(command)
    .addHelpText('after', help)
    .action(action((context, net: string | undefined, options: TrainOptions) => train(context, net, options)));
}

/** Options are for one way of training: others are a mistake, not to be passed over. */
function refuse(options: TrainOptions, names: readonly (keyof TrainOptions)[], why: string): void {
  const given = names.find((name) => options[name] !== undefined);
  if (given === undefined) return;
  throw new UsageError(`--${given.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)} is ${why}`);
}

/** The network may give way to the trained one; nothing else that is read may. */
async function checkFiles(net: string | undefined, options: TrainOptions): Promise<void> {
  const { checkDistinct } = await import('../distinct.js');
  const { input, target, labels, output, checkpoint } = options;
  const read = { '--input': input, '--target': target, '--labels': labels };
  await checkDistinct({ '--output': output, '--checkpoint': checkpoint }, read);
  await checkDistinct({ '--checkpoint': checkpoint }, { NET: net });
}

async function train(context: Context, file: string | undefined, options: TrainOptions): Promise<void> {
  const { checkPaths } = await import('../train-data.js');
  const { checkOutput } = await import('../files.js');
  checkPaths({ inputs: options.input, targets: options.target, labels: options.labels });
  await checkOutput(options.output, ['.json', '.nir']);
  if (options.checkpoint !== undefined) await checkOutput(options.checkpoint, ['.npz'], '--checkpoint');
  else if (options.resume) throw new UsageError('--resume needs --checkpoint: the file to go on from');
  await checkFiles(file, options);
  if (options.tau && (options.tau.length > 2 || options.tau[0] > (options.tau[1] ?? Infinity)))
    throw new UsageError('--tau takes one time constant, or the shortest and the longest: 0.025,0.2');
  const { readModel } = await import('../model.js');
  const { convention, dt, integration, reset, allowLossy } = options;
  const model =
    file === undefined
      ? null
      : await readModel(file, { convention, dt, integration, reset, allowLossy, signal: context.signal });
  if (model) refuse(options, reservoirNames, 'for new networks, and there is a NET');
  if (model?.kind === 'module') {
    refuse(options, ridgeNames, 'for networks of layers, and NET is a module');
    return byGradient(context, model, options);
  }
  refuse(options, gradientNames, 'for modules: networks of layers learn by ridge regression');
  if (!options.output.endsWith('.json')) throw new UsageError('--output of a network of layers should end with .json');
  return byRidge(context, model, options);
}

async function readPairs(context: Context, options: TrainOptions, preprocessing: Preprocessing) {
  const { signal, progress } = context;
  const { readPairs } = await import('../train-data.js');
  const { input, target, labels, inputDt, delay } = options;
  const read = { preprocessing, inputDt, delay, signal, progress };
  return readPairs({ inputs: input, targets: target, labels }, read);
}

async function byRidge(context: Context, model: Model | null, options: TrainOptions): Promise<void> {
  const { signal, output, progress } = context;
  const { checkPair, trainRidge, trainedLayer } = await import('../train-ridge.js');
  const { saveModel } = await import('../save.js');
  const { melDefaults } = await import('../preprocessing.js');
  const mel = options.mel === undefined ? undefined : { ...melDefaults, bands: options.mel, hop: options.hop ?? melDefaults.hop }; // prettier-ignore
  if (options.hop !== undefined && !mel) throw new UsageError('--hop is for --mel');
  const given: Preprocessing = model?.preprocessing ?? (mel ? { mel } : {});
  const { pairs, preprocessing: heard } = await readPairs(context, options, given);
  const net = await networkOf(model, pairs[0], options);
  const layer = trainedLayer(net, options.layer);
  for (const pair of pairs) checkPair(pair, net, layer);
  const classes = options.labels ? heard.classes : undefined;
  const preprocessing = layer === net.outputLayer ? heard : { ...heard, classes: given.classes };
  await hint(context, pairs[0].input, net.dt as number);
  const regularize = options.regularize ?? 0.1;
  output.note(`training '${net.layerName(layer)}' with ${pairs.length === 1 ? 'one input' : `${pairs.length} inputs`}`);
  const result = await progress.during('training', (stage) =>
    trainRidge(net, layer, pairs, { regularize, signal, stage }),
  );
  signal.throwIfAborted();
  await saveModel(options.output, { kind: 'network', net, preprocessing });
  const name = net.layerName(layer);
  await output.result(
    { method: 'ridge', layer: name, ...result, ...(classes && { classes }), output: options.output },
    () =>
      [
        `trained '${name}' by ridge regression over ${result.steps} steps`,
        ...errorLines(result.mse, classes),
        `written: ${options.output}`,
      ].join('\n'),
  );
}

function errorLines(mse: readonly number[], classes: readonly string[] | undefined): string[] {
  const shown = mse.slice(0, 20).map((value, c) => `  ${classes?.[c] ?? `output ${c}`}: ${value.toPrecision(4)}`);
  const more = mse.length > 20 ? [`  and ${mse.length - 20} more`] : [];
  return ['mean square errors:', ...shown, ...more];
}

async function networkOf(
  model: Model | null,
  { input, target }: { input: object; target: { numChannels: number } },
  options: TrainOptions,
): Promise<Network> {
  if (model?.kind === 'network') return model.net;
  const { Network } = await import('../../networks/index.js');
  if (model?.kind === 'layer') return new Network([model.layer]);
  const { newReservoir, reservoirDefaults } = await import('../reservoir.js');
  const { TSContinuous } = await import('../../time-series/index.js');
  if (!(input instanceof TSContinuous)) throw new UsageError('a new reservoir takes samples; for events give a NET');
  const { size, tau, radius, inputScale, bias, dt, seed } = options;
  const asked = Object.entries({ size, tau, radius, inputScale, bias, dt, seed }).filter(([, v]) => v !== undefined);
  return newReservoir(input.numChannels, target.numChannels, { ...reservoirDefaults, ...Object.fromEntries(asked) });
}

async function byGradient(context: Context, model: Model & { kind: 'module' }, options: TrainOptions): Promise<void> {
  const { signal, output, progress } = context;
  const { trainGradient, trainableModule } = await import('../train-gradient.js');
  const { runnerOf } = await import('../model.js');
  const { saveModel } = await import('../save.js');
  const module = trainableModule(model.module);
  const { dt } = runnerOf(model, options.dt);
  const { pairs, preprocessing } = await readPairs(context, options, model.preprocessing);
  const classes = options.labels ? preprocessing.classes : undefined;
  await hint(context, pairs[0].input, dt);
  const { epochs = 10, optimiser = 'adam', learningRate = 1e-3, batchSize = 32, sequence = 1, seed = 1 } = options;
  const { loss = classes ? 'cross-entropy' : 'mse', clip, checkpoint, resume } = options;
  const result = await progress.during('training', (stage) =>
    trainGradient(module, pairs, dt, {
      ...{ epochs, loss, optimiser, learningRate, batchSize, sequence, seed, clip, checkpoint, resume, signal, stage },
      onEpoch: ({ epoch, loss: value }) => Promise.resolve(output.note(`epoch ${epoch + 1}: loss ${value.toPrecision(5)}`)), // prettier-ignore
    }),
  );
  signal.throwIfAborted();
  await saveModel(options.output, { kind: 'module', module, preprocessing });
  const losses = result.history.map((record) => record.loss);
  const { iterations, sequences, steps } = result;
  await output.result(
    {
      method: 'gradient',
      loss,
      losses,
      iterations,
      sequences,
      steps,
      ...(classes && { classes }),
      output: options.output,
    },
    () =>
      // prettier-ignore
      [
      `trained ${module.className} by gradients: ${losses.length} epochs of ${sequences} sequences of ${steps} steps`,
      `${loss}: ${losses[0].toPrecision(5)} in the first epoch, ${losses[losses.length - 1].toPrecision(5)} in the last`,
      `written: ${options.output}`,
    ].join('\n'),
  );
}
