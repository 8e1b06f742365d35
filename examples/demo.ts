/**
 * The demonstration: a reservoir learns to tell, moment by moment, which word is being spoken.
 *
 *     npm run demo -- [--wav DIR] [--out DIR] [--quick] [--resume DIR]
 *
 * Recordings become series of band energies, go through input weights into a reservoir of rate neurons, and a readout trained by ridge
 * regression names the words. It is tested with versions of the recordings that training never saw, and with recordings that were
 * left out of training altogether.
 */
import { mkdir } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { setWarningHandler, RockpoolError } from 'rockpool-node';
import { joinAnswers, readRun, writeRun } from './demo/files';
import { answer, buildModel, train } from './demo/network';
import { DemoError, readOptions, usage } from './demo/options';
import { readRecordings, type Recording } from './demo/recordings';
import { Progress, table } from './demo/report';
import { scoreAll } from './demo/score';
import { fullSizes, latency, quickSizes, seed, silence } from './demo/settings';
import { makeStream } from './demo/versions';

const progress = new Progress();

/** Recordings whose words all occur in others too. */
function replaceable(recordings: Recording[]): string[] {
  const occurs = (word: string, but: Recording) =>
    recordings.some((r) => r !== but && r.spans.some((span) => span.word === word));
  return recordings
    .filter((recording) => recording.spans.every(({ word }) => occurs(word, recording)))
    .map(({ name }) => name);
}

async function run(wav: string, out: string, quick: boolean): Promise<void> {
  const { neurons, trainVersions, testVersions } = quick ? quickSizes : fullSizes;
  const recordings = await readRecordings(wav);
  await mkdir(out, { recursive: true }); // before the work, should it fail
  const classes = [...new Set(recordings.flatMap(({ spans }) => spans.map(({ word }) => word))), silence];
  const leaveOut = replaceable(recordings);
  console.log(`${recordings.length} recordings from ${wav}; words: ${classes.slice(0, -1).join(', ')}`);

  progress.start('making versions to train with', trainVersions * recordings.length);
  const training = makeStream(recordings, trainVersions, { seed }, progress.step);
  progress.start('making versions to test with', testVersions * recordings.length);
  const test = makeStream(recordings, testVersions, { seed: seed + 1, unchanged: true }, progress.step);
  const model = buildModel(neurons, classes, leaveOut);
  progress.start(`training ${model.readouts.length} readouts of ${neurons} neurons`, training.pieces.length);
  train(model, training, progress.step);
  progress.start('testing', test.pieces.length);
  const answers = answer(model, test, progress.step);
  const figures = scoreAll(model, test.pieces, answers);
  progress.start(`writing to ${out}`, 1);
  await writeRun(out, model, test, answers, figures);
  progress.end();
  console.log(
    `trained with ${training.pieces.length} versions (${training.features.duration.toFixed(0)} s of sound), tested with ` +
      `${test.pieces.length} others (${test.features.duration.toFixed(0)} s); answers come ${latency * 1000} ms after the sound`,
  );
  console.log(table(figures));
  console.log(`\nSignals, network and figures are in ${out}; all took ${progress.seconds.toFixed(1)} s.`);
}

async function resume(folder: string): Promise<void> {
  const { model, stream, answers: before, figures } = await readRun(folder);
  progress.start(`testing the network in ${folder}`, stream.pieces.length);
  const answers = answer(model, stream, progress.step);
  const again = scoreAll(model, stream.pieces, answers);
  progress.end();
  console.log(`the network and the signals in ${folder}, run again`);
  console.log(table(again));
  if (!isDeepStrictEqual(again, figures))
    throw new DemoError(`\nthese are not the figures of the first run in ${folder}`);
  if (!isDeepStrictEqual(joinAnswers(answers).samples.data, before.samples.data)) {
    throw new DemoError(`\nthe figures are those of the first run in ${folder}, but the answers differ in some bits`);
  }
  console.log(
    `\nFigures and answers are those of the first run, bit for bit; all took ${progress.seconds.toFixed(1)} s.`,
  );
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') return console.log(usage);
  setWarningHandler((warning) => console.error(String(warning.message)));
  return options.resume === undefined ? run(options.wav, options.out, options.quick) : resume(options.resume);
}

main().catch((error: unknown) => {
  progress.end();
  const expected =
    error instanceof DemoError ||
    error instanceof RockpoolError ||
    (error as NodeJS.ErrnoException)?.syscall !== undefined;
  console.error(expected ? (error as Error).message : error);
  process.exitCode = 1;
});
