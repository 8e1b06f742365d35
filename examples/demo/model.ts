/** What the two demonstrations have in common: a network, its readouts, and how they are trained and run. */
import { NdArray, TSContinuous, type Network, type NetworkOutputs, type TimeSeries } from 'rockpool-node';
import { type RRTrainedLayer } from 'rockpool-node/layers';
import { hop, latency } from './settings';
import { labelsOf, type Stream } from './versions';

/** What a readout hears: the reservoir, or what goes into the reservoir. */
export type Source = 'reservoir' | 'direct';

/** A layer that names the words. */
export interface Readout {
  layer: RRTrainedLayer;
  source: Source;
  /** The recording that its training leaves out, or null. */
  without: string | null;
}

/** What the networks of the two demonstrations differ in. */
export interface Kind {
  /** What goes into the reservoir, for readouts that do without it. */
  direct: (signals: NetworkOutputs) => TimeSeries;
  /** How late these answer, in seconds: what has no memory answers best at once. */
  directLatency: number;
  /** Makes an untrained readout. */
  makeReadout: (inputs: number, classes: number, name: string) => RRTrainedLayer;
  /** Penalty of the ridge regression. */
  regularize: number;
}

export interface Model {
  kind: Kind;
  /** Its layers `Reservoir` and `Readout` are what the readouts refer to. */
  net: Network;
  readouts: Readout[];
  classes: string[];
}

/** The readout of the network, one without the reservoir, and the same two for each recording to leave out. */
export function makeReadouts({ makeReadout }: Kind, net: Network, directSize: number, leaveOut: string[]): Readout[] {
  const layer = net.layer<RRTrainedLayer>('Readout');
  const add = (source: Source, without: string | null): Readout => {
    const name = `${source}${without === null ? '' : `-without-${without}`}`;
    const inputs = source === 'reservoir' ? layer.sizeIn : directSize;
    return { layer: makeReadout(inputs, layer.size, name), source, without };
  };
  return [
    { layer, source: 'reservoir', without: null },
    add('direct', null),
    ...leaveOut.flatMap((name) => [add('reservoir', name), add('direct', name)]),
  ];
}

/** How long after a sound the readouts of a source name it. */
export const latencyOf = ({ kind }: Pick<Model, 'kind'>, source: Source): number =>
  source === 'reservoir' ? latency : kind.directLatency;

function heardBy({ kind }: Model, source: Source, signals: NetworkOutputs): TimeSeries {
  return source === 'reservoir' ? signals.Reservoir : kind.direct(signals);
}

/** Trains all readouts in one pass of the network over the stream, one piece after the other. */
export function train(model: Model, { features: input, pieces }: Stream, onPiece: () => void): void {
  const { net, readouts, classes, kind } = model;
  const lists = readouts.map(({ without }) => pieces.map((_, k) => k).filter((k) => pieces[k]?.recording !== without));
  net.train(
    (_net, signals, _isFirst, _isLast, { batch }) => {
      const piece = pieces[batch];
      const targets = { reservoir: target('reservoir'), direct: target('direct') };
      function target(source: Source): TSContinuous {
        return targetOf(labelsOf(piece, classes, latencyOf(model, source)), classes.length, piece.first * hop);
      }
      readouts.forEach(({ layer, source, without }, r) => {
        if (piece.recording === without) return;
        const list = lists[r];
        layer.trainRr(targets[source], heardBy(model, source, signals), {
          regularize: kind.regularize,
          isFirst: batch === list[0],
          isLast: batch === list.at(-1),
          returnTrainingProgress: false,
        });
      });
      onPiece();
    },
    { input, numsTsBatch: pieces.map(({ frames }) => frames) },
  );
}

/** 1 in the channel of what is spoken, 0 elsewhere. */
function targetOf(labels: Int32Array, numClasses: number, tStart: number): TSContinuous {
  const target = NdArray.zeros([labels.length, numClasses]);
  labels.forEach((label, i) => target.set(i, label, 1));
  return TSContinuous.fromClocked(target, { dt: hop, tStart });
}

/** What the network put out for a piece, and how many seconds it took. */
export type OnSignals = (signals: NetworkOutputs, seconds: number) => void;

/**
 * Runs the network and its further readouts over a stream. Each answer is a series for a piece: what the readout says in each of its
 * frames.
 */
export function answer(model: Model, { features: input, pieces }: Stream, onPiece: OnSignals): TSContinuous[][] {
  const { net, readouts } = model;
  net.resetAll();
  for (const { layer } of readouts) layer.resetAll();
  return pieces.map(({ frames }) => {
    const begin = performance.now();
    const signals = net.evolve(input, { numTimesteps: frames });
    const seconds = (performance.now() - begin) / 1000;
    const answers = readouts.map(({ layer, source }) => {
      if (layer === net.outputLayer) return signals.Readout as TSContinuous;
      return layer.evolve(heardBy(model, source, signals), { numTimesteps: frames }) as TSContinuous;
    });
    onPiece(signals, seconds);
    return answers;
  });
}
