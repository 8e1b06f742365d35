/** What the two demonstrations do: learn words, tell how well, and do it again from their files. */
import { mkdir } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { RockpoolError, setWarningHandler, type TSContinuous } from 'rockpool-node';
import { Activity, activityTable, peakMemory, speedLine } from './activity';
import { joinAnswers, readRun, writeRun } from './files';
import { answer, train, type Kind, type Model } from './model';
import { DemoError, readOptions, usage, type CommandLine, type DemoOptions } from './options';
import { Pictures } from './pictures';
import { readRecordings, type Recording } from './recordings';
import { Progress, table } from './report';
import { scoreAll } from './score';
import { latency, seed, silence, type Sizes } from './settings';
import { makeStream } from './versions';

export interface Demonstration extends CommandLine {
  kind: Kind;
  fullSizes: Sizes;
  quickSizes: Sizes;
  /** Makes an untrained model. `leaveOut` names the recordings to leave out, one at a time; `sound` is some of the training's. */
  build: (neurons: number, classes: string[], leaveOut: string[], sound: TSContinuous, progress: Progress) => Model;
}

const progress = new Progress();

/** Recordings whose words all occur in others too. */
function replaceable(recordings: Recording[]): string[] {
  const occurs = (word: string, but: Recording) =>
    recordings.some((r) => r !== but && r.spans.some((span) => span.word === word));
  return recordings
    .filter((recording) => recording.spans.every(({ word }) => occurs(word, recording)))
    .map(({ name }) => name);
}

async function run(demo: Demonstration, { wav, out, quick, plot }: DemoOptions): Promise<void> {
  const { neurons, trainVersions, testVersions } = quick ? demo.quickSizes : demo.fullSizes;
  const recordings = await readRecordings(wav);
  await mkdir(out, { recursive: true }); // before the work, should it fail
  const classes = [...new Set(recordings.flatMap(({ spans }) => spans.map(({ word }) => word))), silence];
  console.log(`${recordings.length} recordings from ${wav}; words: ${classes.slice(0, -1).join(', ')}`);

  progress.start('making versions to train with', trainVersions * recordings.length);
  const training = makeStream(recordings, trainVersions, { seed }, progress.step);
  progress.start('making versions to test with', testVersions * recordings.length);
  const test = makeStream(recordings, testVersions, { seed: seed + 1, unchanged: true }, progress.step);
  const model = demo.build(neurons, classes, replaceable(recordings), training.features, progress);
  progress.start(`training ${model.readouts.length} readouts of ${neurons} neurons`, training.pieces.length);
  train(model, training, progress.step);
  progress.start('testing', test.pieces.length);
  const activity = new Activity(model.net);
  const pictures = plot === undefined ? null : new Pictures();
  const answers = answer(model, test, (signals, seconds) => {
    activity.add(signals, seconds);
    pictures?.add(signals);
    progress.step();
  });
  const figures = scoreAll(model, test.pieces, answers);
  progress.start(`writing to ${out}`, 1);
  await writeRun(out, { script: demo.script, model, stream: test, answers, figures, activity });
  if (pictures && plot !== undefined) {
    progress.start(`drawing to ${plot}`, 1);
    await pictures.save(plot, model, test.features);
  }
  progress.end();
  console.log(
    `trained with ${training.pieces.length} versions (${training.features.duration.toFixed(0)} s of sound), tested with ` +
      `${test.pieces.length} others (${test.features.duration.toFixed(0)} s); answers come ${latency * 1000} ms after the sound`,
  );
  console.log(table(figures) + activityTable(activity.figures));
  console.log(`\nSignals, network and figures are in ${out}; all took ${progress.seconds.toFixed(1)} s.`);
  console.log(`${speedLine(activity)}; peak memory ${peakMemory()}.`);
}

async function resume(demo: Demonstration, folder: string): Promise<void> {
  const before = await readRun(folder, demo);
  const { model, stream } = before;
  progress.start(`testing the network in ${folder}`, stream.pieces.length);
  const activity = new Activity(model.net);
  const answers = answer(model, stream, (signals, seconds) => {
    activity.add(signals, seconds);
    progress.step();
  });
  const figures = scoreAll(model, stream.pieces, answers);
  progress.end();
  console.log(`the network and the signals in ${folder}, run again`);
  console.log(table(figures) + activityTable(activity.figures));
  if (!isDeepStrictEqual([figures, activity.figures], [before.figures, before.activity]))
    throw new DemoError(`\nthese are not the figures of the first run in ${folder}`);
  const same =
    isDeepStrictEqual(joinAnswers(answers).samples.data, before.answers.samples.data) && activity.isLike(before.spikes);
  if (!same) {
    throw new DemoError(`\nthe figures are those of the first run in ${folder}, but the answers differ in some bits`);
  }
  console.log(
    `\nFigures and answers are those of the first run, bit for bit; all took ${progress.seconds.toFixed(1)} s.`,
  );
}

async function main(demo: Demonstration): Promise<void> {
  const options = readOptions(process.argv.slice(2), demo);
  if (options === 'help') return console.log(usage(demo));
  setWarningHandler((warning) => console.error(String(warning.message)));
  return options.resume === undefined ? run(demo, options) : resume(demo, options.resume);
}

/** Runs a demonstration with the arguments of the command line. */
export function runDemonstration(demo: Demonstration): void {
  main(demo).catch((error: unknown) => {
    progress.end();
    const expected =
      error instanceof DemoError ||
      error instanceof RockpoolError ||
      (error as NodeJS.ErrnoException)?.syscall !== undefined;
    console.error(expected ? (error as Error).message : error);
    process.exitCode = 1;
  });
}
