/** Native functions of filter banks. */
import type { NativeJob, NativeProgress } from '../../native.js';
import type { RunInput } from '../rate-native.js';

/** A prepared filter bank. */
export type FilterBankPlan = { readonly __filterBankPlan: unique symbol };

type Run = [
  plan: FilterBankPlan,
  firstStep: number,
  steps: number,
  downsample: number,
  normalize: boolean,
  subtractMean: boolean,
  state: Float64Array,
  out: Float64Array,
];

export interface NativeFilters {
  /** Sections of all bands: `out` is bands x order x 6. */
  butterBandpass(order: number, fs: number, low: Float64Array, high: Float64Array, out: Float64Array): void;
  /** `out` is ceil(order / 2) x 6. */
  butterLowpass(order: number, fs: number, cutoff: number, out: Float64Array): void;
  melBands(fs: number, cutoff: number, width: number, low: Float64Array, high: Float64Array): void;
  centredBands(centre: Float64Array, width: Float64Array, low: Float64Array, high: Float64Array): void;
  /** The lower edge of the first of the bands with the lowest centre. */
  lowestEdge(centre: Float64Array, width: Float64Array): number;
  hz2mel(hz: Float64Array, out: Float64Array): void;
  mel2hz(mel: Float64Array, out: Float64Array): void;
  /** Magnitudes at angular frequencies in radians per sample: `out` is filters x radians. */
  filterResponse(sections: Float64Array, filters: number, radians: Float64Array, out: Float64Array): void;
  filterBankPlan(
    filters: number,
    bandpass: Float64Array,
    lowpass: Float64Array | undefined,
    rectify: boolean,
  ): FilterBankPlan;
  /** Writes `state`. */
  filterBankRun(...args: [...Run, ...input: RunInput]): void;
  /** `out` and `newState` must be fresh arrays that nobody else knows: a pool thread writes them. */
  filterBankRunAsync(
    ...args: [...Run, newState: Float64Array, onProgress: NativeProgress, ...input: RunInput]
  ): NativeJob<void>;
}
