/** Pictures of a demonstration: what the network heard, what its layers did, what it answered, and its weights. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TimeSeries, TSContinuous, TSEvent, type NetworkOutputs } from 'rockpool-node';
import { type RecIAFSpkInBrian, RecRateEuler, type RRTrainedLayer } from 'rockpool-node/layers';
import {
  type Figure,
  layout,
  type Plot,
  plotEigenspectrum,
  plotNetwork,
  plotRate,
  plotWeights,
} from 'rockpool-node/plot';
import type { Model } from './model';
import { hop } from './settings';

/** Seconds of sound that are shown. */
const shown = 6;

/** Keeps what the network put out for the first pieces. */
export class Pictures {
  readonly #signals: NetworkOutputs[] = [];
  #seconds = 0;

  add(signals: NetworkOutputs): void {
    if (this.#seconds >= shown) return;
    this.#signals.push(signals);
    this.#seconds += signals.Readout.duration;
  }

  /** All that a layer put out, in one series. */
  #joined(layer: string): TimeSeries {
    const pieces = this.#signals.map((signals) => signals[layer]);
    const offset = pieces[0] instanceof TSEvent ? 0 : hop;
    return TimeSeries.concatenateT(pieces, { offset });
  }

  #plotOf(layer: string, size: number): Plot {
    const series = this.#joined(layer);
    if (series instanceof TSEvent) return series.plot({ title: layer, yLabel: 'Neuron' });
    const skip = Math.max(1, Math.floor(size / 10));
    const one = series as TSContinuous;
    const stagger = Math.max(1e-9, one.max - one.min) / 2;
    return one.plot({ title: `${layer}, every ${skip}th unit`, skip, stagger, legend: false, yLabel: 'Activity' });
  }

  #signalPlot({ net, classes }: Model, features: TSContinuous): Figure {
    const answers = this.#joined('Readout') as TSContinuous;
    const heard = features.clip(answers.tStart, answers.tStop);
    const bands = heard.plot({ title: 'Band energies', stagger: heard.max - heard.min, legend: false, yLabel: 'Band' });
    const words = classes.map((word, c) =>
      answers.plot({ channels: c, label: word, title: 'Readout', yLabel: 'Score' }),
    );
    const readout = words.reduce((below, above) => above.over(below)).set({ legend: true });
    const layers = net.evolOrder.slice(0, -1).map((layer) => this.#plotOf(net.layerName(layer), layer.sizeOut));
    const rates = layers.some(({ kind }) => kind === 'raster')
      ? [plotRate(this.#joined('Reservoir') as TSEvent, { dt: 0.05, title: 'Rate of the reservoir' })]
      : [];
    const rows = [bands, ...layers.filter(({ kind }) => kind === 'raster' || layers.length < 3), ...rates, readout];
    return layout(rows, { shareX: true, width: 1000, height: 260 * rows.length, title: 'Signals' });
  }

  #weightPlot({ net }: Model): Figure {
    const reservoir = net.layer<RecRateEuler | RecIAFSpkInBrian>('Reservoir');
    const recurrent = reservoir instanceof RecRateEuler ? reservoir.weights : reservoir.weightsRec;
    const weights = plotWeights(recurrent, { title: 'Recurrent weights' });
    // The eigenvalues of thousands of neurons take minutes, and those of weights between spiking neurons say little.
    const spectrum =
      reservoir instanceof RecRateEuler && reservoir.size <= 1000
        ? [plotEigenspectrum(recurrent, { title: 'Eigenvalues of the recurrent weights', marker: 'dot' })]
        : [];
    const readout = plotWeights(net.layer<RRTrainedLayer>('Readout').weights, {
      ...{ title: 'Readout weights', xLabel: 'Word', yLabel: 'Neuron', height: 360 },
    });
    return layout([[weights, ...spectrum], readout], { title: 'Weights' });
  }

  /** Writes everything as SVG and PNG; returns the names of the files. */
  async save(folder: string, model: Model, features: TSContinuous): Promise<string[]> {
    await mkdir(folder, { recursive: true });
    const figures = {
      signals: this.#signalPlot(model, features),
      weights: this.#weightPlot(model),
      network: plotNetwork(model.net),
    };
    const files: string[] = [];
    for (const [name, figure] of Object.entries(figures))
      for (const format of ['svg', 'png']) {
        files.push(`${name}.${format}`);
        await figure.save(join(folder, `${name}.${format}`));
      }
    return files;
  }
}
