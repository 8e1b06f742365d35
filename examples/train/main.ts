/** Trains the network, tests it, keeps it, and runs what was kept again. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { NdArray, RockpoolError, setWarningHandler } from 'rockpool-node';
import { writeFileAtomic } from 'rockpool-node/io';
import { SynNet } from 'rockpool-node/nn/networks';
import { Adam, cosineSchedule, crossEntropy, fit } from 'rockpool-node/training';
import { type CommandLine, DemoError, type DemoOptions, readOptions, usage } from '../demo/options';
import { readRecordings, type Recording } from '../demo/recordings';
import { Progress } from '../demo/report';
import { seed } from '../demo/settings';
import { makeStream } from '../demo/versions';
import { accuracy, answersOf, ask, confusions } from './answers';
import { type Clips, cutClips } from './clips';
import { frames, fullSizes, network, quickSizes, training, type TrainingSizes } from './settings';

/** What a run found, as it is kept. */
interface Figures {
  words: string[];
  testVersions: number;
  accuracy: number;
  confusions: number[][];
}

const progress = new Progress();

function wordsOf(recordings: Recording[]): string[] {
  return [...new Set(recordings.flatMap(({ spans }) => spans.map(({ word }) => word)))];
}

/** Words of versions that no other seed makes. */
function clips(recordings: Recording[], what: string, count: number, ownSeed: number): Clips {
  progress.start(`making versions to ${what}`, count * recordings.length);
  return cutClips(
    makeStream(recordings, count, { seed: ownSeed }, progress.step),
    wordsOf(recordings),
    frames,
    ownSeed,
  );
}

const testClips = (recordings: Recording[], count: number): Clips => clips(recordings, 'test with', count, seed + 2);

function buildNetwork(words: number, bands: number, { hidden }: TrainingSizes): SynNet {
  const { dt, tauMem, tauSynBase, tauSynOut, timeConstants } = network;
  return new SynNet(words, bands, {
    sizeHiddenLayers: hidden,
    timeConstantsPerLayer: hidden.map(() => timeConstants),
    ...{ dt, tauMem, tauSynBase, tauSynOut, pDropout: training.dropout, output: 'vmem' },
    ...{ precision: 'float32', seed },
  });
}

/** Dropout is for training. */
function setTraining(net: SynNet, on: boolean): void {
  for (const module of net) if ('training' in module) (module as { training: boolean }).training = on;
}

async function train(net: SynNet, given: Clips, watched: Clips, epochs: number): Promise<void> {
  const { batchSize, stepSize, clipNorm } = training;
  const steps = epochs * Math.ceil(given.labels.length / batchSize);
  progress.start(`training with ${given.labels.length} words`, epochs);
  setTraining(net, true);
  await fit(
    net,
    { input: given.input, target: NdArray.from(given.labels) },
    {
      ...{ epochs, batchSize, seed },
      loss: crossEntropy({ time: 'mean' }),
      optimiser: new Adam({ stepSize: cosineSchedule(stepSize, { steps }) }),
      clip: { norm: clipNorm },
      validation: { input: watched.input, target: NdArray.from(watched.labels) },
      metrics: { accuracy: (output, target) => accuracy(answersOf(output), target.data) },
      onEpoch: ({ epoch, loss, validation }) => {
        progress.step();
        if (epoch % 5 === 4)
          progress.note(
            `epoch ${epoch + 1}: loss ${loss.toFixed(3)}, ${(100 * validation!.metrics['accuracy']).toFixed(1)} % of the watched words`,
          );
      },
    },
  );
  setTraining(net, false);
}

function report({ words, confusions: table, accuracy: share }: Figures): void {
  const width = Math.max(...words.map((word) => word.length), 4) + 2;
  const cells = (row: readonly (string | number)[]): string => row.map((x) => String(x).padStart(width)).join('');
  console.log(`said${cells(words)}   (taken for)`);
  words.forEach((word, i) => console.log(`${word.padEnd(width)}${cells(table[i])}`));
  const all = table.flat().reduce((a, b) => a + b, 0);
  console.log(
    `\n${(100 * share).toFixed(1)} % of ${all} words of versions that training never saw were named rightly.`,
  );
}

async function run(out: string, { wav, quick }: DemoOptions): Promise<void> {
  const sizes = quick ? quickSizes : fullSizes;
  const recordings = await readRecordings(wav);
  await mkdir(out, { recursive: true }); // before the work, should it fail
  const words = wordsOf(recordings);
  console.log(`${recordings.length} recordings from ${wav}; words: ${words.join(', ')}`);
  const given = clips(recordings, 'train with', sizes.trainVersions, seed);
  const watched = clips(recordings, 'watch', sizes.watchVersions, seed + 1);
  const test = testClips(recordings, sizes.testVersions);
  const net = buildNetwork(words.length, given.input.shape[2], sizes);
  await train(net, given, watched, sizes.epochs);
  progress.start('testing', 1);
  const answers = await ask(net, test.input);
  const figures: Figures = {
    ...{ words, testVersions: sizes.testVersions, accuracy: accuracy(answers, test.labels) },
    confusions: confusions(answers, test.labels, words.length),
  };
  await net.save(join(out, 'network.json'));
  await writeFileAtomic(join(out, 'figures.json'), JSON.stringify(figures, null, 1));
  progress.end();
  report(figures);
  console.log(`Network and figures are in ${out}; all took ${progress.seconds.toFixed(1)} s.`);
}

async function resume(folder: string, { wav }: DemoOptions): Promise<void> {
  const before = JSON.parse(await readFile(join(folder, 'figures.json'), 'utf8')) as Figures;
  const net = await SynNet.load(join(folder, 'network.json'));
  setTraining(net, false);
  const test = testClips(await readRecordings(wav), before.testVersions);
  const answers = await ask(net, test.input);
  progress.end();
  const table = confusions(answers, test.labels, before.words.length);
  report({ ...before, confusions: table, accuracy: accuracy(answers, test.labels) });
  if (!isDeepStrictEqual(table, before.confusions))
    throw new DemoError(`\nthese are not the figures of the first run in ${folder}`);
  console.log('These are the figures of the first run.');
}

async function main(line: CommandLine): Promise<void> {
  const options = readOptions(process.argv.slice(2), line);
  if (options === 'help') return console.log(usage(line));
  setWarningHandler((warning) => console.error(String(warning.message)));
  return options.resume === undefined ? run(options.out, options) : resume(options.resume, options);
}

/** Runs the demonstration with the arguments of the command line. */
export function runTraining(line: CommandLine): void {
  main(line).catch((error: unknown) => {
    progress.end();
    const expected =
      error instanceof DemoError ||
      error instanceof RockpoolError ||
      (error as NodeJS.ErrnoException)?.syscall !== undefined;
    console.error(expected ? (error as Error).message : error);
    process.exitCode = 1;
  });
}
