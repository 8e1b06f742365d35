/** Small modules to test with. */
import {
  type EvolveResult,
  type Matrix,
  Module,
  type ModuleEvolveOptions,
  NdArray,
  Parameter,
  registerModuleClass,
  SimulationParameter,
  State,
} from 'rockpool-node';
import type { ArrayInput } from 'rockpool-node';

export const zeros = (shape: number[]): Matrix => NdArray.zeros(shape);
export const vector = (...values: number[]): Matrix => NdArray.from(values);
export const matrix = (rows: number[][]): Matrix => NdArray.from(rows);
export const list = (array: unknown): unknown => (array as NdArray).toArray();

export interface LeakOptions {
  shape: number | number[];
  gain?: ArrayInput;
  bias?: ArrayInput;
  dt?: number;
  withBias?: boolean;
}

interface LeakSpec {
  parameters: { gain: Matrix; bias: Matrix };
  states: { x: Matrix };
  simulationParameters: { dt: number };
}

/** x <- x / 2 + gain * input, per channel; the output is x. */
export class Leak extends Module<LeakSpec> {
  declare gain: Matrix;
  declare bias: Matrix;
  declare x: Matrix;
  declare dt: number;
  readonly withBias: boolean;
  plans = 0;

  constructor({ shape, gain = 1, bias, dt = 0.1, withBias = true }: LeakOptions) {
    super({ shape });
    const shapeOut = [this.sizeOut];
    this.withBias = withBias;
    this.register('gain', new Parameter({ data: gain, shape: shapeOut, broadcast: true, family: 'weights' }));
    if (withBias) this.register('bias', new Parameter({ data: bias, init: zeros, shape: shapeOut, family: 'biases' }));
    this.register('x', new State({ shape: shapeOut, init: zeros }));
    this.register('dt', new SimulationParameter({ data: dt, shape: [], family: 'dt' }));
  }

  protected override config(): Record<string, unknown> {
    return this.withBias ? {} : { withBias: false };
  }

  override evolve(input: ArrayInput, options?: ModuleEvolveOptions): EvolveResult<LeakSpec> {
    const record = this.checkRecord(options);
    const { data, batch, steps, states } = this.autoBatch(input, [this.x]);
    const gain = this.plan('gain', () => {
      this.plans += 1;
      return this.gain.data.slice();
    });
    const n = this.sizeOut;
    const out = NdArray.zeros([batch, steps, n]);
    const x = states[0];
    for (let b = 0; b < batch; b++)
      for (let t = 0; t < steps; t++)
        for (let i = 0; i < n; i++) {
          x.data[b * n + i] = x.data[b * n + i] / 2 + gain[i] * data.get(b, t, i);
          out.set(b, t, i, x.data[b * n + i] + (this.withBias ? this.bias.data[i] : 0));
        }
    this.storeState('x', this.firstBatch(x));
    return [out, this.copyState(), record ? { x: out.copy() } : {}];
  }
}

registerModuleClass('Leak', Leak);

interface WeightSpec {
  parameters: { weight: Matrix };
}

/** input W. */
export class Weight extends Module<WeightSpec> {
  declare weight: Matrix;

  constructor({ shape, weight }: { shape: [number, number]; weight?: ArrayInput }) {
    super({ shape });
    this.register('weight', new Parameter({ data: weight, shape, init: zeros, family: 'weights' }));
  }

  override evolve(input: ArrayInput, options?: ModuleEvolveOptions): EvolveResult<WeightSpec> {
    this.checkRecord(options);
    const { data, batch, steps } = this.autoBatch(input);
    const [m, n] = this.shape;
    const out = NdArray.zeros([batch, steps, n]);
    for (let r = 0; r < batch * steps; r++)
      for (let j = 0; j < n; j++)
        for (let i = 0; i < m; i++) out.data[r * n + j] += data.data[r * m + i] * this.weight.get(i, j);
    return [out, {}, {}];
  }
}

registerModuleClass('Weight', Weight);

interface PairSpec {
  parameters: { w: Matrix };
  modules: { first: Leak; second: Leak };
}

/** Two of them, one after the other. */
export class Pair extends Module<PairSpec> {
  declare w: Matrix;
  declare first: Leak;
  declare second: Leak;

  constructor({ shape }: { shape: number | number[] }) {
    super({ shape });
    this.register('w', new Parameter({ shape: [2], init: zeros, family: 'weights' }));
    this.addModule('first', new Leak({ shape: this.sizeIn }));
    this.addModule('second', new Leak({ shape: this.sizeIn }));
  }

  override evolve(input: ArrayInput, options?: ModuleEvolveOptions): EvolveResult<PairSpec> {
    const [x, , first] = this.first.evolve(input, options);
    const [y, , second] = this.second.evolve(x, options);
    return [y, this.copyState(), options?.record ? { first, second } : {}];
  }
}

registerModuleClass('Pair', Pair);
