/** Feed-forward integrate-and-fire neurons with a constant leak; the same on images. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { checkOptions } from '../../check.js';
import { TSEvent } from '../../time-series/ts-event.js';
import { mergeArguments } from '../arguments.js';
import { registerLayerClass } from '../registry.js';
import type { LayerConfig, ToDictOptions } from '../types.js';
import { type CLIAFOptions, cliafOptionNames } from './cliaf.js';
import { type ConvolutionOptions, type ConvolutionWeights, readConvolution } from './convolution-weights.js';
import type { DigitalLayerOptions } from './digital-layer.js';
import { FFConstantLeakLayer, type FFWeights } from './ff-layer.js';
import type { ConstantLeakResult } from './native.js';
import type { Evolution } from './run.js';

/** Options of {@link FFCLIAF}. */
export interface FFCLIAFOptions extends CLIAFOptions {
  /** Time step in seconds. Default 1. */
  dt?: number;
}

/**
 * Integrate-and-fire neurons with a constant leak. In each time step `V += events weights + bias`; a neuron whose state has reached its threshold
 * spikes as often as `vSubtract` has to be taken away until it is below, or once, and is reset, when `vSubtract` is null.
 */
export class FFCLIAF extends FFConstantLeakLayer<TSEvent> {
  /**
   * @param weights Input weights, `sizeIn` x `size`, indexed [pre, post]; `ConvolutionWeights`; or an object with a `shape` of `[sizeIn, size]`
   *   and `apply(row)`, which returns the weighted input of a time step.
   * @throws TypeError or RangeError for an argument of the wrong kind, shape or value, also for a `vSubtract` that is not above 0.
   */
  constructor(weights: FFWeights, options?: FFCLIAFOptions);
  constructor(options: FFCLIAFOptions & { weights: FFWeights });
  constructor(...args: [unknown?, FFCLIAFOptions?]) {
    const merged = mergeArguments<FFCLIAFOptions & { weights: FFWeights }>(args, ['weights']);
    const { weights, ...options } = checkOptions<typeof merged>(merged, 'options', ['weights', ...cliafOptionNames]);
    super(weights, options, 1);
    this.resetAll();
  }

  override get outputType(): typeof TSEvent {
    return TSEvent;
  }

  protected override wrap(run: Evolution, result: ConstantLeakResult): TSEvent {
    return this.spikes(run, result);
  }
}

/** Options of {@link FFCLIAFCNNTorch}. */
export interface FFCLIAFCNNTorchOptions
  extends DigitalLayerOptions, Pick<CLIAFOptions, 'bias' | 'addEvents' | 'spikeTime'> {
  /** Thresholds. Default 8. */
  fVThresh?: ArrayInput;
  /** States at the start, and after a spike when `fVSubtract` is null. Default 0. */
  fVReset?: ArrayInput;
  /** What a spike takes away, more than 0; null: the state becomes `fVReset`. Default 8. */
  fVSubtract?: ArrayInput | null;
}

const cnnOptionNames = [
  ...cliafOptionNames.filter((name) => !/^v[A-Z]/.test(name)),
  'fVThresh',
  'fVReset',
  'fVSubtract',
];

/**
 * {@link FFCLIAF} whose weights are a two-dimensional convolution: input channels and neurons are the pixels of images. Only what events reach is
 * computed.
 */
export class FFCLIAFCNNTorch extends FFConstantLeakLayer<TSEvent> {
  /** @param weights A convolution, or its options. */
  constructor(weights: ConvolutionWeights | ConvolutionOptions, options?: FFCLIAFCNNTorchOptions);
  constructor(options: FFCLIAFCNNTorchOptions & { weights: ConvolutionWeights | ConvolutionOptions });
  constructor(...args: [unknown?, FFCLIAFCNNTorchOptions?]) {
    type Given = FFCLIAFCNNTorchOptions & { weights: ConvolutionWeights | ConvolutionOptions };
    const merged = mergeArguments<Given>(args, ['weights']);
    const { weights, fVThresh, fVReset, fVSubtract, ...options } = checkOptions<Given>(merged, 'options', [
      'weights',
      ...cnnOptionNames,
    ]);
    super(
      readConvolution(weights),
      {
        ...options,
        ...(fVThresh !== undefined && { vThresh: fVThresh }),
        ...(fVReset !== undefined && { vReset: fVReset }),
        ...(fVSubtract !== undefined && { vSubtract: fVSubtract }),
      },
      1,
    );
    this.resetAll();
  }

  /** The same as {@link vThresh}. */
  get fVThresh(): Float64Array {
    return this.vThresh;
  }

  set fVThresh(value: ArrayInput) {
    this.vThresh = value;
  }

  /** The same as {@link vReset}. */
  get fVReset(): Float64Array {
    return this.vReset;
  }

  set fVReset(value: ArrayInput) {
    this.vReset = value;
  }

  /** The same as {@link vSubtract}. */
  get fVSubtract(): Float64Array | null {
    return this.vSubtract;
  }

  set fVSubtract(value: ArrayInput | null) {
    this.vSubtract = value;
  }

  override get outputType(): typeof TSEvent {
    return TSEvent;
  }

  protected override wrap(run: Evolution, result: ConstantLeakResult): TSEvent {
    return this.spikes(run, result);
  }

  override toDict(options?: ToDictOptions): LayerConfig {
    const { v_thresh, v_reset, v_subtract, ...rest } = super.toDict(options);
    return { ...rest, fVThresh: v_thresh, fVReset: v_reset, fVSubtract: v_subtract };
  }
}

registerLayerClass('FFCLIAF', FFCLIAF);
registerLayerClass('FFCLIAFCNNTorch', FFCLIAFCNNTorch);
