/** Recordings of spoken words, and where in them each word is. */
import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { melSpectrogram, type TSContinuous } from 'rockpool-node';
import { readWav } from 'rockpool-node/io';
import { alsaSounds, DemoError } from './options';

/** A word and the seconds that it lasts from and to. */
export interface Span {
  word: string;
  start: number;
  stop: number;
}

export interface Recording {
  name: string;
  /** One channel. */
  signal: TSContinuous;
  /** Samples a second. */
  rate: number;
  /** Root mean square of the samples. */
  loudness: number;
  spans: Span[];
}

/** What is this much weaker than the loudest moment, in decibels, is a pause. */
const pauseBelow = 40;
const frame = 0.01;

/** Reads all WAV files of a folder, in the order of their names. */
export async function readRecordings(folder: string): Promise<Recording[]> {
  const files = (await list(folder)).filter((file) => extname(file).toLowerCase() === '.wav').sort();
  if (files.length === 0) throw new DemoError(`there are no WAV files in ${folder}`);
  const recordings = await Promise.all(files.map((file) => read(join(folder, file))));
  const words = new Set(recordings.flatMap(({ spans }) => spans.map(({ word }) => word)));
  if (words.size < 2) {
    throw new DemoError(
      `the files in ${folder} hold only the word '${[...words].join()}': it takes two to tell them apart`,
    );
  }
  return recordings;
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT' ? 'does not exist' : code === 'ENOTDIR' ? 'is not a folder' : (error as Error).message;
    const advice =
      folder === alsaSounds
        ? '\nThe recordings come with the package alsa-utils (Debian, Ubuntu: sudo apt-get install alsa-utils).' +
          '\nOr name a folder of your own with -- --wav DIR.'
        : '';
    throw new DemoError(`the folder ${folder} ${reason}${advice}`);
  }
}

async function read(path: string): Promise<Recording> {
  const name = basename(path, extname(path));
  const sound = await readWav(path);
  const channels = sound.numChannels;
  const signal = channels === 1 ? sound : sound.matmul(new Float64Array(channels).fill(1 / channels));
  const rate = signal.length / signal.duration;
  const energy = signal.samples.data.reduce((sum, x) => sum + x * x, 0);
  const words = name.split('_').filter((word) => word !== '');
  return { name, signal, rate, loudness: Math.sqrt(energy / signal.length), spans: findWords(signal, words, path) };
}

/** The stretches of sound between the longest pauses, one for each word. */
function findWords(signal: TSContinuous, words: string[], path: string): Span[] {
  const bands = melSpectrogram(signal, { bands: 8, window: 2 * frame, hop: frame, scale: 'power' });
  const power = bands.matmul(new Float64Array(8).fill(1)).samples.data;
  const threshold = power.reduce((a, b) => Math.max(a, b), 0) * 10 ** (-pauseBelow / 10);
  if (!(threshold > 0)) throw new DemoError(`${path} is silent`);
  const loud = Array.from(power, (p, i) => (p >= threshold ? i : -1)).filter((i) => i >= 0);
  const first = loud[0];
  const last = loud.at(-1) as number;
  const pauses = loud
    .map((from, k) => ({ from, to: loud[k + 1] ?? from }))
    .filter(({ from, to }) => to - from > 1)
    .sort((a, b) => b.to - b.from - (a.to - a.from))
    .slice(0, words.length - 1)
    .sort((a, b) => a.from - b.from);
  if (pauses.length < words.length - 1) {
    throw new DemoError(
      `the name of ${path} says ${words.length} words, but only ${pauses.length + 1} can be told apart in it`,
    );
  }
  return words.map((word, k) => ({
    word,
    start: (pauses[k - 1]?.to ?? first) * frame,
    stop: ((pauses[k]?.from ?? last) + 1) * frame,
  }));
}
