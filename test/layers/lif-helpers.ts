/** The LIF layers for tests. */
import { TSEvent, type TimeSeries } from 'rockpool-node';
import {
  FFLIFCurrentInJax_SO,
  FFLIFJax_IO,
  FFLIFJax_SO,
  RecLIFCurrentInJax,
  RecLIFCurrentInJax_IO,
  RecLIFCurrentInJax_SO,
  RecLIFJax,
  RecLIFJax_IO,
  type LifJaxOptions,
} from 'rockpool-node/layers';
import { inputSeries, matrix, numbers } from './rate-helpers';

export const n = 40;
export const dt = 1e-3;
export const weights = { wIn: matrix(3, n, 2, 8), wRecurrent: matrix(n, n, 3, 0.15), wOut: matrix(n, 4, 4) };

export const common = (options: Partial<LifJaxOptions> = {}): LifJaxOptions => ({
  tauMem: numbers(n, 5, 5e-3).map((v) => 0.02 + v),
  tauSyn: numbers(n, 7, 5e-3).map((v) => 0.015 + v),
  bias: numbers(n, 6, 0.5).map((v) => v - 0.8),
  dt,
  noiseStd: 0.5,
  seed: 12,
  ...options,
});

type Make = (options?: Partial<LifJaxOptions>) => LifLayer;
export type LifLayer =
  | RecLIFJax
  | RecLIFCurrentInJax
  | RecLIFCurrentInJax_SO
  | RecLIFJax_IO
  | RecLIFCurrentInJax_IO
  | FFLIFJax_IO
  | FFLIFJax_SO
  | FFLIFCurrentInJax_SO;

const { wIn, wRecurrent, wOut } = weights;

export const classes: Record<string, Make> = {
  RecLIFJax: (o) => new RecLIFJax(wRecurrent, common(o)),
  RecLIFCurrentInJax: (o) => new RecLIFCurrentInJax(wRecurrent, common(o)),
  RecLIFCurrentInJax_SO: (o) => new RecLIFCurrentInJax_SO(wRecurrent, common(o)),
  RecLIFJax_IO: (o) => new RecLIFJax_IO(wIn, wRecurrent, wOut, common(o)),
  RecLIFCurrentInJax_IO: (o) => new RecLIFCurrentInJax_IO(wIn, wRecurrent, wOut, common(o)),
  FFLIFJax_IO: (o) => new FFLIFJax_IO(wIn, wOut, common(o)),
  FFLIFJax_SO: (o) => new FFLIFJax_SO(wIn, common(o)),
  FFLIFCurrentInJax_SO: (o) => new FFLIFCurrentInJax_SO(wIn, common(o)),
};

/** Events on all channels, several of some in a step, some exactly on the edge of a step. */
export function inputEvents(steps: number, channels: number): TSEvent {
  const noise = numbers(steps * 2, 17, 1);
  const list = Array.from(noise, (v, i): [number, number] => [
    (Math.floor(i / 2) + (i % 5 === 0 ? 0 : 0.4 + v / 2)) * dt,
    Math.floor((v + 0.5) * channels) % channels,
  ]).sort((a, b) => a[0] - b[0]);
  return new TSEvent(
    list.map(([t]) => Math.max(t, 0)),
    list.map(([, c]) => c),
    { tStart: 0, tStop: steps * dt, numChannels: channels },
  );
}

/** An input that makes a layer spike. */
export function inputFor(layer: LifLayer, steps: number): TimeSeries {
  return layer.addEvents === undefined ? inputSeries(steps, layer.sizeIn, dt).mul(4) : inputEvents(steps, layer.sizeIn);
}

/** The numbers of a series: samples, or times and channels. */
export function content(series: TimeSeries): number[] {
  if (series instanceof TSEvent) return [...series.times, ...series.channels];
  return Array.from((series as ReturnType<typeof inputSeries>).samples.data);
}
