/** The soft-max of integrated events. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { checkOptions } from '../../check.js';
import { TSContinuous } from '../../time-series/ts-continuous.js';
import { timeOf } from '../../time-grid.js';
import { mergeArguments } from '../arguments.js';
import { wrapClocked } from '../rate-core.js';
import { registerLayerClass } from '../registry.js';
import type { LayerConfig, ToDictOptions } from '../types.js';
import type { CLIAFOptions } from './cliaf.js';
import { digitalOptionNames, type DigitalLayerOptions } from './digital-layer.js';
import { FFConstantLeakLayer, type FFWeights } from './ff-layer.js';
import type { ConstantLeakResult } from './native.js';
import type { Evolution } from './run.js';

/** Options of {@link SoftMaxLayer}. */
export interface SoftMaxOptions extends DigitalLayerOptions, Pick<CLIAFOptions, 'addEvents' | 'bias' | 'vReset'> {
  /** Time step in seconds. Default 1. */
  dt?: number;
  /** What no state may reach, since the layer does not spike: a number, or one for each unit. Default 1e10. */
  thresh?: ArrayInput;
}

/**
 * Adds up weighted events, `V += events weights`, and emits after each time step the soft-max over the units, `exp(V) / sum(exp(V))`: the output of a
 * classifier. One sample for each time step, at its start.
 */
export class SoftMaxLayer extends FFConstantLeakLayer<TSContinuous> {
  /**
   * @param weights Input weights, `sizeIn` x `size`, indexed [pre, post].
   * @throws TypeError or RangeError for an argument of the wrong kind, shape or value.
   */
  constructor(weights: FFWeights, options?: SoftMaxOptions);
  constructor(options: SoftMaxOptions & { weights: FFWeights });
  constructor(...args: [unknown?, SoftMaxOptions?]) {
    const merged = mergeArguments<SoftMaxOptions & { weights: FFWeights }>(args, ['weights']);
    const names = ['weights', 'thresh', 'addEvents', 'bias', 'vReset', ...digitalOptionNames];
    const { weights, thresh, ...options } = checkOptions<typeof merged>(merged, 'options', names);
    super(weights, { ...options, vThresh: thresh ?? 1e10 }, 1);
    this.resetAll();
  }

  /** What no state may reach, the same as {@link vThresh}: an evolution in which one does is an error (`ERR_STATE`). A number sets all. */
  get thresh(): Float64Array {
    return this.vThresh;
  }

  set thresh(value: ArrayInput) {
    this.vThresh = value;
  }

  override get outputType(): typeof TSContinuous {
    return TSContinuous;
  }

  protected override get softMax(): boolean {
    return true;
  }

  protected override wrap({ first, steps, dt, out }: Evolution, _result: ConstantLeakResult): TSContinuous {
    const [tStart, tStop] = [timeOf(first, 0, dt), timeOf(first + steps, 0, dt)];
    return wrapClocked(out!, this.size, dt, first, steps, tStart, tStop, 'SoftMaxOutput');
  }

  /** `weights`, `thresh`, and what all layers have; `bias` and `v_reset` where they are not 0. */
  override toDict(options?: ToDictOptions): LayerConfig {
    const { v_thresh, bias, v_reset, ...dict } = super.toDict(options);
    for (const key of ['v_subtract', 'spike_time']) delete dict[key];
    const [thresh, ...others] = new Set(v_thresh as number[]);
    return {
      ...dict,
      thresh: others.length === 0 ? thresh : v_thresh,
      ...(hasOther(bias as number[]) && { bias }),
      ...(hasOther(v_reset as number[]) && { v_reset }),
    };
  }
}

const hasOther = (list: readonly number[]): boolean => list.some((v) => v !== 0);

registerLayerClass('SoftMaxLayer', SoftMaxLayer);
