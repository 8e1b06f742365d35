/** What a run leaves behind, and reading it again. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Network, TimeSeries, TSContinuous, TSEvent } from 'rockpool-node';
import { Layer, type RRTrainedLayer } from 'rockpool-node/layers';
import { writeFileAtomic } from 'rockpool-node/io';
import type { Activity, ActivityFigures } from './activity';
import type { Kind, Model, Readout } from './model';
import { DemoError } from './options';
import type { Figures } from './score';
import { hop } from './settings';
import type { Piece, Stream } from './versions';

/** Everything beside signals, network and readouts. */
interface Description {
  /** The npm script that wrote it. */
  script: string;
  classes: string[];
  readouts: { file: string; source: Readout['source']; without: string | null }[];
  pieces: Piece[];
  figures: Figures;
  activity: ActivityFigures;
}

const paths = (folder: string) => ({
  network: join(folder, 'network.json'),
  input: join(folder, 'test-input.npz'),
  answers: join(folder, 'test-answers.npz'),
  spikes: (layer: string) => join(folder, `test-spikes-${layer}.npz`),
  description: join(folder, 'demo.json'),
});

/** What there is to write. */
export interface Results {
  script: string;
  model: Model;
  stream: Stream;
  answers: TSContinuous[][];
  figures: Figures;
  activity: Activity;
}

/** Writes the signals of the test as npz, the network and the other readouts as JSON. */
export async function writeRun(folder: string, results: Results): Promise<void> {
  const { script, model, stream, answers, figures, activity } = results;
  const { network, input, answers: said, spikes, description } = paths(folder);
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
  for (const [name, series] of activity.spikes()) await series.save(spikes(name));
  const { classes } = model;
  const { pieces } = stream;
  const text: Description = { script, classes, readouts, pieces, figures, activity: activity.figures };
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
  spikes: Map<string, TSEvent>;
  figures: Figures;
  activity: ActivityFigures;
}

/** Reads what a run of a demonstration wrote. */
export async function readRun(folder: string, { script, kind }: { script: string; kind: Kind }): Promise<Run> {
  const { network, input, answers: said, spikes: events } = paths(folder);
  const { classes, readouts, pieces, figures, activity } = await readDescription(folder, script);
  const net = await Network.load(network);
  const own: Readout = { layer: net.outputLayer as RRTrainedLayer, source: 'reservoir', without: null };
  const others = readouts.map(async ({ file, source, without }): Promise<Readout> => {
    return { layer: (await Layer.loadFromFile(join(folder, file))) as RRTrainedLayer, source, without };
  });
  const [features, answers] = await Promise.all([input, said].map((path) => TSContinuous.load(path)));
  const spikes = activity.layers.map(async ({ name }) => [name, await TSEvent.load(events(name))] as const);
  return {
    model: { kind, net, readouts: [own, ...(await Promise.all(others))], classes },
    stream: { features, pieces },
    answers,
    spikes: new Map(await Promise.all(spikes)),
    figures,
    activity,
  };
}

async function readDescription(folder: string, script: string): Promise<Description> {
  const { description } = paths(folder);
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
  if (parsed.script !== script)
    throw new DemoError(`there is no run of this demonstration in ${folder}, but one of: npm run ${parsed.script}`);
  return parsed;
}
