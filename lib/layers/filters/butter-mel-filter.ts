/** A filter bank whose bands are spaced as the ear spaces them. */
import { native } from '../../binding.js';
import { checkNumber, checkOptions, typeError } from '../../check.js';
import { mergeArguments } from '../arguments.js';
import { registerLayerClass } from '../registry.js';
import type { LayerConfig, ToDictOptions } from '../types.js';
import { type Bands, butterworth, type FilterDesign, hz2mel, mel2hz } from './design.js';
import { FilterBank } from './filter-bank.js';
import { type FilterBankOptions, filterBankOptionNames } from './options.js';

/** Options of {@link ButterMelFilter}. */
export interface ButterMelFilterOptions extends FilterBankOptions {
  /** Width of the bands: that of each is `filterWidth / numFilters` of its lower edge. Default 2. */
  filterWidth?: number;
}

/** @inline */
type Given = ButterMelFilterOptions & { fs: number };

/**
 * Butterworth band-passes whose lower edges are evenly spaced in mel, from `cutoffFs` to where the upper edge of the last band lies just
 * below half the sample rate. The upper edge is `1 + filterWidth / numFilters` times the lower one.
 */
export class ButterMelFilter extends FilterBank {
  #filterWidth: number;

  /**
   * @param fs Sample rate in Hz; the time step is 1 / `fs`.
   * @throws TypeError or RangeError for an argument of the wrong kind or value, also for bands that reach half the sample rate.
   */
  constructor(fs: number, options?: ButterMelFilterOptions);
  constructor(options: Given);
  constructor(...args: [unknown?, ButterMelFilterOptions?]) {
    const merged = mergeArguments<Given>(args, ['fs']);
    const options = checkOptions<Given>(merged, 'options', [...filterBankOptionNames, 'filterWidth']);
    if (options.fs === undefined) throw typeError('fs', 'a finite number greater than 0', options.fs);
    super(options.fs, options);
    this.#filterWidth = checkNumber(options.filterWidth ?? 2, 'filterWidth', { positive: true });
    this.resetAll();
  }

  /** A frequency in Hz, or an array of them, on the mel scale. */
  static readonly hz2mel = hz2mel;

  /** The frequency in Hz of a number on the mel scale, or of an array of them. */
  static readonly mel2hz = mel2hz;

  /** Width of the bands: that of each is `filterWidth / numFilters` of its lower edge. */
  get filterWidth(): number {
    return this.#filterWidth;
  }

  set filterWidth(value: number) {
    this.checkIdle();
    const before = this.#filterWidth;
    this.#filterWidth = checkNumber(value, 'filterWidth', { positive: true });
    this.redesign(() => {
      this.#filterWidth = before;
    });
  }

  /** Edges of the bands in Hz, new arrays. */
  get bands(): Bands {
    const [low, high] = [new Float64Array(this.size), new Float64Array(this.size)];
    native.melBands(this.fs, this.cutoffFs, this.#filterWidth, low, high);
    return { low, high };
  }

  /** The original's entries, and `filter_width`, which it forgets. */
  override toDict(options?: ToDictOptions): LayerConfig {
    return { ...super.toDict(options), filter_width: this.#filterWidth };
  }

  protected override design(): FilterDesign {
    return butterworth(this.order, this.fs, this.bands, this.cutoffFs);
  }
}

registerLayerClass('ButterMelFilter', ButterMelFilter);
