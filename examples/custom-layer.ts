/** A layer of one's own: an exponential moving average of each input, in a page of code. */
import { mkdirSync } from 'node:fs';
import { TSContinuous, type TimeSeries } from 'rockpool-node';
import {
  type EvolveOptions,
  Layer,
  type LayerConfig,
  type LayerOptions,
  registerLayerClass,
  type ToDictOptions,
} from 'rockpool-node/layers';

interface SmootherOptions extends LayerOptions {
  /** Time constant in seconds. */
  tau?: number;
}

export class Smoother extends Layer {
  readonly tau: number;

  constructor(weights: number[][], { tau = 0.1, ...options }: SmootherOptions = {}) {
    super(weights, options); // dt, noiseStd, name, seed; anything else is an error
    this.tau = tau;
    this.resetAll(); // time 0, state 0
  }

  evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): TSContinuous {
    const tStart = this.t;
    const { timeBase, input, numTimesteps } = this.prepareInput(tsInput, options);
    const decay = Math.exp(-this.dt / this.tau);
    const samples: number[][] = [];
    for (let k = 0; k < numTimesteps; k++) {
      for (let i = 0; i < this.size; i++) {
        let drive = 0;
        for (let j = 0; j < this.sizeIn; j++) drive += input.get(k, j) * this.weights.get(j, i);
        this.state[i] = decay * this.state[i] + (1 - decay) * drive;
      }
      samples.push(Array.from(this.state));
    }
    this.timestep += numTimesteps;
    return new TSContinuous(timeBase, samples, { tStart, tStop: this.t, interpKind: 'previous', name: 'Smoothed' });
  }

  override toDict(options?: ToDictOptions): LayerConfig {
    return { ...super.toDict(options), tau: this.tau };
  }
}

registerLayerClass('Smoother', Smoother);

/** What the example does: a step is smoothed, half a second now and half a second later. */
export async function main(print: (text: string) => void = console.log): Promise<void> {
  const layer = new Smoother([[1, 2]], { tau: 0.2, dt: 0.01, name: 'smooth' });
  const step = new TSContinuous([0, 0.25], [[0], [1]], { tStop: 1, interpKind: 'previous' });
  const first = layer.evolve(step, { duration: 0.5 });
  const second = await layer.evolveAsync(step); // up to the end of the input
  print(String(layer));
  print(`${first.length} and ${second.length} samples, t = ${layer.t}, state ${layer.state[0].toFixed(4)}`);
  const twin = Layer.loadFromDict(layer.toDict({ includeState: true }), { name: 'twin' });
  print(`${String(twin)} at t = ${twin.t}`);
}

/** The smoothed step as a picture. */
export function draw(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const layer = new Smoother([[1, 2]], { tau: 0.2, dt: 0.01 });
  const step = new TSContinuous([0, 0.25], [[0], [1]], { tStop: 1, interpKind: 'previous', name: 'Step' });
  const smoothed = layer.evolve(step);
  const below = step.plot({ times: smoothed.times });
  smoothed.plot({ title: 'A step, smoothed' }).over(below).saveSync(`${folder}/smoothed.svg`);
}

if (require.main === module) void main().then(() => draw(process.argv[2] ?? 'pictures'));
