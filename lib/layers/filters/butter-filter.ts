/** A filter bank with bands of one's own choice. */
import { type ArrayLike_ as ArrayInput, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkOptions, shapeError, typeError } from '../../check.js';
import { mergeArguments } from '../arguments.js';
import { expandToShape } from '../expand.js';
import { LiveArrays } from '../live-arrays.js';
import { registerLayerClass } from '../registry.js';
import type { LayerConfig, ToDictOptions } from '../types.js';
import { type Bands, butterworth, type FilterDesign } from './design.js';
import { FilterBank } from './filter-bank.js';
import { type FilterBankOptions, filterBankOptionNames } from './options.js';

/** Options of {@link ButterFilter}. */
export type ButterFilterOptions = Omit<FilterBankOptions, 'numFilters'>;

/** @inline */
type Given = ButterFilterOptions & { fs: number; frequency: ArrayInput; bandwidth: ArrayInput };

const optionNames = [...filterBankOptionNames.filter((name) => name !== 'numFilters'), 'frequency', 'bandwidth'];

/** Butterworth band-passes around given frequencies: from `frequency - bandwidth / 2` to `frequency + bandwidth / 2`. */
export class ButterFilter extends FilterBank {
  readonly #live = new LiveArrays();
  #frequency: Float64Array;
  #bandwidth: Float64Array;

  /**
   * @param fs Sample rate in Hz; the time step is 1 / `fs`.
   * @param frequency Centres of the bands in Hz, one for each filter.
   * @param bandwidth Their widths in Hz: a number or one for each.
   * @throws TypeError or RangeError for an argument of the wrong kind, shape or value; every band must lie above 0 and below half the
   *   sample rate.
   */
  constructor(fs: number, frequency: ArrayInput, bandwidth: ArrayInput, options?: ButterFilterOptions);
  constructor(options: Given);
  constructor(...args: unknown[]) {
    const merged = mergeArguments<Given>(args, ['fs', 'frequency', 'bandwidth']);
    const options = checkOptions<Given>(merged, 'options', optionNames);
    for (const name of ['fs', 'frequency', 'bandwidth'] as const)
      if (options[name] === undefined) throw typeError(name, 'a number or an array of numbers', options[name]);
    const { fs, frequency, bandwidth, ...rest } = options as Given;
    const { data, size } = toNdArray(frequency, 'frequency', 'float64');
    if (size === 0) throw shapeError('frequency', 'a number or an array of numbers', 'an empty array');
    super(fs, { ...rest, numFilters: size });
    this.#frequency = data.slice();
    this.#bandwidth = expandToShape(bandwidth, [size], 'bandwidth')!.data;
    this.resetAll();
  }

  /** Centres of the bands in Hz: the layer's own array. A number sets all. */
  get frequency(): Float64Array {
    this.#live.watch('frequency', this.#frequency);
    return this.#frequency;
  }

  set frequency(value: ArrayInput) {
    this.checkIdle();
    const before = this.#frequency;
    this.#frequency = this.expandToNetSize(value, 'frequency');
    this.#replaced('frequency', () => {
      this.#frequency = before;
    });
  }

  /** Widths of the bands in Hz: the layer's own array. A number sets all. */
  get bandwidth(): Float64Array {
    this.#live.watch('bandwidth', this.#bandwidth);
    return this.#bandwidth;
  }

  set bandwidth(value: ArrayInput) {
    this.checkIdle();
    const before = this.#bandwidth;
    this.#bandwidth = this.expandToNetSize(value, 'bandwidth');
    this.#replaced('bandwidth', () => {
      this.#bandwidth = before;
    });
  }

  /** Edges of the bands in Hz, new arrays. */
  get bands(): Bands {
    const [low, high] = [new Float64Array(this.size), new Float64Array(this.size)];
    native.centredBands(this.#frequency, this.#bandwidth, low, high);
    return { low, high };
  }

  /** The original's entries, and `cutoff_fs` and `downsample` where they are not the default. */
  override toDict(options?: ToDictOptions): LayerConfig {
    const base = super.toDict(options);
    delete base['num_filters'];
    if (this.cutoffFs === 100) delete base['cutoff_fs'];
    return { ...base, frequency: Array.from(this.#frequency), bandwidth: Array.from(this.#bandwidth) };
  }

  protected override design(): FilterDesign {
    return butterworth(this.order, this.fs, this.bands, this.cutoffFs);
  }

  protected override designIsCurrent(): boolean {
    const arrays: Record<string, Float64Array> = { frequency: this.#frequency, bandwidth: this.#bandwidth };
    if (this.#live.changed((name) => arrays[name]).length === 0) return true;
    this.dropDesign(); // also when the next design fails, so that it fails again
    return false;
  }

  #replaced(name: string, undo: () => void): void {
    this.redesign(undo);
    this.#live.forget(name);
  }
}

registerLayerClass('ButterFilter', ButterFilter);
