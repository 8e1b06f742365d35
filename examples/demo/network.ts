/** The network: input weights, a reservoir of rate neurons, a readout; and further readouts to compare with. */
import { Network, NdArray, TSContinuous, type Matrix } from 'rockpool-node';
import { PassThrough, RecRateEuler } from 'rockpool-node/layers';
import { unitLambdaNet } from 'rockpool-node/weights';
import { between, uniforms } from './random';
import { features, hop, latency, regularize, reservoir, seed } from './settings';
import { labelsOf, type Stream } from './versions';

/** A layer that names the words, from the reservoir's activity or from the features themselves. */
export interface Readout {
  layer: PassThrough;
  source: 'reservoir' | 'features';
  /** The recording that its training leaves out, or null. */
  without: string | null;
}

export interface Model {
  net: Network;
  readouts: Readout[];
  classes: string[];
}

function matrix(rows: number, columns: number, element: () => number): Matrix {
  return new NdArray(Float64Array.from({ length: rows * columns }, element), [rows, columns]);
}

/** An untrained model. `leaveOut` names the recordings to leave out, one at a time. */
export function buildModel(neurons: number, classes: string[], leaveOut: string[]): Model {
  const random = uniforms(seed);
  const { dt, radius, tau, input, bias } = reservoir;
  const inputWeights = matrix(
    features.bands,
    neurons,
    () => between(random, -1, 1) * input * Math.sqrt(3 / features.bands),
  );
  const weights = unitLambdaNet(neurons, { seed });
  const [fastest, slowest] = tau;
  const net = new Network(
    new PassThrough(inputWeights, { dt, name: 'Input' }),
    new RecRateEuler(
      new NdArray(
        weights.data.map((w) => w * radius),
        [neurons, neurons],
      ),
      {
        dt,
        tau: Float64Array.from({ length: neurons }, () => fastest * (slowest / fastest) ** random()),
        bias: Float64Array.from({ length: neurons }, () => between(random, -bias, bias)),
        name: 'Reservoir',
      },
    ),
    new PassThrough(NdArray.zeros([neurons, classes.length]), { dt: hop, name: 'Readout' }),
  );
  const readouts: Readout[] = [{ layer: net.layer<PassThrough>('Readout'), source: 'reservoir', without: null }];
  const add = (source: Readout['source'], without: string | null) => {
    const size = source === 'reservoir' ? neurons : features.bands;
    const name = `${source}${without === null ? '' : `-without-${without}`}`;
    const layer = new PassThrough(NdArray.zeros([size, classes.length]), { dt: hop, name });
    readouts.push({ layer, source, without });
  };
  add('features', null);
  for (const name of leaveOut) {
    add('reservoir', name);
    add('features', name);
  }
  return { net, readouts, classes };
}

/** The features as they were when what is to be named was spoken: fair to a readout that has no memory. */
function delayed(input: TSContinuous): TSContinuous {
  const late = input.delay(latency);
  late.tStart = input.tStart;
  return late;
}

/** Trains all readouts in one pass of the network over the stream, one piece after the other. */
export function train(
  { net, readouts, classes }: Model,
  { features: input, pieces }: Stream,
  onPiece: () => void,
): void {
  const lists = readouts.map(({ without }) => pieces.map((_, k) => k).filter((k) => pieces[k]?.recording !== without));
  const late = delayed(input);
  net.train(
    (_net, signals, _isFirst, _isLast, { batch }) => {
      const piece = pieces[batch];
      const target = targetOf(labelsOf(piece, classes), classes.length, piece.first * hop);
      readouts.forEach(({ layer, source, without }, r) => {
        if (piece.recording === without) return;
        const list = lists[r];
        layer.trainRr(target, source === 'reservoir' ? signals.Reservoir : late, {
          regularize,
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

/**
 * Runs the network and its further readouts over a stream. Each answer is a series for a piece: what the readout says in each of its
 * frames.
 */
export function answer(
  { net, readouts }: Model,
  { features: input, pieces }: Stream,
  onPiece: () => void,
): TSContinuous[][] {
  net.resetAll();
  for (const { layer } of readouts) layer.resetAll();
  const late = delayed(input);
  return pieces.map(({ frames }) => {
    const signals = net.evolve(input, { numTimesteps: frames });
    const answers = readouts.map(({ layer, source }) => {
      if (layer === net.outputLayer) return signals.Readout as TSContinuous;
      return layer.evolve(source === 'reservoir' ? signals.Reservoir : late, { numTimesteps: frames });
    });
    onPiece();
    return answers;
  });
}
