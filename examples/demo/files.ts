/** What a run leaves behind, and reading it again. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Network, TimeSeries, TSContinuous } from 'rockpool-node';
import { PassThrough } from 'rockpool-node/layers';
import { writeFileAtomic } from 'rockpool-node/io';
import type { Model, Readout } from './network';
import { DemoError } from './options';
import type { Figures } from './score';
import { hop } from './settings';
import type { Piece, Stream } from './versions';

/** Everything beside signals, network and readouts. */
interface Description {
  classes: string[];
  readouts: { file: string; source: Readout['source']; without: string | null }[];
  pieces: Piece[];
  figures: Figures;
}

const paths = (folder: string) => ({
  network: join(folder, 'network.json'),
  input: join(folder, 'test-input.npz'),
  answers: join(folder, 'test-answers.npz'),
  description: join(folder, 'demo.json'),
});

/** Writes the signals of the test as npz, the network and the other readouts as JSON. */
export async function writeRun(
  folder: string,
  model: Model,
  stream: Stream,
  answers: TSContinuous[][],
  figures: Figures,
): Promise<void> {
  const { network, input, answers: said, description } = paths(folder);
  await mkdir(folder, { recursive: true });
  await model.net.save(network);
  const others = model.readouts.filter(({ layer }) => layer !== model.net.outputLayer);
  const readouts = others.map(({ layer, source, without }, i) => ({
    file: `readout-${i}-${layer.name}.json`,
    source,
    without,
  }));
  for (const [i, { layer }] of others.entries()) await layer.saveLayer(join(folder, readouts[i]?.file));
  await stream.features.save(input);
  await joinAnswers(answers).save(said);
  const text: Description = { classes: model.classes, readouts, pieces: stream.pieces, figures };
  await writeFileAtomic(description, `${JSON.stringify(text, null, 1)}\n`);
}

/** What the network's own readout said in all the stream. */
export function joinAnswers(answers: TSContinuous[][]): TSContinuous {
  const said = answers.map((row) => row[0]);
  return TimeSeries.concatenateT(said, { offset: hop });
}

/** An earlier run. */
export interface Run {
  model: Model;
  stream: Stream;
  answers: TSContinuous;
  figures: Figures;
}

export async function readRun(folder: string): Promise<Run> {
  const { network, input, answers: said, description } = paths(folder);
  let text: string;
  try {
    text = await readFile(description, 'utf8');
  } catch {
    throw new DemoError(`there is no run of this demonstration in ${folder}: ${description} cannot be read`);
  }
  let parsed: Description;
  try {
    parsed = JSON.parse(text) as Description;
  } catch (error) {
    throw new DemoError(`${description} is damaged: ${(error as Error).message}`);
  }
  const net = await Network.load(network);
  const readouts: Readout[] = [{ layer: net.outputLayer as PassThrough, source: 'reservoir', without: null }];
  for (const { file, source, without } of parsed.readouts) {
    readouts.push({ layer: await PassThrough.loadFromFile(join(folder, file)), source, without });
  }
  const [features, answers] = await Promise.all([input, said].map((path) => TSContinuous.load(path)));
  return {
    model: { net, readouts, classes: parsed.classes },
    stream: { features: features, pieces: parsed.pieces },
    answers: answers,
    figures: parsed.figures,
  };
}
