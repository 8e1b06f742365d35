/**
 * Timed modules: networks that take and return time series.
 *
 * A module is wrapped, evolved and inspected; then a small feed-forward network is built in two ways, of timed modules and of modules that
 * take arrays.
 */
import { mkdirSync } from 'node:fs';
import { inspect } from 'node:util';
import {
  type AttributeOptions,
  matmul,
  type Matrix,
  NdArray,
  Parameter,
  type TimedEvolveOptions,
  type TimedInput,
  TimedModule,
  type TimedModuleOptions,
  TimedModuleWrapper,
  type TimedResult,
  type TimeSeries,
  TSContinuous,
} from 'rockpool-node';
import { Sequential } from 'rockpool-node/nn/combinators';
import { Linear, Rate, RateJax } from 'rockpool-node/nn/modules';

const folder = process.argv[2] ?? 'pictures';
mkdirSync(folder, { recursive: true });

/** Prints a tree of attributes, arrays as nested lists. */
function show(name: string, tree: unknown): void {
  console.log(name, inspect(JSON.parse(JSON.stringify(tree)), { depth: 9, maxArrayLength: 8, breakLength: 100 }));
}

/** Evenly spread numbers that look random, so that every run prints the same. */
const spread = (shape: number[], low: number, high: number): Matrix => {
  const n = shape.reduce((a, b) => a * b, 1);
  return new NdArray(
    Float64Array.from({ length: n }, (_, i) => low + (high - low) * (((i + 1) * 0.6180339887498949) % 1)),
    shape,
  );
};

const dt = 1e-3;
const tmod = new Sequential(new Linear([1, 5], { seed: 1 }), new Rate(5)).timed({ dt });
console.log(String(tmod));

const sine = TSContinuous.fromClocked(
  Array.from({ length: 1000 }, (_, k) => Math.sin(k * dt * 2 * Math.PI * 10)),
  { dt, periodic: true, name: 'Sinusoid' },
);
const [output] = tmod.evolve(sine);
console.log(String(output));
(output as TSContinuous).plot({ dt: 2e-3, title: 'Five rate neurons follow a sine' }).saveSync(`${folder}/wrapped.svg`);

show('Parameters:', tmod.parameters());
show('State:', tmod.state());
show('Simulation parameters:', tmod.simulationParameters());
console.log('Time:', tmod.t);

const zeros = { init: (shape: number[]) => NdArray.zeros(shape), family: 'weights' } satisfies AttributeOptions<Matrix>;

interface NetSpec {
  parameters: { w0: Matrix; w1: Matrix; w2: Matrix };
  modules: { neurons1: TimedModuleWrapper<Rate>; neurons2: TimedModuleWrapper<Rate> };
}

class FfwdTmodNet extends TimedModule<NetSpec> {
  declare w0: Matrix;
  declare w1: Matrix;
  declare w2: Matrix;
  declare neurons1: TimedModuleWrapper<Rate>;
  declare neurons2: TimedModuleWrapper<Rate>;

  constructor({ shape, dt = 1 }: Partial<TimedModuleOptions> & { shape: readonly number[] }) {
    super({ shape, dt });
    this.register('w0', new Parameter({ shape: shape.slice(0, 2), ...zeros }));
    this.register('w1', new Parameter({ shape: shape.slice(1, 3), ...zeros }));
    this.register('w2', new Parameter({ shape: shape.slice(2, 4), ...zeros }));
    // Time constants of less than ten time steps count as ten.
    this.addModule('neurons1', new Rate(shape[1], { dt, minTauSteps: 10 }).timed());
    this.addModule('neurons2', new Rate(shape[2], { dt, minTauSteps: 10 }).timed());
  }

  override evolve(tsInput?: TimedInput): TimedResult<NetSpec> {
    let x = (tsInput as TSContinuous).matmul(this.w0);
    x = this.neurons1.evolve(x)[0] as TSContinuous;
    x = x.matmul(this.w1);
    x = this.neurons2.evolve(x)[0] as TSContinuous;
    x = x.matmul(this.w2);
    return [x, this.copyState(), {}];
  }
}

const net = new FfwdTmodNet({ shape: [3, 5, 7, 1], dt: 1 });
console.log(String(net));
show('Parameters:', net.parameters());

const p = net.parameters();
p.w0 = spread([3, 5], 0, 2);
p.w1 = spread([5, 7], 0, 2);
p.w2 = spread([7, 1], 0, 2);
net.setAttributes(p);
show('Weights:', net.parameters('weights'));

const noise = TSContinuous.fromClocked(spread([1000, 3], 0, 1), { dt: 1, periodic: true, name: 'White noise' });
console.log('Input:', String(noise));
console.log('Output:', String(net.evolve(noise)[0]));
const longer = net.evolve(noise)[0] as TSContinuous;
longer
  .clip(net.t - 200, net.t)
  .plot({ title: 'Two hundred steps of the output' })
  .saveSync(`${folder}/network.svg`);

class FfwdTmodNet2 extends TimedModule {
  declare w0: Matrix;
  declare w1: Matrix;
  declare neurons0: RateJax;
  declare neurons1: RateJax;

  constructor({ shape, dt = 1 }: Partial<TimedModuleOptions> & { shape: readonly number[] }) {
    super({ shape, dt });
    this.register('w0', new Parameter({ shape: shape.slice(0, 2), ...zeros }));
    this.register('w1', new Parameter({ shape: shape.slice(1, 3), ...zeros }));
    this.addModule('neurons0', new RateJax(shape[1]));
    this.addModule('neurons1', new RateJax(shape[2]));
  }

  override evolve(tsInput?: TimedInput, options: TimedEvolveOptions = {}): TimedResult {
    const { input } = this.prepareInput(tsInput as TimeSeries, options);
    const [x1] = this.neurons0.evolve(matmul(input, this.w0));
    const [x3] = this.neurons1.evolve(matmul(x1, this.w1));
    return [this.genTimeSeries(x3), {}, {}];
  }
}

const net2 = new FfwdTmodNet2({ shape: [3, 5, 7, 1], dt: 1 });
console.log(String(net2));
console.log('Output:', String(net2.evolve(noise)[0]));

console.log(String(new TimedModuleWrapper(new RateJax(4))));
console.log(String(new RateJax(4).timed()));
