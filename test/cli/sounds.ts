/** Sounds, signals and networks for the tests of the command line. */
import { writeFileSync } from 'node:fs';
import { TSContinuous, TSEvent } from 'rockpool-node';
import { writeWavSync } from 'rockpool-node/io';
import { Sequential } from 'rockpool-node/nn/combinators';
import { Linear, Rate } from 'rockpool-node/nn/modules';

const rate = 8000;

/** A tone of each pitch in turn, half a second long, with a tenth of silence between: a WAV file and its label track. */
export function writeTones(path: string, pitches: readonly (readonly [name: string, hertz: number])[]): string {
  const samples = new Float64Array(pitches.length * 0.6 * rate);
  pitches.forEach(([, hertz], k) => {
    for (let i = 0; i < 0.5 * rate; i++) samples[k * 0.6 * rate + i] = 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate);
  });
  writeWavSync(path, TSContinuous.fromClocked(samples, 1 / rate), { rate, format: 'pcm16' });
  const labels = pitches.map(([name], k) => `${(k * 0.6).toFixed(2)}\t${(k * 0.6 + 0.5).toFixed(2)}\t${name}`);
  writeFileSync(path.replace(/\.wav$/, '.txt'), `${labels.join('\n')}\n`);
  return path;
}

/** Two channels of sine waves and what a network can make of them. */
export function writeWaves(input: string, target: string, steps = 1000): void {
  const x = Float64Array.from({ length: 2 * steps }, (_, i) => Math.sin(i * (i % 2 === 0 ? 0.02 : 0.033)));
  const y = Float64Array.from({ length: steps }, (_, i) => 0.5 * x[2 * i] - 0.25 * x[2 * i + 1]);
  TSContinuous.fromClocked({ data: x, shape: [steps, 2] }, { dt: 1e-3, name: 'x' }).saveSync(input);
  TSContinuous.fromClocked(y, { dt: 1e-3, name: 'y' }).saveSync(target);
}

export function writeEvents(path: string): TSEvent {
  const times = Float64Array.from({ length: 50 }, (_, i) => i * 0.02);
  const channels = Int32Array.from({ length: 50 }, (_, i) => i % 5);
  const series = new TSEvent({ times, channels, numChannels: 6, tStart: 0, tStop: 1.5, name: 'events' });
  series.saveSync(path);
  return series;
}

/** An untrained module: 2 in, 1 out. */
export function writeModule(path: string): void {
  const rate = new Rate(6, { tau: 0.02, dt: 1e-3, activationFunc: 'tanh' });
  new Sequential(new Linear([2, 6], { seed: 1 }), rate, new Linear([6, 1], { seed: 2 })).saveSync(path);
}
