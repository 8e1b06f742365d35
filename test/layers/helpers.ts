/** Small layers for tests. */
import { TSContinuous, TSEvent, type TimeSeries } from 'rockpool-node';
import {
  type EvolveOptions,
  Layer,
  type LayerConfig,
  type LayerOptions,
  type LayerSnapshot,
  type ToDictOptions,
} from 'rockpool-node/layers';
import type { ArrayInput } from 'rockpool-node';

/** Adds up its weighted input, scaled by `gain`; emits the sum after each step. */
export class Accumulator extends Layer {
  gain: number;
  fail = false;

  constructor(weights: ArrayInput, { gain = 1, ...options }: LayerOptions & { gain?: number } = {}) {
    super(weights, options);
    this.gain = gain;
    this.resetAll();
  }

  evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): TSContinuous {
    const t0 = this.t;
    const { timeBase, input, numTimesteps } = this.prepareInput(tsInput, options);
    const rows: number[][] = [];
    for (let k = 0; k < numTimesteps; k++) {
      for (let i = 0; i < this.size; i++) {
        for (let j = 0; j < this.sizeIn; j++) this.state[i] += this.gain * input.get(k, j) * this.weights.get(j, i);
      }
      rows.push([...this.state]);
      if (this.fail) throw new Error('as told');
    }
    this.timestep += numTimesteps;
    if (numTimesteps === 0)
      return TSContinuous.fromTrusted({
        times: timeBase,
        samples: new Float64Array(0),
        numChannels: this.size,
        tStart: t0,
        tStop: t0,
      });
    return new TSContinuous(timeBase, rows, { tStart: t0, tStop: this.t, interpKind: 'previous' });
  }

  override toDict(options?: ToDictOptions): LayerConfig {
    return { ...super.toDict(options), gain: this.gain };
  }
}

/** Takes events, emits their running number. */
export class EventCounter extends Accumulator {
  addEvents = true;
  override get inputType(): typeof TSEvent {
    return TSEvent;
  }
}

/** An accumulator whose evolveAsync takes until `proceed` is called. */
export class Slow extends Accumulator {
  proceed: () => void = () => undefined;

  override evolveAsync(
    tsInput?: TimeSeries | null,
    options: EvolveOptions & { signal?: AbortSignal } = {},
  ): Promise<TSContinuous> {
    return this.runExclusive(async () => {
      const before: LayerSnapshot = this.snapshot();
      const { signal, ...rest } = options;
      const output = this.evolve(tsInput, rest);
      await new Promise<void>((resolve) => (this.proceed = resolve));
      if (signal?.aborted) {
        this.storeState(before.state as Float64Array);
        this.timestep = before.timestep;
        throw Object.assign(new Error('aborted'), { code: 'ERR_ABORTED' });
      }
      return output;
    });
  }
}

/** A continuous series of `n` samples of value 1 for each channel. */
export function ones(duration: number, channels = 1, options: object = {}): TSContinuous {
  return new TSContinuous(
    [0, duration],
    Array.from({ length: 2 }, () => new Array<number>(channels).fill(1)),
    { tStop: duration, ...options },
  );
}

/** The code of what `fn` throws. */
export function codeOf(fn: () => unknown): string | undefined {
  try {
    fn();
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).name;
  }
  return undefined;
}
