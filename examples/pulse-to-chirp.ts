/**
 * A reservoir learns by gradients to answer a short pulse with a chirp: a sine whose frequency rises.
 *
 *     node dist-test/examples/pulse-to-chirp.js [--out DIR] [--quick]
 *
 * No input is there most of the time, so that what the network answers must come from its own dynamics. All of it is trained: weights, time
 * constants and biases. The data of the plots, before and after training, are written to `pulse-to-chirp.npz`; with `--quick` the network and
 * the signals are smaller.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NdArray, TSContinuous } from 'rockpool-node';
import { writeNpzSync } from 'rockpool-node/io';
import { RecRateEulerJax } from 'rockpool-node/layers';
import { addTrainOutput } from 'rockpool-node/training';
import { type Plot, plotHistogram, plotLine, plotScatter } from 'rockpool-node/plot';
import { eigenvalues, type Eigenvalues } from 'rockpool-node/weights';

const { values: options } = parseArgs({
  options: { out: { type: 'string', default: 'pulse-to-chirp-output' }, quick: { type: 'boolean', default: false } },
});

const full = { units: 100, chirpDuration: 1, paddingDuration: 1, batches: 20, trialsPerBatch: 100, stepSize: 1e-4 };
const quick = { units: 40, chirpDuration: 0.3, paddingDuration: 0.1, batches: 5, trialsPerBatch: 60, stepSize: 3e-3 };
const { units, chirpDuration, paddingDuration, batches, trialsPerBatch, stepSize } = options.quick ? quick : full;
const [dt, tau, bias, noiseStd] = [1e-3, 20e-3, 0, 0.1];
const pulseDuration = 50e-3;
/** So many radians in the first second, four times as many up to the second one, and so on. */
const chirpFrequencyFactor = 10;

const steps = (duration: number): number => Math.round(duration / dt);
const padding = steps(paddingDuration);
const total = 2 * padding + steps(chirpDuration);
const times = Array.from({ length: total }, (_, k) => k * dt);
const during = (k: number, value: (t: number) => number): number =>
  k >= padding && k < total - padding ? value((k - padding) * dt) : 0;
const input = times.map((_, k) => during(k, (t) => (t < pulseDuration ? 1 : 0)));
const target = times.map((_, k) => during(k, (t) => Math.sin(2 * Math.PI * chirpFrequencyFactor * t * t)));
const column = (values: number[]): NdArray => new NdArray(Float64Array.from(values), [total, 1]);
const tsInput = new TSContinuous(times, column(input), { periodic: true, name: 'Pulse' });
const tsTarget = new TSContinuous(times, column(target), { periodic: true, name: 'Chirp' });

// Numbers that are the same in every run.
let seed = 1;
function uniform(): number {
  seed = (seed * 48271) % 2147483647;
  return seed / 2147483647;
}
const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
const matrix = (rows: number, columns: number, draw: () => number): NdArray =>
  new NdArray(Float64Array.from({ length: rows * columns }, draw), [rows, columns]);

const reservoir = addTrainOutput(
  new RecRateEulerJax({
    wIn: matrix(1, units, () => 2 * uniform() - 1),
    wRecurrent: matrix(units, units, () => normal() / Math.sqrt(units)),
    wOut: matrix(units, 1, () => 2 * uniform() - 1),
    ...{ tau, bias, noiseStd, dt, activationFunc: 'relu', seed: 1, name: 'Reservoir' },
  }),
);

/** What the reservoir at rest answers. */
function answer(): Float64Array {
  reservoir.resetAll();
  const { data } = reservoir.evolve(tsInput, { numTimesteps: total }).samples;
  reservoir.resetAll();
  return data;
}

const meanSquaredError = (output: Float64Array): number =>
  target.reduce((sum, want, k) => sum + (output[k] - want) ** 2, 0) / total;

/** Eigenvalues of the Jacobian (w - 1) / tau, in 1/s. */
function eigenspectrum(): Eigenvalues {
  const w = reservoir.wRecurrent.data;
  const jacobian = Array.from({ length: units }, (_, i) =>
    Array.from({ length: units }, (_, j) => (w[i * units + j] - (i === j ? 1 : 0)) / reservoir.tau[j]),
  );
  return eigenvalues(jacobian);
}

const outputBefore = answer();
const eigenvaluesBefore = eigenspectrum();

// The first step says with which optimiser, the others go on with it.
reservoir.trainOutputTarget(tsInput, tsTarget, {
  isFirst: true,
  optParams: { stepSize },
  lossParams: { minTau: 10 * dt },
});
const losses: number[] = [];
for (let batch = 0; batch < batches; batch++) {
  for (let trial = 0; trial < trialsPerBatch; trial++) {
    const [loss] = reservoir.trainAdam(tsInput, tsTarget);
    losses.push(loss());
  }
  const shortest = (Math.min(...reservoir.tau) * 1e3).toFixed(1);
  console.log(`batch ${batch + 1}: loss ${losses[losses.length - 1].toPrecision(4)}, shortest tau ${shortest} ms`);
}

const output = answer();
const [before, after] = [meanSquaredError(outputBefore), meanSquaredError(output)];
console.log(`mean squared error: ${before.toPrecision(4)} before training, ${after.toPrecision(4)} after`);
const spectrum = eigenspectrum();
const unstable = spectrum.real.filter((re) => re > 0).length;
console.log(`eigenvalues with positive real parts: ${unstable}`);

/** Real and imaginary parts side by side. */
const pairs = ({ real, imaginary }: Eigenvalues): NdArray =>
  new NdArray(
    Float64Array.from({ length: 2 * units }, (_, k) => (k % 2 === 0 ? real : imaginary)[k >> 1]),
    [units, 2],
  );

mkdirSync(options.out, { recursive: true });
const file = join(options.out, 'pulse-to-chirp.npz');
writeNpzSync(file, {
  ...{ times, input, target, outputBefore, output, losses },
  ...{ eigenvaluesBefore: pairs(eigenvaluesBefore), eigenvalues: pairs(spectrum) },
  ...{ tauBefore: tau, tau: reservoir.tau.slice(), bias: reservoir.bias.slice() },
});
console.log(`written: ${file}`);

const picture = (name: string, plot: Plot): void => plot.saveSync(join(options.out, `${name}.svg`));
const answers = plotLine(times, target, { label: 'chirp', title: 'Answers to the pulse', xLabel: 'Time (s)' });
plotLine(times, outputBefore, { label: 'before training', target: answers });
plotLine(times, output, { label: 'after training', target: answers });
picture('answers', answers);
picture('losses', plotLine(losses, null, { title: 'Loss', xLabel: 'Trial' }));
const milliseconds = reservoir.tau.map((x) => x * 1e3);
picture('time-constants', plotHistogram(milliseconds, { bins: 21, title: 'Trained time constants', xLabel: 'ms' }));
const labels = { title: 'Eigenvalues of the Jacobian', xLabel: 'Real part (1/s)', yLabel: 'Imaginary part (1/s)' };
const points = plotScatter(eigenvaluesBefore.real, eigenvaluesBefore.imaginary, {
  ...labels,
  label: 'before training',
});
plotScatter(spectrum.real, spectrum.imaginary, { label: 'after training', target: points });
picture('eigenvalues', points);
